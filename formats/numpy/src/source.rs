//! Arrays as a source of events.

use std::path::Path;

use evz_core::{
    Columns as Wanted, Error, EventBatch, EventSource, Loss, Progress, Report, Result, StreamInfo,
    Value,
    columns::{Bad, Noticed, Number, Rounded, Signs, pixels},
};

use crate::Options;
use crate::columns::{Column, numbers, read_times};
use crate::contents::Contents;
use crate::file::SharedFile;
use crate::layout::Place;
use crate::meaning::Meaning;
use crate::rows::{Rows, Run};

/// A recording of arrays, read from front to back.
pub struct NumpySource {
    name: String,
    info: StreamInfo,
    file: SharedFile,
    meaning: Meaning,
    notes: Vec<String>,
    rows: Rows,
    /// The rows at hand, and whether they are still to be handed out.
    run: Run,
    is_ahead: bool,
    failed: Option<Error>,
    totals: Totals,
}

/// What has been found in the rows handed out.
#[derive(Default)]
struct Totals {
    events: u64,
    signs: Signs,
    rounded: Rounded,
    cut: Option<Loss>,
    noticed: Noticed,
}

impl NumpySource {
    pub(crate) fn new(
        contents: Contents,
        format: &str,
        file: SharedFile,
        name: &str,
        options: &Options,
    ) -> Result<Self> {
        let Contents {
            mut layout,
            time_base,
            mut metadata,
        } = contents;
        let mut rows = Rows::new(&mut layout)?;
        let mut run = Run::default();
        let mut is_ahead = false;
        // The first values tell what names and types do not.
        let sample = |place: &Place| {
            if run.len == 0 && !is_ahead {
                is_ahead = rows.next(&mut run);
            }
            let column = column(&run, place);
            numbers!(column, values => values.map(Number::float).collect())
        };
        let meaning = Meaning::find(name, &layout, time_base, options, sample)?;
        for (key, value) in [("source.format", format), ("source.file", file_name(name))] {
            // An archive that came out of a recording says where that came from.
            metadata
                .entry(key.to_owned())
                .or_insert_with(|| Value::from(value));
        }
        Ok(Self {
            info: StreamInfo {
                time_base: meaning.times.base,
                size: options.size.or(layout.size),
                metadata,
            },
            name: name.to_owned(),
            file,
            meaning,
            notes: layout.notes,
            rows,
            run,
            is_ahead,
            failed: None,
            totals: Totals::default(),
        })
    }

    /// Replaces `batch` by the events of the rows at hand, as far as they are events.
    fn convert(&mut self, batch: &mut EventBatch) -> Option<Bad> {
        let (run, totals) = (&self.run, &mut self.totals);
        let [t, x, y, p] = self.meaning.columns.each_ref().map(|c| column(run, c));
        let times = self.meaning.times;
        let bad = [
            read_times(times, t, run.first_row, &mut totals.rounded, &mut batch.t),
            numbers!(x, values => pixels(values, 'x', &mut batch.x)),
            numbers!(y, values => pixels(values, 'y', &mut batch.y)),
            numbers!(p, values => totals.signs.read(values, &mut batch.p)),
        ];
        bad.into_iter().fold(None, Bad::first)
    }

    /// Ends the reading at the place of an error: an error if there were no rows at all, else a
    /// loss.
    fn cut(&mut self, error: Error) {
        if self.totals.events == 0 {
            self.failed = Some(error);
            return;
        }
        self.totals.cut = Some(Loss {
            what: "rows that are cut off or damaged".to_owned(),
            count: self.rows.total - self.totals.events,
            examples: vec![error.to_string()],
        });
    }
}

impl EventSource for NumpySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        if let Some(error) = self.failed.take() {
            // What comes after the place of an error is not read.
            self.rows.stop();
            return Err(error);
        }
        if !std::mem::take(&mut self.is_ahead) && !self.rows.next(&mut self.run) {
            return Ok(0);
        }
        if let Some(bad) = self.convert(batch) {
            let place = format!("{}: row {}", self.name, self.run.first_row + bad.row as u64);
            let what = format!("{}; rows count from 0. Fix or drop the row", bad.what);
            self.failed = Some(Error::corrupt(place, what));
            batch.resize(bad.row, Wanted::ALL);
        }
        let totals = &mut self.totals;
        totals.events += batch.len() as u64;
        (totals.noticed).add(batch.as_slice(), self.run.first_row, self.info.size);
        if self.failed.is_none() {
            if let Some(error) = self.run.cut.take() {
                self.cut(error);
            }
            self.failed = self.failed.take().or(self.run.damaged.take());
        }
        match batch.len() {
            // Only with an error is a batch empty before the end.
            0 => self.failed.take().map_or(Ok(0), |error| {
                self.rows.stop();
                Err(error)
            }),
            n => Ok(n),
        }
    }

    fn report(&self) -> Report {
        let totals = &self.totals;
        let mut notes = self.notes.clone();
        notes.extend(totals.noticed.notes(self.info.size));
        let rounded = totals.rounded.loss(self.info.time_base);
        Report {
            inferred: vec![self.meaning.summary.clone()],
            notes,
            losses: totals.cut.clone().into_iter().chain(rounded).collect(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.file.progress())
    }
}

/// The numbers of a column in the rows at hand.
fn column<'a>(run: &'a Run, place: &'a Place) -> Column<'a> {
    let stride = place.stride;
    let bytes = run.bytes.get(place.stream).map_or(&[][..], |bytes| bytes);
    Column {
        bytes: &bytes[..bytes.len().min(run.len * stride)],
        stride,
        offset: place.offset,
        scalar: &place.scalar,
    }
}

/// The last part of a path.
fn file_name(name: &str) -> &str {
    Path::new(name)
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or(name)
}
