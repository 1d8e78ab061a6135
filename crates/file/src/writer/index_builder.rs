//! The index as it grows while a file is written.

use crate::wire::{
    ChunkEntry, FILE_SORTED, FileHeader, IndexRoot, Kind, LeafRef, MetadataRef, RootHead,
    SideBatchHead, SideRef, write_leaf,
};

/// Chunks in a leaf, 34 M events of 65,536 a chunk: a window in a long file opens one leaf, which
/// takes a fifth of a millisecond, and the root of a trillion events stays at two megabytes.
const LEAF_CHUNKS: usize = 512;

/// Collects chunks into leaves and leaves into the root; holds no more than one leaf of entries.
pub(crate) struct IndexBuilder {
    root: IndexRoot,
    leaf: Vec<ChunkEntry>,
    next_side_stream: u32,
}

impl IndexBuilder {
    /// The index of a new file.
    pub(crate) fn new(header: &FileHeader) -> Self {
        let head = RootHead {
            time_base_ns: header.time_base_ns,
            width: header.width,
            height: header.height,
            flags: FILE_SORTED,
            ..RootHead::default()
        };
        Self::resume(IndexRoot {
            head,
            ..IndexRoot::default()
        })
    }

    /// Goes on from the index of an existing file.
    pub(crate) fn resume(root: IndexRoot) -> Self {
        let streams = root
            .side
            .iter()
            .filter(|s| s.kind == Kind::SideStream as u32);
        let next_side_stream = streams
            .map(|s| s.stream.saturating_add(1))
            .max()
            .unwrap_or(0);
        Self {
            root,
            leaf: Vec::new(),
            next_side_stream,
        }
    }

    pub(crate) fn n_events(&self) -> u64 {
        self.root.head.n_events
    }

    pub(crate) fn next_side_stream(&self) -> u32 {
        self.next_side_stream
    }

    /// Adds a chunk whose last event has the time `t_last`.
    pub(crate) fn add_chunk(&mut self, entry: ChunkEntry, t_last: i64) {
        let head = &mut self.root.head;
        let first = head.n_events == 0;
        if !entry.sorted() || (!first && entry.t_min < head.t_max) {
            head.flags &= !FILE_SORTED;
        }
        if first {
            *head = RootHead {
                t_first: entry.t_first,
                t_min: entry.t_min,
                t_max: entry.t_max,
                x_min: entry.x_min,
                x_max: entry.x_max,
                y_min: entry.y_min,
                y_max: entry.y_max,
                ..*head
            };
        }
        head.n_events += u64::from(entry.n_events);
        head.n_chunks += 1;
        head.t_last = t_last;
        head.n_on += u64::from(entry.n_on);
        head.t_min = head.t_min.min(entry.t_min);
        head.t_max = head.t_max.max(entry.t_max);
        head.x_min = head.x_min.min(entry.x_min);
        head.x_max = head.x_max.max(entry.x_max);
        head.y_min = head.y_min.min(entry.y_min);
        head.y_max = head.y_max.max(entry.y_max);
        for (sum, bytes) in head.column_bytes.iter_mut().zip(entry.column_bytes) {
            *sum += u64::from(bytes);
        }
        self.leaf.push(entry);
    }

    pub(crate) fn leaf_is_full(&self) -> bool {
        self.leaf.len() == LEAF_CHUNKS
    }

    /// The body of the leaf collected so far, if there is anything in it.
    pub(crate) fn leaf_body(&self) -> Option<Vec<u8>> {
        (!self.leaf.is_empty()).then(|| write_leaf(&self.leaf))
    }

    /// The leaf was written at `offset`; the next one starts empty.
    pub(crate) fn end_leaf(&mut self, offset: u64, body_len: u64) {
        let n_events = self.leaf.iter().map(|e| u64::from(e.n_events)).sum();
        self.root.leaves.push(LeafRef {
            offset,
            body_len,
            first_chunk: self.root.head.n_chunks - self.leaf.len() as u64,
            n_chunks: self.leaf.len() as u64,
            first_event: self.root.head.n_events - n_events,
            n_events,
            t_min: self.leaf.iter().map(|e| e.t_min).min().unwrap_or(0),
            t_max: self.leaf.iter().map(|e| e.t_max).max().unwrap_or(0),
        });
        self.leaf.clear();
    }

    pub(crate) fn add_metadata(&mut self, offset: u64, body_len: u64) {
        self.root.metadata.push(MetadataRef { offset, body_len });
    }

    pub(crate) fn add_side_stream(&mut self, offset: u64, body_len: u64, stream: u32) {
        self.next_side_stream = stream + 1;
        let kind = Kind::SideStream as u32;
        self.root.side.push(SideRef {
            offset,
            body_len,
            stream,
            kind,
            ..SideRef::default()
        });
    }

    pub(crate) fn add_side_batch(&mut self, offset: u64, body_len: u64, head: &SideBatchHead) {
        self.root.side.push(SideRef {
            offset,
            body_len,
            stream: head.stream,
            kind: Kind::SideBatch as u32,
            rows: head.rows,
            t_min: head.t_min,
            t_max: head.t_max,
        });
    }

    pub(crate) fn root(&self) -> &IndexRoot {
        &self.root
    }
}
