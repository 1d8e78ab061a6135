//! What a plot is made of, and where it stands.

use super::axis::{decimal, scaled, step, ticks};
use super::{LineColor, Plot, PlotLine};

/// Pixels of a letter, in width and height.
pub(super) const LETTER: usize = 16;

const LEFT: usize = 130;
const TOP: usize = 60;
const RIGHT: usize = Plot::WIDTH - 40;
const BOTTOM: usize = Plot::HEIGHT - 80;

/// Where the title starts, behind the label of the values.
const TITLE_LEFT: usize = 180;
/// Letters of the title, before the legend.
const TITLE_LETTERS: usize = 40;

/// What a shape is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Color {
    Grid,
    Line(LineColor),
}

/// Which end of a text stands where it is put.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug)]
pub(super) enum Shape {
    Rect {
        x: usize,
        y: usize,
        width: usize,
        height: usize,
        color: Color,
    },
    /// The top of its letters stands at `y`.
    Text {
        x: usize,
        y: usize,
        anchor: Anchor,
        text: String,
    },
    /// The highest and the lowest row of each column of pixels from `x` on.
    Line {
        x: usize,
        rows: Vec<(usize, usize)>,
        color: Color,
    },
}

pub(super) fn of(plot: &Plot) -> Vec<Shape> {
    let n = plot.lines.iter().map(|line| line.values.len()).max();
    let (start, seconds) = (plot.start, plot.step * n.unwrap_or(0).max(1) as f64);
    let seconds = if seconds > 0.0 { seconds } else { 1.0 };
    let values = plot.lines.iter().flat_map(|line| &line.values);
    let most = values.copied().fold(0.0, f64::max);
    let value_step = step(if most > 0.0 { most } else { 1.0 }, 6.0);
    let top = (most / value_step).ceil().max(1.0) * value_step;
    let mut shapes = Vec::new();
    for value in ticks(0.0, top, value_step) {
        let y = row(value, top);
        shapes.push(grid(LEFT, y, RIGHT - LEFT, 1));
        let text = scaled(value, top, value_step);
        shapes.push(label(LEFT - 14, y - LETTER / 2, Anchor::End, text));
    }
    let time_step = step(seconds, 9.0);
    for time in ticks(start, start + seconds, time_step) {
        let share = (time - start) / seconds;
        let x = LEFT + (share * (RIGHT - LEFT) as f64).round() as usize;
        shapes.push(grid(x, TOP, 1, BOTTOM - TOP));
        let text = decimal(time, time_step);
        shapes.push(label(x, BOTTOM + 12, Anchor::Middle, text));
    }
    let lines = plot.lines.iter().filter(|line| !line.values.is_empty());
    shapes.extend(lines.map(|line| Shape::Line {
        x: LEFT,
        rows: rows(line, top),
        color: Color::Line(line.color),
    }));
    let ink = Color::Line(LineColor::Ink);
    shapes.push(rect(LEFT - 1, TOP, 2, BOTTOM - TOP, ink));
    shapes.push(rect(LEFT - 1, BOTTOM, RIGHT - LEFT + 1, 2, ink));
    shapes.push(label(14, 20, Anchor::Start, plot.value_label.to_owned()));
    shapes.push(label(TITLE_LEFT, 20, Anchor::Start, title(&plot.title)));
    let middle = (LEFT + RIGHT) / 2;
    let time = "time in s".to_owned();
    shapes.push(label(middle, BOTTOM + 44, Anchor::Middle, time));
    let mut x = RIGHT;
    for line in plot.lines.iter().rev() {
        x -= line.name.len() * LETTER;
        shapes.push(label(x, 20, Anchor::Start, line.name.to_owned()));
        x -= 40;
        shapes.push(rect(x, 26, 30, 4, Color::Line(line.color)));
        x -= 30;
    }
    shapes
}

/// A title in letters that can be drawn, its start cut off where it is too long.
fn title(text: &str) -> String {
    let drawn = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
    let letters: Vec<char> = text.chars().map(drawn).collect();
    match letters.len().checked_sub(TITLE_LETTERS) {
        None | Some(0) => letters.into_iter().collect(),
        Some(more) => "..."
            .chars()
            .chain(letters.into_iter().skip(more + 3))
            .collect(),
    }
}

fn rect(x: usize, y: usize, width: usize, height: usize, color: Color) -> Shape {
    Shape::Rect {
        x,
        y,
        width,
        height,
        color,
    }
}

fn grid(x: usize, y: usize, width: usize, height: usize) -> Shape {
    rect(x, y, width, height, Color::Grid)
}

fn label(x: usize, y: usize, anchor: Anchor, text: String) -> Shape {
    Shape::Text { x, y, anchor, text }
}

/// The row of a value.
fn row(value: f64, top: f64) -> usize {
    let height = (BOTTOM - TOP) as f64;
    BOTTOM - (value / top * height).round() as usize
}

/// The rows of a line: in each column from the least to the largest of its values, which no column
/// leaves out, and joined to the column before.
fn rows(line: &PlotLine, top: f64) -> Vec<(usize, usize)> {
    let (values, columns) = (&line.values, RIGHT - LEFT);
    let mut rows: Vec<(usize, usize)> = Vec::with_capacity(columns);
    for column in 0..columns {
        let first = column * values.len() / columns;
        let end = ((column + 1) * values.len()).div_ceil(columns);
        // A column between two values belongs to the first of them.
        let end = if values.len() < columns {
            first + 1
        } else {
            end
        };
        let these = values[first..end].iter().map(|v| row(*v, top));
        let (mut high, mut low) = these.fold((usize::MAX, 0), |(h, l), y| (h.min(y), l.max(y)));
        if let Some((high_before, low_before)) = rows.last() {
            high = high.min(*low_before);
            low = low.max(*high_before);
        }
        rows.push((high, low));
    }
    rows
}
