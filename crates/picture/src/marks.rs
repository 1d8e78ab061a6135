//! Moments that are marked on a picture.

use std::ops::Range;

use crate::overlay::{LETTER, dot, write_text};
use crate::palette::{BACKGROUND, INK};
use crate::pixels::Picture;

/// A moment of a recording, and a word or two for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When, in ticks of the recording.
    pub t: i64,
    /// What is written below its tick, in ASCII.
    pub label: String,
}

/// Dots of a tick, in height.
const TICK: usize = 4;

/// Draws a strip `above` dots over the lower edge, as wide as the picture, in which the marks that fall into the
/// window stand where they fall; none if none does. A label that would lie over the one before it is left out.
pub(crate) fn strip(picture: &mut Picture, marks: &[Mark], window: &Range<i64>, above: usize) {
    let within = |mark: &&Mark| window.contains(&mark.t);
    let mut marks = marks.iter().filter(within).peekable();
    if marks.peek().is_none() {
        return;
    }
    let dot = dot(picture);
    let height = (TICK + LETTER + 2) * dot;
    let top = picture.height.saturating_sub(height + above * dot);
    picture.fill(0, top, picture.width, height, BACKGROUND);
    let length = (i128::from(window.end) - i128::from(window.start)) as f64;
    let places = picture.width.saturating_sub(dot) as f64;
    let mut free = 0;
    for mark in marks {
        let since = (i128::from(mark.t) - i128::from(window.start)) as f64;
        let x = (since / length * places) as usize;
        picture.fill(x, top, dot, TICK * dot, INK);
        let width = mark.label.len() * LETTER * dot;
        let left = (x + dot / 2).saturating_sub(width / 2);
        let left = left.min(picture.width.saturating_sub(width));
        if left >= free {
            free = write_text(picture, left, top + (TICK + 1) * dot, dot, &mark.label)
                + LETTER / 2 * dot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(marks: &[(i64, &str)], above: usize) -> Picture {
        let mut picture = Picture::default();
        picture.resize(100, 40);
        picture.indices.fill(7);
        let mark = |(t, label): &(i64, &str)| Mark {
            t: *t,
            label: (*label).to_owned(),
        };
        let marks: Vec<Mark> = marks.iter().map(mark).collect();
        strip(&mut picture, &marks, &(1_000..2_000), above);
        picture
    }

    fn row(picture: &Picture, y: usize) -> Vec<usize> {
        let row = &picture.indices[y * 100..][..100];
        (0..100).filter(|x| row[*x] == INK).collect()
    }

    #[test]
    fn ticks_stand_where_they_fall() {
        let picture = drawn(
            &[
                (999, ""),
                (1_000, ""),
                (1_500, ""),
                (1_999, ""),
                (2_000, ""),
            ],
            0,
        );
        assert_eq!(row(&picture, 26), [0, 49, 98]);
        assert_eq!(row(&picture, 29), [0, 49, 98]);
        assert!(row(&picture, 25).is_empty() && row(&picture, 30).is_empty());
        assert_eq!(picture.indices[25 * 100], 7);
        assert_eq!(row(&drawn(&[(1_500, "")], 10), 16), [49]);
    }

    #[test]
    fn labels_do_not_lie_over_each_other() {
        let alone = drawn(&[(1_500, "6")], 0);
        let below = |picture: &Picture| (31..39).map(|y| row(picture, y)).collect::<Vec<_>>();
        assert!(below(&alone).concat().iter().all(|x| (45..53).contains(x)));
        assert_eq!(
            below(&drawn(&[(1_500, "6"), (1_510, "7")], 0)),
            below(&alone)
        );
        assert_ne!(
            below(&drawn(&[(1_500, "6"), (1_900, "7")], 0)),
            below(&alone)
        );
    }

    #[test]
    fn what_does_not_fall_into_the_window_leaves_the_picture_alone() {
        assert!(
            drawn(&[(5, "6")], 0)
                .indices
                .iter()
                .all(|index| *index == 7)
        );
        assert!(drawn(&[], 0).indices.iter().all(|index| *index == 7));
        let mut tiny = Picture::default();
        tiny.resize(3, 2);
        let mark = Mark {
            t: i64::MIN,
            label: "long".to_owned(),
        };
        strip(&mut tiny, &[mark], &(i64::MIN..i64::MAX), 10);
        assert_eq!(tiny.indices.len(), 6);
    }
}
