//! The index in memory: leaves that are searched by time and by event number.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{Error, Place, Result, StreamInfo};

use crate::limits::MAX_CHUNK_EVENTS;
use crate::wire::{ChunkEntry, FileHeader, IndexRoot, LeafRef, read_leaf};

/// Leaves kept decoded: 34 M events and 130 kB each, as the writer makes them.
const CACHED_LEAVES: usize = 32;

/// What is known of a file once it is open: all but its events, its side streams and the leaves of
/// its index, of which those used last are kept.
pub struct Index {
    pub(crate) header: FileHeader,
    pub(crate) info: StreamInfo,
    pub(crate) root: IndexRoot,
    pub(crate) file_len: u64,
    pub(crate) leaves: LeafCache,
}

impl Index {
    /// Time base, sensor and metadata.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// The header at the start of the file.
    pub fn header(&self) -> &FileHeader {
        &self.header
    }

    /// The root of the index: sums over the whole file.
    pub fn root(&self) -> &IndexRoot {
        &self.root
    }

    /// Bytes of the file.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// Leaf `number` out of the body of its record, and kept.
    pub(crate) fn keep_leaf(&self, number: usize, body: &[u8]) -> Result<Arc<Leaf>> {
        let expected = &self.root.leaves[number];
        let leaf = read_leaf(body).and_then(|entries| Leaf::new(entries, expected, self.file_len));
        let place = || Place::part("index leaf").with_byte(expected.offset);
        let leaf = Arc::new(leaf.map_err(|e| e.within(place()))?);
        self.leaves.put(number, leaf.clone());
        Ok(leaf)
    }
}

/// A decoded leaf with what makes it searchable by time, whether or not times are in order.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) entries: Vec<ChunkEntry>,
    pub(crate) first_chunk: u64,
    /// Bytes of the file that it is the index of.
    pub(crate) file_len: u64,
    /// Latest time of the chunks up to and with this one: never decreases.
    latest_so_far: Vec<i64>,
    /// Earliest time of the chunks from this one on: never decreases.
    earliest_from: Vec<i64>,
}

impl Leaf {
    /// The leaf of these entries, which must be what the root says of it.
    fn new(entries: Vec<ChunkEntry>, expected: &LeafRef, file_len: u64) -> Result<Self> {
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
            if e.n_events > MAX_CHUNK_EVENTS {
                let what = format!(
                    "its entry {i} is of {} events; a chunk holds 1 to {MAX_CHUNK_EVENTS}",
                    e.n_events
                );
                return Err(Error::limit("", what));
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
            file_len,
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
    /// Leaf `number`, if it is kept.
    pub(crate) fn get(&self, number: usize) -> Option<Arc<Leaf>> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        let at = leaves.iter().position(|(n, _)| *n == number)?;
        leaves[..=at].rotate_right(1);
        Some(leaves[0].1.clone())
    }

    fn put(&self, number: usize, leaf: Arc<Leaf>) {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        leaves.truncate(CACHED_LEAVES - 1);
        leaves.insert(0, (number, leaf));
    }
}
