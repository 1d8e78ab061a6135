//! What it would cost to code symbols in contexts, estimated from a histogram.

use std::sync::LazyLock;

/// Counts by table and symbol.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    pub(super) tables: usize,
    pub(super) symbols: usize,
    pub(super) counts: Vec<u32>,
}

/// Bits charged for each cell that occurs: about 5 in the tables, the rest for the time to read it.
const CELL_BITS: f32 = 6.0;
/// Bits charged for each table, for the time to fill its slots in.
const TABLE_BITS: f32 = 80.0;
/// Bits charged for each cell that occurs, times the events that an event of a sample stands for
/// beyond itself: tables fit a sample better than the chunk it is from.
const LEARNED_BITS: f32 = 2.8;

/// `n log2 n` of small numbers.
static N_LOG_N: LazyLock<Vec<f32>> = LazyLock::new(|| {
    (0..4096)
        .map(|n| {
            if n == 0 {
                0.0
            } else {
                n as f32 * (n as f32).log2()
            }
        })
        .collect()
});

fn n_log_n(table: &[f32], n: u32) -> f32 {
    match table.get(n as usize) {
        Some(&v) => v,
        None => n as f32 * (n as f32).log2(),
    }
}

impl Histogram {
    /// Starts anew with a size.
    pub(super) fn start(&mut self, tables: usize, symbols: usize) {
        (self.tables, self.symbols) = (tables, symbols);
        self.counts.clear();
        self.counts.resize(tables * symbols, 0);
    }

    #[inline(always)]
    pub(super) fn add(&mut self, table: usize, symbol: u8) {
        self.counts[table * self.symbols + usize::from(symbol)] += 1;
    }

    /// Bits of `scale` times as many events as were counted, tables included.
    pub(super) fn bits(&self, scale: f32) -> f32 {
        let table = &N_LOG_N[..];
        let (mut bits, mut tables, mut cells) = (0.0, 0u32, 0u32);
        for row in self.counts.chunks_exact(self.symbols) {
            let mut sum = 0;
            // Of a short chunk most cells are empty, many in a row.
            let some = row.chunks(8).filter(|c| c.iter().fold(0, |a, n| a | n) > 0);
            for &count in some.flatten() {
                if count > 0 {
                    sum += count;
                    cells += 1;
                    bits -= n_log_n(table, count);
                }
            }
            bits += n_log_n(table, sum);
            tables += u32::from(sum > 0);
        }
        bits * scale
            + tables as f32 * TABLE_BITS
            + cells as f32 * (CELL_BITS + LEARNED_BITS * (scale - 1.0))
    }
}
