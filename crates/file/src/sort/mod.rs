//! Putting a recording of any length in order of time, with bounded memory.

mod merge;
mod run;
mod side_spill;

use evz_core::{EventBatch, EventSource, Next, Report, Result, StreamInfo};

use self::merge::Merge;
use self::run::Run;
pub use self::side_spill::{SideSpill, SpilledRows};
use crate::reader::SideFeed;

/// What temporary files are for.
const SORTING: &str = "sorting";

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
    /// What the reading of the source met.
    report: Report,
    merge: Merge,
    side: SideFeed,
    /// Events that are given once the rows of their time were.
    held: EventBatch,
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
        let mut spill = SideSpill::new(&info, SORTING)?;
        loop {
            let ended = match self.source.read_batch(&mut batch)? {
                Next::Rows(rows) => {
                    spill.write(rows)?;
                    continue;
                }
                Next::Events(_) => {
                    unsorted.extend(batch.as_slice());
                    None
                }
                Next::End(report) => Some(report),
            };
            if unsorted.len() >= self.run_events || (ended.is_some() && !unsorted.is_empty()) {
                runs.push(Run::sort(&unsorted, &info)?);
                unsorted.clear();
            }
            if let Some(report) = ended {
                return Ok(Sorted {
                    report,
                    merge: Merge::new(runs)?,
                    side: spill.finish_feed()?,
                    held: EventBatch::default(),
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

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let mut sorted = match self.sorted.take() {
            Some(sorted) => sorted,
            None => self.make_runs()?,
        };
        let next = sorted.read_batch(batch);
        self.sorted = Some(sorted);
        next
    }

    fn report(&self) -> Report {
        match &self.sorted {
            Some(sorted) => sorted.report(),
            None => self.source.report(),
        }
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
    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if self.held.is_empty() {
            self.merge.read_batch(&mut self.held)?;
        }
        // Rows of the time of these events come before them, and what stands behind the last event too.
        let until = self.held.t.last().copied().unwrap_or(i64::MAX);
        if let Some(rows) = self.side.next_to(until)? {
            return Ok(Next::Rows(rows));
        }
        batch.clear();
        std::mem::swap(batch, &mut self.held);
        Ok(match batch.is_empty() {
            false => Next::Events(batch.len()),
            true => Next::End(self.report()),
        })
    }

    fn report(&self) -> Report {
        let mut report = self.report.clone();
        let lost = self.side.lost();
        lost.into_iter().for_each(|loss| report.add_loss(loss));
        report
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

        fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
            Ok(match self.1.pop() {
                Some(events) => {
                    *batch = events;
                    Next::Events(batch.len())
                }
                None => Next::End(Report::default()),
            })
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
        // So many runs that they are made one, and that one with others once more.
        let mut parts: Vec<EventBatch> = (events.chunks(60).zip(numbers.chunks(60)))
            .map(|(events, numbers)| EventBatch {
                extra: vec![Values::from_slice(numbers)],
                ..events.iter().copied().collect()
            })
            .collect();
        parts.reverse();
        let mut sorted = SortedSource::new(Box::new(Scrambled(info, parts)));
        sorted.run_events = 60;
        let (mut batch, mut all) = (EventBatch::default(), Vec::new());
        while let Next::Events(_) = sorted.read_events(&mut batch).unwrap() {
            let numbers = batch.extra[0].as_slice().to_vec::<u32>().unwrap();
            all.extend(batch.iter().zip(numbers));
        }
        let mut expected: Vec<(Event, u32)> = events.into_iter().zip(numbers).collect();
        expected.sort_by_key(|(e, _)| e.t);
        assert_eq!(all, expected);
    }
}
