//! A chunk that the device decodes.

/// A chunk of a file, as its head says.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// The payload, whose checksums hold.
    pub payload: &'a [u8],
    /// The codec's number.
    pub codec: u16,
    /// Events in it.
    pub n_events: u32,
    /// Bytes of the payload's table of contents.
    pub toc_len: u32,
    /// Time of its first event.
    pub t_first: i64,
    /// Times are multiples of this after that.
    pub t_divisor: u64,
    /// Its earliest time.
    pub t_min: i64,
    /// Its latest time.
    pub t_max: i64,
}
