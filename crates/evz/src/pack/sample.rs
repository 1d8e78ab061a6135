//! One recording of a pack.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{
    Columns, EventBatch, EventIndex, EventSource, Loss, LossKind, Next, Report, Result, Selection,
    SensorSize, SideParts, SideRows, StreamInfo,
};
use evz_file::Reader;

use super::check::wrong_number;
use super::rows::Row;
use super::{SAMPLES, SOURCE_FILE, file_of};
use crate::side_times::change_times;

/// A recording of a pack. What is known of it comes from the table; its events are read when they are
/// asked for.
#[derive(Clone)]
pub struct Sample {
    reader: Reader,
    number: usize,
    rows: Arc<Vec<Row>>,
    /// Its place among the rows.
    at: usize,
}

impl Sample {
    pub(super) fn new(reader: &Reader, number: usize, rows: Arc<Vec<Row>>, at: usize) -> Self {
        let reader = reader.clone();
        Self {
            reader,
            number,
            rows,
            at,
        }
    }

    /// Its number in the pack, from 0 on.
    pub fn number(&self) -> usize {
        self.number
    }

    /// What its file was called, under the folder that was packed: `test/7/00042.bin`.
    pub fn name(&self) -> &str {
        &self.row().name
    }

    /// Its class; empty if it has none.
    pub fn label(&self) -> &str {
        &self.row().label
    }

    /// Number of its events.
    pub fn n_events(&self) -> u64 {
        self.row().events
    }

    /// Its own times, the end excluded: from its first event or row to its last.
    pub fn time(&self) -> Range<i64> {
        let Row {
            origin, duration, ..
        } = self.row();
        *origin..origin + duration
    }

    /// Where it stands among the times of the pack.
    pub fn time_in_pack(&self) -> Range<i64> {
        let Row {
            start, duration, ..
        } = self.row();
        *start..start + duration
    }

    /// Its sensor, where that is known.
    pub fn size(&self) -> Option<SensorSize> {
        self.row().size
    }

    /// What is known of it, as of the recording that it was.
    pub fn info(&self) -> StreamInfo {
        let (row, pack) = (self.row(), self.reader.info());
        let mut metadata = pack.metadata.clone();
        metadata.insert(SOURCE_FILE.to_owned(), file_of(&row.name).into());
        metadata.extend(row.metadata.clone());
        let mut info = pack.clone().with_metadata(metadata).with_size(row.size);
        info.clock = row.clock;
        info
    }

    /// Replaces the contents of `batch` by its events, the wanted columns, with its own times.
    ///
    /// # Errors
    /// If the pack is damaged, or has not all events of the sample: it was cut, or filtered.
    pub fn read(&self, columns: Columns, batch: &mut EventBatch) -> Result<()> {
        let selection = Selection::default().with_time(self.time_in_pack());
        self.reader.read(&selection.with_columns(columns), batch)?;
        let (n, told) = (batch.len() as u64, self.row().events);
        if n != told && columns != Columns::NONE {
            let error = wrong_number(self.number, n, told).within(self.reader.name());
            return Err(error.advise("filter recordings as they are packed"));
        }
        let shift = self.shift();
        batch.t.iter_mut().for_each(|t| *t = t.wrapping_add(shift));
        Ok(())
    }

    /// The rows of its side streams, a part at a time, with its own times.
    ///
    /// # Errors
    /// If the index of the pack is damaged; an item is an error where a part is.
    pub fn side_rows(&self) -> Result<SideParts> {
        let (time, shift) = (self.time_in_pack(), self.shift());
        let streams = self.side_streams()?.into_iter();
        let parts =
            streams.map(|name| EventIndex::side_rows(&self.reader, &name, Some(time.clone())));
        let parts: Vec<SideParts> = parts.collect::<Result<_>>()?;
        Ok(Box::new(parts.into_iter().flatten().map(move |rows| {
            let mut rows = rows?;
            change_times(&mut rows, |times| {
                times.iter_mut().for_each(|t| *t = t.wrapping_add(shift));
                Ok(())
            })?;
            Ok(rows)
        })))
    }

    /// The side streams of the pack, of which it may have rows.
    fn side_streams(&self) -> Result<Vec<String>> {
        let all = EventIndex::side_streams(&self.reader)?.into_iter();
        let of_samples = all.map(|(name, _)| name).filter(|name| name != SAMPLES);
        Ok(of_samples.collect())
    }

    /// The recording that it was, with all its events, side rows and metadata.
    ///
    /// # Errors
    /// If the index of the pack is damaged.
    pub fn source(&self) -> Result<Box<dyn EventSource>> {
        Ok(Box::new(Source {
            info: self.info(),
            side_streams: self.side_streams()?,
            sample: Some(self.clone()),
            rows: self.side_rows()?,
            only_events: false,
            report: Report::default(),
        }))
    }

    /// What is added to a time of the pack for its own.
    fn shift(&self) -> i64 {
        self.row().origin.wrapping_sub(self.row().start)
    }

    fn row(&self) -> &Row {
        &self.rows[self.at]
    }
}

/// A sample as it is read from front to back: at once.
struct Source {
    info: StreamInfo,
    side_streams: Vec<String>,
    /// None once it was read.
    sample: Option<Sample>,
    rows: SideParts,
    only_events: bool,
    report: Report,
}

impl Source {
    /// The next rows; a batch that cannot be read is lost, for the events do not need it.
    fn next_rows(&mut self) -> Result<Option<SideRows>> {
        while !self.only_events
            && let Some(rows) = self.rows.next()
        {
            match rows {
                Ok(rows) => return Ok(Some(rows)),
                Err(error) if error.is_of_the_machine() => return Err(error),
                Err(error) => {
                    let what = "batches of side streams that cannot be read";
                    let loss = Loss::new(LossKind::Damaged, what, 1);
                    let loss = loss.with_examples([error.to_string()]);
                    self.report.add_loss(loss);
                }
            }
        }
        Ok(None)
    }
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(rows) = self.next_rows()? {
            return Ok(Next::Rows(rows));
        }
        batch.clear_for(&self.info.columns);
        let Some(sample) = self.sample.take() else {
            return Ok(Next::End(self.report()));
        };
        sample.read(Columns::ALL, batch)?;
        Ok(Next::Events(batch.len()))
    }

    fn side_streams(&self) -> Vec<String> {
        self.side_streams.clone()
    }

    fn report(&self) -> Report {
        self.report.clone()
    }

    fn only_events(&mut self) {
        self.only_events = true;
    }

    /// Which of them have rows of the sample, and how many, only reading them would tell.
    fn rows_unread(&self) -> Vec<(String, Option<u64>)> {
        let names = self.side_streams.iter().filter(|_| self.only_events);
        names.map(|name| (name.clone(), None)).collect()
    }
}
