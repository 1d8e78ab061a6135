//! Some of the further columns.

/// Which further columns are meant, by their place among those of the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ColumnSet(u64);

impl ColumnSet {
    /// All that there are.
    pub const ALL: Self = Self(u64::MAX);
    /// None.
    pub const NONE: Self = Self(0);

    /// The first `n`.
    pub fn first(n: usize) -> Self {
        match n {
            0..64 => Self((1 << n) - 1),
            _ => Self::ALL,
        }
    }

    /// These and the column at this place, which is below
    /// [`ExtraColumn::MAX`](super::ExtraColumn::MAX).
    #[must_use]
    pub fn with(self, place: usize) -> Self {
        Self(self.0 | 1 << place)
    }

    /// Those that both have.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the column at this place is meant.
    pub fn contains(self, place: usize) -> bool {
        place < 64 && self.0 >> place & 1 == 1
    }

    /// Whether none is meant.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::ColumnSet;

    #[test]
    fn places_are_those_that_were_named() {
        let set = ColumnSet::NONE.with(0).with(63);
        assert!(set.contains(0) && set.contains(63) && !set.contains(1) && !set.contains(64));
        assert_eq!(set.and(ColumnSet::first(2)), ColumnSet::first(1));
        assert_eq!(ColumnSet::first(64), ColumnSet::ALL);
        assert!(ColumnSet::first(0).is_empty());
    }
}
