//! Arrays as a source of events.

use std::ops::Range;

use evz_core::columns::{Bad, Number, RowPart, RowState, Sieve, pixels};
use evz_core::{
    ColumnList, Error, ErrorKind, EventBatch, EventSource, ExtraColumn, Loss, LossKind, Next, Note,
    Noticed, OpenOptions, Place, Progress, Question, Report, Result, StreamInfo, Value,
};

use crate::columns::{Column, numbers, read_times, read_values};
use crate::contents::Contents;
use crate::layout::ColumnPlace;
use crate::meaning::Meaning;
use crate::rows::{ROWS, Rows, Run};

/// A recording of arrays, read from front to back.
pub struct NumpySource {
    pub(crate) place: Place,
    pub(crate) info: StreamInfo,
    pub(crate) how: How,
    notes: Vec<Note>,
    rows: Rows,
    /// The rows at hand, and whether they are still to be handed out.
    run: Run,
    is_ahead: bool,
    failed: Option<Error>,
    /// Whether batches are parts, and the last one.
    has_parts: bool,
    last: Option<Vec<u8>>,
    sieve: Sieve,
    seen: RowState,
    totals: Totals,
}

/// How values are read as events.
pub(crate) struct How {
    meaning: Meaning,
    /// Where the further columns stand, and how they are told.
    further: Vec<ColumnPlace>,
    told: Option<ColumnList>,
}

/// What has been found in the rows handed out.
#[derive(Default)]
struct Totals {
    /// Rows that were looked at.
    rows: u64,
    cut: Option<Loss>,
    /// What is beside the events.
    beside: Vec<Loss>,
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
            lost,
        } = contents;
        // Of members that are packed no row can be read by itself.
        let has_parts = options.small_parts && layout.streams.iter().all(|s| s.array.has_places());
        let most = if has_parts { RowPart::ROWS } else { ROWS };
        let mut rows = Rows::new(&mut layout, most)?;
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
        let meaning = Meaning::find(&place, &layout, time_base, options, sample);
        // What is not said may be what is damaged.
        let of_file = lost.iter().find(|loss| loss.kind != LossKind::Other);
        let meaning = meaning.map_err(|error| match of_file {
            Some(lost) => {
                error.advise(format!("copy it again from where it came from, for {lost}"))
            }
            None => error,
        })?;
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
            how: How {
                meaning,
                further: layout.further_places,
                told: options.columns.clone(),
            },
            notes: layout.notes,
            rows,
            run,
            is_ahead,
            failed: None,
            has_parts,
            last: None,
            sieve: Sieve::new(options),
            seen: RowState::new(options),
            totals: Totals {
                beside: lost,
                ..Totals::default()
            },
        })
    }

    /// Fills `batch` with the events of the rows at hand, up to the first that is none unless such are
    /// skipped, and says why it is none.
    fn convert(&mut self, batch: &mut EventBatch) -> Option<Error> {
        let (run, how, columns) = (&self.run, &self.how, &self.info.columns);
        let place = |row| (self.place.clone()).with_row(run.first_row + row as u64);
        let read = |rows: Range<usize>, seen: &mut RowState, batch: &mut EventBatch| {
            read_rows(run, how, columns, rows, seen, batch)
        };
        let bad = (self.sieve).read(run.len, &mut self.seen, batch, place, read)?;
        let place = place(bad.row);
        Some(bad.error(place))
    }

    /// Ends the reading at the place of an error: an error if there were no rows at all, else a
    /// loss.
    fn cut(&mut self, error: Error) {
        if self.totals.rows == 0 || error.is_of_the_machine() {
            self.failed = Some(error);
            return;
        }
        let kind = match error.kind() {
            ErrorKind::InsufficientData => LossKind::CutOff,
            _ => LossKind::Damaged,
        };
        let count = self.rows.total - self.run.first_row - self.run.len as u64;
        let loss = Loss::new(kind, "rows that are cut off or damaged", count);
        self.totals.cut = Some(loss.with_examples([error.to_string()]));
    }
}

impl EventSource for NumpySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        batch.clear_for(&self.info.columns);
        if let Some(error) = self.failed.take() {
            // What comes after the place of an error is not read.
            self.rows.stop();
            return Err(error);
        }
        loop {
            if !std::mem::take(&mut self.is_ahead) && !self.rows.next(&mut self.run) {
                return Ok(Next::End(self.report()));
            }
            batch.clear_for(&self.info.columns);
            if self.has_parts {
                let (first, rows) = (self.run.first_row, self.run.len);
                let signs = self.seen.signs.clone();
                self.last = Some(RowPart { first, rows, signs }.to_bytes());
            }
            // What is no event may be one that was damaged.
            self.failed = self.convert(batch).map(|error| {
                let damage = self.run.damaged.take().or(self.run.cut.take());
                damage.or_else(|| self.rows.damage()).unwrap_or(error)
            });
            let totals = &mut self.totals;
            totals.rows += self.run.len as u64;
            let (first_row, size) = (self.run.first_row, self.info.size);
            (self.sieve).notice(batch, size, first_row, &mut totals.noticed);
            if self.failed.is_none() {
                if let Some(error) = self.run.cut.take() {
                    self.cut(error);
                }
                self.failed = self.failed.take().or(self.run.damaged.take());
            }
            // Only with an error is a batch empty before the end, or where its rows are skipped.
            if !batch.is_empty() {
                return Ok(Next::Events(batch.len()));
            }
            if let Some(error) = self.failed.take() {
                self.rows.stop();
                return Err(error);
            }
        }
    }

    fn report(&self) -> Report {
        let totals = &self.totals;
        let mut notes = self.notes.clone();
        let row = |row| Place::default().with_row(row);
        notes.extend(totals.noticed.notes(self.info.size, row));
        let rounded = self.seen.rounded.loss(self.info.time_base);
        let cut = totals.cut.iter().chain(&totals.beside).cloned();
        let mut report = Report {
            inferred: vec![self.how.meaning.summary.clone()],
            notes,
            losses: Vec::new(),
        };
        let losses = cut.chain(rounded).chain(self.sieve.losses());
        losses.for_each(|loss| report.add_loss(loss));
        report
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.rows.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.clone()
    }
}

/// Adds the events of some of the rows at hand to `batch`, up to the first that is none; that one is
/// returned.
pub(crate) fn read_rows(
    run: &Run,
    how: &How,
    columns: &[ExtraColumn],
    rows: Range<usize>,
    seen: &mut RowState,
    batch: &mut EventBatch,
) -> Option<Bad> {
    let meaning = &how.meaning;
    let [t, x, y, p] = (meaning.columns.each_ref()).map(|c| column(run, c).part(&rows));
    let first_row = run.first_row + rows.start as u64;
    let bad = [
        read_times(meaning.times, t, first_row, &mut seen.rounded, &mut batch.t),
        numbers!(x, values => pixels(values, 'x', &mut batch.x)),
        numbers!(y, values => pixels(values, 'y', &mut batch.y)),
        numbers!(p, values => seen.signs.read(values, &mut batch.p)),
    ];
    let mut bad = bad.into_iter().fold(None, Bad::first);
    for ((place, further), values) in how.further.iter().zip(columns).zip(&mut batch.extra) {
        let found = read_values(column(run, place).part(&rows), &further.name, values);
        let told = how.told.as_ref();
        let found = found.map(|found| match without_type(told, &further.name) {
            Some(untyped) => found.settled_by(Question::Columns, [untyped]),
            None => found,
        });
        bad = Bad::first(bad, found);
    }
    bad
}

/// The columns as told, but that the type of this one is that of the array; none if it was not told.
fn without_type(told: Option<&ColumnList>, name: &str) -> Option<String> {
    let told = told?;
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
