//! Taking all events of a selection at once.

use evz_core::{Columns, Error, EventBatch, Result, Selection, parallel};

use super::Reader;
use crate::steps::{Out, Piece};

/// Fewer events than this are decoded on the calling thread: waking others would take longer.
const PARALLEL_EVENTS: usize = 32_768;
/// Events that memory is written for before they are decoded: an index that claims more than there
/// is fails before it takes the memory of all that it claims.
const EVENTS_AT_ONCE: usize = 1 << 24;

impl Reader {
    /// Replaces the contents of `batch` by the selected events, in the order of the recording.
    /// Memory grows with what is selected; [`Reader::batches`] streams.
    ///
    /// # Errors
    /// If a chunk that the selection needs is damaged; `batch` then holds nothing to rely on.
    pub fn read(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        self.find(selection)?.read(batch)
    }

    /// Pieces all of whose events are selected, straight into the batch.
    pub(super) fn read_whole(
        &self,
        columns: Columns,
        pieces: &[Piece],
        total: usize,
        batch: &mut EventBatch,
    ) -> Result<()> {
        batch.shape(&self.info().columns);
        reserve(batch, total, columns)?;
        let (mut rest, mut end) = (pieces, 0);
        loop {
            let (before, mut taken) = (end, 0);
            while taken < rest.len() && end - before < EVENTS_AT_ONCE {
                end += rest[taken].range().len();
                taken += 1;
            }
            // What the batch held stays until it is written over.
            batch.resize(batch.len().min(total).max(end), columns);
            let filled = batch.len();
            let (_, out) = Out::of(batch, 0..filled, columns).split_at(before);
            self.decode_all(&rest[..taken], total, out)?;
            rest = &rest[taken..];
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Pieces of a selection of `total` events, one behind the other into columns that have room for
    /// theirs.
    pub(super) fn decode_all(
        &self,
        pieces: &[Piece],
        total: usize,
        mut out: Out<'_>,
    ) -> Result<()> {
        let mut jobs = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (head, tail) = out.split_at(piece.range().len());
            jobs.push((piece, head));
            out = tail;
        }
        let work = |(piece, out): (&Piece, Out<'_>)| self.decode(piece, out);
        match total < PARALLEL_EVENTS {
            true => jobs.into_iter().try_for_each(work),
            false => parallel::try_each(jobs, work),
        }
    }

    /// Pieces whose events have to be looked at one by one.
    pub(super) fn read_looking(
        &self,
        selection: &Selection,
        pieces: &[Piece],
        total: usize,
        batch: &mut EventBatch,
    ) -> Result<()> {
        if total < PARALLEL_EVENTS {
            let mut n = 0;
            for piece in pieces {
                n = self.read_piece(selection, piece, batch, n)?;
            }
            batch.resize(n, selection.columns);
            return Ok(());
        }
        let parts = parallel::try_map(pieces, |piece| self.decoded(selection, piece))?;
        batch.clear_for(&self.info().columns);
        parts.iter().for_each(|part| batch.extend(part.as_slice()));
        Ok(())
    }

    fn decode(&self, piece: &Piece, out: Out<'_>) -> Result<()> {
        piece
            .with_chunk(self.bytes(), |chunk| {
                chunk.read(piece.range(), out, self.bytes())
            })
            .map_err(|e| self.blame(e))
    }

    /// As [`Piece::read_behind`].
    pub(super) fn read_piece(
        &self,
        selection: &Selection,
        piece: &Piece,
        batch: &mut EventBatch,
        before: usize,
    ) -> Result<usize> {
        piece
            .with_chunk(self.bytes(), |chunk| {
                let decode = |out: Out<'_>| chunk.read(piece.range(), out, self.bytes());
                piece.read_behind(selection, batch, before, decode)
            })
            .map_err(|e| self.blame(e))
    }

    /// The selected events of a piece, the wanted columns alone.
    pub(crate) fn decoded(&self, selection: &Selection, piece: &Piece) -> Result<EventBatch> {
        let mut batch = EventBatch::default();
        let n = self.read_piece(selection, piece, &mut batch, 0)?;
        batch.resize(n, selection.columns);
        Ok(batch)
    }
}

/// Sees that there may be memory for so many events; nothing is written there yet.
fn reserve(batch: &mut EventBatch, n: usize, columns: Columns) -> Result<()> {
    fn more<T>(column: &mut Vec<T>, n: usize, wanted: bool) -> bool {
        let more = n.saturating_sub(column.len());
        !wanted || column.try_reserve_exact(more).is_ok()
    }
    let there = more(&mut batch.t, n, columns.t)
        && more(&mut batch.x, n, columns.x)
        && more(&mut batch.y, n, columns.y)
        && more(&mut batch.p, n, columns.p)
        && (batch.extra.iter_mut().enumerate())
            .all(|(i, values)| !columns.extra.contains(i) || values.try_reserve(n));
    match there {
        true => Ok(()),
        false => {
            let what = format!("{n} events take more memory than there is");
            Err(Error::limit("", what).advise("read them in batches"))
        }
    }
}
