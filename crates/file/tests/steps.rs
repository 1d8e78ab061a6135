//! Machines that ask for bytes: they ask for little, seldom, and for nothing that they need not.

mod common;

use std::ops::Range;
use std::sync::Arc;

use common::{Times, events, expected, file_by, with_extra};
use evz_codec::{Codec, FAST, SMALL};
use evz_core::{ColumnSet, ColumnType, Columns, EventBatch, Result, Selection};
use evz_file::Index;
use evz_file::steps::{OpenSteps, SelectSteps, Step, joined};

/// A file of which each request is counted.
struct Counted {
    file: Vec<u8>,
    requests: Vec<Range<u64>>,
    /// How often an answer was waited for.
    trips: usize,
}

impl Counted {
    fn new(file: Vec<u8>) -> Self {
        Self {
            file,
            requests: Vec::new(),
            trips: 0,
        }
    }

    fn get(&mut self, ranges: Vec<Range<u64>>, mut give: impl FnMut(u64, &[u8])) {
        assert!(!ranges.is_empty());
        self.trips += 1;
        for range in ranges {
            give(
                range.start,
                &self.file[range.start as usize..range.end as usize],
            );
            self.requests.push(range);
        }
    }

    fn open(&mut self) -> Result<Arc<Index>> {
        let mut steps = OpenSteps::new(self.file.len() as u64);
        loop {
            match steps.step()? {
                Step::Need(ranges) => self.get(ranges, |at, bytes| steps.give(at, bytes)),
                Step::Done(index) => return Ok(Arc::new(index)),
            }
        }
    }

    fn read(&mut self, index: &Arc<Index>, selection: &Selection, gap: u64) -> Result<EventBatch> {
        self.read_ahead(index, selection, gap, 1)
    }

    fn read_ahead(
        &mut self,
        index: &Arc<Index>,
        selection: &Selection,
        gap: u64,
        ahead: usize,
    ) -> Result<EventBatch> {
        let steps = SelectSteps::new(index.clone(), selection.clone());
        let mut steps = steps.with_gap(gap).with_ahead(ahead);
        let mut batch = EventBatch::default();
        loop {
            match steps.step()? {
                Step::Need(ranges) => self.get(ranges, |at, bytes| steps.give(at, bytes)),
                Step::Done(None) => return Ok(batch),
                Step::Done(Some(piece)) => {
                    let mut steps = piece.steps().with_gap(gap);
                    let chunk = loop {
                        match steps.step()? {
                            Step::Need(ranges) => {
                                self.get(ranges, |at, bytes| steps.give(at, bytes));
                            }
                            Step::Done(chunk) => break chunk,
                        }
                    };
                    piece.read(&chunk, selection, &mut batch)?;
                }
            }
        }
    }

    fn taken(&mut self) -> (usize, u64) {
        let requests = std::mem::take(&mut self.requests);
        (
            requests.len(),
            requests.iter().map(|r| r.end - r.start).sum(),
        )
    }
}

/// A recording long enough that a window is little of it.
fn recording() -> EventBatch {
    events(400_000, Times::Rising, 3)
}

#[test]
fn a_small_file_opens_with_one_request_and_a_larger_one_with_two() {
    let mut small = Counted::new(file_by(&SMALL, &events(1_000, Times::Rising, 1), 400));
    let index = small.open().unwrap();
    assert_eq!(index.root().streams[0].summary.n_events(), 1_000);
    assert_eq!(index.info(), &common::info());
    assert_eq!(small.taken().0, 1);

    let mut large = Counted::new(file_by(&FAST, &recording(), 65_536));
    assert!(large.file.len() > 500_000);
    assert_eq!(large.open().unwrap().info(), &common::info());
    let (requests, bytes) = large.taken();
    assert_eq!(requests, 2);
    assert!(bytes < 80_000, "{bytes} bytes");
}

#[test]
fn a_window_costs_what_it_returns() {
    let all = recording();
    for codec in [&FAST as &dyn Codec, &SMALL] {
        let mut file = Counted::new(file_by(codec, &all, 65_536));
        let index = file.open().unwrap();
        file.taken();
        let t = all.t[150_000];
        let window = Selection::default().with_time(t..t + 1_000);
        let batch = file.read(&index, &window, 4_096).unwrap();
        assert_eq!(batch, expected(&all, &window));
        // The leaf, the front of a chunk, and the blocks.
        let (requests, bytes) = file.taken();
        assert!(requests <= 3, "{codec:?}: {requests} requests");
        assert!(bytes < 64_000, "{codec:?}: {bytes} bytes");
        // The leaf is known.
        file.read(&index, &window, 4_096).unwrap();
        assert!(file.taken().0 <= 2);
        // Where a request costs as much as many bytes, the chunk comes at once.
        assert_eq!(file.read(&index, &window, 1 << 20).unwrap(), batch);
        assert_eq!(file.taken().0, 1);
        // Events by their number.
        let numbers = Selection::default().with_events(70_000..70_100);
        let batch = file.read(&index, &numbers, 4_096).unwrap();
        assert_eq!(batch, expected(&all, &numbers));
        assert!(file.taken().0 <= 2);
    }
}

#[test]
fn chunks_and_leaves_are_waited_for_together() {
    // 4,000 chunks: 15 leaves of 256, some of them in the root.
    let all = events(400_000, Times::Rising, 4);
    for codec in [&FAST as &dyn Codec, &SMALL] {
        let mut file = Counted::new(file_by(codec, &all, 100));
        // Windows within a chunk, over some, over the end of a leaf, all of it.
        for events in [
            200..260,
            250..760,
            25_550..25_650,
            25_300..26_000,
            0..400_000,
        ] {
            let t = all.t[events.start]..all.t[events.end - 1];
            let by_time = Selection::default().with_time(t);
            let by_number =
                Selection::default().with_events(events.start as u64..events.end as u64);
            for window in [by_time, by_number] {
                let wanted = expected(&all, &window);
                for (gap, trips) in [(0, 3), (1 << 20, 2)] {
                    let index = file.open().unwrap();
                    file.trips = 0;
                    let batch = file.read_ahead(&index, &window, gap, 16).unwrap();
                    assert_eq!(batch, wanted);
                    // A leaf or two; the fronts of chunks; their blocks.
                    let many = events.len() > 1_600;
                    assert!(
                        many || file.trips <= trips,
                        "{events:?}: {} trips",
                        file.trips
                    );
                    for ahead in [2, 3, 1_000] {
                        assert_eq!(
                            file.read_ahead(&index, &window, gap, ahead).unwrap(),
                            wanted
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn damage_is_told_of_in_its_turn() {
    let all = events(3_000, Times::Rising, 4);
    let whole = file_by(&FAST, &all, 1_000);
    let mut file = Counted::new(whole.clone());
    let index = file.open().unwrap();
    let entry = &index.root().streams[0].tree.latest.entries[1];
    file.file[entry.offset as usize + 500] ^= 1;
    for ahead in [1, 2, 8] {
        let selection = Selection::default();
        let steps = SelectSteps::new(index.clone(), selection.clone());
        let mut steps = steps.with_ahead(ahead);
        let mut found = Vec::new();
        loop {
            match steps.step() {
                Ok(Step::Need(ranges)) => file.get(ranges, |at, bytes| steps.give(at, bytes)),
                Ok(Step::Done(None)) => break,
                Ok(Step::Done(Some(piece))) => {
                    let mut chunk = piece.steps();
                    found.push(loop {
                        match chunk.step() {
                            Ok(Step::Need(ranges)) => {
                                file.get(ranges, |at, bytes| chunk.give(at, bytes));
                            }
                            Ok(Step::Done(chunk)) => {
                                let mut batch = EventBatch::default();
                                break piece.read(&chunk, &selection, &mut batch).is_ok();
                            }
                            Err(_) => break false,
                        }
                    });
                }
                Err(_) => found.push(false),
            }
        }
        assert_eq!(found, [true, false, true], "{ahead} ahead");
    }
}

#[test]
fn further_columns_are_read_for_who_wants_them() {
    let mut all = recording();
    let plain = Counted::new(file_by(&FAST, &all, 65_536));
    with_extra(
        &mut all,
        &[ColumnType::U64, ColumnType::F32, ColumnType::Bool],
        7,
    );
    let mut file = Counted::new(file_by(&FAST, &all, 65_536));
    assert!(file.file.len() > 2 * plain.file.len());
    let index = file.open().unwrap();
    let t = all.t[150_000];
    for window in [
        Selection::default().with_time(t..t + 1_000),
        Selection::default().with_events(65_536..140_000),
    ] {
        let wanted = expected(&all, &window);
        let mut taken = Vec::new();
        for extra in [ColumnSet::NONE, ColumnSet::NONE.with(2), ColumnSet::ALL] {
            let columns = Columns {
                extra,
                ..Columns::ALL
            };
            let selection = window.clone().with_columns(columns);
            for gap in [0, 4_096, 1 << 20] {
                let batch = file.read(&index, &selection, gap).unwrap();
                assert_eq!((&batch.t, &batch.p), (&wanted.t, &wanted.p));
                for (i, values) in batch.extra.iter().enumerate() {
                    match extra.contains(i) {
                        true => assert_eq!(values, &wanted.extra[i]),
                        false => assert!(values.is_empty()),
                    }
                }
                taken.push(file.taken().1);
            }
        }
        // 8 random bytes an event are not read on the way.
        assert!(taken[1] < taken[7] / 3, "{taken:?}");
        assert!(taken[4] < taken[7] / 3, "{taken:?}");
    }
}

#[test]
fn only_what_was_asked_for_is_looked_at() {
    // A file of which nothing is there but what was asked for gives the same.
    let all = events(60_000, Times::Tied, 5);
    for codec in [&FAST as &dyn Codec, &SMALL] {
        let whole = file_by(codec, &all, 20_000);
        let mut file = Counted::new(whole.clone());
        let index = file.open().unwrap();
        let t = all.t[30_000];
        let window = Selection::default().with_time(t - 500..t + 20_000);
        file.read(&index, &window, 0).unwrap();
        let asked = joined(file.requests.clone(), 0);
        let mut sparse = vec![0xa5; whole.len()];
        for range in &asked {
            let range = range.start as usize..range.end as usize;
            sparse[range.clone()].copy_from_slice(&whole[range]);
        }
        let mut file = Counted::new(sparse);
        let index = file.open().unwrap();
        let batch = file.read(&index, &window, 0).unwrap();
        assert_eq!(batch, expected(&all, &window));
    }
}

#[test]
fn bytes_that_come_in_parts_and_out_of_order_are_enough() {
    let all = events(3_000, Times::Rising, 2);
    let file = file_by(&FAST, &all, 1_000);
    let mut steps = OpenSteps::new(file.len() as u64);
    let index = loop {
        match steps.step().unwrap() {
            Step::Done(index) => break index,
            Step::Need(ranges) => {
                // One part of what is missing, with more around it than was asked for.
                let range = &ranges[ranges.len() - 1];
                let from = (range.end as usize).saturating_sub(500);
                let to = (from + 700).min(file.len());
                steps.give(from as u64, &file[from..to]);
                steps.give(9_000_000, &[1; 10]);
            }
        }
    };
    assert_eq!(index.root().streams[0].summary.n_events(), 3_000);
}
