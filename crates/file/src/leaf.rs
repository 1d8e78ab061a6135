//! Leaves of the index in memory, searched by time and by event number.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use evz_core::{Error, Result};

use crate::wire::{ChunkEntry, LeafRef};

/// Leaves kept decoded: 34 M events and 130 kB each, as the writer makes them.
const CACHED_LEAVES: usize = 32;

/// A decoded leaf with what makes it searchable by time, whether or not times are in order.
pub(crate) struct Leaf {
    pub(crate) entries: Vec<ChunkEntry>,
    pub(crate) first_chunk: u64,
    /// Latest time of the chunks up to and with this one: never decreases.
    latest_so_far: Vec<i64>,
    /// Earliest time of the chunks from this one on: never decreases.
    earliest_from: Vec<i64>,
}

impl Leaf {
    /// The leaf of these entries, which must be what the root says of it.
    pub(crate) fn new(entries: Vec<ChunkEntry>, expected: &LeafRef) -> Result<Self> {
        let mut number = expected.first_event;
        for (i, e) in entries.iter().enumerate() {
            if e.first_event != number || e.n_events == 0 {
                return Err(Error::corrupt(
                    "",
                    format!(
                        "its entry {i} starts at event {}, expected {number}",
                        e.first_event
                    ),
                ));
            }
            number += u64::from(e.n_events);
        }
        if entries.len() as u64 != expected.n_chunks
            || number - expected.first_event != expected.n_events
        {
            return Err(Error::corrupt(
                "",
                "it holds other numbers than the root says",
            ));
        }
        let mut latest_so_far: Vec<i64> = entries.iter().map(|e| e.t_max).collect();
        let mut earliest_from: Vec<i64> = entries.iter().map(|e| e.t_min).collect();
        for i in 1..entries.len() {
            latest_so_far[i] = latest_so_far[i].max(latest_so_far[i - 1]);
        }
        for i in (1..entries.len()).rev() {
            earliest_from[i - 1] = earliest_from[i - 1].min(earliest_from[i]);
        }
        Ok(Self {
            entries,
            first_chunk: expected.first_chunk,
            latest_so_far,
            earliest_from,
        })
    }

    /// The chunks outside which no time of `[start, end)` can be.
    pub(crate) fn chunks_at(&self, time: &Range<i64>) -> Range<usize> {
        let start = self.latest_so_far.partition_point(|t| *t < time.start);
        let end = self.earliest_from.partition_point(|t| *t < time.end);
        start..end.max(start)
    }

    /// The chunks that hold the events of these numbers.
    pub(crate) fn chunks_of(&self, events: &Range<u64>) -> Range<usize> {
        let after = |e: &ChunkEntry| e.first_event + u64::from(e.n_events);
        let start = self.entries.partition_point(|e| after(e) <= events.start);
        let end = self.entries.partition_point(|e| e.first_event < events.end);
        start..end.max(start)
    }
}

/// The leaves used last.
#[derive(Default)]
pub(crate) struct LeafCache {
    leaves: Mutex<Vec<(usize, Arc<Leaf>)>>,
}

impl LeafCache {
    /// Leaf `number`, from the cache or by `load`.
    pub(crate) fn get(
        &self,
        number: usize,
        load: impl FnOnce() -> Result<Leaf>,
    ) -> Result<Arc<Leaf>> {
        {
            let mut leaves = self.leaves.lock().unwrap_or_else(|e| e.into_inner());
            if let Some(at) = leaves.iter().position(|(n, _)| *n == number) {
                leaves[..=at].rotate_right(1);
                return Ok(leaves[0].1.clone());
            }
        }
        let leaf = Arc::new(load()?);
        let mut leaves = self.leaves.lock().unwrap_or_else(|e| e.into_inner());
        leaves.truncate(CACHED_LEAVES - 1);
        leaves.insert(0, (number, leaf.clone()));
        Ok(leaf)
    }
}
