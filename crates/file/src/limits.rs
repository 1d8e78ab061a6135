//! Bounds on what a file may claim, checked before anything is allocated.

/// Longest body of a record, and a side batch before compression.
pub const MAX_BODY_LEN: u64 = 1 << 28;
/// Longest text or key, in bytes.
pub const MAX_TEXT_LEN: usize = 65_535;
/// Most entries of metadata in a record or the root.
pub const MAX_METADATA: usize = 65_536;
/// Most entries of metadata of the recording, counted once for each of several event streams.
pub const MAX_SHARED_METADATA: usize = 1 << 20;
/// Most bytes of their keys and values, counted in the same way.
pub const MAX_SHARED_METADATA_LEN: usize = 1 << 28;
/// Most event streams, and most side streams.
pub const MAX_STREAMS: u64 = 65_536;
/// Most further columns of an event stream.
pub const MAX_COLUMNS: u16 = 64;
/// Most events of a chunk.
pub const MAX_CHUNK_EVENTS: u32 = 1 << 20;
/// Most entries of a leaf, and references of a node.
pub const MAX_LIST: usize = 4096;
/// Most levels of the index above the leaves.
pub const MAX_LEVEL: u8 = 8;
/// Most rows of a side batch.
pub const MAX_BATCH_ROWS: u64 = 1 << 28;
/// Largest denominator of a tick, and the most nanoseconds it has.
pub const MAX_TICK: u64 = evz_core::TimeBase::MAX;
/// Bins of a chunk's activity histogram.
pub const ACTIVITY_BINS: u32 = 32;
