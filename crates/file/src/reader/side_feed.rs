//! Rows of side streams that are passed on beside events, as their time comes.

use std::iter::Peekable;
use std::ops::Range;

use evz_core::{Loss, LossKind, Result, SideRows, window_holds};

use super::Reader;
use crate::wire::{BatchEntry, SideDeclaration};

/// The rows of all side streams of a file, or those of a time.
pub(crate) struct SideFeed {
    reader: Reader,
    time: Option<Range<i64>>,
    /// What is left of each stream; none before the first rows are asked for.
    streams: Option<Vec<Stream>>,
    /// Batches that cannot be read, which the events do not need: how many, and the first few.
    lost: (u64, Vec<String>),
}

struct Stream {
    position: usize,
    /// Its schema, once the first rows were read.
    declared: Option<SideDeclaration>,
    left: Peekable<Entries>,
}

/// The batches of a stream; an error is one of the index.
type Entries = Box<dyn Iterator<Item = Result<BatchEntry>> + Send>;

impl SideFeed {
    pub(crate) fn new(reader: Reader, time: Option<Range<i64>>) -> Self {
        Self {
            reader,
            time,
            streams: None,
            lost: (0, Vec::new()),
        }
    }

    /// The names of the streams.
    pub(crate) fn streams(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, stream) in self.reader.side_streams_beside() {
            let name = &stream.name;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The next rows of those batches that begin at this time or before.
    pub(crate) fn next_to(&mut self, time: i64) -> Result<Option<SideRows>> {
        if self.streams.is_none() {
            self.streams = Some(self.find());
        }
        let Self {
            reader,
            streams,
            lost,
            ..
        } = self;
        for stream in streams.iter_mut().flatten() {
            let due = |next: &Result<BatchEntry>| next.as_ref().map_or(true, |e| e.t_min <= time);
            while let Some(next) = stream.left.next_if(due) {
                let rows = next.map_err(|e| reader.blame(e)).and_then(|next| {
                    reader.side_rows_of(stream.position, &next, &mut stream.declared)
                });
                let mut rows = match rows {
                    Ok(rows) => rows,
                    Err(error) if error.is_of_the_machine() => return Err(error),
                    Err(error) => {
                        lost.0 += 1;
                        if lost.1.len() < Loss::MAX_EXAMPLES {
                            lost.1.push(error.to_string());
                        }
                        continue;
                    }
                };
                if let Some(time) = &self.time {
                    rows.retain(|t| window_holds(time, t));
                }
                if !rows.is_empty() {
                    return Ok(Some(rows));
                }
            }
        }
        Ok(None)
    }

    /// What could not be read.
    pub(crate) fn lost(&self) -> Option<Loss> {
        let what = "batches of side streams that cannot be read";
        let (count, examples) = &self.lost;
        let loss = Loss::new(LossKind::Damaged, what, *count).with_examples(examples.clone());
        (*count > 0).then_some(loss)
    }

    fn find(&self) -> Vec<Stream> {
        let streams = self.reader.side_streams_beside();
        let streams = streams.map(|(position, _)| {
            let entries = self.reader.side_refs(position, self.time.as_ref());
            let entries: Entries = Box::new(entries);
            Stream {
                position,
                declared: None,
                left: entries.peekable(),
            }
        });
        streams.collect()
    }
}
