//! What a codec is.

use std::fmt::Debug;
use std::ops::Range;

use evz_core::{ColumnsMut, Error, EventSlice, Result};

use crate::time::ChunkTime;

/// What an encoder has appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encoded {
    /// Bytes of the table of contents at the payload's start.
    pub toc_len: u32,
    /// Bytes spent on `t`, `x`, `y` and `p`. They sum up to the bytes appended: what serves all
    /// columns (the table of contents, padding) counts as `t`.
    pub column_bytes: [u32; 4],
}

/// A payload as found in a chunk. The caller has verified the checksum of `bytes[..toc_len]` but
/// of nothing behind it.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a> {
    /// The whole payload and nothing else.
    pub bytes: &'a [u8],
    /// Bytes of the table of contents.
    pub toc_len: usize,
    /// Events in the chunk.
    pub n_events: usize,
    /// How the chunk's times relate to ticks.
    pub time: ChunkTime,
}

/// A way to turn the events of a chunk into bytes and back. All methods are pure functions.
pub trait Codec: sealed::Sealed + Send + Sync + Debug {
    /// The number that files name it by.
    fn id(&self) -> u16;

    /// The name that people know it by.
    fn name(&self) -> &'static str;

    /// The most bytes that `n_events` can take.
    fn max_encoded_len(&self, n_events: usize) -> usize;

    /// Appends the payload of `events` to `out`. The payload's first byte stands at a multiple of
    /// 64 in the file.
    ///
    /// # Panics
    /// If the columns differ in length, or the payload passes 4 GiB (which takes more than
    /// 300 million events).
    fn encode(&self, events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded;

    /// Fills the wanted columns with the events of `range`. The checksum of each block that is
    /// touched is verified, whatever columns are wanted.
    ///
    /// # Errors
    /// Where the bytes contradict themselves or their checksums (`place` names the block); where
    /// `range` ends beyond the payload or a column is not as long as `range`. The columns then hold
    /// anything.
    fn decode(&self, payload: Payload<'_>, range: Range<usize>, out: ColumnsMut<'_>) -> Result<()>;

    /// Number of the first event with a time of at least `t`, in a chunk whose times never
    /// decrease; the number of events if there is none.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize>;

    /// Both lower bounds of a window of times.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    fn window(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        Ok(self.lower_bound(payload, t.start)?..self.lower_bound(payload, t.end)?)
    }

    /// Events between two entry points: decoding from a multiple of it wastes nothing.
    fn entry_len(&self) -> usize;
}

pub(crate) mod sealed {
    /// Keeps [`Codec`](super::Codec) to this crate: a codec is part of the format.
    pub trait Sealed {}
}

/// The range must lie in the chunk, and each wanted column be as long as it.
pub(crate) fn check_request(
    payload: Payload<'_>,
    range: &Range<usize>,
    out: &ColumnsMut<'_>,
) -> Result<()> {
    if range.start > range.end || range.end > payload.n_events {
        return Err(Error::invalid(format!(
            "events {}..{} of a chunk of {}",
            range.start, range.end, payload.n_events
        )));
    }
    let fits = |len: Option<usize>| len.is_none_or(|len| len == range.len());
    if !(fits(out.t.as_deref().map(<[_]>::len))
        && fits(out.x.as_deref().map(<[_]>::len))
        && fits(out.y.as_deref().map(<[_]>::len))
        && fits(out.p.as_deref().map(<[_]>::len)))
    {
        return Err(Error::invalid(format!(
            "a column is not as long as the {} events asked for",
            range.len()
        )));
    }
    Ok(())
}
