//! Which table codes an event, from the columns that are decoded before.

use super::axis::{Axis, Given, Mode, TIME_CONTEXTS};

/// The number of the table of each event; `None` if there is one for all. `t` are the symbols of
/// time, `first` the values of the first axis; both are empty where they do not count. `before` is
/// the value of the first axis of the event before these, `None` at the start of a segment.
#[inline(always)]
pub(super) fn contexts<'a>(
    axis: &Axis,
    first_base: u16,
    t: &[u8],
    first: &[u16],
    before: Option<u16>,
    out: &'a mut [u8],
) -> Option<&'a [u8]> {
    if axis.tables() == 1 {
        return None;
    }
    let starts = first.first().map(|&first| before == Some(first));
    match axis.given {
        Given::Nothing => {}
        Given::Time => {
            for (out, &t) in out.iter_mut().zip(t) {
                *out = t.min(TIME_CONTEXTS as u8 - 1);
            }
        }
        Given::Same => {
            let pairs = first.windows(2).map(|pair| pair[0] == pair[1]);
            for (out, same) in out.iter_mut().zip(starts.into_iter().chain(pairs)) {
                *out = same.into();
            }
        }
        Given::First => {
            let most = (axis.given_values - 1) as u16;
            // A shift of 16 leaves nothing.
            let (shift, rest) = (axis.given_shift.min(15), axis.given_shift / 16);
            let high =
                |first: u16| ((first.wrapping_sub(first_base) >> shift >> rest).min(most)) as u8;
            if axis.mode == Mode::Mixed {
                if let (Some(out), Some(&first)) = (out.first_mut(), first.first()) {
                    *out = (high(first) + 1) * u8::from(starts != Some(true));
                }
                let others = first.iter().skip(1).zip(first);
                for (out, (&first, &before)) in out.iter_mut().skip(1).zip(others) {
                    let changed = high(first) + 1;
                    *out = if first == before { 0 } else { changed };
                }
            } else {
                for (out, &first) in out.iter_mut().zip(first) {
                    *out = high(first);
                }
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_of_every_kind() {
        let axis = Axis {
            mode: Mode::Direct,
            given: Given::Nothing,
            shift: 0,
            given_shift: 2,
            given_values: 3,
            symbols: 1,
            span: 0,
            base: 0,
        };
        let (t, first) = ([0, 15, 200, 3], [10, 10, 17, 40]);
        let mut out = [9; 4];
        assert_eq!(contexts(&axis, 8, &t, &first, None, &mut out), None);
        let mut after = |axis: Axis, before| {
            contexts(&axis, 8, &t, &first, before, &mut out)
                .unwrap()
                .to_vec()
        };
        let mut with = |axis| after(axis, None);
        let given = |given| Axis { given, ..axis };
        assert_eq!(with(given(Given::Time)), [0, 15, 15, 3]);
        assert_eq!(with(given(Given::Same)), [0, 1, 0, 0]);
        assert_eq!(with(given(Given::First)), [0, 0, 2, 2]);
        let mixed = Axis {
            mode: Mode::Mixed,
            ..given(Given::First)
        };
        assert_eq!(with(mixed), [1, 0, 3, 3]);
        let all = Axis {
            given_shift: 16,
            ..given(Given::First)
        };
        assert_eq!(with(all), [0, 0, 0, 0]);
        assert_eq!(after(given(Given::Same), Some(10)), [1, 1, 0, 0]);
        assert_eq!(after(mixed, Some(10)), [0, 0, 3, 3]);
        assert_eq!(after(mixed, Some(11)), [1, 0, 3, 3]);
    }
}
