//! A part of a file into another one: chunks that lie wholly inside are copied as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use evz_codec::by_id;
use evz_core::{EventBatch, EventIndex, Note, Noticed, Report, Result, Selection};

use super::{EncodedChunk, EvzSink};
use crate::index::Leaf;
use crate::join::chunk_as_it_is;
use crate::reader::{Reader, SideFeed, notes_of};
use crate::steps::Piece;
use crate::wire::{Bins, ChunkEntry};

impl EvzSink {
    /// Whether [`EvzSink::copy`] can copy this: a part by time or event numbers, of event stream 0, whose
    /// number stands in its chunks.
    pub fn can_copy(file: &Reader, selection: &Selection) -> bool {
        let part = Selection {
            time: selection.time.clone(),
            events: selection.events.clone(),
            ..Selection::default()
        };
        file.is_first_stream() && *selection == part
    }

    /// Writes a part of a file, with the rows of its side streams of that time. Chunks all of whose events
    /// are wanted are copied with their checksums looked at; those at the borders are decoded, cut and
    /// encoded by the codec that they had. `passed` is told how many events were written each time, and
    /// the number of the event behind them. Returns how many rows of which side streams came along.
    ///
    /// What is left of a chunk at a border becomes a chunk of its own, however short: to fill it up, all that
    /// follow would have to be decoded. There are two of them in a recording in order, some hundred bytes.
    ///
    /// # Errors
    /// If a chunk that is needed is damaged, or the output cannot be written.
    pub fn copy(
        &mut self,
        file: &Reader,
        selection: &Selection,
        mut passed: impl FnMut(usize, u64),
    ) -> Result<BTreeMap<String, u64>> {
        let mut activity = ActivityOf::default();
        for piece in file.pieces(selection) {
            let piece = piece?;
            let entry = piece.entry();
            let end = entry.first_event + piece.range().end as u64;
            if piece.is_all() {
                self.writer.write_all_chunks()?;
                let bins = activity.of(file, &piece)?;
                let chunk = chunk_as_it_is(file, entry, piece.chunk(), bins);
                let chunk = chunk.map_err(|e| file.blame(e))?;
                let start = entry.first_event;
                self.noticed.add_at(&noticed(file, &piece, &chunk)?, start);
                self.writer.write_chunk(&chunk)?;
                passed(piece.range().len(), end);
            } else {
                let events = file.decoded(selection, &piece)?;
                let codec = by_id(entry.codec).filter(|codec| codec.id() != self.writer.codec.id());
                if let Some(codec) = codec {
                    self.writer.write_all_chunks()?;
                    self.writer.codec = codec;
                }
                self.writer.write_batch(events.as_slice())?;
                let start = entry.first_event + piece.range().start as u64;
                self.noticed
                    .add_at(&Noticed::of(events.as_slice(), file.info().size), start);
                passed(events.len(), end);
            }
        }
        self.writer.write_all_chunks()?;
        self.copy_side(file, selection)
    }

    fn copy_side(&mut self, file: &Reader, selection: &Selection) -> Result<BTreeMap<String, u64>> {
        let mut side = SideFeed::new(file.clone(), selection.time.clone());
        let mut copied = BTreeMap::new();
        while let Some(mut rows) = side.next_to(i64::MAX)? {
            // Other event streams, which the rows may be of, are not in the output.
            rows.of = None;
            *copied.entry(rows.stream.clone()).or_default() += rows.len() as u64;
            self.side.write(&mut self.writer, rows)?;
        }
        self.lost = side.lost();
        Ok(copied)
    }

    /// What there is to say of this part, which was copied.
    pub fn report(&self, file: &Reader, selection: &Selection) -> Report {
        let mut report = EventIndex::report(file);
        let of_events =
            |note: &Note| matches!(note, Note::Backwards { .. } | Note::BeyondSensor { .. });
        report.notes.retain(|note| !of_events(note));
        report
            .notes
            .extend(notes_of(file, selection, &self.noticed));
        report.losses.extend(self.lost.clone());
        report
    }
}

/// What is noticed in a chunk that is copied. Only one whose head does not say that there is nothing is
/// decoded for that.
fn noticed(file: &Reader, piece: &Piece, chunk: &EncodedChunk) -> Result<Noticed> {
    let (head, size) = (&chunk.head, file.info().size);
    let inside = size.is_none_or(|size| size.contains(head.x_max, head.y_max));
    if !head.sorted() || !inside {
        let events = file.decoded(&Selection::default(), piece)?;
        return Ok(Noticed::of(events.as_slice(), size));
    }
    let ends = EventBatch {
        t: vec![head.t_first, chunk.t_last],
        x: vec![head.x_min, head.x_max],
        y: vec![head.y_min, head.y_max],
        p: vec![0, 0],
        ..EventBatch::default()
    };
    Ok(Noticed::of(ends.as_slice(), size))
}

/// The activity of the leaf that was asked for last.
#[derive(Default)]
struct ActivityOf {
    leaf: Option<Arc<Leaf<ChunkEntry>>>,
    bins: Option<Vec<Bins>>,
}

impl ActivityOf {
    fn of(&mut self, file: &Reader, piece: &Piece) -> Result<Option<Bins>> {
        let (leaf, index) = piece.place_in_leaf();
        if !self
            .leaf
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, leaf))
        {
            self.bins = file.activity_if_whole(leaf)?;
            self.leaf = Some(leaf.clone());
        }
        file.activity_to_copy(leaf, self.bins.as_deref(), index)
    }
}
