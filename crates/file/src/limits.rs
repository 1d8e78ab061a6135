//! Bounds on what a file may claim, checked before anything is allocated.

/// Most events a chunk may hold.
pub const MAX_CHUNK_EVENTS: u32 = 1 << 20;
/// Most chunks a leaf of the index may list.
pub const MAX_LEAF_CHUNKS: u32 = 4096;
/// Bins of a chunk's activity histogram.
pub const ACTIVITY_BINS: u32 = 32;
/// Longest body of a metadata record, of an index record and of a side batch before compression.
pub const MAX_BODY_LEN: u64 = 1 << 28;
