//! What is recorded beside the events.

use std::mem;
use std::ops::Range;

/// Rows of a table recorded beside the events: triggers, IMU samples, frames. All rows of a stream
/// have the same columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SideRows {
    /// Name of the stream: `triggers`, `imu`, `frames`.
    pub stream: String,
    /// The number of the event stream that it belongs to; none if it belongs to the recording.
    pub of: Option<u16>,
    /// The time of each row, in ticks of the recording's time base.
    pub t: Vec<i64>,
    /// The other columns, each with a value for each time.
    pub columns: Vec<SideColumn>,
}

/// A column of a side stream.
#[derive(Debug, Clone, PartialEq)]
pub struct SideColumn {
    /// Its name: `polarity`, `accel_x`, `pixels`.
    pub name: String,
    /// Its values.
    pub values: SideValues,
}

/// The values of a column of a side stream.
#[derive(Debug, Clone, PartialEq)]
pub enum SideValues {
    /// Yes or no.
    Bool(Vec<bool>),
    /// Small whole numbers: the number of a trigger, a pixel format.
    U8(Vec<u8>),
    /// Pixel coordinates and sizes.
    U16(Vec<u16>),
    /// Whole numbers, such as further times.
    I64(Vec<i64>),
    /// Measured values.
    F32(Vec<f32>),
    /// Measured values that are recorded in 64 bits.
    F64(Vec<f64>),
    /// Bytes of any length, such as the pixels of a frame.
    Bytes(Vec<Vec<u8>>),
    /// Words, such as the name of a sample.
    Text(Vec<String>),
}

impl SideRows {
    /// No rows yet, of the stream `name`.
    pub fn new(name: impl Into<String>, columns: Vec<SideColumn>) -> Self {
        Self {
            stream: name.into(),
            of: None,
            t: Vec::new(),
            columns,
        }
    }

    /// Adds the rows of another batch; false, and nothing is added, if it is of another stream or
    /// has other columns.
    pub fn append(&mut self, mut other: Self) -> bool {
        let same = (&self.stream, self.of) == (&other.stream, other.of)
            && self.columns.len() == other.columns.len()
            && (self.columns.iter().zip(&other.columns))
                .all(|(a, b)| a.name == b.name && a.values.is_like(&b.values));
        if same {
            self.t.append(&mut other.t);
            for (column, more) in self.columns.iter_mut().zip(other.columns) {
                column.values.append(more.values);
            }
        }
        same
    }

    /// Keeps the rows of which `keep` of their time is true.
    pub fn retain(&mut self, keep: impl Fn(i64) -> bool) {
        let kept: Vec<bool> = self.t.iter().map(|t| keep(*t)).collect();
        if kept.iter().all(|k| *k) {
            return;
        }
        only(&mut self.t, &kept);
        for column in &mut self.columns {
            column.values.retain(&kept);
        }
    }

    /// The rows in parts that take no more than so many bytes each, about, and have a row at least; of no rows, one
    /// part without any.
    pub fn into_parts(mut self, bytes: usize) -> impl Iterator<Item = Self> {
        let mut next = Some(0);
        std::iter::from_fn(move || {
            let start = next?;
            let end = start + self.rows_within(start, bytes);
            let rest = end < self.len();
            next = rest.then_some(end);
            Some(match start == 0 && !rest {
                true => mem::replace(&mut self, Self::new("", Vec::new())),
                false => self.take(start..end),
            })
        })
    }

    /// Takes these rows out of their places: each part has memory for its own rows alone, and no row is moved twice.
    fn take(&mut self, rows: Range<usize>) -> Self {
        let columns = self.columns.iter_mut();
        Self {
            stream: self.stream.clone(),
            of: self.of,
            t: self.t[rows.clone()].to_vec(),
            columns: columns
                .map(|column| SideColumn::new(&*column.name, column.values.take(rows.clone())))
                .collect(),
        }
    }

    /// Takes all rows away, and their memory too.
    pub fn clear(&mut self) {
        *self = self.take(0..0);
    }

    /// How many rows from this one on take no more than so many bytes, about; one at least, if there is one.
    fn rows_within(&self, start: usize, bytes: usize) -> usize {
        let mut left = bytes;
        let fits = |row: &usize| {
            let columns = self
                .columns
                .iter()
                .map(|column| column.values.bytes_at(*row));
            let of_row = 8 + columns.sum::<usize>();
            let fits = *row == start || of_row <= left;
            left = left.saturating_sub(of_row);
            fits
        };
        (start..self.len()).take_while(fits).count()
    }

    /// Bytes that the rows take, about.
    pub fn bytes(&self) -> usize {
        let columns = self.columns.iter().map(|c| c.values.bytes());
        self.t.len() * 8 + columns.sum::<usize>()
    }

    /// Bytes of memory that the rows take, with what a value of any length takes beside its own bytes.
    pub(crate) fn memory(&self) -> u64 {
        let columns = self.columns.iter().map(|c| c.values.memory());
        self.t.len() as u64 * 8 + columns.sum::<u64>()
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }
}

impl SideColumn {
    /// A column.
    pub fn new(name: impl Into<String>, values: SideValues) -> Self {
        Self {
            name: name.into(),
            values,
        }
    }
}

impl SideValues {
    /// Bytes that bytes or text of any length take beside their own: where they stand, and what an allocation takes.
    pub const BESIDE: usize = 2 * size_of::<Vec<u8>>();

    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(v) => v.len(),
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
            Self::Bytes(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Adds values of the same type.
    fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Bool(a), Self::Bool(mut b)) => a.append(&mut b),
            (Self::U8(a), Self::U8(mut b)) => a.append(&mut b),
            (Self::U16(a), Self::U16(mut b)) => a.append(&mut b),
            (Self::I64(a), Self::I64(mut b)) => a.append(&mut b),
            (Self::F32(a), Self::F32(mut b)) => a.append(&mut b),
            (Self::F64(a), Self::F64(mut b)) => a.append(&mut b),
            (Self::Bytes(a), Self::Bytes(mut b)) => a.append(&mut b),
            (Self::Text(a), Self::Text(mut b)) => a.append(&mut b),
            _ => {}
        }
    }

    fn retain(&mut self, kept: &[bool]) {
        match self {
            Self::Bool(v) => only(v, kept),
            Self::U8(v) => only(v, kept),
            Self::U16(v) => only(v, kept),
            Self::I64(v) => only(v, kept),
            Self::F32(v) => only(v, kept),
            Self::F64(v) => only(v, kept),
            Self::Bytes(v) => only(v, kept),
            Self::Text(v) => only(v, kept),
        }
    }

    fn take(&mut self, rows: Range<usize>) -> Self {
        match self {
            Self::Bool(v) => Self::Bool(v[rows].to_vec()),
            Self::U8(v) => Self::U8(v[rows].to_vec()),
            Self::U16(v) => Self::U16(v[rows].to_vec()),
            Self::I64(v) => Self::I64(v[rows].to_vec()),
            Self::F32(v) => Self::F32(v[rows].to_vec()),
            Self::F64(v) => Self::F64(v[rows].to_vec()),
            Self::Bytes(v) => Self::Bytes(v[rows].iter_mut().map(mem::take).collect()),
            Self::Text(v) => Self::Text(v[rows].iter_mut().map(mem::take).collect()),
        }
    }

    /// Bytes that the value of a row takes, about.
    fn bytes_at(&self, row: usize) -> usize {
        match self {
            Self::Bool(_) | Self::U8(_) => 1,
            Self::U16(_) => 2,
            Self::F32(_) => 4,
            Self::I64(_) | Self::F64(_) => 8,
            Self::Bytes(v) => v[row].len(),
            Self::Text(v) => v[row].len(),
        }
    }

    fn memory(&self) -> u64 {
        let beside = match self {
            Self::Bytes(_) | Self::Text(_) => self.len() * Self::BESIDE,
            _ => 0,
        };
        (self.bytes() + beside) as u64
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Bool(v) => v.len(),
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len() * 2,
            Self::I64(v) => v.len() * 8,
            Self::F32(v) => v.len() * 4,
            Self::F64(v) => v.len() * 8,
            Self::Bytes(v) => v.iter().map(Vec::len).sum(),
            Self::Text(v) => v.iter().map(String::len).sum(),
        }
    }
}

fn only<T>(values: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    values.retain(|_| kept.next().is_some_and(|k| *k));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triggers(t: &[i64]) -> SideRows {
        let ids = SideValues::U8(t.iter().map(|t| *t as u8).collect());
        let names = SideValues::Text(t.iter().map(i64::to_string).collect());
        let pixels = SideValues::Bytes(t.iter().map(|t| vec![0; *t as usize]).collect());
        SideRows {
            stream: "triggers".to_owned(),
            of: None,
            t: t.to_vec(),
            columns: vec![
                SideColumn::new("id", ids),
                SideColumn::new("pixels", pixels),
                SideColumn::new("name", names),
            ],
        }
    }

    #[test]
    fn rows_are_added_and_taken_away_in_every_column() {
        let mut rows = triggers(&[1, 2]);
        assert!(rows.append(triggers(&[3])));
        assert_eq!(rows, triggers(&[1, 2, 3]));
        assert_eq!(rows.bytes(), 3 * 8 + 3 + 6 + 3);
        rows.retain(|t| t != 2);
        assert_eq!(rows, triggers(&[1, 3]));
        assert!(!rows.append(SideRows::new("imu", Vec::new())));
        assert_eq!(rows, triggers(&[1, 3]));
        rows.clear();
        assert_eq!(rows, triggers(&[]));
    }

    #[test]
    fn rows_in_parts_are_all_there() {
        let parts = |t: &[i64], bytes| triggers(t).into_parts(bytes).collect::<Vec<_>>();
        // A row takes 8 bytes, 1, as many as its time says, and a letter.
        for (bytes, n) in [
            (0, &[1, 1, 1, 1][..]),
            (22, &[1, 1, 1, 1]),
            (23, &[1, 1, 2]),
            (24, &[2, 2]),
            (37, &[3, 1]),
            (100, &[4]),
        ] {
            let found = parts(&[1, 3, 2, 1], bytes);
            assert!(
                found.iter().map(SideRows::len).eq(n.iter().copied()),
                "{bytes}: {found:?}"
            );
            // A part keeps no memory of the others.
            assert!(found.iter().all(|part| part.t.capacity() == part.len()));
            let mut all = triggers(&[]);
            assert!(found.into_iter().all(|part| all.append(part)));
            assert_eq!(all, triggers(&[1, 3, 2, 1]));
        }
        // No rows say what their columns are.
        assert_eq!(parts(&[], 9), [triggers(&[])]);
    }
}
