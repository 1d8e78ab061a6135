//! What is expected of the cells of a table before their levels are read.
//!
//! A symbol is expected as often in one table as in all of them, in proportion to the events of
//! that table. The table before it and that of the epoch before tell how far to trust this.

use super::level::{MAX_LEVEL, WEIGHT, level};
use super::prior::{NEAR, PREDICTIONS};

/// The size of a column's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) epochs: usize,
    pub(super) tables: usize,
    pub(super) symbols: usize,
}

impl Shape {
    /// Tables in all epochs.
    pub(super) fn rows(&self) -> usize {
        self.epochs * self.tables
    }
}

/// What is known of the cells of a table before their levels.
#[derive(Debug, Clone)]
pub(super) struct Predictions {
    /// Rows of `PRIOR`.
    pub(super) contexts: [u8; 256],
    /// The expected levels, 1 at least.
    pub(super) levels: [u8; 256],
}

impl Default for Predictions {
    fn default() -> Self {
        Self {
            contexts: [0; 256],
            levels: [1; 256],
        }
    }
}

/// Class and level, 1 at least, of an expected count in sixteenths.
fn expected(sixteenths: u64) -> (u8, u8) {
    let level = level(u32::try_from(sixteenths >> 4).unwrap_or(u32::MAX));
    let class = if level > 0 {
        usize::from(level) + 4
    } else {
        (u64::BITS - sixteenths.leading_zeros()) as usize
    };
    (class.min(PREDICTIONS - 1) as u8, level.max(1))
}

/// Predicts the cells of tables.
pub(super) struct Predictor<'a> {
    overall: &'a [u8],
    sum: u64,
    /// What is expected in a table, by the level of its number of events. Each is found once, as
    /// most tables share a few levels.
    known: [Option<Box<Predictions>>; MAX_LEVEL as usize + 1],
    /// The levels of the two tables around, with a 0 in front and behind.
    around: [[u8; 258]; 2],
}

impl<'a> Predictor<'a> {
    pub(super) fn new(overall: &'a [u8]) -> Self {
        let weight = |&level: &u8| u64::from(WEIGHT[usize::from(level)]);
        let sum = overall.iter().map(weight).sum::<u64>().max(1);
        Self {
            overall,
            sum,
            known: [const { None }; MAX_LEVEL as usize + 1],
            around: [[0; 258]; 2],
        }
    }

    /// Predicts table `row` with so many events; `levels` are those of the tables before it.
    pub(super) fn row(
        &mut self,
        shape: Shape,
        row: usize,
        total: u8,
        levels: &[u8],
        out: &mut Predictions,
    ) {
        let n = shape.symbols;
        // The table before, and that of the epoch before. Where one is missing, the other is taken
        // twice.
        let up = (!row.is_multiple_of(shape.tables)).then(|| row - 1);
        let back = row.checked_sub(shape.tables);
        for (around, row) in self.around.iter_mut().zip([up.or(back), back.or(up)]) {
            match row {
                Some(row) => around[1..=n].copy_from_slice(&levels[row * n..(row + 1) * n]),
                None => around[1..=n].fill(0),
            }
        }
        let expected = self.known[usize::from(total)].get_or_insert_with(|| {
            // Weights are twice the counts: hence 8.
            let scale = ((u64::from(WEIGHT[usize::from(total)]) * 8) << 16) / self.sum;
            let mut of_level = [None; MAX_LEVEL as usize + 1];
            let mut all = Box::new(Predictions::default());
            for (i, &overall) in self.overall.iter().enumerate() {
                let overall = usize::from(overall);
                let (class, level) = *of_level[overall]
                    .get_or_insert_with(|| expected((u64::from(WEIGHT[overall]) * scale) >> 16));
                (all.contexts[i], all.levels[i]) = (class * NEAR as u8, level);
            }
            all
        });
        out.levels = expected.levels;
        let [up, back] = &self.around;
        // In blocks whose length is known, for vectors.
        for start in (0..n).step_by(BLOCK) {
            let mut sum = [0u8; BLOCK];
            let mut add = |v: &[u8; 258], by: usize, most: u8, shift: u8| {
                let v: &[u8; BLOCK] = v[start + by..].first_chunk().expect("a row is 256 long");
                for (sum, level) in sum.iter_mut().zip(v) {
                    *sum += level.min(&most) << shift;
                }
            };
            for v in [up, back] {
                add(v, 0, 2, 0);
                add(v, 1, 3, 1);
                add(v, 2, 2, 0);
            }
            let contexts = out.contexts[start..].first_chunk_mut::<BLOCK>();
            let classes = expected.contexts[start..].first_chunk::<BLOCK>();
            let known = contexts.zip(classes).expect("256 are whole blocks");
            for ((context, class), sum) in known.0.iter_mut().zip(known.1).zip(sum) {
                let more = u8::from(sum >= 8) + u8::from(sum >= 10) + u8::from(sum >= 14);
                *context = class + sum.min(6) + more;
            }
        }
    }
}

/// Cells that are predicted together.
const BLOCK: usize = 32;
