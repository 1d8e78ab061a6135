//! Arrays as a source of events.

use evz_core::columns::{Bad, Number, Rounded, Signs, pixels};
use evz_core::{
    ColumnList, Columns as Wanted, Error, ErrorKind, EventBatch, EventSource, Loss, LossKind, Note,
    Noticed, OpenOptions, Place, Progress, Question, Report, Result, StreamInfo, Value,
};

use crate::columns::{Column, numbers, read_times, read_values};
use crate::contents::Contents;
use crate::layout::ColumnPlace;
use crate::meaning::Meaning;
use crate::rows::{Rows, Run};

/// A recording of arrays, read from front to back.
pub struct NumpySource {
    place: Place,
    info: StreamInfo,
    meaning: Meaning,
    /// Where the further columns stand, and how they are told.
    further: Vec<ColumnPlace>,
    told: Option<ColumnList>,
    notes: Vec<Note>,
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
        [format, file_name]: [&str; 2],
        name: &str,
        options: &OpenOptions,
    ) -> Result<Self> {
        let Contents {
            mut layout,
            time_base,
            clock,
            mut metadata,
        } = contents;
        let mut rows = Rows::new(&mut layout)?;
        let mut run = Run::default();
        let mut is_ahead = false;
        // The first values tell what names and types do not.
        let sample = |place: &ColumnPlace| {
            if run.len == 0 && !is_ahead {
                is_ahead = rows.next(&mut run);
            }
            let column = column(&run, place);
            numbers!(column, values => values.map(Number::float).collect())
        };
        let place = Place::file(name);
        let meaning = Meaning::find(&place, &layout, time_base, options, sample)?;
        for (key, value) in [("source.format", format), ("source.file", file_name)] {
            // An archive that came out of a recording says where that came from.
            metadata
                .entry(key.to_owned())
                .or_insert_with(|| Value::from(value));
        }
        Ok(Self {
            info: StreamInfo::new(meaning.times.base)
                .with_clock(clock)
                .with_size(options.size.or(layout.size))
                .with_columns(layout.further)
                .with_metadata(metadata),
            place,
            meaning,
            further: layout.further_places,
            told: options.columns.clone(),
            notes: layout.notes,
            rows,
            run,
            is_ahead,
            failed: None,
            totals: Totals::default(),
        })
    }

    /// Replaces `batch` by the events of the rows at hand, up to the first that is none, and says why
    /// it is none.
    fn convert(&mut self, batch: &mut EventBatch) -> Option<Error> {
        let (run, totals) = (&self.run, &mut self.totals);
        let [t, x, y, p] = self.meaning.columns.each_ref().map(|c| column(run, c));
        let times = self.meaning.times;
        let bad = [
            read_times(times, t, run.first_row, &mut totals.rounded, &mut batch.t),
            numbers!(x, values => pixels(values, 'x', &mut batch.x)),
            numbers!(y, values => pixels(values, 'y', &mut batch.y)),
            numbers!(p, values => totals.signs.read(values, &mut batch.p)),
        ];
        let mut bad = bad.into_iter().fold(None, Bad::first);
        let mut bad_value = None;
        let places = self.further.iter().zip(&self.info.columns);
        for ((place, further), values) in places.zip(&mut batch.extra) {
            let found = read_values(column(run, place), &further.name, values);
            if found
                .as_ref()
                .is_some_and(|f| bad.as_ref().is_none_or(|b| f.row < b.row))
            {
                (bad, bad_value) = (found, Some(&*further.name));
            }
        }
        let bad = bad?;
        batch.resize(bad.row, Wanted::ALL);
        let place = (self.place.clone()).with_row(run.first_row + bad.row as u64);
        let error = Error::corrupt(place, bad.what);
        let untyped = |name| without_type(self.told.as_ref()?, name);
        let error = match bad_value.and_then(untyped) {
            Some(untyped) => error.settled_by(Question::Columns, [untyped]),
            None => error,
        };
        Some(error.advise("fix or drop the row; rows count from 0"))
    }

    /// Ends the reading at the place of an error: an error if there were no rows at all, else a
    /// loss.
    fn cut(&mut self, error: Error) {
        if self.totals.events == 0 {
            self.failed = Some(error);
            return;
        }
        let kind = match error.kind() {
            ErrorKind::InsufficientData => LossKind::CutOff,
            _ => LossKind::Damaged,
        };
        let count = self.rows.total - self.totals.events;
        let loss = Loss::new(kind, "rows that are cut off or damaged", count);
        self.totals.cut = Some(loss.with_examples([error.to_string()]));
    }
}

impl EventSource for NumpySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear_for(&self.info.columns);
        if let Some(error) = self.failed.take() {
            // What comes after the place of an error is not read.
            self.rows.stop();
            return Err(error);
        }
        if !std::mem::take(&mut self.is_ahead) && !self.rows.next(&mut self.run) {
            return Ok(0);
        }
        self.failed = self.convert(batch);
        let totals = &mut self.totals;
        totals.events += batch.len() as u64;
        let noticed = Noticed::of(batch.as_slice(), self.info.size);
        totals.noticed.add_at(&noticed, self.run.first_row);
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
        let row = |row| Place::default().with_row(row);
        notes.extend(totals.noticed.notes(self.info.size, row));
        let rounded = totals.rounded.loss(self.info.time_base);
        Report {
            inferred: vec![self.meaning.summary.clone()],
            notes,
            losses: totals.cut.clone().into_iter().chain(rounded).collect(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.rows.progress())
    }
}

/// The columns as told, but that the type of this one is that of the array; none if it was not told.
fn without_type(told: &ColumnList, name: &str) -> Option<String> {
    let typed = (told.further().iter()).find(|c| c.name == name && c.column_type.is_some())?;
    let told = told.to_string();
    let mut columns: Vec<&str> = told.split(',').collect();
    *columns.get_mut(typed.place)? = name;
    Some(columns.join(","))
}

/// The numbers of a column in the rows at hand.
fn column<'a>(run: &'a Run, place: &'a ColumnPlace) -> Column<'a> {
    let stride = place.stride;
    let bytes = run.bytes.get(place.stream).map_or(&[][..], |bytes| bytes);
    Column {
        bytes: &bytes[..bytes.len().min(run.len * stride)],
        stride,
        offset: place.offset,
        scalar: &place.scalar,
    }
}
