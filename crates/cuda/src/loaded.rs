//! Events on the device.

use std::ops::Range;

use crate::layout::ColumnAddresses;

/// A piece on the device.
#[derive(Clone)]
pub(crate) struct Loaded {
    /// Which piece.
    pub(crate) number: usize,
    pub(crate) columns: ColumnAddresses,
    /// Which positions of the columns count, before any filter.
    pub(crate) within: Range<u64>,
}
