//! Taking the events of a selection once it is known how many there are.

use evz_core::{ColumnsMut, Error, EventBatch, Result, Selection, ValuesMut};

use super::Reader;
use crate::steps::{Out, Piece};

/// A selection that was looked up in the index, before its events are read.
pub struct Found {
    reader: Reader,
    selection: Selection,
    pieces: Vec<Piece>,
    total: usize,
    exact: bool,
}

impl Reader {
    /// Looks up where the selected events are. Who brings the memory that they are read into learns
    /// here how much it takes; others call [`Reader::read`].
    ///
    /// # Errors
    /// If the index is damaged, or a chunk that holds the first or the last event.
    pub fn find(&self, selection: &Selection) -> Result<Found> {
        let pieces = self.pieces(selection).collect::<Result<Vec<_>>>()?;
        Ok(Found {
            reader: self.clone(),
            selection: selection.clone(),
            total: pieces.iter().map(|p| p.range().len()).sum(),
            exact: !pieces.iter().any(|p| p.must_look(selection)),
            pieces,
        })
    }
}

impl Found {
    /// How many events there are; none where each has to be looked at.
    pub fn n_events(&self) -> Option<usize> {
        self.exact.then_some(self.total)
    }

    /// The same without the chunks that were taken to find it, which are taken again when it is read: for
    /// who looks up many before reading the first.
    #[must_use]
    pub fn without_chunks(mut self) -> Self {
        self.pieces.iter_mut().for_each(Piece::forget_chunk);
        self
    }

    /// Reads the events into columns of their number: of t, x, y and p those that are there, of the
    /// further columns one for each that the recording has, none for those that are not wanted.
    ///
    /// # Errors
    /// If a chunk is damaged, or the columns have another length.
    pub fn read_into(
        &self,
        columns: ColumnsMut<'_>,
        extra: Vec<Option<ValuesMut<'_>>>,
    ) -> Result<()> {
        let n = self.total;
        let fits = |len: Option<usize>| len.is_none_or(|len| len == n);
        let ColumnsMut { t, x, y, p } = &columns;
        let lens = [
            t.as_ref().map(|c| c.len()),
            x.as_ref().map(|c| c.len()),
            y.as_ref().map(|c| c.len()),
            p.as_ref().map(|c| c.len()),
        ];
        let extra_fits = |v: &ValuesMut<'_>| v.bytes.len() == n * v.column_type.size();
        let fit = lens.into_iter().all(fits) && extra.iter().flatten().all(extra_fits);
        if !self.exact || !fit || extra.len() != self.reader.info().columns.len() {
            let what = format!("columns to read {n} events into that are not of this length");
            return Err(Error::invalid(what));
        }
        self.reader
            .decode_all(&self.pieces, n, Out { columns, extra })
    }

    /// The same as [`Reader::read`].
    ///
    /// # Errors
    /// As that.
    pub fn read(&self, batch: &mut EventBatch) -> Result<()> {
        let Self {
            reader,
            selection,
            pieces,
            total,
            exact,
        } = self;
        match exact {
            true => reader.read_whole(selection.columns, pieces, *total, batch),
            false => reader.read_looking(selection, pieces, *total, batch),
        }
    }
}
