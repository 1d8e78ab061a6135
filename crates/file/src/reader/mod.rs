//! An open file.

mod activity;
mod batches;
mod compressed;
mod event_index;
mod options;
mod pieces;
mod side;
mod side_feed;
mod window;

use std::sync::Arc;

use evz_codec::by_id;
use evz_core::{Error, ReadAt, Result, StreamInfo};

pub use batches::Batches;
pub use compressed::{CompressedChunk, ListedChunk};
pub use options::ReadOptions;
pub use side::SideBatch;
pub(crate) use side::unpacked;
pub(crate) use side_feed::SideFeed;

use crate::index::{Index, Leaf};
use crate::steps::{Chunk, ChunkSteps, RecordSteps, run};
use crate::wire::{FILE_SORTED, FileHeader, IndexRoot, Kind};

/// An open file. Cheap to clone; clones share the file and its index, and many threads may take
/// windows at once.
#[derive(Clone)]
pub struct Reader(Arc<Inner>);

struct Inner {
    index: Arc<Index>,
    bytes: Arc<dyn ReadAt>,
    name: String,
}

impl Reader {
    fn new(index: Index, bytes: Arc<dyn ReadAt>, name: String) -> Self {
        Self(Arc::new(Inner {
            index: Arc::new(index),
            bytes,
            name,
        }))
    }

    /// Time base, sensor and metadata.
    pub fn info(&self) -> &StreamInfo {
        self.index().info()
    }

    /// The header at the start of the file.
    pub fn header(&self) -> &FileHeader {
        self.index().header()
    }

    /// The root of the index: sums over the whole file.
    pub fn root(&self) -> &IndexRoot {
        self.index().root()
    }

    /// Number of events.
    pub fn n_events(&self) -> u64 {
        self.root().head.n_events
    }

    /// Whether no event is earlier than the one before it.
    pub fn sorted(&self) -> bool {
        self.root().head.flags & FILE_SORTED != 0
    }

    /// Bytes of the file.
    pub fn file_len(&self) -> u64 {
        self.index().file_len()
    }

    /// The profiles that the chunks were encoded with, each once, in the order in which they first
    /// appear.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn profiles(&self) -> Result<Vec<String>> {
        let mut codecs = Vec::new();
        for leaf in self.leaves() {
            for entry in &leaf?.entries {
                if !codecs.contains(&entry.codec) {
                    codecs.push(entry.codec);
                }
            }
        }
        let name = |id: u16| match by_id(id) {
            Some(codec) => codec.name().to_owned(),
            None => format!("codec {id}"),
        };
        Ok(codecs.into_iter().map(name).collect())
    }

    pub(crate) fn index(&self) -> &Arc<Index> {
        &self.0.index
    }

    pub(crate) fn bytes(&self) -> &dyn ReadAt {
        &*self.0.bytes
    }

    /// Names the file in an error, and the way out where there is one.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error.recoverable().within(&self.0.name)
    }

    /// The leaves of the index; an error names the file.
    fn leaves(&self) -> impl Iterator<Item = Result<Arc<Leaf>>> {
        let numbers = 0..self.root().leaves.len();
        numbers.map(|number| self.leaf(number).map_err(|e| self.blame(e)))
    }

    /// Leaf `number` of the index; an error does not name the file yet.
    pub(crate) fn leaf(&self, number: usize) -> Result<Arc<Leaf>> {
        if let Some(leaf) = self.index().leaves.get(number) {
            return Ok(leaf);
        }
        let r = &self.root().leaves[number];
        let body = self.record(Kind::IndexLeaf, r.offset, r.body_len)?;
        self.index().keep_leaf(number, &body)
    }

    /// The body of a record.
    pub(crate) fn record(&self, kind: Kind, offset: u64, body_len: u64) -> Result<Vec<u8>> {
        let mut record = RecordSteps::new(kind, offset, body_len, self.file_len())?;
        run(&mut record, self.bytes())
    }

    fn take(&self, mut steps: ChunkSteps) -> Result<Chunk> {
        run(&mut steps, self.bytes())
    }
}
