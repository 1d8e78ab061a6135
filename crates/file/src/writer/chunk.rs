//! From events to the body of a chunk and its entry in the index.

use evz_codec::{ChunkTime, Codec};
use evz_core::EventSlice;

use crate::limits::ACTIVITY_BINS;
use crate::wire::{CHUNK_SORTED, ChunkEntry, ChunkHead, crc};

/// A chunk ready to be written; its entry still lacks the offset.
pub(crate) struct EncodedChunk {
    pub(crate) body: Vec<u8>,
    pub(crate) body_crc: u32,
    pub(crate) entry: ChunkEntry,
    pub(crate) t_last: i64,
}

/// Encodes the events of one chunk, of which there is at least one, into the memory of `body`.
pub(crate) fn encode(
    codec: &dyn Codec,
    first_event: u64,
    events: EventSlice<'_>,
    mut body: Vec<u8>,
) -> EncodedChunk {
    let n = events.len();
    let (x_min, x_max) = min_max(events.x);
    let (y_min, y_max) = min_max(events.y);
    let sorted = events.t.is_sorted();
    let (t_min, t_max) = match events.t {
        [first, .., last] if sorted => (*first, *last),
        t => min_max(t),
    };
    let time = ChunkTime::of(events.t);
    let n_on = events.p.iter().map(|p| u32::from(*p)).sum();

    body.clear();
    body.resize(ChunkHead::ENCODED_SIZE, 0);
    let encoded = codec.encode(events, time, &mut body);
    let (head_bytes, payload) = body.split_at_mut(ChunkHead::ENCODED_SIZE);
    let head = ChunkHead {
        first_event,
        n_events: n as u32,
        codec: codec.id(),
        flags: if sorted { CHUNK_SORTED } else { 0 },
        t_first: time.first,
        t_min,
        t_max,
        t_divisor: time.divisor,
        n_on,
        x_min,
        x_max,
        y_min,
        y_max,
        toc_len: encoded.toc_len,
        payload_len: payload.len() as u64,
        column_bytes: encoded.column_bytes,
        reserved: 0,
        head_crc: 0,
    };
    head_bytes.copy_from_slice(&head.write_to(payload));
    let activity = activity(events.t, sorted, t_min, t_max);
    EncodedChunk {
        body_crc: crc(&body),
        entry: entry(&head, 0, body.len() as u64, activity),
        t_last: events.t.last().copied().unwrap_or_default(),
        body,
    }
}

/// The index entry of a chunk that stands at `offset`.
pub(crate) fn entry(
    head: &ChunkHead,
    offset: u64,
    body_len: u64,
    activity: [u32; ACTIVITY_BINS as usize],
) -> ChunkEntry {
    ChunkEntry {
        offset,
        body_len,
        first_event: head.first_event,
        t_first: head.t_first,
        t_min: head.t_min,
        t_max: head.t_max,
        n_events: head.n_events,
        n_on: head.n_on,
        column_bytes: head.column_bytes,
        x_min: head.x_min,
        x_max: head.x_max,
        y_min: head.y_min,
        y_max: head.y_max,
        codec: head.codec,
        flags: head.flags,
        activity,
    }
}

/// Events in each 32nd of the time from `t_min` to `t_max`. Bin `b` holds the times `t` for which
/// `(t - t_min) * 32 / (t_max - t_min + 1)`, rounded down, is `b`.
pub(crate) fn activity(
    t: &[i64],
    sorted: bool,
    t_min: i64,
    t_max: i64,
) -> [u32; ACTIVITY_BINS as usize] {
    let mut bins = [0; ACTIVITY_BINS as usize];
    let span = (t_max.wrapping_sub(t_min)) as u64 as u128 + 1;
    let bin =
        |t: i64| (t.wrapping_sub(t_min) as u64 as u128 * u128::from(ACTIVITY_BINS) / span) as usize;
    if sorted {
        let mut start = 0;
        for (b, count) in bins.iter_mut().enumerate() {
            let end = start + t[start..].partition_point(|t| bin(*t) <= b);
            *count = (end - start) as u32;
            start = end;
        }
    } else {
        t.iter().for_each(|t| bins[bin(*t)] += 1);
    }
    bins
}

pub(crate) fn min_max<T: Copy + Ord + Default>(values: &[T]) -> (T, T) {
    let first = values.first().copied().unwrap_or_default();
    values
        .iter()
        .fold((first, first), |(lo, hi), v| (lo.min(*v), hi.max(*v)))
}
