//! Which columns a job needs.

use crate::layout::ColumnAddresses;

/// Columns start at multiples of so many events: more than what any kernel reads or writes at once.
pub(crate) const COLUMN_ALIGN: u64 = 1024;

/// What a job needs of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) t: bool,
    pub(crate) p: bool,
    /// Whether the events that count are copied next to each other.
    pub(crate) keep: bool,
    /// Whether they are mirrored in time.
    pub(crate) mirrored: bool,
}

impl Wanted {
    /// Room for columns of so many events.
    pub(crate) fn columns_bytes(self, events: u64) -> u64 {
        let each = 4 + 8 * u64::from(self.t) + u64::from(self.p);
        events.next_multiple_of(COLUMN_ALIGN) * each
    }

    /// Where the columns of so many events are in memory that starts at `at`.
    pub(crate) fn columns(self, at: u64, events: u64) -> ColumnAddresses {
        let n = events.next_multiple_of(COLUMN_ALIGN);
        let (t, x) = (at, at + if self.t { 8 * n } else { 0 });
        ColumnAddresses {
            t: if self.t { t } else { 0 },
            x,
            y: x + 2 * n,
            p: if self.p { x + 4 * n } else { 0 },
        }
    }
}
