//! Putting a recording of any length in order of time, with bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::BufWriter;

use evz_codec::FAST;
use evz_core::{
    Error, EventBatch, EventSource, Metadata, Progress, Report, Result, Selection, SideRows,
    StreamInfo,
};

use crate::read::ReadOptions;
use crate::window::Batches;
use crate::write::WriteOptions;

/// Events sorted in memory at a time: 100 MB with their order.
const RUN_EVENTS: usize = 1 << 22;
/// Events in a chunk of a run: with hundreds of runs, what is decoded ahead of each must be little.
const RUN_CHUNK_EVENTS: u32 = 1 << 12;
/// Runs that are merged at once; more of them are first merged into one, so that neither open files
/// nor what is decoded of each grows with the recording.
const MAX_RUNS: usize = 64;
/// Events in a batch that the merge gives.
const BATCH_EVENTS: usize = 1 << 16;

/// The events of another source in order of time; events of the same time keep their order.
///
/// Sorted runs wait in temporary files and are merged as they are read, so memory is bounded by one
/// run and by a few small chunks of 64 others.
pub struct SortedSource {
    source: Box<dyn EventSource>,
    run_events: usize,
    merge: Option<Merge>,
}

impl SortedSource {
    /// Sorts `source` when the first batch is asked for.
    pub fn new(source: Box<dyn EventSource>) -> Self {
        Self {
            source,
            run_events: RUN_EVENTS,
            merge: None,
        }
    }

    fn make_runs(&mut self) -> Result<Merge> {
        let info = self.source.info().clone();
        let mut runs = Vec::new();
        let mut unsorted = EventBatch::with_capacity(self.run_events);
        let mut batch = EventBatch::default();
        loop {
            let n = self.source.read_batch(&mut batch)?;
            unsorted.extend(batch.as_slice());
            if unsorted.len() >= self.run_events || (n == 0 && !unsorted.is_empty()) {
                runs.push(Run::sort(&unsorted, &info)?);
                unsorted.clear();
            }
            if n == 0 {
                return Merge::new(runs);
            }
            if runs.len() == MAX_RUNS {
                runs = vec![Run::merge(runs, &info)?];
            }
        }
    }
}

impl EventSource for SortedSource {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        let mut merge = match self.merge.take() {
            Some(merge) => merge,
            None => self.make_runs()?,
        };
        let n = merge.read_batch(batch)?;
        self.merge = Some(merge);
        Ok(n)
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.source.take_side_rows()
    }

    fn report(&self) -> Report {
        self.source.report()
    }

    fn closing_metadata(&self) -> Metadata {
        self.source.closing_metadata()
    }

    fn progress(&self) -> Option<Progress> {
        self.source.progress()
    }
}

/// Part of the recording, in order, in a temporary file that nobody else sees.
struct Run {
    batches: Batches,
    current: EventBatch,
    at: usize,
}

impl Run {
    /// The events in order, written in parts.
    fn sort(events: &EventBatch, info: &StreamInfo) -> Result<Self> {
        let mut order: Vec<u32> = (0..events.len() as u32).collect();
        order.sort_by_key(|i| events.t[*i as usize]);
        let mut parts = order.chunks(BATCH_EVENTS);
        Self::write(info, |sorted| {
            sorted.clear();
            let part = parts.next().unwrap_or_default();
            sorted.t.extend(part.iter().map(|i| events.t[*i as usize]));
            sorted.x.extend(part.iter().map(|i| events.x[*i as usize]));
            sorted.y.extend(part.iter().map(|i| events.y[*i as usize]));
            sorted.p.extend(part.iter().map(|i| events.p[*i as usize]));
            Ok(part.len())
        })
    }

    fn merge(runs: Vec<Self>, info: &StreamInfo) -> Result<Self> {
        let mut merge = Merge::new(runs)?;
        Self::write(info, |batch| merge.read_batch(batch))
    }

    /// Writes what `next` fills a batch with, until that is nothing.
    fn write(
        info: &StreamInfo,
        mut next: impl FnMut(&mut EventBatch) -> Result<usize>,
    ) -> Result<Self> {
        let io = |e| Error::io("sorting", "cannot write a temporary file", e);
        let info = StreamInfo {
            metadata: Metadata::new(),
            ..info.clone()
        };
        let file = tempfile::tempfile().map_err(io)?;
        let mut out = WriteOptions::new()
            .with_codec(&FAST)
            .with_chunk_events(RUN_CHUNK_EVENTS)
            .with_name("sorting, in a temporary file")
            .write_to(BufWriter::new(file.try_clone().map_err(io)?), &info)?;
        let mut batch = EventBatch::default();
        while next(&mut batch)? > 0 {
            out.write_batch(batch.as_slice())?;
        }
        out.finish_into(&Metadata::new())?;
        let batches = ReadOptions::new()
            .open_stream(file)?
            .batches(&Selection::default());
        Ok(Self {
            batches,
            current: EventBatch::default(),
            at: 0,
        })
    }

    /// Time of the next event, if there is one.
    fn peek(&mut self) -> Result<Option<i64>> {
        if self.at == self.current.len() {
            self.at = 0;
            self.batches.read_batch(&mut self.current)?;
        }
        Ok(self.current.t.get(self.at).copied())
    }
}

/// The runs and the time that each comes to next; ties go to the earlier run.
struct Merge {
    runs: Vec<Run>,
    next: BinaryHeap<Reverse<(i64, usize)>>,
}

impl Merge {
    fn new(mut runs: Vec<Run>) -> Result<Self> {
        let mut next = BinaryHeap::new();
        for (i, run) in runs.iter_mut().enumerate() {
            next.extend(run.peek()?.map(|t| Reverse((t, i))));
        }
        Ok(Self { runs, next })
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        while batch.len() < BATCH_EVENTS
            && let Some(Reverse((_, i))) = self.next.pop()
        {
            let limit = self.next.peek().map(|Reverse(first)| *first);
            let run = &mut self.runs[i];
            // All that this run has before any other's next event goes at once.
            let rest = &run.current.t[run.at..];
            let taken = match limit {
                Some((t, other)) if i < other => rest.partition_point(|own| *own <= t),
                Some((t, _)) => rest.partition_point(|own| *own < t),
                None => rest.len(),
            };
            let taken = taken.min(BATCH_EVENTS - batch.len());
            batch.extend(run.current.as_slice().slice(run.at..run.at + taken));
            run.at += taken;
            self.next.extend(run.peek()?.map(|t| Reverse((t, i))));
        }
        Ok(batch.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evz_core::{Event, TimeBase};

    struct Scrambled(StreamInfo, Vec<EventBatch>);

    impl EventSource for Scrambled {
        fn info(&self) -> &StreamInfo {
            &self.0
        }

        fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
            *batch = self.1.pop().unwrap_or_default();
            Ok(batch.len())
        }
    }

    #[test]
    fn runs_merge_into_the_order_of_a_stable_sort() {
        let events: Vec<Event> = (0..10_000u64)
            .map(|i| Event {
                t: (i * 7919 % 613) as i64,
                x: i as u16,
                y: (i >> 16) as u16,
                p: 0,
            })
            .collect();
        let info = StreamInfo {
            time_base: TimeBase::MICROSECONDS,
            size: None,
            metadata: Metadata::new(),
        };
        let mut parts: Vec<EventBatch> = events
            .chunks(999)
            .map(|c| c.iter().copied().collect())
            .collect();
        parts.reverse();
        let mut sorted = SortedSource::new(Box::new(Scrambled(info, parts)));
        sorted.run_events = 120;
        let (mut batch, mut all) = (EventBatch::default(), Vec::new());
        while sorted.read_batch(&mut batch).unwrap() > 0 {
            all.extend(batch.iter());
        }
        let mut expected = events;
        expected.sort_by_key(|e| e.t);
        assert_eq!(all, expected);
    }
}
