//! The tables of a column: a level for each symbol in each context, and their bits in the payload.
//!
//! A level is predicted (`predict`) from how often its context occurs and how often its symbol does
//! in all contexts. The levels of the context before and of the epoch before tell how far to trust
//! this. So a level costs about a bit: the coder of the events codes it with fixed tables
//! ([`PRIOR`]).

use std::sync::LazyLock;

use super::bits::{BitReader, BitWriter};
use super::encoder::{Encoder, Step};
use super::forever::{ALONE_BITS, LANES, LOWEST, TOTAL_BITS};
use super::lanes::Lanes;
use super::level::{MAX_LEVEL, level};
use super::loops::Loops;
use super::predict::{Predictions, Predictor, Shape};
use super::prior::{CODES, PRIOR};
use super::slots::{SLOTS, Slots, slot_of};

/// Bits of a level where it stands by itself.
const LEVEL_BITS: u32 = 7;
/// The code of a level that stands by itself.
const ESCAPE: u8 = CODES as u8 - 1;

/// The levels of a column's tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tables {
    pub(super) shape: Shape,
    /// Of each symbol in all tables.
    overall: Vec<u8>,
    /// Of each table's number of events; empty if there is one table only.
    totals: Vec<u8>,
    /// By epoch, table and symbol.
    levels: Vec<u8>,
}

/// What [`level_of`] makes of an escape.
const ESCAPED: u8 = u8::MAX;

/// The code of a level where another one, 1 at least, is expected.
fn code_of(expected: u8, level: u8) -> u8 {
    if level == 0 {
        return 0;
    }
    let off = i16::from(level) - i16::from(expected);
    let code = 1 + ((off << 1) ^ (off >> 15));
    code.min(i16::from(ESCAPE)) as u8
}

/// The level of a code.
#[inline(always)]
fn level_of(expected: u8, code: u8) -> u8 {
    let zigzag = code.wrapping_sub(1);
    let off = (zigzag >> 1) as i8 ^ -((zigzag & 1) as i8);
    // A code may claim a level that there is not.
    let level = (expected as i8 + off).clamp(0, MAX_LEVEL as i8) as u8;
    match code {
        0 => 0,
        ESCAPE => ESCAPED,
        _ => level,
    }
}

/// The slots of [`PRIOR`].
static PRIOR_SLOTS: LazyLock<Vec<Slots>> = LazyLock::new(|| {
    PRIOR
        .iter()
        .map(|row| {
            let mut slots = [0; SLOTS];
            for (code, pair) in row.windows(2).enumerate() {
                let (from, to) = (usize::from(pair[0]), usize::from(pair[1]));
                for (i, slot) in slots[from..to].iter_mut().enumerate() {
                    *slot = slot_of(code, to - from, i);
                }
            }
            slots
        })
        .collect()
});

impl Tables {
    /// The tables of counts by epoch, table and symbol.
    pub(super) fn new(shape: Shape, counts: &[u32]) -> Self {
        let mut overall = vec![0u32; shape.symbols];
        let mut totals = Vec::with_capacity(shape.rows());
        for row in counts.chunks_exact(shape.symbols) {
            for (sum, &count) in overall.iter_mut().zip(row) {
                *sum += count;
            }
            totals.push(level(row.iter().sum()));
        }
        if shape.rows() == 1 {
            totals.clear();
        }
        Self {
            shape,
            overall: overall.into_iter().map(level).collect(),
            totals,
            levels: counts.iter().map(|&count| level(count)).collect(),
        }
    }

    /// Bits of the sum of a table's frequencies. A table that is alone is small even if it is
    /// exact; it tends to have many symbols, for which 10 bits lose 1%.
    pub(super) fn bits(&self) -> u32 {
        if self.shape.tables == 1 {
            ALONE_BITS
        } else {
            TOTAL_BITS
        }
    }

    /// The overall level of each symbol and then, table by table, its levels.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.overall[..]).chain(self.levels.chunks_exact(self.shape.symbols))
    }

    /// The levels of a table.
    pub(super) fn row(&self, epoch: usize, table: usize) -> &[u8] {
        let at = (epoch * self.shape.tables + table) * self.shape.symbols;
        &self.levels[at..at + self.shape.symbols]
    }

    /// Calls `visit` with each row's predictions and levels, if they need to be told.
    fn visit(&self, mut visit: impl FnMut(&Predictions, &[u8])) {
        let mut predictor = Predictor::new(&self.overall);
        let mut predictions = Predictions::default();
        for (row, &total) in self.totals.iter().enumerate() {
            if total > 0 {
                predictor.row(self.shape, row, total, &self.levels, &mut predictions);
                let at = row * self.shape.symbols;
                visit(&predictions, &self.levels[at..at + self.shape.symbols]);
            }
        }
    }

    /// Appends what is not coded by [`CellWriter`].
    pub(super) fn write(&self, bits: &mut BitWriter<'_>, cells: &mut CellWriter) {
        let mut before = 0;
        for &level in &self.overall {
            let off = i32::from(level) - before;
            bits.put_gamma(((off << 1) ^ (off >> 31)) as u32);
            before = level.into();
        }
        for &total in &self.totals {
            bits.put(total.into(), LEVEL_BITS);
        }
        self.visit(|predictions, levels| {
            let known = predictions.contexts.iter().zip(&predictions.levels);
            for ((&context, &expected), &level) in known.zip(levels) {
                let code = code_of(expected, level);
                cells.cells.push((context, code));
                if code == ESCAPE {
                    bits.put(level.into(), LEVEL_BITS);
                }
            }
            cells.ends.push(cells.cells.len());
        });
    }

    /// Reads tables: what they are by themselves from `bits`, the rest from `lanes`. Of epochs behind
    /// the first `epochs` the levels stay 0.
    pub(super) fn read(
        loops: Loops,
        shape: Shape,
        epochs: usize,
        bits: &mut BitReader<'_>,
        lanes: &mut Lanes<'_>,
    ) -> Result<Self, String> {
        let short = || "the tables end too early".to_owned();
        let mut overall = Vec::with_capacity(shape.symbols);
        let mut before = 0;
        for _ in 0..shape.symbols {
            let zigzag = bits.take_gamma().ok_or_else(short)? as i32;
            before += (zigzag >> 1) ^ -(zigzag & 1);
            let level = u8::try_from(before)
                .ok()
                .filter(|&level| level <= MAX_LEVEL)
                .ok_or_else(|| format!("a symbol of all tables has level {before}"))?;
            overall.push(level);
        }
        if shape.rows() == 1 {
            return Ok(Self {
                shape,
                levels: overall.clone(),
                overall,
                totals: Vec::new(),
            });
        }
        // So that what is allocated is in proportion to what was read.
        if shape.rows().saturating_mul(LEVEL_BITS as usize) > bits.left() {
            return Err(short());
        }
        let mut totals = Vec::with_capacity(shape.rows());
        for _ in 0..shape.rows() {
            let total = bits.take(LEVEL_BITS).ok_or_else(short)? as u8;
            if total > MAX_LEVEL {
                return Err(format!("a table has level {total}"));
            }
            totals.push(total);
        }
        let mut levels = vec![0; shape.rows() * shape.symbols];
        let mut predictor = Predictor::new(&overall);
        let mut predictions = Predictions::default();
        for (row, &total) in totals.iter().enumerate().take(epochs * shape.tables) {
            if total == 0 {
                continue;
            }
            let (done, rest) = levels.split_at_mut(row * shape.symbols);
            predictor.row(shape, row, total, done, &mut predictions);
            let out = &mut rest[..shape.symbols];
            read_row(loops, &predictions, bits, lanes, out).ok_or_else(short)?;
        }
        Ok(Self {
            shape,
            overall,
            totals,
            levels,
        })
    }
}

/// Reads the levels of a table.
fn read_row(
    loops: Loops,
    predictions: &Predictions,
    bits: &mut BitReader<'_>,
    lanes: &mut Lanes<'_>,
    out: &mut [u8],
) -> Option<()> {
    let contexts = &predictions.contexts[..out.len()];
    loops
        .symbols_in(lanes, &PRIOR_SLOTS[..], contexts, out)
        .ok()?;
    let mut escapes = false;
    for (out, &expected) in out.iter_mut().zip(&predictions.levels) {
        escapes |= *out == ESCAPE;
        *out = level_of(expected, *out);
    }
    if escapes {
        for out in out.iter_mut().filter(|out| **out == ESCAPED) {
            *out = bits.take(LEVEL_BITS)?.min(MAX_LEVEL.into()) as u8;
        }
    }
    Some(())
}

/// Collects the cells of tables, to code them at last.
#[derive(Debug, Default)]
pub(super) struct CellWriter {
    /// Row of [`PRIOR`] and code of each cell.
    cells: Vec<(u8, u8)>,
    /// Where rows end.
    ends: Vec<usize>,
}

impl CellWriter {
    /// Appends states and words, unless there are no cells.
    pub(super) fn finish(self, encoder: &mut Encoder, out: &mut Vec<u8>) {
        if self.cells.is_empty() {
            return;
        }
        encoder.start(self.cells.len(), &[0; LANES]);
        for (row, &end) in self.ends.iter().enumerate().rev() {
            let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
            let row = &self.cells[start..end];
            encoder.encode(row.len(), |i| {
                let (context, code) = row[i];
                let starts = &PRIOR[usize::from(context)];
                let (from, to) = (starts[usize::from(code)], starts[usize::from(code) + 1]);
                Step::new(from, to - from, TOTAL_BITS)
            });
        }
        let (states, words) = encoder.finish();
        for state in states {
            out.extend_from_slice(&state.to_le_bytes());
        }
        for word in words {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
}

/// The lanes of tables, behind their bits.
pub(super) fn cell_lanes(bytes: &[u8]) -> Result<Lanes<'_>, String> {
    if bytes.len() < 4 * LANES {
        // No tables need any; where they do, the first step fails.
        return Ok(Lanes {
            states: [LOWEST; LANES],
            words: &[],
        });
    }
    let (states, words) = bytes.split_at(4 * LANES);
    let (states, _) = states.as_chunks();
    Ok(Lanes {
        states: std::array::from_fn(|lane| u32::from_le_bytes(states[lane])),
        words: words.as_chunks().0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tables_come_back(
            epochs in 1..4usize,
            tables in 1..9usize,
            symbols in 1..=256usize,
            seed: u64,
        ) {
            let shape = Shape { epochs, tables, symbols };
            let mut random = seed | 1;
            let counts: Vec<u32> = (0..shape.rows() * symbols)
                .map(|i| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let r = (random >> 33) as u32;
                    if i / symbols % 5 == 3 { 0 } else { (r >> (r % 31)) % 70_000 }
                })
                .collect();
            let built = Tables::new(shape, &counts);
            let mut bytes = Vec::new();
            let mut bits = BitWriter::new(&mut bytes);
            let mut cells = CellWriter::default();
            built.write(&mut bits, &mut cells);
            bits.finish();
            let mut coded = Vec::new();
            cells.finish(&mut Encoder::new(), &mut coded);
            let mut lanes = cell_lanes(&coded).unwrap();
            let loops = Loops::detect();
            let read = Tables::read(loops, shape, epochs, &mut BitReader::new(&bytes), &mut lanes).unwrap();
            prop_assert!(lanes.words.is_empty());
            prop_assert_eq!(read, built);
        }
    }
}
