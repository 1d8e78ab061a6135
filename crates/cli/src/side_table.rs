//! A side stream that is read instead of the events.

use std::collections::{BTreeSet, VecDeque};

use anyhow::Result;
use evz::arrow::{from_ipc, side_rows, side_to_ipc, side_to_parquet, side_to_text, to_ipc};
use evz::{
    Error, EventBatch, EventSource, Format, Loss, Reader, Recording, SideRows, SideValues, TimeBase,
};

use crate::applies::refuse;
use crate::cli::SelectionArgs;
use crate::input::Input;
use crate::select::{Peeked, resolve};
use crate::sink::Output;

/// How the side streams of every format are called.
const NAMES: [&str; 3] = ["triggers", "imu", "frames"];

/// Whether a name given as `--stream` is one of a side stream: event streams have numbers, and names
/// of their own.
pub(crate) fn is_side_stream(name: &str) -> bool {
    NAMES.iter().any(|side| name.starts_with(side))
}

/// The rows of a side stream, a part at a time.
pub(crate) struct SideTable {
    pub(crate) name: String,
    pub(crate) time_base: TimeBase,
    rows: Box<dyn Iterator<Item = evz::Result<SideRows>>>,
}

impl SideTable {
    /// The rows of the side stream `name` in the selected time.
    pub(crate) fn open(input: Input, name: &str, selection: &SelectionArgs) -> Result<Self> {
        let of_events = [
            ("--events", selection.events.is_some()),
            ("--roi", selection.roi.is_some()),
            ("--polarity", selection.polarity.is_some()),
        ];
        refuse(&of_events, "a side stream has no events")?;
        let time_base = input.info().time_base;
        let recording = input.name.clone();
        let stream = name.to_owned();
        let name = name.to_owned();
        let (time, rows): (_, Box<dyn Iterator<Item = _>>) = match input.into_recording() {
            Recording::Indexed(reader) => {
                let head = &reader.root().head;
                let first = (head.n_events > 0).then_some(head.t_first);
                let time = resolve(selection, time_base, first)?.time;
                (time, Box::new(of_file(&reader, &recording, &name)?))
            }
            Recording::Stream(_, source) => {
                let source = Peeked::new(source)?;
                let time = resolve(selection, time_base, source.first_time())?.time;
                (time, Box::new(OfSource::new(source, recording, name)))
            }
        };
        let kept = move |rows: evz::Result<SideRows>| {
            rows.map(|mut rows| {
                if let Some(time) = &time {
                    rows.retain(|t| time.contains(&t));
                }
                rows
            })
        };
        // An empty table still says its columns.
        let mut first = true;
        let shown = move |rows: &evz::Result<SideRows>| {
            let empty = rows.as_ref().is_ok_and(SideRows::is_empty);
            std::mem::take(&mut first) || !empty
        };
        Ok(Self {
            name: stream,
            time_base,
            rows: Box::new(rows.map(kept).filter(shown)),
        })
    }

    /// Writes the rows as a table in the output's format; returns how many there are, and what of
    /// them is lost.
    pub(crate) fn write(self, output: &Output) -> Result<(u64, Option<Loss>)> {
        let base = self.time_base;
        let mut bytes = 0;
        let batches = self.rows.inspect(|rows| {
            let columns = rows.iter().flat_map(|rows| &rows.columns);
            let of_bytes = columns.filter(|c| matches!(c.values, SideValues::Bytes(_)));
            bytes = bytes.max(of_bytes.count());
        });
        let batches = batches.flat_map(|rows| {
            let tables = rows.and_then(|rows| from_ipc(&to_ipc(&rows, base)?));
            let (tables, error) = match tables {
                Ok(tables) => (tables, None),
                Err(error) => (Vec::new(), Some(Err(error))),
            };
            tables.into_iter().map(Ok).chain(error)
        });
        let name = output.name();
        let shared = match output.format {
            Format::Parquet | Format::Arrow | Format::Text => output.shared()?,
            other => {
                let what = format!(
                    "{name}: {other} holds no side stream alone; write it as .parquet, .arrow or .csv"
                );
                return Err(Error::invalid(what).into());
            }
        };
        let out = Box::new(shared.clone());
        let rows = match output.format {
            Format::Parquet => side_to_parquet(out, &name, base, batches)?,
            Format::Arrow => side_to_ipc(out, &name, output.ipc_layout(), base, batches)?,
            _ => side_to_text(out, &name, batches)?,
        };
        output.commit(shared)?;
        let loss = (bytes > 0 && output.format == Format::Text).then(|| Loss {
            what: "columns of bytes, of which text has the lengths alone; write .parquet or .arrow"
                .to_owned(),
            count: bytes as u64,
            examples: Vec::new(),
        });
        Ok((rows, loss))
    }
}

impl Iterator for SideTable {
    type Item = evz::Result<SideRows>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

fn of_file(
    reader: &Reader,
    recording: &str,
    name: &str,
) -> evz::Result<impl Iterator<Item = evz::Result<SideRows>> + use<>> {
    let streams = reader.side_streams()?;
    let Some((stream, _)) = streams.iter().find(|(stream, _)| stream.name == name) else {
        let names = streams.iter().map(|(stream, _)| stream.name.clone());
        return Err(missing(recording, name, names.collect()));
    };
    let name = name.to_owned();
    let batches = reader.side_batches(stream.id, None);
    Ok(batches.map(move |batch| side_rows(&name, &batch?.arrow_ipc)))
}

fn missing(recording: &str, name: &str, there: BTreeSet<String>) -> Error {
    let there: Vec<String> = there.into_iter().collect();
    let what = match there.as_slice() {
        [] => "there is none".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    Error::invalid(format!("{recording}: no side stream {name:?}; {what}"))
}

/// The rows of one side stream of a source, whose events are read past.
struct OfSource {
    source: Peeked,
    events: EventBatch,
    ready: VecDeque<SideRows>,
    /// Side streams met so far.
    met: BTreeSet<String>,
    recording: String,
    name: String,
    ended: bool,
}

impl OfSource {
    fn new(source: Peeked, recording: String, name: String) -> Self {
        Self {
            source,
            events: EventBatch::default(),
            ready: VecDeque::new(),
            met: BTreeSet::new(),
            recording,
            name,
            ended: false,
        }
    }

    fn read(&mut self) -> evz::Result<()> {
        self.ended = self.source.read_batch(&mut self.events)? == 0;
        for rows in self.source.take_side_rows() {
            self.met.insert(rows.stream.clone());
            if rows.stream == self.name {
                self.ready.push_back(rows);
            }
        }
        if self.ended && !self.met.contains(&self.name) {
            let met = std::mem::take(&mut self.met);
            return Err(missing(&self.recording, &self.name, met));
        }
        Ok(())
    }
}

impl Iterator for OfSource {
    type Item = evz::Result<SideRows>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            if let Err(error) = self.read() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
