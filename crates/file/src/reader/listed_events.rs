//! What is told of a listed chunk, from its head or from its events.

use evz_core::{EventBatch, Result, Selection};

use super::{ListedChunk, Reader};
use crate::steps::{ChunkSteps, Part};
use crate::wire::ChunkHead;

impl Reader {
    /// Whether bytes of the file cost next to nothing to ask for: of one that is elsewhere, many at once
    /// are better than few often.
    pub fn is_near(&self) -> bool {
        self.bytes().is_near()
    }
}

impl ListedChunk {
    /// Whether all of its events are selected, as far as times and numbers select.
    pub fn is_all(&self) -> bool {
        self.piece.is_all()
    }

    /// What it says of its events, which are not decoded.
    ///
    /// # Errors
    /// If its head is damaged.
    pub fn head(&self) -> Result<ChunkHead> {
        let (leaf, index) = self.piece.place_in_leaf();
        let front = ChunkSteps::new(leaf.clone(), index, Part::Front);
        let chunk = self.reader.take(front);
        let chunk = chunk.map_err(|e| self.reader.blame(e))?;
        Ok(*chunk.head())
    }

    /// Replaces the contents of `batch` by its events of the selection that it was listed for, the
    /// wanted columns alone.
    ///
    /// # Errors
    /// If it is damaged; `batch` then holds nothing to rely on.
    pub fn read_events(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        let n = self.reader.read_piece(selection, &self.piece, batch, 0)?;
        batch.resize(n, selection.columns);
        Ok(())
    }
}
