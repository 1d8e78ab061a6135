//! A plot as SVG.

use std::fmt::Write;

use super::shapes::{Anchor, Color, LETTER, Shape};
use super::{LineColor, Plot};

pub(super) fn document(shapes: &[Shape]) -> String {
    let (width, height) = (Plot::WIDTH, Plot::HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"20\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for shape in shapes {
        // Writing to a string does not fail.
        let _ = match shape {
            Shape::Rect {
                x,
                y,
                width,
                height,
                color,
            } => writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"/>",
                name(*color)
            ),
            Shape::Text { x, y, anchor, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let y = y + LETTER;
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                writeln!(
                    svg,
                    "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"#101010\">{text}</text>"
                )
            }
            Shape::Line { x, rows, color } => writeln!(
                svg,
                "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" \
                 stroke-linejoin=\"round\"/>",
                path(*x, rows),
                name(*color)
            ),
        };
    }
    svg + "</svg>\n"
}

/// A way through the rows of each column; columns of one row like that before are passed over.
fn path(x: usize, rows: &[(usize, usize)]) -> String {
    let (mut path, mut at) = (String::new(), None);
    let mut go = |x: usize, y: usize| {
        let letter = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{x} {y}");
    };
    for (x, &(high, low)) in (x..).zip(rows) {
        // From the end that is where the line is already.
        let (first, last) = match at {
            Some(y) if y == low => (low, high),
            _ => (high, low),
        };
        if at != Some(first) || first != last {
            if let Some(y) = at {
                go(x, y);
            }
            go(x, first);
            go(x, last);
        }
        at = Some(last);
    }
    if let Some(y) = at {
        go(x + rows.len(), y);
    }
    path
}

fn name(color: Color) -> &'static str {
    match color {
        Color::Grid => "#e0e0e0",
        Color::Line(LineColor::Ink) => "#101010",
        Color::Line(LineColor::On) => "#d01018",
        Color::Line(LineColor::Off) => "#1848d8",
    }
}
