//! A table as a source of events.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use arrow_array::{Array, ArrayRef, BooleanArray, cast::AsArray};
use arrow_schema::DataType;
use evz_core::columns::{Bad, Role, Rounded, RowPart, Sieve, Signs, pixels};
use evz_core::{
    Error, EventBatch, EventSource, Loss, Next, Note, Noticed, OpenOptions, Place, Progress,
    Report, Result, StreamInfo, Value,
};

use crate::further::{self, Further, Nulls, first_null};
use crate::layout::{Layout, numbers};
use crate::metadata;
use crate::rows::{Lost, Rows, Run, Table};

/// Events that are handed out at a time.
const ROWS: usize = 1 << 16;

/// A table of events, read from front to back.
pub struct ArrowSource {
    pub(crate) place: Place,
    info: StreamInfo,
    pub(crate) layout: Layout,
    pub(crate) further: Further,
    /// Which columns of the table are read: t, x, y, p and the further ones.
    pub(crate) wanted: Vec<usize>,
    rows: Box<dyn Rows>,
    /// Rows that were looked at to find the unit of times.
    sampled: VecDeque<Run>,
    /// Rows read, and how many of them were handed out.
    run: Option<(Run, usize)>,
    failed: Option<Error>,
    /// Rows that are handed out at a time, and the last of them where that is to be said.
    at_once: usize,
    last: Option<Vec<u8>>,
    sieve: Sieve,
    seen: Seen,
    totals: Totals,
}

/// What reading a row may change.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) signs: Signs,
    rounded: Rounded,
    nulls: Nulls,
}

impl Seen {
    /// Before the first row.
    pub(crate) fn new(options: &OpenOptions) -> Self {
        Self {
            signs: Signs::new(options.polarity_map.clone()),
            rounded: Rounded::default(),
            nulls: Nulls::default(),
        }
    }
}

/// What has been found in the rows handed out.
#[derive(Default)]
struct Totals {
    /// Rows that were looked at.
    rows: u64,
    lost: Report,
    /// The first reason for a loss.
    reason: Option<Error>,
    /// Why rows are not given that are there.
    refused: Option<Error>,
    noticed: Noticed,
}

impl ArrowSource {
    pub(crate) fn new(table: Box<dyn Table>, name: &str, options: &OpenOptions) -> Result<Self> {
        let place = Place::file(name);
        let format = table.format();
        let columns = table.columns();
        let pairs = table.pairs().clone();
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        let roles = Role::find_or_told(&place, &names, options.paths.as_ref())?;
        let further = Further::find(&place, &columns, roles, options.columns.as_ref())?;
        let wanted = [roles.as_slice(), &further.numbers].concat();
        let mut rows = table.into_rows(&wanted);
        let mut totals = Totals::default();
        let mut sampled: VecDeque<Run> = VecDeque::new();
        // Floats tell their unit and their tick by themselves, if there are enough of them: a row
        // group or batch may be short.
        let sample = || {
            let mut n = 0;
            while n < ROWS
                && let Some(run) = next_run(rows.as_mut(), &mut totals)
            {
                n += run.columns[0].len();
                sampled.push_back(run);
            }
            sampled.iter().map(|run| run.columns[0].clone()).collect()
        };
        let layout = Layout::find(&place, &columns, roles, &further, &pairs, options, sample)?;
        let mut metadata = metadata::metadata(&pairs);
        let own = [("source.format", format), ("source.file", file_name(name))];
        for (key, value) in own {
            // A table that came out of a recording says where that came from.
            metadata
                .entry(key.to_owned())
                .or_insert_with(|| Value::from(value));
        }
        Ok(Self {
            info: StreamInfo::new(layout.times.base)
                .with_clock(layout.clock)
                .with_size(
                    (options.size)
                        .or_else(|| metadata::sensor_size(&pairs))
                        .or(layout.size),
                )
                .with_columns(further.columns.clone())
                .with_metadata(metadata),
            place,
            layout,
            further,
            wanted,
            rows,
            sampled,
            run: None,
            failed: None,
            at_once: if options.small_parts {
                RowPart::ROWS
            } else {
                ROWS
            },
            last: None,
            sieve: Sieve::new(options),
            seen: Seen::new(options),
            totals,
        })
    }

    /// Fills `batch` with the events of some rows, up to the first row that is none unless such are
    /// skipped; why that is none is returned.
    fn read(
        &mut self,
        run: &Run,
        from: usize,
        len: usize,
        batch: &mut EventBatch,
    ) -> Option<Error> {
        let place = |row| (self.place.clone()).with_row(run.first_row + (from + row) as u64);
        let (layout, further) = (&self.layout, &self.further);
        let read = |rows: Range<usize>, seen: &mut Seen, batch: &mut EventBatch| {
            let from = from + rows.start;
            read_rows(layout, further, run, from, rows.len(), seen, batch)
        };
        let bad = (self.sieve).read(len, &mut self.seen, batch, place, read)?;
        let place = place(bad.row);
        Some(bad.error(place))
    }
}

/// Adds the events of some rows to `batch`, up to the first that is none; that one is returned.
pub(crate) fn read_rows(
    layout: &Layout,
    names: &Further,
    run: &Run,
    from: usize,
    len: usize,
    seen: &mut Seen,
    batch: &mut EventBatch,
) -> Option<Bad> {
    let columns = run.columns.iter().map(|column| column.slice(from, len));
    let columns: Vec<ArrayRef> = columns.collect();
    let [t, x, y, p, further @ ..] = columns.as_slice() else {
        return None;
    };
    let first_row = run.first_row + from as u64;
    let bad = [
        no_null(t, "time"),
        layout.read_times(t, first_row, &mut seen.rounded, &mut batch.t),
        no_null(x, "x"),
        numbers!(x, values => pixels(values.iter().copied(), 'x', &mut batch.x)),
        no_null(y, "y"),
        numbers!(y, values => pixels(values.iter().copied(), 'y', &mut batch.y)),
        no_null(p, "polarity"),
        polarities(p, &mut seen.signs, &mut batch.p),
    ];
    let floats = |array: &ArrayRef| array.data_type().is_floating();
    let nulls = further.iter().enumerate().filter(|(_, a)| !floats(a));
    let nulls = nulls.filter_map(|(i, a)| Some(names.null(first_null(a)?, i)));
    let bad = bad.into_iter().chain(nulls.map(Some));
    let bad = bad.fold(None, Bad::first);
    let rows = bad.as_ref().map_or(len, |bad| bad.row);
    for (i, array) in further.iter().enumerate() {
        let array = array.slice(0, rows);
        further::read(&array, &mut batch.extra[i]);
        if floats(&array) {
            let name = &names.columns[i].name;
            seen.nulls.add(name, &array, first_row);
        }
    }
    bad
}

impl EventSource for ArrowSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        batch.clear_for(&self.info.columns);
        loop {
            if self.run.is_none() && self.sampled.is_empty() {
                self.failed = self.failed.take().or(self.totals.refused.take());
            }
            if let Some(error) = self.failed.take() {
                // What comes after the place of an error is not read.
                self.rows = Box::new(Nothing(self.rows.progress()));
                self.sampled.clear();
                self.run = None;
                return Err(error);
            }
            let Some((run, from)) = self.run.take() else {
                let sampled = self.sampled.pop_front();
                match sampled.or_else(|| next_run(self.rows.as_mut(), &mut self.totals)) {
                    Some(run) => self.run = Some((run, 0)),
                    None if self.totals.refused.is_some() => {}
                    None if self.totals.rows == 0 => {
                        return match self.totals.reason.take() {
                            Some(error) => Err(error),
                            None => Ok(Next::End(self.report())),
                        };
                    }
                    None => return Ok(Next::End(self.report())),
                }
                continue;
            };
            let len = (run.columns[0].len() - from).min(self.at_once);
            let first_row = run.first_row + from as u64;
            if self.at_once == RowPart::ROWS {
                let (first, rows, signs) = (first_row, len, self.seen.signs.clone());
                self.last = Some(RowPart { first, rows, signs }.to_bytes());
            }
            batch.clear_for(&self.info.columns);
            self.failed = self.read(&run, from, len, batch);
            if from + len < run.columns[0].len() {
                self.run = Some((run, from + len));
            }
            let totals = &mut self.totals;
            totals.rows += len as u64;
            (self.sieve).notice(batch, self.info.size, first_row, &mut totals.noticed);
            if !batch.is_empty() {
                return Ok(Next::Events(batch.len()));
            }
        }
    }

    fn only_within(&mut self, time: Range<i64>) {
        let layout = &self.layout;
        let bounds = |array: &ArrayRef| {
            let (mut rounded, mut t) = (Rounded::default(), Vec::new());
            let bad = no_null(array, "time");
            let bad = bad.or_else(|| layout.read_times(array, 0, &mut rounded, &mut t));
            let ends = t.iter().min().copied().zip(t.iter().max().copied());
            ends.filter(|_| bad.is_none())
        };
        self.rows.only_within(&time, &bounds);
    }

    fn report(&self) -> Report {
        let totals = &self.totals;
        let mut notes: Vec<Note> = self.layout.note.iter().cloned().collect();
        notes.extend(self.rows.note().map(Note::Other));
        let row = |row| Place::default().with_row(row);
        notes.extend(totals.noticed.notes(self.info.size, row));
        let mut report = totals.lost.clone();
        report.inferred.push(self.layout.summary.clone());
        report.inferred.extend(self.rows.left_out());
        report.notes = notes;
        if let Some(rounded) = self.seen.rounded.loss(self.info.time_base) {
            report.add_loss(rounded);
        }
        if let Some(nulls) = self.seen.nulls.loss() {
            report.add_loss(nulls);
        }
        self.sieve.losses().for_each(|loss| report.add_loss(loss));
        report
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.rows.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.clone()
    }
}

/// The next rows; what is lost in between is added to the totals. None at the end, or where they are refused.
fn next_run(rows: &mut dyn Rows, totals: &mut Totals) -> Option<Run> {
    loop {
        match rows.next()? {
            Ok(run) if run.columns[0].is_empty() => {}
            Ok(run) => return Some(run),
            Err(lost) if lost.error.is_of_the_machine() => {
                totals.refused = Some(lost.error);
                return None;
            }
            Err(lost) => totals.lose(lost),
        }
    }
}

impl Totals {
    fn lose(&mut self, lost: Lost) {
        let loss = Loss::new(lost.kind, lost.what, lost.count);
        (self.lost).add_loss(loss.with_examples([lost.error.to_string()]));
        self.reason.get_or_insert(lost.error);
    }
}

/// Rows behind an error.
struct Nothing(Progress);

impl Rows for Nothing {
    fn next(&mut self) -> Option<Result<Run, Lost>> {
        None
    }

    fn progress(&self) -> Progress {
        self.0
    }
}

fn no_null(array: &ArrayRef, name: &str) -> Option<Bad> {
    let row = first_null(array)?;
    Some(Bad::new(row, format!("the {name} is null")))
}

fn polarities(array: &ArrayRef, signs: &mut Signs, out: &mut Vec<u8>) -> Option<Bad> {
    if *array.data_type() == DataType::Boolean {
        let bits: &BooleanArray = array.as_boolean();
        let bits = bits.values().iter().map(u8::from);
        if signs.are_told() {
            let bits: Vec<u8> = bits.collect();
            return signs.read(bits.into_iter(), out);
        }
        out.extend(bits);
        return None;
    }
    numbers!(array, values => signs.read(values.iter().copied(), out))
}

/// The last part of a path.
fn file_name(name: &str) -> &str {
    Path::new(name)
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or(name)
}
