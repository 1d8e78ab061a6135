//! How many segments share tables before new tables are worth their bytes.

use super::estimate::Histogram;
use super::predict::Shape;
use super::tables::Tables;

/// Chooses how many segments share tables, as a binary logarithm; gives the tables. `counts` are
/// those of the segments.
pub(super) fn choose(counts: &[Histogram]) -> (u8, Tables) {
    let most = counts.len().next_power_of_two().ilog2() as u8;
    let mut merged = counts.to_vec();
    let mut best: Option<(f32, u8, Vec<Histogram>)> = None;
    for span in 0..=most {
        if span > 0 {
            merged = merged.chunks(2).map(merge).collect();
        }
        let bits = merged.iter().map(|h| h.bits(1.0)).sum();
        if best.as_ref().is_none_or(|(least, _, _)| bits < *least) {
            best = Some((bits, span, merged.clone()));
        }
    }
    let (_, span, epochs) = best.expect("there is a segment");
    let shape = Shape {
        epochs: epochs.len(),
        tables: epochs[0].tables,
        symbols: epochs[0].symbols,
    };
    let all: Vec<u32> = epochs.iter().flat_map(|h| &h.counts).copied().collect();
    (span, Tables::new(shape, &all))
}

fn merge(pair: &[Histogram]) -> Histogram {
    let mut sum = pair[0].clone();
    if let [_, second] = pair {
        for (sum, &more) in sum.counts.iter_mut().zip(&second.counts) {
            *sum += more;
        }
    }
    sum
}
