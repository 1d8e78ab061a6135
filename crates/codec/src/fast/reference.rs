//! The reference of x or y in a mini-block: the start of the window that holds the most values for
//! its bits.

use super::forever::MINI_LEN;
use crate::plane::BIT_SIZE;

/// Buckets of the histogram. With 32 the files grow by 0.3%, with 128 they shrink by 0.2%.
const BUCKETS: usize = 64;

/// The reference with which up to 256 values cost least, by an estimate: values on either side of
/// the window become exceptions of two bytes.
#[inline(always)]
pub(super) fn find(values: &[u16]) -> u16 {
    let (least, largest) = values.iter().fold((u16::MAX, 0), |(least, largest), &v| {
        (least.min(v), largest.max(v))
    });
    let range = largest.saturating_sub(least);
    // A bucket is 2^shift values.
    let shift = (u16::BITS - range.leading_zeros()).saturating_sub(BUCKETS.ilog2());
    // Four histograms, as neighbours often fall into the same bucket, and a counter that was just
    // stored is slow to load again.
    let mut counts = [[0i16; BUCKETS]; 4];
    for group in values.chunks(4) {
        for (counts, &v) in counts.iter_mut().zip(group) {
            counts[usize::from((v - least) >> shift) % BUCKETS] += 1;
        }
    }
    // Values before each bucket.
    let mut before = [0i16; BUCKETS + 1];
    for i in 0..BUCKETS {
        before[i + 1] = before[i] + counts.iter().map(|c| c[i]).sum::<i16>();
    }

    let mut best = (usize::MAX, 0);
    for span_bits in (0..=BUCKETS.ilog2()).rev() {
        let span = 1 << span_bits;
        // Count and bucket in one number, so that the search for the largest is vector code. Of
        // equal counts the first bucket wins.
        let most = before[span..]
            .iter()
            .zip(&before)
            .zip(&DESCENDING)
            .fold(0, |most: i16, ((end, start), at)| {
                most.max((end - start) << BUCKETS.ilog2() | at)
            });
        let held = (most >> BUCKETS.ilog2()) as usize;
        let at = BUCKETS - 1 - (most as usize % BUCKETS);
        let width = (shift + span_bits) as usize;
        let cost = width * BIT_SIZE + (values.len() - held) * 2;
        if cost < best.0 {
            best = (cost, at);
        }
    }
    least + ((best.1 as u16) << shift)
}

const DESCENDING: [i16; BUCKETS] = {
    let mut numbers = [0; BUCKETS];
    let mut i = 0;
    while i < BUCKETS {
        numbers[i] = (BUCKETS - 1 - i) as i16;
        i += 1;
    }
    numbers
};

// Count and bucket share an i16.
const _: () = assert!(MINI_LEN * BUCKETS + BUCKETS <= i16::MAX as usize + 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_values_are_in_the_window() {
        assert_eq!(find(&[7]), 7);
        assert_eq!(find(&[0, u16::MAX]), 0);
        assert_eq!(find(&[u16::MAX; 256]), u16::MAX);
        let mut values = [600; MINI_LEN];
        for (i, v) in values.iter_mut().enumerate() {
            *v += i as u16 % 32;
        }
        (values[3], values[200]) = (10, 1_270);
        let reference = find(&values);
        assert!((580..=600).contains(&reference), "{reference}");
    }
}
