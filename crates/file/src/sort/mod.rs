//! Putting a recording of any length in order of time, with bounded memory.

mod merge;
mod run;
mod spill;

use evz_core::{EventBatch, EventSource, Report, Result, SideRows, StreamInfo};

use self::merge::Merge;
use self::run::Run;
use self::spill::Spill;
use crate::reader::SideFeed;

/// Events sorted in memory at a time: 100 MB with their order.
const RUN_EVENTS: usize = 1 << 22;
/// Runs that are merged at once; more of them are first merged into one, so that neither open files
/// nor what is decoded of each grows with the recording.
const MAX_RUNS: usize = 64;
/// Events in a batch that the merge gives.
const BATCH_EVENTS: usize = 1 << 16;

/// The events of another source in order of time; events of the same time keep their order.
///
/// Sorted runs wait in temporary files and are merged as they are read, so memory is bounded by one
/// run and by a few small chunks of 64 others. Rows of side streams wait in a temporary file too, and
/// come as their time does; they keep their order.
pub struct SortedSource {
    source: Box<dyn EventSource>,
    run_events: usize,
    sorted: Option<Sorted>,
}

struct Sorted {
    merge: Merge,
    side: SideFeed,
    /// The latest time that was passed on.
    passed: Option<i64>,
}

impl SortedSource {
    /// Sorts `source` when the first batch is asked for.
    pub fn new(source: Box<dyn EventSource>) -> Self {
        Self {
            source,
            run_events: RUN_EVENTS,
            sorted: None,
        }
    }

    fn make_runs(&mut self) -> Result<Sorted> {
        let info = self.source.info().clone();
        let mut runs = Vec::new();
        let mut unsorted = EventBatch::with_capacity(self.run_events);
        let mut batch = EventBatch::default();
        let mut spill = Spill::new(&info)?;
        loop {
            let n = self.source.read_batch(&mut batch)?;
            let mut any_rows = false;
            for rows in self.source.take_side_rows() {
                any_rows |= !rows.is_empty();
                spill.write(rows)?;
            }
            // Rows without events are not the end.
            let ended = n == 0 && !any_rows;
            unsorted.extend(batch.as_slice());
            if unsorted.len() >= self.run_events || (ended && !unsorted.is_empty()) {
                runs.push(Run::sort(&unsorted, &info)?);
                unsorted.clear();
            }
            if ended {
                return Ok(Sorted {
                    merge: Merge::new(runs)?,
                    side: spill.finish()?,
                    passed: None,
                });
            }
            if runs.len() == MAX_RUNS {
                runs = vec![Merge::new(runs)?.into_run(&info)?];
            }
        }
    }
}

impl EventSource for SortedSource {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        let mut sorted = match self.sorted.take() {
            Some(sorted) => sorted,
            None => self.make_runs()?,
        };
        let n = sorted.read_batch(batch);
        self.sorted = Some(sorted);
        n
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.sorted
            .as_mut()
            .map_or_else(Vec::new, |s| s.side.take())
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        let lost = self.sorted.as_ref().and_then(|s| s.side.lost());
        lost.into_iter().for_each(|loss| report.add_loss(loss));
        report
    }

    fn is_whole(&self) -> bool {
        false
    }

    fn inner(&self) -> Option<&dyn EventSource> {
        Some(&self.source)
    }

    fn inner_mut(&mut self) -> Option<&mut dyn EventSource> {
        Some(&mut self.source)
    }
}

impl Sorted {
    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        if !self.side.go_on_to(self.passed)? {
            return Ok(0);
        }
        let n = self.merge.read_batch(batch)?;
        match batch.t.last() {
            Some(last) => self.passed = Some(*last),
            // What stands behind the last event too.
            None => {
                self.side.go_on_to(Some(i64::MAX))?;
            }
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evz_core::{ColumnType, Event, ExtraColumn, TimeBase, Values};

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
        let info = StreamInfo::new(TimeBase::MICROSECONDS)
            .with_columns(vec![ExtraColumn::new("number", ColumnType::U32)]);
        let numbers: Vec<u32> = (0..10_000).collect();
        let mut parts: Vec<EventBatch> = (events.chunks(999).zip(numbers.chunks(999)))
            .map(|(events, numbers)| EventBatch {
                extra: vec![Values::from_slice(numbers)],
                ..events.iter().copied().collect()
            })
            .collect();
        parts.reverse();
        let mut sorted = SortedSource::new(Box::new(Scrambled(info, parts)));
        sorted.run_events = 120;
        let (mut batch, mut all) = (EventBatch::default(), Vec::new());
        while sorted.read_batch(&mut batch).unwrap() > 0 {
            let numbers = batch.extra[0].as_slice().to_vec::<u32>().unwrap();
            all.extend(batch.iter().zip(numbers));
        }
        let mut expected: Vec<(Event, u32)> = events.into_iter().zip(numbers).collect();
        expected.sort_by_key(|(e, _)| e.t);
        assert_eq!(all, expected);
    }
}
