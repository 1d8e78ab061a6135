//! What was measured over time, as curves on a picture.

use std::fmt::Write;
use std::ops::Range;

use crate::overlay::{LETTER, dot, write_text};
use crate::palette::{BACKGROUND, INK};
use crate::pixels::Picture;

/// What was measured beside the events, such as how fast the camera turned.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// In the order of their time.
    samples: Vec<(i64, f32)>,
    unit: String,
    decimals: usize,
    /// The largest of them, which reaches the top.
    full: f32,
    /// Samples that are further apart have a gap between them.
    joined: u64,
}

/// Dots of a curve, in height.
const CURVE: usize = 10;

/// Dots of a trace: the curve below its words.
const HEIGHT: usize = CURVE + LETTER + 2;

/// Times as far apart as most are there is a gap.
const GAP: u64 = 10;

impl Trace {
    /// Samples of what is not negative, at ticks of the recording, and how it is written: its unit in ASCII, and so
    /// many decimals. Those that are no numbers are left out.
    pub fn new(mut samples: Vec<(i64, f32)>, unit: impl Into<String>, decimals: usize) -> Self {
        samples.retain(|(_, value)| value.is_finite());
        samples.sort_by_key(|(t, _)| *t);
        let full = samples.iter().fold(0.0, |most: f32, (_, v)| most.max(*v));
        let steps = samples.windows(2).map(|two| two[1].0.abs_diff(two[0].0));
        let mut steps: Vec<u64> = steps.filter(|step| *step > 0).collect();
        let middle = steps.len() / 2;
        let usual = match steps.is_empty() {
            true => 0,
            false => *steps.select_nth_unstable(middle).1,
        };
        Self {
            samples,
            unit: unit.into(),
            decimals,
            full,
            joined: usual.saturating_mul(GAP),
        }
    }

    /// Pairs of samples that follow each other, of which a part may lie in the window.
    fn pairs(&self, window: &Range<i64>) -> impl Iterator<Item = [(i64, f32); 2]> {
        let first = self.samples.partition_point(|(t, _)| *t < window.start);
        let end = self.samples.partition_point(|(t, _)| *t < window.end);
        let around = first.saturating_sub(1)..(end + 1).min(self.samples.len());
        let pairs = self.samples[around].windows(2).map(|two| [two[0], two[1]]);
        pairs.filter(|[a, b]| a.0.abs_diff(b.0) <= self.joined)
    }

    /// The samples in the window.
    fn within(&self, window: &Range<i64>) -> &[(i64, f32)] {
        let first = self.samples.partition_point(|(t, _)| *t < window.start);
        let end = self.samples.partition_point(|(t, _)| *t < window.end);
        &self.samples[first..end]
    }
}

/// Draws traces over each other from `above` dots over the lower edge on, each from the start of the window to its end
/// and from 0 to the largest of its samples, under the latest one of the window; and says how many dots are taken then.
pub(crate) fn strips(
    picture: &mut Picture,
    traces: &[Trace],
    window: &Range<i64>,
    above: usize,
) -> usize {
    let dot = dot(picture);
    let mut above = above;
    for trace in traces {
        above += HEIGHT;
        let top = picture.height.saturating_sub(above * dot);
        let curve_top = top + (LETTER + 2) * dot;
        picture.fill(0, curve_top, picture.width, CURVE * dot, BACKGROUND);
        curve(picture, trace, window, curve_top, CURVE * dot);
        let mut text = std::mem::take(&mut picture.scratch.text);
        text.clear();
        // Writing to a string does not fail.
        let _ = match trace.within(window).last() {
            Some((_, value)) => write!(text, "{value:.*} {}", trace.decimals, trace.unit),
            None => write!(text, "- {}", trace.unit),
        };
        write_text(picture, 2 * dot, top + dot, dot, &text);
        picture.scratch.text = text;
    }
    above
}

/// Draws the curve of a trace into so many rows, as wide as the picture.
fn curve(picture: &mut Picture, trace: &Trace, window: &Range<i64>, top: usize, rows: usize) {
    let length = (i128::from(window.end) - i128::from(window.start)) as f64;
    let thick = dot(picture).div_ceil(2);
    let (columns, rows) = (picture.width as f64, rows.saturating_sub(thick) as f64);
    let x = |t: i64| (i128::from(t) - i128::from(window.start)) as f64 / length * columns;
    let share = |value: f32| match trace.full {
        0.0 => 0.0,
        full => f64::from(value / full),
    };
    let y = |value: f32| (1.0 - share(value)) * rows;
    for [(t0, v0), (t1, v1)] in trace.pairs(window) {
        let (x0, x1, y0, y1) = (x(t0), x(t1), y(v0), y(v1));
        let at = |x: f64| match x1 > x0 {
            true => y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0),
            false => y1,
        };
        let within = x0.max(0.0) as usize..(x1.min(columns).ceil().max(0.0) as usize);
        for column in within {
            // What of the pair lies in this column.
            let left = (column as f64).max(x0);
            let right = (column as f64 + 1.0).min(x1);
            let (a, b) = (at(left), at(right));
            let (high, low) = (a.min(b).round() as usize, a.max(b).round() as usize);
            picture.fill(column, top + high, 1, low - high + thick, INK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blank() -> Picture {
        let mut picture = Picture::default();
        picture.resize(100, 60);
        picture.indices.fill(7);
        picture
    }

    /// The rows of ink in a column of the lowest curve.
    fn ink(picture: &Picture, column: usize) -> Vec<usize> {
        let rows = 60 - CURVE..60;
        rows.filter(|y| picture.indices[y * 100 + column] == INK)
            .collect()
    }

    #[test]
    fn a_curve_is_where_its_samples_are() {
        let mut picture = blank();
        let samples = vec![(0, 0.0), (1_000, 9.0), (2_000, 0.0), (3_000, 0.0)];
        let trace = Trace::new(samples, "g", 1);
        assert_eq!(strips(&mut picture, &[trace], &(0..2_000), 0), HEIGHT);
        assert_eq!(ink(&picture, 0), [59]);
        assert_eq!(*ink(&picture, 49).first().unwrap(), 50);
        assert_eq!(ink(&picture, 99), [59]);
        // Halfway up.
        assert!(ink(&picture, 25).contains(&54) || ink(&picture, 25).contains(&55));
        // Of the window the latest, and not what comes at its end.
        assert_eq!(picture.scratch.text, "9.0 g");
        assert!(
            picture.indices[..100 * (60 - HEIGHT)]
                .iter()
                .all(|i| *i == 7)
        );
    }

    #[test]
    fn what_was_not_measured_is_not_drawn() {
        let trace = |samples: &[(i64, f32)]| Trace::new(samples.to_vec(), "g", 1);
        // A gap in the middle, and numbers that are none.
        let steps = (0..40)
            .map(|i| i * 10)
            .chain((0..40).map(|i| 1_600 + i * 10));
        let samples: Vec<_> = steps.map(|t| (t, 1.0)).chain([(800, f32::NAN)]).collect();
        let mut picture = blank();
        strips(&mut picture, &[trace(&samples)], &(0..2_000), 0);
        assert_eq!(ink(&picture, 10), [50]);
        assert!((21..79).all(|column| ink(&picture, column).is_empty()));
        assert_eq!(ink(&picture, 90), [50]);
        // A window in the gap, and nothing at all.
        for samples in [&samples[..], &[]] {
            let mut picture = blank();
            strips(&mut picture, &[trace(samples)], &(600..1_200), 0);
            assert!((0..100).all(|column| ink(&picture, column).is_empty()));
            assert_eq!(picture.scratch.text, "- g");
        }
    }

    #[test]
    fn a_window_between_two_samples_has_what_is_between_them() {
        let samples = (0..10).map(|i| (i * 1_000, i as f32));
        let trace = Trace::new(samples.collect(), "g", 0);
        let mut picture = blank();
        strips(&mut picture, &[trace], &(4_400..4_480), 0);
        assert!((0..100).all(|column| ink(&picture, column) == [55]));
    }

    #[test]
    fn times_and_numbers_at_their_ends() {
        let samples = vec![
            (i64::MIN, f32::MAX),
            (i64::MAX, f32::MAX),
            (0, f32::INFINITY),
        ];
        let trace = Trace::new(samples, "g", 0);
        for window in [i64::MIN..i64::MAX, i64::MIN..i64::MIN + 1, 5..5] {
            for (width, height) in [(1, 1), (3, 2), (100, 60)] {
                let mut picture = Picture::default();
                picture.resize(width, height);
                strips(&mut picture, &[trace.clone(), trace.clone()], &window, 12);
                assert_eq!(picture.indices.len(), width * height);
            }
        }
    }
}
