//! Lines over time, as a picture for a report.

mod axis;
mod raster;
mod shapes;
mod svg;

use evz_core::Result;

/// What a line is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineColor {
    /// Nearly black.
    Ink,
    /// That of ON events.
    On,
    /// That of OFF events.
    Off,
}

/// A line of a plot: a value for each part of the time.
#[derive(Debug, Clone)]
pub struct PlotLine {
    /// What the legend calls it, in ASCII.
    pub name: &'static str,
    /// What it is drawn in.
    pub color: LineColor,
    /// Its values, none below 0.
    pub values: Vec<f64>,
}

/// Lines over the same time, the first of them behind the others.
#[derive(Debug, Clone)]
pub struct Plot {
    /// What it is of; as much of it is drawn as there is room for.
    pub title: String,
    /// What stands at the axis of values, in ASCII.
    pub value_label: &'static str,
    /// Where the first value's time starts, in seconds.
    pub start: f64,
    /// How long each value's time is, in seconds.
    pub step: f64,
    /// The lines, all of the same number of values.
    pub lines: Vec<PlotLine>,
}

impl Plot {
    /// Pixels in a row of the picture.
    pub const WIDTH: usize = 1280;
    /// Rows of the picture.
    pub const HEIGHT: usize = 720;

    /// The plot as the bytes of a PNG file.
    ///
    /// # Errors
    /// If it cannot be encoded.
    pub fn png(&self) -> Result<Vec<u8>> {
        raster::png(&shapes::of(self))
    }

    /// The plot as an SVG document.
    pub fn svg(&self) -> String {
        svg::document(&shapes::of(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(values: &[f64]) -> Plot {
        let line = |name, color| PlotLine {
            name,
            color,
            values: values.to_vec(),
        };
        Plot {
            title: "calibração & <more>, of a recording with a long name".to_owned(),
            value_label: "events/s",
            start: 1.5,
            step: 0.25,
            lines: vec![line("sum", LineColor::Ink), line("ON", LineColor::On)],
        }
    }

    #[test]
    fn every_number_of_values_is_drawn() {
        let many: Vec<f64> = (0..10_000).map(|i| f64::from(i % 7) * 1e5).collect();
        for values in [&[][..], &[0.0], &[3.0], &[1.0, 1e12, 0.0], &many] {
            let plot = plot(values);
            assert!(plot.png().unwrap().starts_with(b"\x89PNG"));
            let svg = plot.svg();
            assert!(
                svg.contains("events/s") && svg.len() < 200_000,
                "{}",
                svg.len()
            );
        }
    }
}
