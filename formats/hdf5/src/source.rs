//! A recording in HDF5 as a source of events.

use std::ops::Range;

use evz_core::columns::{Bad, RowPart, RowState, Sieve, Signs, Times, pixels};
use evz_core::{
    Error, EventBatch, EventSource, Loss, LossKind, Metadata, Next, Note, Noticed, OpenOptions,
    Place, Progress, Report, Result, StreamInfo,
};

use crate::column::{Values, numbers};
use crate::found::{At, Found, Open};
use crate::meaning::Meaning;
use crate::row_index::RowIndex;
use crate::side::Side;
use crate::stream::{Ahead, Missing};

/// Events of a batch, at most.
const BATCH: u64 = 1 << 16;

/// Where a time in a float of 64 bits has no more digits than microseconds: a float of seconds since
/// 1970 is within 238 ns of what it stands for.
const COARSE: f64 = (1u64 << 30) as f64;

/// An event stream of a file, read from front to back.
pub struct Hdf5Source {
    name: String,
    info: StreamInfo,
    pub(crate) how: How,
    notes: Vec<Note>,
    inferred: Vec<String>,
    open: Open,
    /// The times, and the index of rows by them.
    times: At,
    index: Option<RowIndex>,
    /// The next row, and the one that it ends before.
    row: u64,
    end: u64,
    failed: Option<Error>,
    /// Rows of a batch, at most, and the last ones where that is to be said.
    at_once: u64,
    last: Option<Vec<u8>>,
    side: Side,
    /// Whether rows of side streams came last.
    rows_next: bool,
    sieve: Sieve,
    seen: RowState,
    totals: Totals,
}

/// How numbers are read as events.
pub(crate) struct How {
    pub(crate) meaning: Meaning,
    /// What is added to times.
    pub(crate) t_offset: i64,
}

/// What has been found so far.
#[derive(Default)]
struct Totals {
    noticed: Noticed,
    /// Whether floats of seconds were met that hold no more than microseconds.
    coarse: bool,
    losses: Report,
}

impl Hdf5Source {
    /// The error, behind whose place nothing is read.
    fn stopped(&mut self, error: Error) -> Error {
        self.row = self.end;
        self.side.stop();
        error
    }

    pub(crate) fn new(
        found: Found,
        meaning: Meaning,
        side: Side,
        metadata: Metadata,
        options: &OpenOptions,
        name: &str,
    ) -> Result<Self> {
        let within = |e: Error| e.within(name);
        let open = found.open().map_err(within)?;
        let said = found.size.as_ref().filter(|_| options.size.is_none());
        let mut inferred = vec![meaning.summary.clone()];
        if let Some((size, who)) = said {
            inferred.push(format!("the sensor is {size} by {who}"));
        }
        let mut notes = found.notes;
        if open.most > open.rows {
            // Counted as a loss below.
            notes.push(Note::Other("its columns are not of one length".to_owned()));
        }
        let mut info = StreamInfo::new(meaning.times.base)
            .with_clock(found.clock)
            .with_size(options.size.or(said.map(|(size, _)| *size)))
            .with_metadata(metadata)
            .with_name(found.name);
        info.clock_offset = found.t_offset;
        let mut totals = Totals::default();
        found
            .losses
            .into_iter()
            .for_each(|loss| totals.losses.add_loss(loss));
        let longer = open.most - open.rows;
        if longer > 0 {
            let what = "rows that not every column has";
            totals
                .losses
                .add_loss(Loss::new(LossKind::CutOff, what, longer));
        }
        Ok(Self {
            name: name.to_owned(),
            info,
            how: How {
                meaning,
                t_offset: found.t_offset,
            },
            notes,
            inferred,
            times: found.columns[0].clone(),
            index: found.index,
            row: 0,
            end: open.rows,
            open,
            failed: None,
            at_once: if options.small_parts {
                RowPart::ROWS as u64
            } else {
                BATCH
            },
            last: None,
            side,
            rows_next: false,
            sieve: Sieve::new(options),
            seen: RowState::new(options),
            totals,
        })
    }

    /// Goes on to rows that are there: how many there are, none at the end. Rows that are not there are
    /// counted.
    ///
    /// # Errors
    /// If rows were not read, and the file is not to blame.
    fn next_rows(&mut self) -> Result<usize> {
        while self.row < self.end {
            let row = self.row;
            let mut n = (self.end - row).min(self.at_once);
            let mut missing = None;
            for stream in &mut self.open.streams {
                match stream.at(row) {
                    Ahead::Rows(here) => n = n.min(here),
                    Ahead::Missing(_, Missing::Refused) => {
                        return Err(stream.refused().within(&*self.name));
                    }
                    Ahead::Missing(here, why) => {
                        let left = self.end - row;
                        let (least, _) = missing.get_or_insert((here.min(left), why));
                        *least = here.min(*least);
                    }
                }
            }
            let Some((n_missing, why)) = missing else {
                return Ok(n as usize);
            };
            self.lose(n_missing, why);
            self.row += n_missing;
        }
        Ok(0)
    }

    fn lose(&mut self, n: u64, why: Missing) {
        let loss = match why {
            Missing::NeverWritten | Missing::Refused => {
                let what = "rows that were never written";
                let place = Place::file(&self.name).with_row(self.row).to_string();
                Loss::new(LossKind::CutOff, what, n).with_examples([place])
            }
            Missing::Lost(why, true) => {
                Loss::new(LossKind::CutOff, "rows that are cut off", n).with_examples([why])
            }
            Missing::Lost(why, false) => {
                Loss::new(LossKind::Damaged, "rows that are damaged", n).with_examples([why])
            }
        };
        self.totals.losses.add_loss(loss);
    }

    /// Fills `batch` with the events of the next `n` rows, up to the first that is none unless such are
    /// skipped, and says why it is none.
    fn convert(&mut self, n: usize, batch: &mut EventBatch) -> Option<Error> {
        let (open, how, first) = (&self.open, &self.how, self.row);
        let place = |row| Place::file(&self.name).with_row(first + row as u64);
        let read = |rows: Range<usize>, seen: &mut RowState, batch: &mut EventBatch| {
            read_rows(
                open,
                how,
                first + rows.start as u64,
                rows.len(),
                seen,
                batch,
            )
        };
        let bad = (self.sieve).read(n, &mut self.seen, batch, place, read);
        let bad = bad.map(|bad| {
            let place = place(bad.row);
            bad.error(place)
        });
        let meaning = &self.how.meaning;
        if meaning.floats {
            let tick = meaning.times.base.approximate_nanoseconds();
            let seconds = batch.t.last().map_or(0.0, |t| *t as f64 * tick / 1e9);
            self.totals.coarse |= seconds.abs() >= COARSE;
        }
        bad
    }
}

/// Adds the events of rows that are at hand to `batch`, up to the first that is none; that one is
/// returned.
pub(crate) fn read_rows(
    open: &Open,
    how: &How,
    first: u64,
    n: usize,
    seen: &mut RowState,
    batch: &mut EventBatch,
) -> Option<Bad> {
    let values = |column: usize| {
        let column = &open.columns[column];
        let piece = open.streams[column.stream].piece.as_ref();
        piece.map(|piece| column.values(piece, first, n))
    };
    let (t, x, y, p) = (values(0)?, values(1)?, values(2)?, values(3)?);
    let times = how.meaning.times;
    let bad_time = match how.meaning.floats {
        true => {
            numbers!(t, values => times.read_floats(values, first, &mut seen.rounded, &mut batch.t))
        }
        false => numbers!(t, values => Times::read_whole(values, &mut batch.t)),
    };
    let bad = [
        bad_time,
        add(how.t_offset, &mut batch.t),
        numbers!(x, values => pixels(values, 'x', &mut batch.x)),
        numbers!(y, values => pixels(values, 'y', &mut batch.y)),
        polarities(p, &mut seen.signs, &mut batch.p),
    ];
    bad.into_iter().fold(None, Bad::first)
}

/// Adds polarities, up to the first value that is none; that one is returned.
fn polarities(p: Values<'_>, signs: &mut Signs, out: &mut Vec<u8>) -> Option<Bad> {
    // As most files have them; in bytes without a sign there is no other way to write OFF than 0.
    if !signs.are_told()
        && let Some(bytes) = p.bytes()
        && bytes.iter().fold(0, |all, p| all | p) <= 1
    {
        out.extend_from_slice(bytes);
        return None;
    }
    numbers!(p, values => signs.read(values, out))
}

/// Adds an offset to times, up to the first that 64 bits cannot hold then; that one is returned.
fn add(offset: i64, times: &mut [i64]) -> Option<Bad> {
    if offset == 0 {
        return None;
    }
    let mut fits = true;
    for t in times.iter_mut() {
        let (sum, over) = t.overflowing_add(offset);
        fits &= !over;
        *t = sum;
    }
    if fits {
        return None;
    }
    let before = |t: &i64| t.wrapping_sub(offset);
    let row = times
        .iter()
        .position(|t| before(t).checked_add(offset).is_none())?;
    let what = format!(
        "the time is {} and t_offset {offset}, whose sum 64 bits cannot hold",
        before(&times[row])
    );
    Some(Bad::new(row, what))
}

impl EventSource for Hdf5Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        batch.clear_for(&self.info.columns);
        if let Some(error) = self.failed.take() {
            return Err(self.stopped(error));
        }
        // Rows and events take turns.
        self.rows_next = !self.rows_next;
        if self.rows_next
            && let Some(rows) = self.side.next().map_err(|e| self.stopped(e))?
        {
            return Ok(Next::Rows(rows));
        }
        loop {
            let n = match self.next_rows() {
                Ok(n) => n,
                Err(error) => return Err(self.stopped(error)),
            };
            if n == 0 {
                let rows = self.side.next().map_err(|e| self.stopped(e))?;
                return Ok(match rows {
                    Some(rows) => Next::Rows(rows),
                    None => Next::End(self.report()),
                });
            }
            batch.clear_for(&self.info.columns);
            if self.at_once < BATCH {
                let (first, rows, signs) = (self.row, n, self.seen.signs.clone());
                self.last = Some(RowPart { first, rows, signs }.to_bytes());
            }
            self.failed = self.convert(n, batch);
            let (first, size) = (self.row, self.info.size);
            (self.sieve).notice(batch, size, first, &mut self.totals.noticed);
            self.row += n as u64;
            // Only with an error is a batch empty before the end, or where its rows are skipped.
            if !batch.is_empty() {
                return Ok(Next::Events(batch.len()));
            }
            if let Some(error) = self.failed.take() {
                return Err(self.stopped(error));
            }
        }
    }

    fn only_within(&mut self, time: Range<i64>) {
        let Some(index) = &self.index else {
            return;
        };
        let (all, path) = (self.open.rows, &index.path);
        let rows = index.rows(&time, &self.times, all, &self.how);
        match rows {
            Ok(None) => {}
            Ok(Some(rows)) => {
                let what = format!(
                    "by {path} rows {} to {} of {all} are read",
                    rows.start, rows.end
                );
                self.inferred.push(what);
                if all > rows.end - rows.start {
                    let what = format!(
                        "{path} says where these times are, and of the other rows only some were looked at; \
                         evz index looks at all of them"
                    );
                    self.notes.push(Note::Other(what));
                }
                self.end = rows.end.max(self.row);
                for stream in &mut self.open.streams {
                    stream.until(self.end);
                    if rows.start > self.row {
                        stream.seek(rows.start);
                    }
                }
                self.row = self.row.max(rows.start);
            }
            Err(why) => {
                let what = format!("{path} is not gone by, and all rows are read: {why}");
                self.notes.push(Note::Other(what));
            }
        }
    }

    fn side_streams(&self) -> Vec<String> {
        self.side.names()
    }

    fn report(&self) -> Report {
        let totals = &self.totals;
        let mut notes = self.notes.clone();
        if totals.coarse {
            let what = "times are floats of 64 bits, which hold 238 ns of the seconds since 1970: they \
                        are rounded to the microsecond";
            notes.push(Note::Other(what.to_owned()));
        }
        let row = |row| Place::default().with_row(row);
        notes.extend(totals.noticed.notes(self.info.size, row));
        let mut report = Report {
            inferred: self.inferred.clone(),
            notes,
            losses: totals.losses.losses.clone(),
        };
        let rounded = self.seen.rounded.loss(self.info.time_base);
        let told = self.sieve.losses();
        (rounded.into_iter().chain(told)).for_each(|loss| report.add_loss(loss));
        report.merge(self.side.report());
        report
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.clone()
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress {
            done: self.row,
            total: Some(self.end),
        })
    }
}
