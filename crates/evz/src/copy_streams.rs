//! From the sources of several event streams to one sink.

use std::collections::BTreeMap;

use evz_core::{
    Error, EventBatch, EventSink, EventSource, ExtraColumn, Loss, LossKind, Metadata, Next,
    Progress, Report, Result,
};
use evz_file::for_stream;

use crate::copy::{Copied, closing, take_claims};
use crate::side_names::SideNames;

/// What was copied of several streams.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub struct CopiedStreams {
    /// Of each stream, with what its source has to say.
    pub streams: Vec<Copied>,
    /// What the sink has to say.
    pub report: Report,
}

/// Copies several streams, as [`Rig::select`](crate::Rig::select) gives them, into a sink that was
/// created for the first of them, and makes the output whole. What is early stands early in the
/// output, whichever stream it is of: always the stream goes on whose next events begin first. A side
/// stream that is called like one of an earlier stream has the name of its stream behind its own:
/// `imu_right`. After each batch `passed` is told how many events it had and how far all have come.
///
/// # Errors
/// If a source cannot be read, or the sink cannot be written or has a place for one stream alone; the
/// output is not whole then.
pub fn copy_streams(
    mut sources: Vec<Box<dyn EventSource>>,
    sink: Box<dyn EventSink>,
    passed: impl FnMut(usize, Option<Progress>),
) -> Result<CopiedStreams> {
    let mut sources: Vec<&mut dyn EventSource> = sources
        .iter_mut()
        .map(|source| &mut **source as _)
        .collect();
    copy_all(&mut sources, sink, passed)
}

pub(crate) fn copy_all(
    sources: &mut [&mut dyn EventSource],
    mut sink: Box<dyn EventSink>,
    mut passed: impl FnMut(usize, Option<Progress>),
) -> Result<CopiedStreams> {
    let mut streams = Vec::new();
    let mut side = Side::default();
    let (n_sources, keeps_columns) = (sources.len(), sink.keeps_columns());
    for (at, source) in sources.iter_mut().enumerate() {
        let number = match at {
            0 => 0,
            _ => {
                let mut info = source.info().clone();
                take_claims(&mut info.metadata);
                sink.add_stream(&info)?
                    .ok_or_else(|| one_stream(n_sources))?
            }
        };
        side.names.know(number, &**source);
        streams.push(Stream {
            source: &mut **source,
            number,
            batch: EventBatch::default(),
            next: None,
            report: Report::default(),
            events: 0,
            beside: BTreeMap::new(),
        });
    }
    for stream in &mut streams {
        stream.read(&mut *sink, &mut side)?;
    }
    loop {
        let waiting = streams.iter_mut().filter(|s| s.next.is_some());
        let Some(stream) = waiting.min_by_key(|s| s.next) else {
            break;
        };
        sink.write_events(stream.number, stream.batch.as_slice())?;
        let n = stream.batch.len();
        stream.events += n as u64;
        stream.read(&mut *sink, &mut side)?;
        passed(n, progress(&streams));
    }
    let columns = streams.iter().filter(|s| s.events > 0 && !keeps_columns);
    let columns = columns.flat_map(|s| s.source.info().columns.clone());
    let columns_left_out = columns_left_out(&columns.collect::<Vec<_>>());
    let mut all_closing = Metadata::new();
    let mut copied = Vec::new();
    for stream in streams {
        let report = stream.report;
        let whole = stream.source.is_whole() && !report.has_losses();
        let closing = closing(stream.source, whole);
        let of_file = for_stream(&closing, stream.number, &all_closing);
        all_closing.extend(of_file);
        copied.push(Copied {
            events: stream.events,
            beside: stream.beside,
            report,
            closing,
        });
    }
    let mut report = sink.finish(&all_closing)?;
    report.losses.extend(columns_left_out);
    report.losses.extend(side.left_out());
    Ok(CopiedStreams {
        streams: copied,
        report,
    })
}

/// What is lost of events with these further columns in an output that has no place for them; nothing if
/// there are none.
pub fn columns_left_out(columns: &[ExtraColumn]) -> Option<Loss> {
    let what = match columns.len() {
        1 => "further column of the events that the output has no place for",
        _ => "further columns of the events that the output has no place for",
    };
    let loss = Loss::new(LossKind::Columns, what, columns.len() as u64);
    let names = columns.iter().map(|column| column.name.clone());
    (!columns.is_empty()).then(|| loss.with_examples(names))
}

fn one_stream(n: usize) -> Error {
    Error::invalid(format!(
        "the output has a place for one event stream, and there are {n}"
    ))
}

/// How far all sources have come together, if each says it.
fn progress(streams: &[Stream<'_>]) -> Option<Progress> {
    let sum = Progress {
        done: 0,
        total: Some(0),
    };
    streams.iter().try_fold(sum, |sum, stream| {
        let progress = stream.source.progress()?;
        let total = sum.total.zip(progress.total);
        Some(Progress {
            done: sum.done.saturating_add(progress.done),
            total: total.map(|(a, b)| a.saturating_add(b)),
        })
    })
}

/// A source, and what is next of it.
struct Stream<'a> {
    source: &'a mut dyn EventSource,
    number: u16,
    batch: EventBatch,
    /// The earliest time in the batch; none at the end.
    next: Option<i64>,
    /// What the reading met, at the end.
    report: Report,
    events: u64,
    /// Rows of side streams that were written.
    beside: BTreeMap<String, u64>,
}

impl Stream<'_> {
    /// Reads up to the next events or the end; rows of side streams are written at once.
    fn read(&mut self, sink: &mut dyn EventSink, side: &mut Side) -> Result<()> {
        loop {
            match self.source.read_batch(&mut self.batch)? {
                Next::Events(0) => {}
                Next::Events(_) => {
                    self.next = self.batch.t.iter().copied().min();
                    return Ok(());
                }
                Next::Rows(mut rows) => {
                    side.names.rename(self.number, &mut rows);
                    let (name, n_rows) = (rows.stream.clone(), rows.len() as u64);
                    if n_rows > 0 {
                        let rows_of = match sink.write_side(rows)? {
                            true => &mut self.beside,
                            false => &mut side.left_out,
                        };
                        *rows_of.entry(name).or_default() += n_rows;
                    }
                }
                Next::End(report) => {
                    (self.next, self.report) = (None, report);
                    return Ok(());
                }
            }
        }
    }
}

/// What the side streams are called, and rows that the sink has no place for.
#[derive(Default)]
struct Side {
    names: SideNames,
    left_out: BTreeMap<String, u64>,
}

impl Side {
    fn left_out(self) -> Option<Loss> {
        let count = self.left_out.len() as u64;
        let examples = self.left_out.into_iter().map(|(name, rows)| match rows {
            1 => format!("{name}: 1 row"),
            rows => format!("{name}: {rows} rows"),
        });
        let what = "side streams that the output has no place for";
        let loss = Loss::new(LossKind::SideStreams, what, count).with_examples(examples);
        (count > 0).then_some(loss)
    }
}
