//! The values of a further column.

use std::ops::Range;

use super::{ColumnType, ColumnValue, ValuesMut, ValuesSlice};
use crate::{Error, Result};

/// Values of a further column, one for each event, as little-endian bytes: every bit of a float is
/// kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    column_type: ColumnType,
    bytes: Vec<u8>,
}

impl Values {
    /// None yet.
    pub fn new(column_type: ColumnType) -> Self {
        let bytes = Vec::new();
        Self { column_type, bytes }
    }

    /// These values.
    pub fn from_slice<T: ColumnValue>(values: &[T]) -> Self {
        let mut this = Self::new(T::TYPE);
        values.iter().for_each(|v| v.put(&mut this.bytes));
        this
    }

    /// Values of a type as little-endian bytes.
    ///
    /// # Errors
    /// If the bytes are no whole number of values, or a bool is neither 0 nor 1.
    pub fn from_bytes(column_type: ColumnType, bytes: Vec<u8>) -> Result<Self> {
        if !bytes.len().is_multiple_of(column_type.size()) {
            let what = format!("{} bytes are no whole number of {column_type}", bytes.len());
            return Err(Error::invalid(what));
        }
        let values = Self { column_type, bytes };
        values.as_slice().check().map(|()| values)
    }

    /// Adds a value.
    ///
    /// # Panics
    /// If it is of another type.
    pub fn push<T: ColumnValue>(&mut self, value: T) {
        assert_eq!(T::TYPE, self.column_type, "the type of the column");
        value.put(&mut self.bytes);
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

    /// Takes all values away and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// All values.
    pub fn as_slice(&self) -> ValuesSlice<'_> {
        ValuesSlice::new(self.column_type, &self.bytes)
    }

    /// The values at these places, to be written to; none if there are fewer.
    pub fn get_mut(&mut self, range: Range<usize>) -> Option<ValuesMut<'_>> {
        let (column_type, size) = (self.column_type, self.column_type.size());
        let bytes = self.bytes.get_mut(range.start * size..range.end * size)?;
        Some(ValuesMut { column_type, bytes })
    }

    /// Adds values.
    ///
    /// # Panics
    /// If they are of another type.
    pub fn extend(&mut self, values: ValuesSlice<'_>) {
        assert_eq!(
            values.column_type(),
            self.column_type,
            "the type of the column"
        );
        self.bytes.extend_from_slice(values.as_bytes());
    }

    /// Adds the values at these positions of others.
    ///
    /// # Panics
    /// If they are of another type, or there are fewer.
    pub fn gather(&mut self, values: ValuesSlice<'_>, positions: &[u32]) {
        assert_eq!(
            values.column_type(),
            self.column_type,
            "the type of the column"
        );
        match self.column_type.size() {
            1 => gather::<1>(&mut self.bytes, values.as_bytes(), positions),
            2 => gather::<2>(&mut self.bytes, values.as_bytes(), positions),
            4 => gather::<4>(&mut self.bytes, values.as_bytes(), positions),
            _ => gather::<8>(&mut self.bytes, values.as_bytes(), positions),
        }
    }

    /// Makes it `n` values; new ones are 0.
    pub fn resize(&mut self, n: usize) {
        self.bytes.resize(n * self.column_type.size(), 0);
    }

    /// Sees that there may be memory for so many values.
    pub fn try_reserve(&mut self, n: usize) -> bool {
        let more = n.saturating_sub(self.len());
        let more = more.saturating_mul(self.column_type.size());
        self.bytes.try_reserve_exact(more).is_ok()
    }

    /// Removes the first `n` values.
    pub fn drop_front(&mut self, n: usize) {
        self.bytes
            .drain(..n.min(self.len()) * self.column_type.size());
    }
}

fn gather<const N: usize>(out: &mut Vec<u8>, bytes: &[u8], positions: &[u32]) {
    let (values, _) = bytes.as_chunks::<N>();
    out.reserve(positions.len() * N);
    for i in positions {
        out.extend_from_slice(&values[*i as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_size_are_moved_whole() {
        fn check<T: ColumnValue + PartialEq + std::fmt::Debug>(three: [T; 3]) {
            let [a, b, c] = three;
            let mut values = Values::from_slice(&three);
            values.gather(Values::from_slice(&three).as_slice(), &[2, 0, 0]);
            values.drop_front(1);
            assert_eq!(values.as_slice().to_vec(), Some(vec![b, c, c, a, a]));
        }
        check([1u8, 2, 3]);
        check([-1i16, 2, -3]);
        check([0.5f32, -0.0, f32::MAX]);
        check([i64::MIN, 0, i64::MAX]);
        check([true, false, true]);
    }

    #[test]
    fn bytes_that_are_no_values_are_refused() {
        assert!(Values::from_bytes(ColumnType::U16, vec![0; 3]).is_err());
        assert!(Values::from_bytes(ColumnType::Bool, vec![0, 1, 2]).is_err());
        assert!(Values::from_bytes(ColumnType::Bool, vec![0, 1]).is_ok());
    }
}
