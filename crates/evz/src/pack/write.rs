//! Writing a pack.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use evz_core::{
    Error, EventBatch, EventSink, ExtraColumn, Input, KeptRows, Metadata, Next, OpenOptions,
    Output, Place, Question, Report, Result, SensorSize, StreamInfo, TimeBase, parallel,
};

use super::rows::{Row, to_table};
use super::{SAMPLES, SOURCE_FILE, file_of};
use crate::conversion::Conversion;
use crate::copy::closing;
use crate::create::create_in;
use crate::folder::{Done, answering};
use crate::open::open_input;
use crate::recording::Recording;
use crate::registry::format;
use crate::side_times::change_times;

/// Bytes of recordings that are read side by side before they are written.
const AT_ONCE: u64 = 32 << 20;
/// Rows of the table that are written at a time: a batch of it is read for one sample.
const ROWS_AT_ONCE: usize = 2048;

/// How recordings are packed.
#[derive(Debug, Clone, Default)]
pub struct Packing {
    /// How each is read, what is wanted of it, and how the pack is written. What it tells of how events are
    /// read, such as the unit of times, counts for the recordings that ask for it.
    pub conversion: Conversion,
    /// Labels by name of the recording; of a recording without one that of its folder. None for those of
    /// folders alone.
    pub labels: Option<HashMap<String, String>>,
}

impl Packing {
    /// Packs recordings, each a path and what it is called in the pack, into an output that is begun once
    /// all were looked at. What becomes of each is told to `done` as it comes, with 0 bytes, as it
    /// has no file of its own; one that fails is left out
    /// and does not stop the others. Memory is that of the recordings that are read side by side, each
    /// whole. Returns what there is to say of the pack, none if no recording could be read.
    ///
    /// # Errors
    /// If two recordings are called the same, or the pack cannot be written; not if recordings fail.
    pub fn run(
        &self,
        recordings: &[(PathBuf, PathBuf)],
        output: impl FnOnce() -> Result<Output>,
        done: &mut dyn FnMut(&Path, Result<Done>),
    ) -> Result<Option<Report>> {
        let mut names: HashMap<String, &Path> = HashMap::new();
        let mut there = Vec::new();
        for (path, name) in recordings {
            let name = sample_name(name);
            if let Some(other) = names.insert(name.clone(), path) {
                let (one, other) = (path.display(), other.display());
                let what = format!("{other} and {one} would both be sample {name:?}");
                return Err(Error::invalid(what).advise("pack the folder that both are in"));
            }
            there.push((path.as_path(), name));
        }
        let known = parallel::try_map(&there, |(path, _)| Ok::<_, Error>(self.look(path)))?;
        let mut plan = Plan::default();
        let mut taken = Vec::new();
        for ((path, name), found) in there.into_iter().zip(known) {
            let found = match was_refused(&found) {
                true => self.look(path),
                false => found,
            };
            match found.and_then(|found| plan.add(path, found)) {
                Ok(()) => taken.push((path, name)),
                Err(error) => done(path, Err(error)),
            }
        }
        let Some(info) = plan.info else {
            return Ok(None);
        };
        let sink = create_in(output()?, format("evz")?, &info, &self.conversion.writing)?;
        let mut pack = Pack {
            sink,
            info: &info,
            rows: Vec::new(),
            any: false,
            end: 0,
        };
        let mut rest = taken.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(at_once(rest));
            let mut add = |(path, name): &(&Path, String), read: Result<Read>| {
                let added = match read {
                    Ok(read) => pack.add(name, self.label(name), read)?,
                    Err(error) => Err(error),
                };
                let added = added.map_err(|e| e.within(path.display().to_string()));
                done(path, added);
                Ok::<_, Error>(())
            };
            let read = parallel::try_map(now, |(path, _)| Ok::<_, Error>(self.read(path)))?;
            let refused = read.iter().position(was_refused);
            let (fit, again) = now.split_at(refused.unwrap_or(now.len()));
            // Those behind one that is refused memory are given up, for they have it.
            (fit.iter().zip(read)).try_for_each(|(sample, read)| add(sample, read))?;
            (again.iter()).try_for_each(|sample| add(sample, self.read(sample.0)))?;
            rest = later;
        }
        if !pack.any {
            return Ok(None);
        }
        pack.write_rows()?;
        pack.sink.finish(&Metadata::new()).map(Some)
    }

    fn open(&self, path: &Path, reading: &OpenOptions) -> Result<Recording> {
        let input_format = self.conversion.input_format;
        let recording = open_input(Input::open(path)?, input_format, reading)?;
        if recording.side_streams()?.iter().any(|side| side == SAMPLES) {
            let what = format!("{}: is a pack itself", recording.name());
            return Err(Error::invalid(what).advise("unpack it, and pack what comes of it"));
        }
        recording.check_event_stream(reading.stream.as_deref(), "pack")?;
        Ok(recording)
    }

    /// What is known of a recording before its events.
    fn look(&self, path: &Path) -> Result<StreamInfo> {
        let told = &self.conversion.reading;
        let (recording, _) = answering(told, |reading| self.open(path, reading))?;
        Ok(recording.info_for_copy())
    }

    fn read(&self, path: &Path) -> Result<Read> {
        let told = &self.conversion.reading;
        let (mut read, asked) = answering(told, |reading| self.read_as(path, reading))?;
        read.asked = asked;
        Ok(read)
    }

    fn read_as(&self, path: &Path, reading: &OpenOptions) -> Result<Read> {
        let began = Instant::now();
        let recording = self.open(path, reading)?;
        let (mut info, name) = (recording.info_for_copy(), recording.name().to_owned());
        let source = recording.select(&self.conversion.wanted)?;
        let mut source = self.conversion.on_unsorted.apply(source, &name)?;
        let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
        events.clear_for(&info.columns);
        let mut side = Vec::new();
        let report = loop {
            match source.read_batch(&mut batch)? {
                Next::Events(_) => events.extend(batch.as_slice()),
                Next::Rows(rows) => side.push(KeptRows::new(rows, Place::file(&name))?),
                Next::End(report) => break report,
            }
        };
        let whole = source.is_whole() && !report.has_losses();
        info.metadata.extend(closing(&*source, whole));
        Ok(Read {
            info,
            events,
            side,
            report,
            asked: Vec::new(),
            took: began.elapsed(),
        })
    }

    fn label(&self, name: &str) -> String {
        let told = self.labels.as_ref();
        let told = told.and_then(|labels| labels.get(name)).cloned();
        told.unwrap_or_else(|| {
            let mut folders = name.rsplit('/').skip(1);
            folders.next().unwrap_or_default().to_owned()
        })
    }
}

/// Whether there was no memory for a recording, which others may have.
fn was_refused<T>(outcome: &Result<T>) -> bool {
    outcome.as_ref().is_err_and(Error::is_of_memory)
}

/// How many of these recordings are read side by side: at least one.
fn at_once(recordings: &[(&Path, String)]) -> usize {
    let mut bytes = 0;
    let fits = |(path, _): &&(&Path, String)| {
        bytes += path.metadata().map_or(0, |file| file.len());
        bytes <= AT_ONCE
    };
    recordings.iter().take_while(fits).count().max(1)
}

/// What a recording is called in a pack: its path, with `/` between the folders.
pub fn sample_name(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let parts: Vec<_> = parts
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// What all samples have in common, as far as they were looked at.
#[derive(Default)]
struct Plan {
    info: Option<StreamInfo>,
}

impl Plan {
    /// Takes in what is known of one more.
    ///
    /// # Errors
    /// If it cannot be in one file with those before.
    fn add(&mut self, path: &Path, found: StreamInfo) -> Result<()> {
        let Some(all) = &mut self.info else {
            let info = StreamInfo::new(found.time_base).with_size(found.size);
            let info = info.with_columns(found.columns);
            self.info = Some(info.with_metadata(found.metadata));
            return Ok(());
        };
        let path = path.display();
        if found.columns != all.columns {
            let [one, others] = [&found.columns, &all.columns].map(|all| names(all));
            let what = format!("{path}: its events have {one}, and those of others {others}");
            return Err(Error::invalid(what).advise("pack them apart"));
        }
        all.time_base = TimeBase::common(all.time_base, found.time_base).ok_or_else(|| {
            let what = format!(
                "{path}: it counts {}, others {}, and no tick of 64 bits divides both",
                found.time_base, all.time_base
            );
            Error::invalid(what).advise("pack them apart")
        })?;
        all.size = all.size.zip(found.size).map(|(a, b)| SensorSize {
            width: a.width.max(b.width),
            height: a.height.max(b.height),
        });
        let theirs = found.metadata;
        all.metadata
            .retain(|key, value| theirs.get(key) == Some(value));
        Ok(())
    }
}

fn names(columns: &[ExtraColumn]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
    match names.as_slice() {
        [] => "no further columns".to_owned(),
        names => format!("the columns {}", names.join(", ")),
    }
}

/// A recording, read whole.
struct Read {
    info: StreamInfo,
    events: EventBatch,
    side: Vec<KeptRows>,
    report: Report,
    asked: Vec<Question>,
    took: Duration,
}

impl Read {
    /// Does this to all of its times.
    fn change(&mut self, change: impl Fn(i64) -> Option<i64>) -> Result<()> {
        let all = |times: &mut [i64]| {
            times.iter_mut().try_for_each(|t| {
                *t = change(*t).ok_or_else(|| {
                    let what = format!("time {t} has no place in a pack, whose times have 64 bits");
                    Error::invalid(what).advise("pack it apart")
                })?;
                Ok(())
            })
        };
        all(&mut self.events.t)?;
        self.side
            .iter_mut()
            .try_for_each(|rows| change_times(rows, all))
    }

    /// From its earliest time to its latest; none without events and rows.
    fn ends(&self) -> Option<(i64, i64)> {
        let rows = self.side.iter().flat_map(|rows| &rows.t);
        let times = || self.events.t.iter().chain(rows.clone());
        Some((*times().min()?, *times().max()?))
    }
}

/// A pack that is being written.
struct Pack<'a> {
    sink: Box<dyn EventSink>,
    info: &'a StreamInfo,
    /// Rows that are not written yet.
    rows: Vec<Row>,
    any: bool,
    /// Where the next sample begins.
    end: i64,
}

impl Pack<'_> {
    /// Puts a sample behind those before; the inner error is that of a sample that does not fit.
    fn add(&mut self, name: &str, label: String, mut read: Read) -> Result<Result<Done>> {
        let placed = self.place(&mut read);
        let (origin, duration) = match placed {
            Ok(placed) => placed,
            Err(error) => return Ok(Err(error)),
        };
        let events = read.events.len() as u64;
        if events > 0 {
            self.sink.write_batch(read.events.as_slice())?;
        }
        for rows in read.side {
            let mut rows = rows.into_rows();
            rows.of = None;
            self.sink.write_side(rows)?;
        }
        let mut metadata = read.info.metadata;
        metadata.retain(|key, value| self.info.metadata.get(key) != Some(value));
        if metadata.get(SOURCE_FILE) == Some(&file_of(name).into()) {
            metadata.remove(SOURCE_FILE);
        }
        self.rows.push(Row {
            name: name.to_owned(),
            label,
            start: self.end,
            duration,
            origin,
            events,
            size: read.info.size,
            clock: read.info.clock,
            metadata,
        });
        (self.end, self.any) = (self.end + duration, true);
        if self.rows.len() == ROWS_AT_ONCE {
            self.write_rows()?;
        }
        let mut done = Done::of(events, 0, read.report, read.took);
        done.asked = read.asked;
        Ok(Ok(done))
    }

    /// Rows are written as they come: of a pack that is cut later, those before the cut are there.
    fn write_rows(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if !rows.is_empty() {
            self.sink.write_side(to_table(&rows)?)?;
        }
        Ok(())
    }

    /// Gives the times of a sample their place in the pack; its own time at its beginning, and how long it
    /// is.
    fn place(&self, read: &mut Read) -> Result<(i64, i64)> {
        let factor = read.info.time_base.ratio_to(self.info.time_base).0;
        let factor = i128::try_from(factor).ok();
        let scaled = |t: i64| i128::from(t).checked_mul(factor?)?.try_into().ok();
        if factor != Some(1) {
            read.change(scaled)?;
            read.info.clock.epoch = scaled(read.info.clock.epoch).ok_or_else(|| {
                let what = "its clock has no place among ticks of the pack, which are finer";
                Error::invalid(what).advise("pack it apart")
            })?;
        }
        let Some((first, last)) = read.ends() else {
            return Ok((0, 0));
        };
        let duration = last.checked_sub(first).and_then(|d| d.checked_add(1));
        let ends = |duration: &i64| {
            let own = first.checked_add(*duration);
            own.and(self.end.checked_add(*duration)).is_some()
        };
        let duration = duration.filter(ends).ok_or_else(|| {
            let what = format!("from {first} to {last} it is too long for times of 64 bits");
            Error::invalid(what).advise("pack it apart")
        })?;
        let shift = i128::from(self.end) - i128::from(first);
        read.change(|t| (i128::from(t) + shift).try_into().ok())?;
        Ok((first, duration))
    }
}
