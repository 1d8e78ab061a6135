//! Events that no pixel around them bears out.

use evz_core::{EventSlice, Result};
use wide::u32x4;

use super::chosen::Choose;
use super::pixel_map::PixelMap;

/// Keeps events which follow on one of a pixel around theirs.
pub(super) struct Background {
    /// Ticks within which it follows.
    span: u64,
    last: Last,
}

/// The time of the last event of each pixel.
enum Last {
    /// Ticks from `zero` on, and 0 for no event. Memory is what this filter waits for: these are half of
    /// it, and one instruction looks at four.
    Near {
        zero: Option<i64>,
        ticks: PixelMap<u32>,
    },
    /// Times, once one was too far from `zero`; `i64::MIN` for no event.
    Far(PixelMap<i64>),
}

/// Ticks from zero to the first event: as far as times may run backwards.
const BACK: i64 = 1 << 30;

impl Background {
    pub(super) fn new(span: i64) -> Self {
        Self {
            span: span.unsigned_abs(),
            last: Last::Near {
                zero: None,
                ticks: PixelMap::new(0),
            },
        }
    }
}

impl Choose for Background {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        let span = self.span;
        if let Last::Near { zero, ticks } = &mut self.last {
            let zero = *zero.get_or_insert(events.t[0].saturating_sub(BACK));
            if are_near(events.t, zero, span) {
                let span = span as u32;
                let follows = |[above, own, below]: [[u32; 4]; 3], t: u32| {
                    let from = u32x4::splat(t.wrapping_sub(span).wrapping_add(1));
                    let width = u32x4::splat((2 * span).saturating_sub(1));
                    let near = |row| (u32x4::from(row) - from).simd_lt(width);
                    let others = near(above) | near(below);
                    (others.to_bitmask() & 0b0111) | (near(own).to_bitmask() & 0b0101) != 0
                };
                return those_that(follows, |t| (t - zero) as u32, ticks, events, kept);
            }
            self.last = Last::Far(ticks.map(i64::MIN, |ticks| match ticks {
                0 => i64::MIN,
                _ => zero + i64::from(ticks),
            }));
        }
        let Last::Far(last) = &mut self.last else {
            unreachable!("those that are near have returned");
        };
        let follows = |[above, own, below]: [[i64; 4]; 3], t: i64| {
            let near = |last: i64| t.abs_diff(last) < span;
            let row = |row: [i64; 4]| near(row[0]) | near(row[1]) | near(row[2]);
            row(above) | row(below) | near(own[0]) | near(own[2])
        };
        those_that(follows, |t| t, last, events, kept)
    }

    fn what(&self) -> String {
        "events of background activity".to_owned()
    }
}

/// Whether 32 bits hold the ticks from zero to each of these times, of which none follows on 0, and no two
/// do so because they overflow.
fn are_near(times: &[i64], zero: i64, span: u64) -> bool {
    let ends = (i64::MAX, i64::MIN);
    let further = |(first, last): (i64, i64), t: &i64| (first.min(*t), last.max(*t));
    let (first, last) = times.iter().fold(ends, further);
    let (zero, span) = (i128::from(zero), i128::from(span));
    i128::from(first) - zero >= span && i128::from(last) - zero <= i128::from(u32::MAX) - span
}

/// Chooses events by the times around them: of the pixels left of theirs, at it and right of it, and one
/// that is no neighbour, in the row above, their own, and the one below. All are looked at, without a
/// branch for each: which of them it is is anyone's guess.
#[inline]
fn those_that<T: Copy>(
    follow: impl Fn([[T; 4]; 3], T) -> bool,
    time: impl Fn(i64) -> T,
    last: &mut PixelMap<T>,
    events: EventSlice<'_>,
    kept: &mut [u32],
) -> Result<usize> {
    last.reach(events)?;
    let (origin, stride) = (last.cell(0, 0), last.stride());
    let cells = last.cells();
    let mut n = 0;
    let pixels = events.x.iter().zip(events.y);
    for (i, (t, (&x, &y))) in events.t.iter().zip(pixels).enumerate() {
        let (at, t) = (origin + usize::from(y) * stride + usize::from(x), time(*t));
        let row = |middle: usize| *cells[middle - 1..].first_chunk().expect("four cells");
        let is_borne_out = follow([row(at - stride), row(at), row(at + stride)], t);
        cells[at] = t;
        kept[n] = i as u32;
        n += usize::from(is_borne_out);
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evz_core::{Event, EventBatch};

    #[test]
    fn times_before_a_leap_are_kept() {
        let mut filter = Background::new(1_000);
        let mut is_kept = |t, x| {
            let event: EventBatch = [Event { t, x, y: 0, p: 0 }].into_iter().collect();
            filter.choose(event.as_slice(), &mut [0]).unwrap() == 1
        };
        assert!(!is_kept(5_000, 0));
        assert!(is_kept(5_999, 1));
        // 32 bits would take the one for the other.
        assert!(!is_kept(5_000 + (1 << 32), 2));
        assert!(is_kept(5_100 + (1 << 32), 3));
        assert!(!is_kept(5_100, 3));
        assert!(is_kept(5_100, 0));
    }
}
