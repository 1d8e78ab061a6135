//! The value that gets full colour.

use std::fmt;
use std::str::FromStr;

use evz_core::{Error, Result};

/// Which value gets full colour; what exceeds it does so too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// This value in every frame: colours can be compared between frames.
    Fixed(f32),
    /// In each frame the magnitude that this percentage of its pixels with events do not exceed: no
    /// frame is too dark, whatever its window, and a hot pixel does not darken the others.
    Percentile(f32),
}

/// The scale of a style that says nothing else.
pub const DEFAULT_SCALE: Scale = Scale::Percentile(95.0);

impl Default for Scale {
    fn default() -> Self {
        DEFAULT_SCALE
    }
}

impl FromStr for Scale {
    type Err = Error;

    /// A number, or a percentile such as `p99`.
    fn from_str(text: &str) -> Result<Self> {
        let refused = || {
            let what = format!(
                "no scale {text:?}; write the value of full colour, as 3, or a percentile from p0 \
                 to p100, as p99"
            );
            Error::invalid(what)
        };
        let number = |text: &str| text.parse::<f32>().map_err(|_| refused());
        let scale = match text.strip_prefix('p') {
            Some(percent) => Self::Percentile(number(percent)?),
            None => Self::Fixed(number(text)?),
        };
        let makes_sense = match scale {
            Self::Fixed(value) => value.is_normal() && value > 0.0,
            Self::Percentile(percent) => (0.0..=100.0).contains(&percent),
        };
        makes_sense.then_some(scale).ok_or_else(refused)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(value) => write!(f, "{value}"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
        }
    }
}

impl Scale {
    /// The value of full colour in a frame of these values.
    pub(crate) fn full(self, values: &[f32], magnitudes: &mut Magnitudes) -> f32 {
        match self {
            Self::Fixed(value) => value,
            Self::Percentile(percent) => magnitudes.percentile(values, percent),
        }
    }
}

/// Bits of a float below those that make its bin: bins are 1/128 apart, and whole numbers up to 256
/// have one each.
const BIN_SHIFT: u32 = 16;

/// Room to count magnitudes in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Magnitudes(Vec<u32>);

impl Magnitudes {
    /// The magnitude that so many percent of the values other than 0 do not exceed, 1 if there is none.
    /// The bits of positive floats sort as the floats do, so that their upper half can be the bin.
    fn percentile(&mut self, values: &[f32], percent: f32) -> f32 {
        self.0.clear();
        self.0.resize(1 << (31 - BIN_SHIFT), 0);
        let mut counted = 0_u32;
        for value in values {
            if *value != 0.0 && value.is_finite() {
                self.0[(value.abs().to_bits() >> BIN_SHIFT) as usize] += 1;
                counted += 1;
            }
        }
        let wanted = (f64::from(counted) * f64::from(percent) / 100.0).ceil() as u32;
        let mut below = 0;
        for (bin, count) in (0_u32..).zip(&self.0) {
            below += count;
            if *count > 0 && below >= wanted {
                return f32::from_bits(bin << BIN_SHIFT).max(f32::MIN_POSITIVE);
            }
        }
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentile(values: &[f32], percent: f32) -> f32 {
        Scale::Percentile(percent).full(values, &mut Magnitudes::default())
    }

    #[test]
    fn a_percentile_is_that_of_the_pixels_with_events() {
        let mut values = vec![0.0; 1000];
        for (i, value) in values.iter_mut().take(100).enumerate() {
            *value = if i % 2 == 0 { 1.0 } else { -1.0 } * (i + 1) as f32;
        }
        assert_eq!(percentile(&values, 99.0), 99.0);
        assert_eq!(percentile(&values, 50.0), 50.0);
        assert_eq!(percentile(&values, 100.0), 100.0);
        assert_eq!(percentile(&values, 0.0), 1.0);
    }

    #[test]
    fn a_hot_pixel_does_not_set_the_scale() {
        let mut values = vec![2.0; 1000];
        values[7] = 30_000.0;
        assert_eq!(percentile(&values, 99.0), 2.0);
    }

    #[test]
    fn a_frame_without_finite_values_has_the_scale_1() {
        assert_eq!(percentile(&[], 99.0), 1.0);
        assert_eq!(percentile(&[0.0; 5], 99.0), 1.0);
        assert_eq!(percentile(&[f32::NAN, f32::INFINITY], 99.0), 1.0);
    }

    #[test]
    fn a_scale_reads_back_what_it_shows() {
        for text in ["3", "0.5", "p99", "p99.5", "p0", "p100"] {
            assert_eq!(text.parse::<Scale>().unwrap().to_string(), text);
        }
        for text in ["", "p", "0", "-1", "nan", "inf", "p101", "p-1", "99%"] {
            let error = text.parse::<Scale>().unwrap_err().to_string();
            assert!(error.contains("write the value of full colour"), "{error}");
        }
    }
}
