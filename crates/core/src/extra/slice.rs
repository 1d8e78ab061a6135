//! Values of further columns, borrowed.

use std::fmt;
use std::ops::Range;

use super::{ColumnType, ColumnValue, Values};
use crate::{Error, Result};

/// Values of a further column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValuesSlice<'a> {
    column_type: ColumnType,
    bytes: &'a [u8],
}

impl<'a> ValuesSlice<'a> {
    pub(super) fn new(column_type: ColumnType, bytes: &'a [u8]) -> Self {
        Self { column_type, bytes }
    }

    /// The type of the values.
    pub fn column_type(&self) -> ColumnType {
        self.column_type
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.column_type.size()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The values as little-endian bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The values; none if they are of another type.
    pub fn iter<T: ColumnValue>(&self) -> Option<impl ExactSizeIterator<Item = T> + use<'a, T>> {
        let values = self.bytes.chunks_exact(self.column_type.size());
        (T::TYPE == self.column_type).then(|| values.map(T::read))
    }

    /// The values; none if they are of another type.
    pub fn to_vec<T: ColumnValue>(&self) -> Option<Vec<T>> {
        self.iter().map(Iterator::collect)
    }

    /// Refuses a bool that is neither 0 nor 1.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = || self.bytes.iter().find(|b| **b > 1);
        match (self.column_type == ColumnType::Bool).then(wrong).flatten() {
            Some(b) => Err(Error::invalid(format!("a bool of {b}; it is 0 or 1"))),
            None => Ok(()),
        }
    }

    fn slice(&self, range: Range<usize>) -> Self {
        let size = self.column_type.size();
        let bytes = self.bytes.get(range.start * size..range.end * size);
        Self {
            column_type: self.column_type,
            bytes: bytes.unwrap_or_default(),
        }
    }
}

/// Where a decoder writes values of a further column, as little-endian bytes.
#[derive(Debug)]
pub struct ValuesMut<'a> {
    /// The type of the values.
    pub column_type: ColumnType,
    /// Their bytes, all of them.
    pub bytes: &'a mut [u8],
}

impl<'a> ValuesMut<'a> {
    /// The first `n` values, and those behind.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn split_at(self, n: usize) -> (Self, Self) {
        let (first, rest) = self.bytes.split_at_mut(n * self.column_type.size());
        let of = |bytes| Self {
            column_type: self.column_type,
            bytes,
        };
        (of(first), of(rest))
    }

    /// Moves those of the values that `keep` says to the front.
    pub fn retain(&mut self, keep: &[bool]) {
        let (size, mut to) = (self.column_type.size(), 0);
        for (i, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
            self.bytes.copy_within(i * size..(i + 1) * size, to * size);
            to += 1;
        }
    }
}

/// The further columns of some events. A column that was not asked for is empty.
#[derive(Clone, Copy, Default)]
pub struct ExtraSlice<'a> {
    columns: &'a [Values],
    start: usize,
    len: usize,
}

impl<'a> ExtraSlice<'a> {
    /// The values of these events.
    pub fn new(columns: &'a [Values], events: Range<usize>) -> Self {
        Self {
            columns,
            start: events.start,
            len: events.len(),
        }
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The columns, in the order of the recording.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ValuesSlice<'a>> + use<'a> {
        let events = self.start..self.start + self.len;
        let columns = self.columns.iter();
        columns.map(move |values| values.as_slice().slice(events.clone()))
    }

    /// The column at this place.
    pub fn get(&self, place: usize) -> Option<ValuesSlice<'a>> {
        self.iter().nth(place)
    }

    /// The values of a range of these events.
    ///
    /// # Panics
    /// If the range ends beyond them.
    pub fn slice(&self, range: Range<usize>) -> Self {
        // Without columns it may be of any events: who has none need not say how many they are.
        let inside = range.end <= self.len || self.columns.is_empty();
        assert!(range.start <= range.end && inside);
        Self {
            columns: self.columns,
            start: self.start + range.start,
            len: range.len(),
        }
    }
}

impl PartialEq for ExtraSlice<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ExtraSlice<'_> {}

impl fmt::Debug for ExtraSlice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
