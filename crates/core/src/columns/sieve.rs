//! The events among rows of which some are none, or are not wanted.

use std::ops::Range;

use super::{Bad, Signs};
use crate::{
    Columns, EventBatch, Loss, LossKind, Noticed, OnBadLine, OpenOptions, Place, SensorSize, Values,
};

/// Reads runs of rows, skips those that are no event where that was told, leaves out those whose
/// polarity is to be dropped, and counts both.
#[derive(Debug, Clone, Default)]
pub struct Sieve {
    skips: bool,
    drops: bool,
    bad: u64,
    examples: Vec<String>,
    dropped: u64,
    /// The rows of the events of the last run, unless these are all its rows or the first of them.
    rows: Option<Vec<u32>>,
    scratch: EventBatch,
}

impl Sieve {
    /// A sieve of what the options say.
    pub fn new(options: &OpenOptions) -> Self {
        Self {
            skips: options.on_bad_line == Some(OnBadLine::Skip),
            drops: options.polarity_map.is_some(),
            ..Self::default()
        }
    }

    /// Fills `batch`, which is empty and has its further columns, with the events of the first `len` rows
    /// of a run, up to the first that is none unless such are skipped; that one is returned. There may
    /// be no event in it though rows follow.
    ///
    /// `read` adds the events of some of the rows, and gives the first that is none, counted from the
    /// first of these rows; what comes behind that does not matter. It may be asked for rows again, with
    /// the `state` of before. `place` is that of a row.
    pub fn read<S: Clone>(
        &mut self,
        len: usize,
        state: &mut S,
        batch: &mut EventBatch,
        place: impl Fn(usize) -> Place,
        mut read: impl FnMut(Range<usize>, &mut S, &mut EventBatch) -> Option<Bad>,
    ) -> Option<Bad> {
        self.rows = None;
        let before = self.skips.then(|| state.clone());
        let mut bad = read(0..len, state, batch);
        if let Some(Bad { row, .. }) = bad {
            batch.resize(row, Columns::ALL);
            if let Some(before) = before {
                *state = before;
                batch.resize(0, Columns::ALL);
                bad = None;
                self.read_pieces(len, row, state, batch, place, read);
            }
        }
        if self.drops {
            self.leave_out(batch);
        }
        bad
    }

    /// The same in pieces that end where a row is no event. They begin short behind it and grow, so that
    /// many such rows do not have the others read again and again.
    fn read_pieces<S: Clone>(
        &mut self,
        len: usize,
        first: usize,
        state: &mut S,
        batch: &mut EventBatch,
        place: impl Fn(usize) -> Place,
        mut read: impl FnMut(Range<usize>, &mut S, &mut EventBatch) -> Option<Bad>,
    ) {
        let mut piece = EventBatch {
            extra: (batch.extra.iter())
                .map(|values| Values::new(values.column_type()))
                .collect(),
            ..EventBatch::default()
        };
        let (mut rows, mut at, mut piece_len) = (Vec::new(), 0, first + 1);
        while at < len {
            let end = len.min(at + piece_len);
            let before = state.clone();
            piece.resize(0, Columns::ALL);
            let bad = read(at..end, state, &mut piece);
            let good = bad.as_ref().map_or(end - at, |bad| bad.row);
            if bad.is_some() {
                *state = before;
                piece.resize(0, Columns::ALL);
                if good > 0 {
                    read(at..at + good, state, &mut piece);
                }
            }
            batch.extend(piece.as_slice());
            rows.extend((at..at + good).map(|row| row as u32));
            match bad {
                None => (at, piece_len) = (end, piece_len * 2),
                Some(bad) => {
                    self.bad += 1;
                    if self.examples.len() < Loss::MAX_EXAMPLES {
                        let place = place(at + good);
                        self.examples.push(format!("{place}: {}", bad.what));
                    }
                    (at, piece_len) = (at + good + 1, good.max(1));
                }
            }
        }
        self.rows = Some(rows);
    }

    /// Leaves out the events that [`Signs`] marks.
    fn leave_out(&mut self, batch: &mut EventBatch) {
        let marked = |p: &u8| *p == Signs::DROPPED;
        let n = batch.p.iter().filter(|p| marked(p)).count();
        if n == 0 {
            return;
        }
        self.dropped += n as u64;
        let kept = (0u32..).zip(&batch.p).filter(|(_, p)| !marked(p));
        let kept: Vec<u32> = kept.map(|(i, _)| i).collect();
        std::mem::swap(batch, &mut self.scratch);
        batch.extra.clone_from(&self.scratch.extra);
        batch.resize(0, Columns::ALL);
        batch.gather(self.scratch.as_slice(), &kept);
        self.rows = Some(match self.rows.take() {
            Some(rows) => kept.iter().map(|i| rows[*i as usize]).collect(),
            None => kept,
        });
    }

    /// Adds what is to be noticed in the events of the last run, whose first row has this number.
    pub fn notice(
        &self,
        batch: &EventBatch,
        size: Option<SensorSize>,
        first_row: u64,
        noticed: &mut Noticed,
    ) {
        let of_batch = Noticed::of(batch.as_slice(), size);
        match &self.rows {
            None => noticed.add_at(&of_batch, first_row),
            Some(rows) => {
                let row = |i: u64| first_row + u64::from(rows[i as usize]);
                noticed.add_placed(&of_batch, row);
            }
        }
    }

    /// What was skipped and left out, as was told.
    pub fn losses(&self) -> impl Iterator<Item = Loss> {
        let loss = |what, n| Loss::new(LossKind::NoEvent, what, n).agreed();
        let bad = loss("rows that are no event", self.bad).with_examples(self.examples.clone());
        let dropped = loss("rows whose polarity is to be dropped", self.dropped);
        [bad, dropped].into_iter().filter(|loss| loss.count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::pixels;

    /// Rows of x and p; those of an x above 99 are none.
    fn sift(
        rows: &[(i32, i8)],
        options: &OpenOptions,
    ) -> (Vec<u16>, Vec<u8>, Sieve, Option<Bad>, usize) {
        let mut sieve = Sieve::new(options);
        let mut signs = Signs::new(options.polarity_map.clone());
        let mut batch = EventBatch::default();
        let mut looked_at = 0;
        let place = |row: usize| Place::default().with_row(row as u64);
        let bad = sieve.read(
            rows.len(),
            &mut signs,
            &mut batch,
            place,
            |range, signs, batch| {
                looked_at += range.len();
                let rows = &rows[range];
                batch.t.extend(rows.iter().map(|r| i64::from(r.0)));
                batch.y.extend(rows.iter().map(|_| 0));
                Bad::first(
                    pixels(rows.iter().map(|r| r.0), 'x', &mut batch.x),
                    signs.read(rows.iter().map(|r| r.1), &mut batch.p),
                )
            },
        );
        (batch.x, batch.p, sieve, bad, looked_at)
    }

    #[test]
    fn rows_that_are_none_are_skipped_and_counted() {
        let rows = [(5, 1), (-1, -1), (6, 0), (7, -1), (70_000, 1), (8, 1)];
        let (x, _, _, bad, _) = sift(&rows, &OpenOptions::new());
        assert_eq!((x, bad.unwrap().row), (vec![5], 1));
        let skip = OpenOptions::new().with_on_bad_line(OnBadLine::Skip);
        let (x, p, sieve, bad, _) = sift(&rows, &skip);
        // The -1 of the row that is skipped does not say how OFF is written.
        assert_eq!((x, p), (vec![5, 6, 8], vec![1, 0, 1]));
        assert!(bad.is_none());
        let losses: Vec<Loss> = sieve.losses().collect();
        assert_eq!((losses.len(), losses[0].count), (1, 3));
        assert!(losses[0].agreed);
        assert_eq!(
            losses[0].examples[1],
            "row 3: the polarity is -1, where 0 or 1 is expected"
        );
    }

    #[test]
    fn many_of_them_cost_no_more_than_a_few_looks_at_every_row() {
        let skip = OpenOptions::new().with_on_bad_line(OnBadLine::Skip);
        for every in [1, 2, 3, 7, 100, 5_000] {
            let x = |i: i32| if i % every == 0 { -1 } else { i % 100 };
            let rows: Vec<(i32, i8)> = (0..20_000).map(|i| (x(i), 1)).collect();
            let (x, _, sieve, _, looked_at) = sift(&rows, &skip);
            let expected = rows.iter().filter(|r| r.0 >= 0).count();
            assert_eq!(x.len(), expected);
            assert_eq!(
                sieve.losses().map(|l| l.count).sum::<u64>() as usize,
                20_000 - expected
            );
            assert!(looked_at < 6 * rows.len(), "{every}: {looked_at}");
        }
    }

    #[test]
    fn polarities_are_mapped_and_dropped() {
        let map = "2=on,0=off,1=drop".parse().unwrap();
        let options = OpenOptions::new().with_polarity_map(map);
        let rows = [(5, 2), (6, 1), (7, 0), (4, 1), (3, 2)];
        let (x, p, sieve, bad, _) = sift(&rows, &options);
        assert!(bad.is_none());
        assert_eq!((x, p), (vec![5, 7, 3], vec![1, 0, 1]));
        assert_eq!(sieve.losses().map(|l| l.count).collect::<Vec<_>>(), [2]);
        let rows = [(5, 2), (6, 1), (7, 3), (4, 1), (-3, 2), (9, 0)];
        let (_, _, _, bad, _) = sift(&rows, &options);
        let text = bad.unwrap().error(Place::default()).to_string();
        assert!(
            text.starts_with(
                "the polarity is 3, where 2, 0 or 1 is expected; the rows looked at have 2 (2 times), \
                 1 (2 times), 3 (once) and 0 (once)"
            ),
            "{text}"
        );
        let options = options.with_on_bad_line(OnBadLine::Skip);
        let (x, _, sieve, _, _) = sift(&rows, &options);
        assert_eq!(x, [5, 9]);
        assert_eq!(sieve.losses().map(|l| l.count).collect::<Vec<_>>(), [2, 2]);
        let mut noticed = Noticed::default();
        let batch = EventBatch {
            t: vec![5, 4],
            x,
            y: vec![0; 2],
            p: vec![1; 2],
            extra: vec![],
        };
        sieve.notice(&batch, None, 100, &mut noticed);
        // The second event is that of the last row.
        assert_eq!(noticed.first_backward(), Some(105));
    }
}
