//! From events to the body of a chunk and what the index says of it.

use evz_codec::{ChunkTime, Codec, Elsewhere, Encoded, extra};
use evz_core::{EventSlice, ExtraSlice};

use crate::limits::ACTIVITY_BINS;
use crate::wire::{Bins, CHUNK_SORTED, ChunkHead, ColumnSection, crc, table_len, to_bytes};

/// A chunk ready to be written.
pub(crate) struct EncodedChunk {
    pub(crate) body: Vec<u8>,
    pub(crate) body_crc: u32,
    pub(crate) head: ChunkHead,
    pub(crate) columns: Vec<ColumnSection>,
    pub(crate) t_last: i64,
    /// How many events there are when, if that is known.
    pub(crate) activity: Option<Bins>,
}

/// Encodes the events of one chunk of a stream, of which there is at least one, into the memory of
/// `body`.
pub(crate) fn encode(
    codec: &dyn Codec,
    stream: u16,
    events: EventSlice<'_>,
    body: Vec<u8>,
) -> EncodedChunk {
    let time = ChunkTime::of(events.t);
    let encode = |body: &mut Vec<u8>| (codec.encode(events, time, body), column_crc(events));
    chunk_of(codec.id(), time, stream, events, body, encode)
}

/// The same for events of another recording, of the parts of which this is said.
pub(crate) fn encode_parts(
    stream: u16,
    events: EventSlice<'_>,
    parts: &[(usize, Vec<u8>)],
    body: Vec<u8>,
) -> EncodedChunk {
    let time = ChunkTime {
        first: events.t.first().copied().unwrap_or_default(),
        divisor: 1,
    };
    let encode = |body: &mut Vec<u8>| {
        let (payload, column_crc) = Elsewhere::payload(parts, events);
        body.extend_from_slice(&payload);
        let len = payload.len() as u32;
        let encoded = Encoded {
            toc_len: len,
            column_bytes: [len, 0, 0, 0],
        };
        (encoded, column_crc)
    };
    chunk_of(Elsewhere::ID, time, stream, events, body, encode)
}

fn chunk_of(
    codec: u16,
    time: ChunkTime,
    stream: u16,
    events: EventSlice<'_>,
    mut body: Vec<u8>,
    encode: impl FnOnce(&mut Vec<u8>) -> (Encoded, [u32; 4]),
) -> EncodedChunk {
    let n_columns = events.extra.n_columns() as u16;
    let start = ChunkHead::ENCODED_SIZE + table_len(n_columns);
    body.clear();
    body.resize(start, 0);
    let (encoded, column_crc) = encode(&mut body);
    let payload_len = (body.len() - start) as u32;
    let columns = encode_columns(events.extra, &mut body);
    let [_, x_bytes, y_bytes, p_bytes] = encoded.column_bytes;
    let mut head = ChunkHead {
        codec,
        stream,
        n_columns,
        toc_len: encoded.toc_len,
        t_divisor: time.divisor,
        payload_len,
        column_bytes: [x_bytes, y_bytes, p_bytes],
        column_crc,
        ..summed(events)
    };
    head.write_to(&mut body);
    EncodedChunk {
        body_crc: crc(&body),
        activity: Some(activity(events.t, head.sorted(), head.t_min, head.t_max)),
        t_last: events.t.last().copied().unwrap_or_default(),
        columns,
        head,
        body,
    }
}

/// Puts the sections of further columns behind the payload, and what the table says of them into the
/// room behind the head.
fn encode_columns(extra: ExtraSlice<'_>, body: &mut Vec<u8>) -> Vec<ColumnSection> {
    let mut columns = Vec::with_capacity(extra.n_columns());
    for values in extra.iter() {
        let before = body.len();
        let codec = extra::encode(values.column_type(), values.as_bytes(), body);
        columns.push(ColumnSection {
            codec,
            reserved: 0,
            len: (body.len() - before) as u32,
            crc: crc(&body[before..]),
            values_crc: crc(values.as_bytes()),
        });
    }
    let table = body[ChunkHead::ENCODED_SIZE..].chunks_exact_mut(ColumnSection::ENCODED_SIZE);
    for (bytes, column) in table.zip(&columns) {
        bytes.copy_from_slice(&to_bytes(column));
    }
    columns
}

/// What the head of a chunk says of these events themselves, of which there is at least one.
pub(crate) fn described(events: EventSlice<'_>) -> ChunkHead {
    ChunkHead {
        column_crc: column_crc(events),
        ..summed(events)
    }
}

/// The same without the checksums of the columns.
fn summed(events: EventSlice<'_>) -> ChunkHead {
    let sorted = events.t.is_sorted();
    let (t_min, t_max) = match events.t {
        [first, .., last] if sorted => (*first, *last),
        t => min_max(t),
    };
    let (x_min, x_max) = min_max(events.x);
    let (y_min, y_max) = min_max(events.y);
    ChunkHead {
        n_events: events.len() as u32,
        flags: if sorted { CHUNK_SORTED } else { 0 },
        t_first: events.t.first().copied().unwrap_or_default(),
        t_min,
        t_max,
        n_on: events.p.iter().map(|p| u32::from(*p)).sum(),
        x_min,
        x_max,
        y_min,
        y_max,
        ..ChunkHead::default()
    }
}

/// Checksums of the columns as they are in memory on a little-endian machine.
fn column_crc(events: EventSlice<'_>) -> [u32; 4] {
    [
        crc_of(events.t, |v| v.to_le_bytes()),
        crc_of(events.x, |v| v.to_le_bytes()),
        crc_of(events.y, |v| v.to_le_bytes()),
        crc(events.p),
    ]
}

/// The checksum of values one after the other; in pieces that stay in the nearest cache.
fn crc_of<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> u32 {
    const PIECE: usize = 1024;
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = [[0; N]; PIECE];
    for piece in values.chunks(PIECE) {
        for (out, value) in buffer.iter_mut().zip(piece) {
            *out = bytes(*value);
        }
        hasher.update(buffer[..piece.len()].as_flattened());
    }
    hasher.finalize()
}

/// Events in each 32nd of the time from `t_min` to `t_max`. Bin `b` holds the times `t` for which
/// `(t - t_min) * 32 / (t_max - t_min + 1)`, rounded down, is `b`.
pub(crate) fn activity(t: &[i64], sorted: bool, t_min: i64, t_max: i64) -> Bins {
    let mut bins = [0; ACTIVITY_BINS as usize];
    let n = u128::from(ACTIVITY_BINS);
    let since = |t: i64| u128::from(t.wrapping_sub(t_min) as u64);
    let span = since(t_max) + 1;
    if sorted {
        let mut start = 0;
        for (b, count) in (1..).zip(&mut bins) {
            // The first time that is in a later bin.
            let later = (b * span).div_ceil(n);
            let end = start + t[start..].partition_point(|t| since(*t) < later);
            *count = (end - start) as u32;
            start = end;
        }
    } else {
        (t.iter()).for_each(|t| bins[(since(*t) * n / span) as usize] += 1);
    }
    bins
}

fn min_max<T: Copy + Ord + Default>(values: &[T]) -> (T, T) {
    let first = values.first().copied().unwrap_or_default();
    values
        .iter()
        .fold((first, first), |(lo, hi), v| (lo.min(*v), hi.max(*v)))
}
