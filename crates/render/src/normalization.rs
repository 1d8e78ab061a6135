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

/// What values are divided by, at least: by less, sums of events would not be numbers of 32 bits any more.
const LEAST_DIVISOR: f32 = 1e-30;

impl Normalization {
    /// Refuses a percentile and a divisor that are none.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Self::Percentile(p) if !(0.0..=100.0).contains(&p) => Err(Error::invalid(format!(
                "{p} is no percentile, from 0 to 100"
            ))),
            Self::By(by) if !(by.is_finite() && by >= LEAST_DIVISOR) => Err(Error::invalid(
                "values are divided by a number of more than 0, of 1e-30 at least",
            )),
            _ => Ok(()),
        }
    }

    /// What measures a frame for it; `memory` is to work in.
    pub(crate) fn measure(self, memory: &mut Vec<f32>) -> Measure<'_> {
        memory.clear();
        match self {
            Self::NonZero(deviation) => Measure::NonZero(deviation, Sums::default()),
            Self::Max => Measure::Max(0.0),
            Self::By(by) => Measure::By(by),
            Self::Percentile(p) => Measure::Percentile(p, memory),
        }
    }
}

/// Measures what of a frame is not 0, part by part.
pub(crate) enum Measure<'a> {
    NonZero(Deviation, Sums),
    Max(f32),
    By(f32),
    Percentile(f32, &'a mut Vec<f32>),
}

/// How many values there are, and the sums of what each is more than the first one, and of the squares of that:
/// those that are all alike then have a deviation of exactly 0. Several at once.
#[derive(Default)]
pub(crate) struct Sums {
    first: Option<f32>,
    n: u64,
    sums: [f64; LANES],
    squares: [f64; LANES],
}

/// Values that are worked on together.
const LANES: usize = 8;

impl Measure<'_> {
    #[inline(always)]
    pub(crate) fn add<const N: usize>(&mut self, part: &[f32; N]) {
        match self {
            Self::NonZero(_, sums) => sums.add(part),
            Self::Max(most) => *most = part.iter().fold(*most, |most, v| most.max(v.abs())),
            Self::By(_) => {}
            Self::Percentile(_, memory) => {
                memory.extend(part.iter().map(|v| v.abs()).filter(|v| *v > 0.0));
            }
        }
    }

    /// What is made of each value.
    pub(crate) fn scale(self) -> Scale {
        match self {
            Self::NonZero(deviation, sums) => sums.scale(deviation),
            Self::Max(by) | Self::By(by) => Scale::over(by, f32::INFINITY),
            Self::Percentile(p, memory) => Scale::over(percentile(memory, p), 1.0),
        }
    }
}

impl Sums {
    #[inline(always)]
    fn add<const N: usize>(&mut self, part: &[f32; N]) {
        let first = match self.first {
            Some(first) => first,
            None => match part.iter().find(|v| **v != 0.0) {
                Some(first) => *self.first.insert(*first),
                None => return,
            },
        };
        let first = f64::from(first);
        let (mut n, mut sums, mut squares) = (0, self.sums, self.squares);
        for part in part.chunks_exact(LANES) {
            for k in 0..LANES {
                let is_there = part[k] != 0.0;
                let more = if is_there {
                    f64::from(part[k]) - first
                } else {
                    0.0
                };
                n += u32::from(is_there);
                sums[k] += more;
                squares[k] += more * more;
            }
        }
        self.n += u64::from(n);
        (self.sums, self.squares) = (sums, squares);
    }

    /// Those that are not 0 less their mean, over their deviation.
    fn scale(self, deviation: Deviation) -> Scale {
        let (sum, squares) = (
            self.sums.iter().sum::<f64>(),
            self.squares.iter().sum::<f64>(),
        );
        let of = match deviation {
            Deviation::Whole => self.n,
            Deviation::Sample => self.n.saturating_sub(1),
        };
        let n = self.n.max(1) as f64;
        let deviation = match of {
            0 => 0.0,
            of => ((squares - sum * sum / n).max(0.0) / of as f64).sqrt(),
        };
        Scale::NonZero {
            mean: f64::from(self.first.unwrap_or_default()) + sum / n,
            times: if deviation > 0.0 {
                deviation.recip()
            } else {
                1.0
            },
        }
    }
}

/// What is made of each value of a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scale {
    /// It is what it is.
    Same,
    /// It is divided by this, and held to this magnitude.
    Over { by: f32, most: f32 },
    /// If it is not 0, its mean is taken off and it is multiplied by this.
    NonZero { mean: f64, times: f64 },
}

impl Scale {
    fn over(by: f32, most: f32) -> Self {
        match by > 0.0 {
            true => Self::Over { by, most },
            false => Self::Same,
        }
    }

    /// What comes of values.
    #[inline(always)]
    pub(crate) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Same => {}
            Self::Over { by, most } => {
                for v in values {
                    *v = (*v / by).clamp(-most, most);
                }
            }
            Self::NonZero { mean, times } => {
                for v in values {
                    let scaled = ((f64::from(*v) - mean) * times) as f32;
                    *v = if *v == 0.0 { *v } else { scaled };
                }
            }
        }
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
