//! Values to the smallest of the pco files that are tried.

use pco::standalone::simple_compress_into;
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

use super::repeats::Repeats;
use super::value::Value;

/// Of 0 to 12. Level 4 takes half to nine tenths of the time and up to 15 % more bytes; 12 takes up to
/// twenty times the time for mostly less than 1 %.
const LEVEL: usize = 8;
/// Values of a pco chunk where chunks adapt to what changes on the way.
const BLOCK_LEN: usize = 8_192;
/// One of so many blocks tells whether they pay.
const SAMPLE_STEP: usize = 4;
/// Where all values take so few bytes, nothing else is tried.
const SMALL_LEN: usize = 64;

/// What is tried: one pco chunk as pco takes it to be best; references to earlier values, for numbers
/// that repeat without being few, as coordinates that were undistorted; a dictionary, for numbers that
/// are few and far apart; chunks of [`BLOCK_LEN`] values.
pub(super) fn compress<T: Value>(values: &[T]) -> Vec<u8> {
    let config = ChunkConfig::default()
        .with_compression_level(LEVEL)
        .with_enable_8_bit(true)
        .with_paging_spec(PagingSpec::EqualPagesUpTo(values.len().max(1)));
    let blocks = config
        .clone()
        .with_paging_spec(PagingSpec::EqualPagesUpTo(BLOCK_LEN));
    let mut best = pack(values, &config);
    if best.len() <= SMALL_LEN + values.len() / 64 {
        return best;
    }
    if T::SIZE > 1 {
        let repeats = Repeats::of(values);
        let bits = |best: &Vec<u8>| (best.len() * 8) as f64 / values.len() as f64;
        if repeats.lookback < bits(&best) {
            let lookback = config
                .clone()
                .with_mode_spec(ModeSpec::Classic)
                .with_delta_spec(DeltaSpec::TryLookback);
            keep_smaller(&mut best, pack(values, &lookback));
        }
        if repeats.dictionary < bits(&best) {
            let dictionary = config.with_mode_spec(ModeSpec::TryDict);
            keep_smaller(&mut best, pack(values, &dictionary));
        }
    }
    if blocks_may_pay(values, best.len(), &blocks) {
        keep_smaller(&mut best, pack(values, &blocks));
    }
    best
}

/// Whether a sample of blocks is smaller than its share of one chunk.
fn blocks_may_pay<T: Value>(values: &[T], len: usize, config: &ChunkConfig) -> bool {
    if values.len() <= BLOCK_LEN {
        return false;
    }
    let (mut n, mut sample) = (0, 0);
    for block in values.chunks(BLOCK_LEN).step_by(SAMPLE_STEP) {
        n += block.len();
        sample += pack(block, config).len();
    }
    (sample as u64) * (values.len() as u64) < (len as u64) * (n as u64)
}

fn keep_smaller(best: &mut Vec<u8>, other: Vec<u8>) {
    if other.len() < best.len() {
        *best = other;
    }
}

fn pack<T: Value>(values: &[T], config: &ChunkConfig) -> Vec<u8> {
    simple_compress_into(values, config, Vec::new())
        .expect("pco takes any values of a valid configuration")
}
