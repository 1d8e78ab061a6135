//! The index of rows by time that some layouts have beside their events.

use std::ops::Range;

use evz_core::columns::{Role, Times};
use evz_core::{Result, TimeBase, last_tick};

use crate::column::{Column, numbers};
use crate::found::{At, Of};
use crate::h5::{Dataset, Kind, Said, Type};
use crate::source::How;
use crate::stream::{Ahead, Stream};

/// Chunks of times that are looked at all over the file, at most; of smaller files an eighth of them.
const SAMPLES: u64 = 16;

/// An index of rows by time. What it says is taken for a place to look at.
#[derive(Clone)]
pub(crate) struct RowIndex {
    /// Its path, for messages.
    pub(crate) path: String,
    of: Kinds,
}

#[derive(Clone)]
enum Kinds {
    /// For each millisecond the first row that is not before it: `ms_to_idx` of [DSEC][1], `ms_map_idx` of
    /// M3ED. The times are those of the column, without `t_offset`.
    ///
    /// [1]: https://dsec.ifi.uzh.ch/data-format/
    Milliseconds(At),
    /// Some rows and their times: `CD/indexes`, as Metavision writes it. The attribute `offset` is what was
    /// added to those times, the first of the recording with the sign turned; an entry of time -1
    /// stands where there is no row before.
    Entries { row: At, time: Box<At>, offset: i64 },
}

impl RowIndex {
    /// The index by milliseconds in this dataset, if it is one.
    pub(crate) fn milliseconds(dataset: &Dataset) -> Option<Self> {
        let is_index = matches!(&dataset.of, Type::Number(n) if n.kind != Kind::Float)
            && dataset.space.shape.len() == 1;
        is_index.then(|| Self {
            path: dataset.path.clone(),
            of: Kinds::Milliseconds(At::new(dataset, Of::All)),
        })
    }

    /// The rows and times in this dataset, if it has them, which has this attribute `offset`.
    pub(crate) fn entries(dataset: &Dataset, offset: Option<&Said>) -> Option<Self> {
        let offset = match offset? {
            Said::Text(text) => text.trim().parse().ok()?,
            Said::Whole(values) => *values.first()?,
            Said::Real(_) => return None,
        };
        let at = |name: &str| At::new(dataset, Of::Field(name.to_owned()));
        let (row, time) = (at("id"), at("ts"));
        let is_whole = |at: &At| at.scalar(Role::Time).is_ok_and(|n| n.kind != Kind::Float);
        (is_whole(&row) && is_whole(&time) && dataset.space.shape.len() == 1).then(|| Self {
            path: dataset.path.clone(),
            of: Kinds::Entries {
                row,
                time: Box::new(time),
                offset,
            },
        })
    }

    /// Rows of which all times in this range are, of an event stream whose times stand at `times`; none
    /// where to read all of them costs no more.
    ///
    /// # Errors
    /// If it cannot be read, or says what is not so: that it goes by the times of the rows that it gives,
    /// of those on both sides and of some all over the file is seen to.
    pub(crate) fn rows(
        &self,
        time: &Range<i64>,
        times: &At,
        n: u64,
        how: &How,
    ) -> Result<Option<Range<u64>>, String> {
        let How { meaning, t_offset } = how;
        let is_known = !meaning.floats && meaning.times.base == TimeBase::MICROSECONDS;
        if n == 0 || !is_known || time.is_empty() {
            return Ok(None);
        }
        let rows = self.said(time, n, *t_offset)?;
        if rows.start > rows.end || rows.end > n {
            let Range { start, end } = rows;
            return Err(format!("it gives rows {start} to {end} of {n}"));
        }
        // They are read twice.
        if rows.end - rows.start > n / 2 {
            return Ok(None);
        }
        Check::new(times, n, *t_offset)?.all(time, &rows)?;
        Ok(Some(rows))
    }

    /// What it says.
    fn said(&self, time: &Range<i64>, n: u64, t_offset: i64) -> Result<Range<u64>, String> {
        const MS: i64 = 1_000;
        let as_row = |row: i64| u64::try_from(row).map_err(|_| format!("it gives row {row}"));
        match &self.of {
            Kinds::Milliseconds(at) => {
                let mut numbers = Numbers::new(at)?;
                let Some(last) = numbers.n.checked_sub(1) else {
                    return Err("it is empty".to_owned());
                };
                let since = |t: i64| i128::from(t) - i128::from(t_offset);
                let first = since(time.start).div_euclid(MS.into());
                let end = -(-since(time.end)).div_euclid(MS.into());
                let first = first.clamp(0, last.into()) as u64;
                let start = as_row(numbers.at(first)?)?;
                let end = match u64::try_from(end.max(0)).unwrap_or(u64::MAX) {
                    ms if ms > last => n,
                    ms => as_row(numbers.at(ms)?)?,
                };
                Ok(start..end)
            }
            Kinds::Entries {
                row,
                time: of,
                offset,
            } => {
                let (mut rows, mut times) = (Numbers::new(row)?, Numbers::new(of)?);
                let mut before = |limit: i128| {
                    let (mut low, mut high) = (0, times.n);
                    while low < high {
                        let middle = low + (high - low) / 2;
                        let t = i128::from(times.at(middle)?) - i128::from(*offset);
                        match t < limit {
                            true => low = middle + 1,
                            false => high = middle,
                        }
                    }
                    Ok::<u64, String>(low)
                };
                let not_after = before(i128::from(time.start) + 1)?;
                // One that ends at the largest time has no end.
                let end = match last_tick(time) {
                    Some(last) => before(i128::from(last) + 1)?,
                    None => not_after,
                };
                let start = match not_after.checked_sub(1) {
                    None => 0,
                    Some(entry) => as_row(rows.at(entry)?)?,
                };
                let end = match end < rows.n {
                    true => as_row(rows.at(end)?)?,
                    false => n,
                };
                Ok(start..end)
            }
        }
    }
}

/// Single numbers of a dataset.
struct Numbers {
    stream: Stream,
    column: Column,
    n: u64,
}

impl Numbers {
    fn new(at: &At) -> Result<Self, String> {
        let said = |e: evz_core::Error| e.to_string();
        Ok(Self {
            stream: Stream::open(&at.dataset, 0).map_err(said)?,
            column: at.column(Role::Time, 0).map_err(said)?,
            n: at.dataset.rows(),
        })
    }

    fn at(&mut self, row: u64) -> Result<i64, String> {
        let (numbers, first) = self.around(row)?;
        Ok(numbers[(row - first) as usize])
    }

    /// The numbers of the chunk with this row, and the number of its first row.
    fn around(&mut self, row: u64) -> Result<(Vec<i64>, u64), String> {
        match self.stream.only(row) {
            Ahead::Rows(_) => {}
            Ahead::Missing(..) => return Err(format!("row {row} cannot be read")),
        }
        let first = self.stream.piece.as_ref().map_or(row, |piece| piece.first);
        self.here(first).map(|numbers| (numbers, first))
    }

    /// The numbers at hand from a row on.
    fn here(&self, row: u64) -> Result<Vec<i64>, String> {
        let mut numbers = Vec::new();
        let piece = self.stream.piece.as_ref();
        let bad = piece.and_then(|piece| {
            let n = (piece.end() - row) as usize;
            let values = self.column.values(piece, row, n);
            numbers!(values, values => Times::read_whole(values, &mut numbers))
        });
        match bad {
            Some(_) => Err(format!("a number behind row {row} has more than 63 bits")),
            None => Ok(numbers),
        }
    }
}

/// The times, by which it is seen whether an index is right.
struct Check {
    times: Numbers,
    t_offset: i64,
}

impl Check {
    fn new(times: &At, n: u64, t_offset: i64) -> Result<Self, String> {
        let mut numbers = Numbers {
            stream: Stream::open(&times.dataset, times.second()).map_err(|e| e.to_string())?,
            ..Numbers::new(times)?
        };
        numbers.n = n;
        Ok(Self {
            times: numbers,
            t_offset,
        })
    }

    /// Whether rows `rows` hold all times in `time`, as far as it is looked at.
    fn all(mut self, time: &Range<i64>, rows: &Range<u64>) -> Result<(), String> {
        let n = self.times.n;
        let chunks = n.div_ceil(self.times.stream.rows_of_part().max(1));
        let samples = (chunks / 8).clamp(2, SAMPLES);
        let (mut seen, mut last) = (0, i64::MIN);
        for i in 0..samples {
            let row = u128::from(n - 1) * u128::from(i) / u128::from(samples - 1);
            let (times, first) = self.times.around(row as u64)?;
            // Two of them may stand in one chunk.
            if first >= seen {
                self.look_at(&times, first, time, rows, &mut last)?;
                seen = first + times.len() as u64;
            }
        }
        let (mut row, mut last) = (rows.start.saturating_sub(1), i64::MIN);
        self.times.stream.until(rows.end + 1);
        self.times.stream.seek(row);
        while row < n.min(rows.end + 1) {
            match self.times.stream.at(row) {
                Ahead::Rows(_) => {}
                Ahead::Missing(..) => return Err(format!("row {row} cannot be read")),
            }
            let times = self.times.here(row)?;
            self.look_at(&times, row, time, rows, &mut last)?;
            row += times.len() as u64;
        }
        Ok(())
    }

    fn look_at(
        &self,
        times: &[i64],
        first: u64,
        time: &Range<i64>,
        rows: &Range<u64>,
        last: &mut i64,
    ) -> Result<(), String> {
        for (row, t) in (first..self.times.n).zip(times) {
            let Some(t) = t.checked_add(self.t_offset) else {
                return Err(format!("the time of row {row} is not what 64 bits hold"));
            };
            let agrees = match row {
                _ if row < rows.start => t < time.start,
                _ if row >= rows.end => last_tick(time).is_none_or(|last| t > last),
                _ => true,
            };
            if !agrees {
                let Range { start, end } = rows;
                return Err(format!(
                    "it gives rows {start} to {end} for times from {} to {}, and row {row} is at {t}",
                    time.start, time.end
                ));
            }
            if t < *last {
                return Err(format!("times run backwards at row {row}"));
            }
            *last = t;
        }
        Ok(())
    }
}
