//! How many events there are when, from the index alone where its records of that are whole.

use std::sync::PoisonError;

use evz_core::{
    Columns, Error, EventBatch, Loss, LossKind, Memory, Place, Result, Selection, WayOut,
};

use super::Reader;
use crate::index::Leaf;
use crate::limits::ACTIVITY_BINS;
use crate::wire::{Bins, ChunkEntry, Entry, Kind, RecordRef, TreeId, read_activity};
use crate::writer::activity;

/// What is damaged, and what is done without it.
const RECORDS: &str = "records of activity that are damaged, whose events were counted instead";
const CHUNKS: &str = "chunks that are damaged, whose events count as spread evenly over their time";

impl Reader {
    /// How many events fall into each of `bins` equal parts of the time from the earliest to the
    /// latest event; within a 32nd of a chunk they count as evenly spread. Where the record that tells of
    /// chunks is damaged their events are counted; those of a chunk that is damaged too, or of which no record
    /// tells, count as spread evenly over its time. [`Reader::lost_activity`] has what was damaged.
    ///
    /// # Errors
    /// If the index is damaged otherwise, a read fails, or there is no memory for so many bins.
    pub fn activity(&self, bins: usize) -> Result<Vec<f64>> {
        let span = self.summary().span;
        let place = || Place::file(self.name());
        let what = format!("the rate in {bins} bins");
        let bytes = (bins as u64).saturating_mul(size_of::<f64>() as u64);
        let _memory = Memory::take(bytes, &what, place())?;
        let mut counts = Vec::new();
        (counts.try_reserve_exact(bins))
            .map_err(|_| Error::limit(place(), format!("the system has no memory for {what}")))?;
        counts.resize(bins, 0.0);
        if span.n_rows == 0 || bins == 0 {
            return Ok(counts);
        }
        let len = (i128::from(span.t_max) - i128::from(span.t_min) + 1) as f64;
        for leaf in self.leaves() {
            let leaf = leaf?;
            let known = self.activity_if_whole(&leaf)?;
            for (k, e) in leaf.entries.iter().enumerate() {
                let chunk = match &known {
                    Some(chunks) => chunks[k],
                    None => self.counted(e)?,
                };
                let start = (i128::from(e.t_min) - i128::from(span.t_min)) as f64;
                let step = (i128::from(e.t_max) - i128::from(e.t_min) + 1) as f64
                    / f64::from(ACTIVITY_BINS);
                for (i, n) in chunk.iter().enumerate().filter(|(_, n)| **n > 0) {
                    let from = (start + i as f64 * step) / len * bins as f64;
                    let to = (start + (i + 1) as f64 * step) / len * bins as f64;
                    spread(&mut counts, from, to, f64::from(*n));
                }
            }
        }
        Ok(counts)
    }

    /// The records of activity of the event stream that were found damaged since the file was opened, and the
    /// chunks that could not be counted instead. The records sum up events, which are all there.
    pub fn lost_activity(&self) -> Vec<Loss> {
        let lost = self.inner.lost_activity.lock();
        let lost = lost.unwrap_or_else(PoisonError::into_inner);
        let id = self.streams()[self.stream].declaration.id;
        let of = |what| {
            let found = || lost.range((what, id, 0)..=(what, id, u64::MAX));
            let examples = found().map(|(_, why)| why).take(Loss::MAX_EXAMPLES);
            let count = found().count() as u64;
            let loss = Loss::new(LossKind::Damaged, what, count).with_examples(examples);
            (count > 0).then_some(loss)
        };
        [RECORDS, CHUNKS].into_iter().filter_map(of).collect()
    }

    /// How many events of the chunks of a leaf there are when, if the file has that.
    pub(crate) fn activity_of<E: Entry>(&self, leaf: &Leaf<E>) -> Result<Option<Vec<Bins>>> {
        self.activity_in(leaf.id, leaf.activity, &leaf.entries)
    }

    /// The same of these chunks of a tree, as this record has it.
    pub(crate) fn activity_in<E: Entry>(
        &self,
        id: TreeId,
        record: Option<RecordRef>,
        entries: &[E],
    ) -> Result<Option<Vec<Bins>>> {
        let Some(record) = record else {
            return Ok(None);
        };
        let place = || Place::part("activity").with_byte(record.offset);
        let read = || {
            let events: Vec<u32> = entries.iter().map(|e| e.n_rows() as u32).collect();
            let body = self.record(Kind::Activity, record, 0)?;
            read_activity(&body, id.stream, &events)
        };
        read().map(Some).map_err(|e| e.within(place()))
    }

    /// The same for who can do without: none where the record is damaged, which is noted.
    pub(crate) fn activity_if_whole<E: Entry>(&self, leaf: &Leaf<E>) -> Result<Option<Vec<Bins>>> {
        let error = match self.activity_of(leaf) {
            Err(error) if !error.is_of_the_machine() => error,
            known => return known.map_err(|e| self.blame(e)),
        };
        let at = leaf.activity.map_or(0, |record| record.offset);
        self.note_lost((RECORDS, leaf.id.stream, at), &self.blame_summary(error));
        Ok(None)
    }

    /// The activity of a chunk of a leaf for a copy of it, of which this is known: where the record is damaged,
    /// its events are counted.
    pub(crate) fn activity_to_copy(
        &self,
        leaf: &Leaf<ChunkEntry>,
        known: Option<&[Bins]>,
        index: usize,
    ) -> Result<Option<Bins>> {
        match known {
            None if leaf.activity.is_some() => self.counted(&leaf.entries[index]).map(Some),
            known => Ok(known.map(|bins| bins[index])),
        }
    }

    /// Keeps that something is damaged, once however often it is met.
    fn note_lost(&self, what: (&'static str, u16, u64), why: &Error) {
        let lost = self.inner.lost_activity.lock();
        let mut lost = lost.unwrap_or_else(PoisonError::into_inner);
        lost.entry(what).or_insert_with(|| why.to_string());
    }

    /// Names the file in an error about what only sums up its events, and what makes that anew.
    fn blame_summary(&self, error: Error) -> Error {
        match self.is_index() {
            true => error.with_way_out(WayOut::Index).within(self.name()),
            false => self.blame(error),
        }
    }

    /// The activity of a chunk of which the file has none.
    fn counted(&self, e: &ChunkEntry) -> Result<Bins> {
        let events = e.first_event..e.first_event + u64::from(e.n_events);
        let selection = Selection::default()
            .with_events(events)
            .with_columns(Columns::T);
        let mut batch = EventBatch::default();
        match self.read(&selection, &mut batch) {
            Ok(()) => Ok(activity(&batch.t, e.sorted(), e.t_min, e.t_max)),
            Err(error) if error.is_of_the_machine() => Err(error),
            Err(error) => {
                let id = self.streams()[self.stream].declaration.id;
                self.note_lost((CHUNKS, id, e.offset), &error);
                Ok(evenly(e.n_events))
            }
        }
    }
}

/// So many events spread evenly.
fn evenly(n: u32) -> Bins {
    let up_to = |bin: usize| (u64::from(n) * bin as u64 / u64::from(ACTIVITY_BINS)) as u32;
    std::array::from_fn(|bin| up_to(bin + 1) - up_to(bin))
}

/// Adds `n` to the bins between `from` and `to`, in proportion to what each covers.
fn spread(counts: &mut [f64], from: f64, to: f64, n: f64) {
    let last = counts.len() - 1;
    let (first_bin, last_bin) = ((from as usize).min(last), (to as usize).min(last));
    if first_bin == last_bin {
        counts[first_bin] += n;
        return;
    }
    let bins = counts.iter_mut().enumerate();
    for (b, count) in bins.take(last_bin + 1).skip(first_bin) {
        let covered = (to.min((b + 1) as f64) - from.max(b as f64)).max(0.0);
        *count += n * covered / (to - from);
    }
}
