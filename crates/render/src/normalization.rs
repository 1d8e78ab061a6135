//! What makes the values of different windows alike.

use std::str::FromStr;

use evz_core::{Error, Result};

/// How the values of a frame are normalised. Where nothing is but 0, all stays 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Normalization {
    /// Those that are not 0 have their mean taken off and are divided by their standard deviation, if that is
    /// not 0; the others stay 0. That of the whole, `sqrt(mean(v²) - mean(v)²)`, is E2VID's (Rebecq et al.,
    /// "High Speed and High Dynamic Range Video with an Event Camera", 2019, `EventPreprocessor`); that of a
    /// sample, divided by one less than their number, is that of E-RAFT and DSEC (Gehrig et al., "E-RAFT: Dense
    /// Optical Flow from Event Cameras", 2021, `VoxelGrid`).
    NonZero(Deviation),
    /// Divided by the largest magnitude: -1 to 1. Of a time surface that is the latest time, and 0 for none.
    Max,
    /// Divided by this percentile of the magnitudes of those that are not 0, from 0 to 100, and held to
    /// -1 to 1. Between two of them it is interpolated, as NumPy's `percentile` does.
    Percentile(f32),
    /// Divided by this.
    By(f32),
}

/// Of what a standard deviation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviation {
    /// All values there are.
    Whole,
    /// A sample: the sum of squares is divided by one less than their number.
    Sample,
}

impl FromStr for Normalization {
    type Err = Error;

    /// `nonzero`, or `sample` for the same by the deviation of a sample; `max`; a percentile such as `p99`; or
    /// a number to divide by.
    fn from_str(text: &str) -> Result<Self> {
        let refused = || {
            let what = format!(
                "no normalisation {text:?}; it is nonzero, sample, max, a percentile such as p99, or a \
                 number to divide by"
            );
            Error::invalid(what)
        };
        let number = |text: &str| text.parse::<f32>().map_err(|_| refused());
        Ok(match (text, text.strip_prefix('p')) {
            ("nonzero", _) => Self::NonZero(Deviation::Whole),
            ("sample", _) => Self::NonZero(Deviation::Sample),
            ("max", _) => Self::Max,
            (_, Some(percent)) => Self::Percentile(number(percent)?),
            (_, None) => Self::By(number(text)?),
        })
    }
}

impl Normalization {
    /// Refuses a percentile and a divisor that are none.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Self::Percentile(p) if !(0.0..=100.0).contains(&p) => Err(Error::invalid(format!(
                "{p} is no percentile, from 0 to 100"
            ))),
            Self::By(by) if !(by.is_finite() && by > 0.0) => Err(Error::invalid(
                "values are divided by a number of more than 0",
            )),
            _ => Ok(()),
        }
    }

    /// Normalises the values of a frame; `scratch` is memory for them.
    pub(crate) fn apply(self, values: &mut [f32], scratch: &mut Vec<f32>) {
        match self {
            Self::NonZero(deviation) => non_zero(values, deviation),
            Self::Max => {
                let most = values.iter().fold(0f32, |most, v| most.max(v.abs()));
                divide(values, most);
            }
            Self::By(by) => divide(values, by),
            Self::Percentile(p) => {
                scratch.clear();
                scratch.extend(values.iter().map(|v| v.abs()).filter(|v| *v > 0.0));
                divide(values, percentile(scratch, p));
                values.iter_mut().for_each(|v| *v = v.clamp(-1.0, 1.0));
            }
        }
    }
}

/// Those that are not 0 less their mean, over their deviation.
fn non_zero(values: &mut [f32], deviation: Deviation) {
    let n = values.iter().filter(|v| **v != 0.0).count() as u64;
    if n == 0 {
        return;
    }
    let mean = sum(values, |v| v) / n as f64;
    let squares = sum(values, |v| if v == 0.0 { 0.0 } else { (v - mean).powi(2) });
    let of = match deviation {
        Deviation::Whole => n,
        Deviation::Sample => n - 1,
    };
    let deviation = match of {
        0 => 0.0,
        of => (squares / of as f64).sqrt(),
    };
    let by = if deviation > 0.0 { deviation } else { 1.0 };
    for v in values.iter_mut().filter(|v| **v != 0.0) {
        *v = ((f64::from(*v) - mean) / by) as f32;
    }
}

/// The sum of what `of` makes of each, several at once.
fn sum(values: &[f32], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0f64; 8];
    let mut parts = values.chunks_exact(8);
    for part in &mut parts {
        for (sum, v) in sums.iter_mut().zip(part) {
            *sum += of(f64::from(*v));
        }
    }
    let rest = parts.remainder().iter().map(|v| of(f64::from(*v)));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

fn divide(values: &mut [f32], by: f32) {
    if by > 0.0 {
        values.iter_mut().for_each(|v| *v /= by);
    }
}

/// The percentile of values that may be put in another order; 0 of none.
fn percentile(values: &mut [f32], p: f32) -> f32 {
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    let place = last as f64 * f64::from(p) / 100.0;
    let at = (place as usize).min(last);
    let (_, &mut low, above) = values.select_nth_unstable_by(at, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    (f64::from(low) + (f64::from(high) - f64::from(low)) * (place - at as f64)) as f32
}
