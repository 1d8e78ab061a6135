//! The index: leaves that list chunks, and a root that lists the leaves and everything else.

use binrw::{BinRead, BinWrite};
use evz_core::{Error, Result};
use serde::Serialize;

use super::{CHUNK_SORTED, from_bytes, to_bytes};
use crate::limits::{ACTIVITY_BINS, MAX_BODY_LEN, MAX_LEAF_CHUNKS};

/// Bit 0 of the root's flags: no time of the file is earlier than the one before it.
pub const FILE_SORTED: u32 = 1;

/// What the index knows of a chunk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ChunkEntry {
    /// Where the chunk's record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
    /// Number of its first event.
    pub first_event: u64,
    /// Time of its first event.
    pub t_first: i64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// Number of events.
    pub n_events: u32,
    /// Number of ON events.
    pub n_on: u32,
    /// Bytes spent on t, x, y, p.
    pub column_bytes: [u32; 4],
    /// Smallest x.
    pub x_min: u16,
    /// Largest x.
    pub x_max: u16,
    /// Smallest y.
    pub y_min: u16,
    /// Largest y.
    pub y_max: u16,
    /// Number of the codec.
    pub codec: u16,
    /// As in the chunk's head.
    pub flags: u16,
    /// Events in each 32nd of the time from `t_min` to `t_max`.
    pub activity: [u32; ACTIVITY_BINS as usize],
}

impl ChunkEntry {
    /// Whether the times of the chunk never decrease.
    pub fn sorted(&self) -> bool {
        self.flags & CHUNK_SORTED != 0
    }
}

/// Bytes that a chunk takes in a leaf before compression.
const LEAF_ROW_BYTES: usize = 6 * 8 + 6 * 4 + 6 * 2 + ACTIVITY_BINS as usize * 4;

/// The body of a leaf: a head of 16 bytes, then the columns of the entries one after the other,
/// compressed with zstd.
pub fn write_leaf(entries: &[ChunkEntry]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(entries.len() * LEAF_ROW_BYTES);
    macro_rules! column {
        ($($get:expr),* $(,)?) => {$(
            for e in entries {
                let get: fn(&ChunkEntry) -> _ = $get;
                raw.extend_from_slice(&get(e).to_le_bytes());
            }
        )*};
    }
    column!(
        |e| e.offset,
        |e| e.body_len,
        |e| e.first_event,
        |e| e.t_first,
        |e| e.t_min,
        |e| e.t_max
    );
    column!(|e| e.n_events, |e| e.n_on);
    column!(
        |e| e.column_bytes[0],
        |e| e.column_bytes[1],
        |e| e.column_bytes[2],
        |e| e.column_bytes[3]
    );
    column!(
        |e| e.x_min,
        |e| e.x_max,
        |e| e.y_min,
        |e| e.y_max,
        |e| e.codec,
        |e| e.flags
    );
    for e in entries {
        for bin in e.activity {
            raw.extend_from_slice(&bin.to_le_bytes());
        }
    }
    let mut body = (entries.len() as u32).to_le_bytes().to_vec();
    body.extend_from_slice(&ACTIVITY_BINS.to_le_bytes());
    body.extend_from_slice(&(raw.len() as u64).to_le_bytes());
    let packed = crate::packing::pack(&raw);
    body.extend_from_slice(&packed);
    body
}

/// The entries of a leaf whose body was found whole.
///
/// # Errors
/// Where the body is not a leaf or claims more than the limits allow.
pub fn read_leaf(body: &[u8]) -> Result<Vec<ChunkEntry>> {
    let corrupt = |what: &str| Error::corrupt("", what.to_owned());
    let head = body
        .get(..16)
        .ok_or_else(|| corrupt("a leaf shorter than its head"))?;
    let n = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    let bins = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let raw_len = u64::from_le_bytes(head[8..16].try_into().expect("8 bytes"));
    if n > MAX_LEAF_CHUNKS || bins != ACTIVITY_BINS || raw_len != n as u64 * LEAF_ROW_BYTES as u64 {
        return Err(Error::limit(
            "",
            format!(
                "{n} chunks, {bins} bins, {raw_len} bytes; at most {MAX_LEAF_CHUNKS} chunks, {ACTIVITY_BINS} bins"
            ),
        ));
    }
    debug_assert!(raw_len <= MAX_BODY_LEN);
    let raw = crate::packing::unpack(&body[16..], raw_len as usize)
        .map_err(|_| corrupt("its zstd frame does not decompress"))?;
    if raw.len() as u64 != raw_len {
        return Err(corrupt("its zstd frame is shorter than it says"));
    }

    let n = n as usize;
    let mut entries = vec![ChunkEntry::default(); n];
    let mut rest = raw.as_slice();
    macro_rules! column {
        ($($type:ty => $set:expr),* $(,)?) => {$(
            const SIZE: usize = size_of::<$type>();
            let (bytes, tail) = rest.split_at(n * SIZE);
            rest = tail;
            for (e, b) in entries.iter_mut().zip(bytes.chunks_exact(SIZE)) {
                let set: fn(&mut ChunkEntry, $type) = $set;
                set(e, <$type>::from_le_bytes(b.try_into().expect("whole")));
            }
        )*};
    }
    macro_rules! columns { ($($type:ty => $set:expr),* $(,)?) => {$( { column!($type => $set); } )*}; }
    columns!(
        u64 => |e, v| e.offset = v,
        u64 => |e, v| e.body_len = v,
        u64 => |e, v| e.first_event = v,
        i64 => |e, v| e.t_first = v,
        i64 => |e, v| e.t_min = v,
        i64 => |e, v| e.t_max = v,
        u32 => |e, v| e.n_events = v,
        u32 => |e, v| e.n_on = v,
        u32 => |e, v| e.column_bytes[0] = v,
        u32 => |e, v| e.column_bytes[1] = v,
        u32 => |e, v| e.column_bytes[2] = v,
        u32 => |e, v| e.column_bytes[3] = v,
        u16 => |e, v| e.x_min = v,
        u16 => |e, v| e.x_max = v,
        u16 => |e, v| e.y_min = v,
        u16 => |e, v| e.y_max = v,
        u16 => |e, v| e.codec = v,
        u16 => |e, v| e.flags = v,
    );
    for (e, bytes) in entries
        .iter_mut()
        .zip(rest.chunks_exact(ACTIVITY_BINS as usize * 4))
    {
        for (bin, b) in e.activity.iter_mut().zip(bytes.chunks_exact(4)) {
            *bin = u32::from_le_bytes(b.try_into().expect("4 bytes"));
        }
    }
    Ok(entries)
}

/// The first part of the root: what `info` shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct RootHead {
    /// As in the file header, which may be damaged when this is not.
    pub time_base_ns: u64,
    /// As in the file header.
    pub width: u32,
    /// As in the file header.
    pub height: u32,
    /// Events in the file.
    pub n_events: u64,
    /// Chunks in the file.
    pub n_chunks: u64,
    /// ON events.
    pub n_on: u64,
    /// Time of the first event.
    pub t_first: i64,
    /// Time of the last event.
    pub t_last: i64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// Bytes spent on t, x, y, p.
    pub column_bytes: [u64; 4],
    /// Smallest x.
    pub x_min: u16,
    /// Largest x.
    pub x_max: u16,
    /// Smallest y.
    pub y_min: u16,
    /// Largest y.
    pub y_max: u16,
    /// [`FILE_SORTED`] or 0; a reader refuses bits 0 to 15 that it does not know.
    pub flags: u32,
    /// Number of leaves listed after this head.
    pub n_leaves: u32,
    /// Number of metadata records listed after the leaves.
    pub n_metadata: u32,
    /// Number of side records listed after those.
    pub n_side: u32,
}

impl RootHead {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 128;
}

/// Where a leaf stands and what it covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct LeafRef {
    /// Where its record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
    /// Number of its first chunk.
    pub first_chunk: u64,
    /// Number of chunks.
    pub n_chunks: u64,
    /// Number of its first event.
    pub first_event: u64,
    /// Number of events.
    pub n_events: u64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
}

impl LeafRef {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 64;
}

/// Where a metadata record stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct MetadataRef {
    /// Where its record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
}

impl MetadataRef {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 16;
}

/// Where a record of a side stream stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct SideRef {
    /// Where its record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
    /// Number of the stream.
    pub stream: u32,
    /// Kind of the record: the stream's name, or rows.
    pub kind: u32,
    /// Rows, 0 for a name.
    pub rows: u64,
    /// Earliest time, 0 for a name.
    pub t_min: i64,
    /// Latest time, 0 for a name.
    pub t_max: i64,
}

impl SideRef {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 48;
}

/// The root of the index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IndexRoot {
    /// Sums over the whole file.
    pub head: RootHead,
    /// The leaves, in the order of their chunks.
    pub leaves: Vec<LeafRef>,
    /// The metadata records; a later one overrides an earlier one key by key.
    pub metadata: Vec<MetadataRef>,
    /// The side streams and their batches, in the order of the file.
    pub side: Vec<SideRef>,
}

impl IndexRoot {
    /// The body of the root's record.
    pub fn write_to(&self) -> Vec<u8> {
        let Self {
            head,
            leaves,
            metadata,
            side,
        } = self;
        let mut out = to_bytes(&RootHead {
            n_leaves: leaves.len() as u32,
            n_metadata: metadata.len() as u32,
            n_side: side.len() as u32,
            ..*head
        });
        leaves.iter().for_each(|r| out.extend(to_bytes(r)));
        metadata.iter().for_each(|r| out.extend(to_bytes(r)));
        side.iter().for_each(|r| out.extend(to_bytes(r)));
        out
    }

    /// The root in a body that was found whole.
    ///
    /// # Errors
    /// Where its lists do not fill the body exactly, or a flag is unknown.
    pub fn read_from(body: &[u8]) -> Result<Self> {
        let head: RootHead = body
            .get(..RootHead::ENCODED_SIZE)
            .and_then(from_bytes)
            .ok_or_else(|| Error::corrupt("", "the root is shorter than its head"))?;
        let expected = RootHead::ENCODED_SIZE as u64
            + u64::from(head.n_leaves) * LeafRef::ENCODED_SIZE as u64
            + u64::from(head.n_metadata) * MetadataRef::ENCODED_SIZE as u64
            + u64::from(head.n_side) * SideRef::ENCODED_SIZE as u64;
        if expected != body.len() as u64 {
            return Err(Error::corrupt(
                "",
                format!(
                    "its lists take {expected} bytes, its body has {}",
                    body.len()
                ),
            ));
        }
        let unknown = head.flags & 0xffff & !FILE_SORTED;
        if unknown != 0 {
            let what = format!("flags {unknown:#x} are unknown");
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        let mut rest = &body[RootHead::ENCODED_SIZE..];
        let leaves = list(&mut rest, head.n_leaves, LeafRef::ENCODED_SIZE);
        let metadata = list(&mut rest, head.n_metadata, MetadataRef::ENCODED_SIZE);
        let side = list(&mut rest, head.n_side, SideRef::ENCODED_SIZE);
        Ok(Self {
            head,
            leaves,
            metadata,
            side,
        })
    }
}

/// `n` records of `size` bytes from the front of `rest`, whose length was checked.
fn list<T>(rest: &mut &[u8], n: u32, size: usize) -> Vec<T>
where
    T: BinRead,
    for<'a> T::Args<'a>: Default,
{
    let (bytes, tail) = rest.split_at(n as usize * size);
    *rest = tail;
    bytes.chunks_exact(size).filter_map(from_bytes).collect()
}
