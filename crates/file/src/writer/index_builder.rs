//! The index as it grows while a file is written.

use evz_core::{Result, SensorSize};

use super::tree_builder::{TreeBuilder, WriteRecord};
use super::{EncodedChunk, summary};
use crate::wire::{
    BatchEntry, Bins, ChunkEntry, FileHeader, RecordRef, Root, SideBatchHead, SideDeclaration,
    SideRoot, StreamDeclaration, StreamRoot, StreamSummary, TreeId,
};

/// Bytes of a root that opening a file takes at once, with room for what is not counted.
const ROOT_BYTES: usize = 48 << 10;

/// The trees of all streams, and the sums over them.
pub(crate) struct IndexBuilder {
    header: FileHeader,
    streams: Vec<Stream>,
    side: Vec<Side>,
}

struct Stream {
    declaration: StreamDeclaration,
    summary: StreamSummary,
    tree: TreeBuilder<ChunkEntry>,
}

struct Side {
    /// As the root has it, but for its rows.
    root: SideRoot,
    tree: TreeBuilder<BatchEntry>,
}

impl IndexBuilder {
    /// The index of a new file.
    pub(crate) fn new(header: &FileHeader) -> Self {
        let mut index = Self {
            header: *header,
            streams: Vec::new(),
            side: Vec::new(),
        };
        index.add_stream(StreamDeclaration::plain(0, header.size()));
        index
    }

    /// Goes on from the index of an existing file; `activity` is that of the chunks in its root, by
    /// stream.
    pub(crate) fn resume(root: &Root, activity: Vec<Vec<Option<Bins>>>) -> Self {
        let streams = root
            .streams
            .iter()
            .zip(activity)
            .map(|(s, activity)| Stream {
                declaration: s.declaration.clone(),
                summary: s.summary.clone(),
                tree: TreeBuilder::resume(s.tree_id(), s.tree.clone(), activity),
            });
        let side = root.side.iter().map(|s| Side {
            tree: TreeBuilder::resume(
                s.tree_id(),
                s.tree.clone(),
                vec![None; s.tree.latest.entries.len()],
            ),
            root: SideRoot {
                tree: Default::default(),
                ..s.clone()
            },
        });
        Self {
            header: root.header,
            streams: streams.collect(),
            side: side.collect(),
        }
    }

    /// The sensor of event stream 0.
    pub(crate) fn size(&self) -> Option<SensorSize> {
        self.header.size()
    }

    /// Declares event stream 0, which has no chunk yet.
    pub(crate) fn declare(&mut self, declaration: StreamDeclaration) {
        let others = self.streams.split_off(1);
        self.streams.clear();
        self.add_stream(declaration);
        self.streams.extend(others);
    }

    pub(crate) fn add_stream(&mut self, declaration: StreamDeclaration) {
        let id = TreeId {
            side: false,
            stream: declaration.id,
            n_columns: declaration.columns.len() as u16,
        };
        self.streams.push(Stream {
            summary: StreamSummary::empty(declaration.columns.len()),
            tree: TreeBuilder::new(id),
            declaration,
        });
    }

    /// Adds a side stream that the record at this place declares.
    pub(crate) fn add_side_stream(&mut self, declaration: &SideDeclaration, declared: RecordRef) {
        let root = SideRoot::new(declaration, declared);
        self.side.push(Side {
            tree: TreeBuilder::new(root.tree_id()),
            root,
        });
    }

    pub(crate) fn stream(&self, id: u16) -> Option<&StreamDeclaration> {
        self.find(id).map(|at| &self.streams[at].declaration)
    }

    pub(crate) fn n_streams(&self) -> usize {
        self.streams.len()
    }

    pub(crate) fn n_side_streams(&self) -> usize {
        self.side.len()
    }

    fn find(&self, id: u16) -> Option<usize> {
        let at = usize::from(id);
        (at < self.streams.len()).then_some(at)
    }

    /// Events of a stream so far.
    pub(crate) fn n_events(&self, id: u16) -> u64 {
        self.find(id)
            .map_or(0, |at| self.streams[at].summary.n_events())
    }

    /// Chunks and events of all streams so far.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let spans = self.streams.iter().map(|s| s.summary.span);
        spans.fold((0, 0), |(chunks, events), span| {
            (chunks + span.n_items, events + span.n_rows)
        })
    }

    /// Rows of a side stream so far.
    pub(crate) fn n_rows(&self, id: u16) -> u64 {
        let stream = self.side.get(usize::from(id));
        stream.map_or(0, |s| s.tree.tree().span().n_rows)
    }

    /// Adds a chunk whose record starts at `offset`.
    pub(crate) fn add_chunk(
        &mut self,
        chunk: &EncodedChunk,
        offset: u64,
        write: &mut WriteRecord<'_>,
    ) -> Result<()> {
        let at = self.find(chunk.head.stream).expect("the stream was added");
        let stream = &mut self.streams[at];
        let lens = chunk.columns.iter().map(|c| c.len).collect();
        let first_event = stream.summary.n_events();
        let entry = ChunkEntry::new(&chunk.head, lens, offset, first_event);
        let columns = (&chunk.columns[..], &stream.declaration.columns[..]);
        summary::add(&mut stream.summary, &chunk.head, columns, chunk.t_last);
        stream.tree.add(entry, chunk.activity, write)
    }

    /// Adds a batch whose record stands there.
    pub(crate) fn add_side_batch(
        &mut self,
        head: &SideBatchHead,
        record: RecordRef,
        write: &mut WriteRecord<'_>,
    ) -> Result<()> {
        let stream = self.side.get_mut(usize::from(head.id));
        let stream = stream.expect("the side stream was added");
        let first_row = stream.tree.tree().span().n_rows;
        let entry = BatchEntry::new(head, record, first_row);
        stream.tree.add(entry, None, write)
    }

    /// Writes what belongs to the entries in the root, and sees that the root is not long.
    pub(crate) fn close(&mut self, write: &mut WriteRecord<'_>) -> Result<()> {
        for stream in &mut self.streams {
            stream.tree.end_activity(write)?;
        }
        while self.root().write_to(0)?.len() > ROOT_BYTES {
            let mut folded = false;
            for stream in &mut self.streams {
                folded |= stream.tree.fold(write)?;
            }
            for side in &mut self.side {
                folded |= side.tree.fold(write)?;
            }
            if !folded {
                break;
            }
        }
        Ok(())
    }

    /// The root, without metadata.
    pub(crate) fn root(&self) -> Root {
        let streams = self.streams.iter().map(|s| StreamRoot {
            declaration: s.declaration.clone(),
            summary: s.summary.clone(),
            tree: s.tree.tree().clone(),
        });
        let side = self.side.iter().map(|s| SideRoot {
            span: s.tree.tree().span(),
            tree: s.tree.tree().clone(),
            ..s.root.clone()
        });
        Root {
            header: self.header,
            streams: streams.collect(),
            side: side.collect(),
            ..Root::default()
        }
    }
}
