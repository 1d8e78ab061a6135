//! Frames as a network takes them: clipped, normalised, of another type or order of channels.

use std::fmt;
use std::str::FromStr;

use evz_core::{Error, Result, alternatives};
use half::f16;

use crate::facts::ValueType;
use crate::frame::{Frame, Values, add_le_bytes};
use crate::representation::Representation;

/// How the values of a frame are made ready for a network, in this order: channels are put in order, values
/// are clipped, normalised, and given another type.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Preparation {
    /// Which polarity's channels come first.
    pub channels: ChannelOrder,
    /// Holds values to `-clip..=clip`.
    pub clip: Option<f32>,
    /// Makes the values of different windows alike.
    pub normalize: Option<Normalization>,
    /// The type of the values; by default that of the representation, and `f32` of what is normalised.
    pub array_type: Option<ArrayType>,
}

/// The type of prepared values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrayType {
    /// 8 bits, unsigned.
    U8,
    /// 16 bits, signed.
    I16,
    /// 16 bits, unsigned.
    U16,
    /// 16-bit float.
    F16,
    /// 32-bit float.
    F32,
}

/// The values of a prepared frame: `[channels, height, width]`, the last index the fastest.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// Of 8 bits, unsigned.
    U8(Vec<u8>),
    /// Of 16 bits, signed.
    I16(Vec<i16>),
    /// Of 16 bits, unsigned.
    U16(Vec<u16>),
    /// 16-bit floats.
    F16(Vec<f16>),
    /// 32-bit floats.
    F32(Vec<f32>),
}

/// Which polarity's channels come first, of a representation that has channels of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelOrder {
    /// OFF events, then ON events.
    #[default]
    OffOn,
    /// ON events, then OFF events.
    OnOff,
}

/// How the values of a frame are normalised. Where nothing is but 0, all stays 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Normalization {
    /// Those that are not 0 have their mean taken off and are divided by their standard deviation, if that is
    /// not 0; the others stay 0. That of the whole, `sqrt(mean(v²) - mean(v)²)`, is E2VID's (Rebecq et al.,
    /// "High Speed and High Dynamic Range Video with an Event Camera", 2019, `EventPreprocessor`); that of a
    /// sample, divided by one less than their number, is that of E-RAFT and DSEC (Gehrig et al., "E-RAFT: Dense
    /// Optical Flow from Event Cameras", 2021, `VoxelGrid`).
    NonZero(Deviation),
    /// Divided by the largest magnitude: -1 to 1.
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

/// Prepares the frames of one representation.
#[derive(Debug, Clone)]
pub struct Preparer {
    preparation: Preparation,
    /// The values as floats, and the magnitudes of those that are not 0.
    floats: Vec<f32>,
    magnitudes: Vec<f32>,
    prepared: Prepared,
}

impl ArrayType {
    /// All types.
    pub const ALL: [Self; 5] = [Self::U8, Self::I16, Self::U16, Self::F16, Self::F32];

    /// Its name as Rust and NumPy users write it: `f16`.
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::F16 => "f16",
            Self::F32 => "f32",
        }
    }

    /// How NumPy writes it, little-endian: `<f2`.
    pub fn descr(self) -> &'static str {
        match self {
            Self::U8 => "|u1",
            Self::I16 => "<i2",
            Self::U16 => "<u2",
            Self::F16 => "<f2",
            Self::F32 => "<f4",
        }
    }

    /// Bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

impl From<ValueType> for ArrayType {
    fn from(of: ValueType) -> Self {
        match of {
            ValueType::I16 => Self::I16,
            ValueType::U16 => Self::U16,
            ValueType::F32 => Self::F32,
        }
    }
}

impl FromStr for ArrayType {
    type Err = Error;

    /// One by its name.
    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|of| of.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            Error::invalid(format!("no type {text:?}; it is {}", alternatives(&names)))
        })
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Prepared {
    fn of(array_type: ArrayType) -> Self {
        match array_type {
            ArrayType::U8 => Self::U8(Vec::new()),
            ArrayType::I16 => Self::I16(Vec::new()),
            ArrayType::U16 => Self::U16(Vec::new()),
            ArrayType::F16 => Self::F16(Vec::new()),
            ArrayType::F32 => Self::F32(Vec::new()),
        }
    }

    /// The type of the values.
    pub fn array_type(&self) -> ArrayType {
        match self {
            Self::U8(_) => ArrayType::U8,
            Self::I16(_) => ArrayType::I16,
            Self::U16(_) => ArrayType::U16,
            Self::F16(_) => ArrayType::F16,
            Self::F32(_) => ArrayType::F32,
        }
    }

    /// Adds the values to bytes, little-endian.
    pub fn add_le_bytes(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::U8(v) => bytes.extend_from_slice(v),
            Self::I16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::U16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::F16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::F32(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
        }
    }
}

impl FromStr for ChannelOrder {
    type Err = Error;

    /// `off-on` or `on-off`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "off-on" => Ok(Self::OffOn),
            "on-off" => Ok(Self::OnOff),
            _ => Err(Error::invalid(format!(
                "no order of channels {text:?}; it is off-on or on-off"
            ))),
        }
    }
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

impl Preparation {
    /// Frames as they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether frames stay as they are.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What prepares the frames of a representation so.
    ///
    /// # Errors
    /// If that makes no sense of them: an order of channels where there is one channel; a clip, a percentile or a
    /// divisor that is none; times clipped or normalised, of which -1 is no time; a type that does not hold
    /// the values.
    pub fn of(self, representation: Representation) -> Result<Preparer> {
        let facts = representation.facts();
        let name = facts.name;
        if self.channels == ChannelOrder::OnOff && !facts.by_polarity {
            let what = format!("{name} has no channels of each polarity to put in another order");
            return Err(Error::invalid(what));
        }
        if facts.holds_times && (self.clip.is_some() || self.normalize.is_some()) {
            let what = format!(
                "{name} has times, of which -1 is none: they are not clipped and not normalised"
            );
            return Err(
                Error::invalid(what).advise("take exp-decay or linear-decay, which are 0 there")
            );
        }
        if self
            .clip
            .is_some_and(|clip| !(clip.is_finite() && clip > 0.0))
        {
            return Err(Error::invalid(
                "values are clipped at a number of more than 0",
            ));
        }
        match self.normalize {
            Some(Normalization::Percentile(p)) if !(0.0..=100.0).contains(&p) => {
                return Err(Error::invalid(format!(
                    "{p} is no percentile, from 0 to 100"
                )));
            }
            Some(Normalization::By(by)) if !(by.is_finite() && by > 0.0) => {
                return Err(Error::invalid(
                    "values are divided by a number of more than 0",
                ));
            }
            _ => {}
        }
        let of_itself = match self.normalize {
            Some(_) => ArrayType::F32,
            None => representation.value_type().into(),
        };
        let array_type = self.array_type.unwrap_or(of_itself);
        let held = match (of_itself, array_type) {
            (_, ArrayType::F16 | ArrayType::F32) | (ArrayType::U16, ArrayType::U8) => true,
            (from, to) => from == to,
        };
        if !held {
            let normal = if self.normalize.is_some() {
                "normalised "
            } else {
                ""
            };
            let what =
                format!("{array_type} does not hold the {of_itself} values of {normal}{name}");
            let fitting = match of_itself {
                ArrayType::U16 => "u8, u16, f16 or f32",
                ArrayType::I16 => "i16, f16 or f32",
                _ => "f16 or f32",
            };
            return Err(Error::invalid(what).advise(format!("take {fitting}")));
        }
        Ok(Preparer {
            preparation: self,
            floats: Vec::new(),
            magnitudes: Vec::new(),
            prepared: Prepared::of(array_type),
        })
    }
}

impl Preparer {
    /// The type of the values that come of it.
    pub fn array_type(&self) -> ArrayType {
        self.prepared.array_type()
    }

    /// The values of a frame, prepared, in memory that the next one takes again.
    pub fn prepare(&mut self, frame: &Frame) -> &Prepared {
        self.take(&frame.values);
        let floats = &mut self.floats;
        if let Some(clip) = self.preparation.clip {
            floats.iter_mut().for_each(|v| *v = v.clamp(-clip, clip));
        }
        match self.preparation.normalize {
            None => {}
            Some(Normalization::NonZero(deviation)) => non_zero(floats, deviation),
            Some(Normalization::Max) => {
                let most = floats.iter().fold(0f32, |most, v| most.max(v.abs()));
                divide(floats, most);
            }
            Some(Normalization::By(by)) => divide(floats, by),
            Some(Normalization::Percentile(p)) => {
                let magnitudes = &mut self.magnitudes;
                magnitudes.clear();
                magnitudes.extend(floats.iter().map(|v| v.abs()).filter(|v| *v > 0.0));
                divide(floats, percentile(magnitudes, p));
                floats.iter_mut().for_each(|v| *v = v.clamp(-1.0, 1.0));
            }
        }
        put(&mut self.prepared, floats);
        &self.prepared
    }

    /// The values as floats, their channels in order: 16 bits are held exactly.
    fn take(&mut self, values: &Values) {
        let floats = &mut self.floats;
        floats.clear();
        match values {
            Values::I16(v) => floats.extend(v.iter().map(|v| f32::from(*v))),
            Values::U16(v) => floats.extend(v.iter().map(|v| f32::from(*v))),
            Values::F32(v) => floats.extend_from_slice(v),
        }
        if self.preparation.channels == ChannelOrder::OnOff {
            let half = floats.len() / 2;
            floats.rotate_left(half);
        }
    }
}

/// Those that are not 0 less their mean, over their deviation.
fn non_zero(values: &mut [f32], deviation: Deviation) {
    let (mut n, mut sum, mut squares) = (0u64, 0f64, 0f64);
    for &v in values.iter().filter(|v| **v != 0.0) {
        (n, sum) = (n + 1, sum + f64::from(v));
    }
    if n == 0 {
        return;
    }
    let mean = sum / n as f64;
    for &v in values.iter().filter(|v| **v != 0.0) {
        squares += (f64::from(v) - mean).powi(2);
    }
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

/// Puts floats in the place of these values. Whole numbers are the nearest, within what the type holds.
fn put(values: &mut Prepared, floats: &[f32]) {
    fn fill<T>(values: &mut Vec<T>, floats: &[f32], of: impl Fn(f32) -> T) {
        values.clear();
        values.extend(floats.iter().map(|v| of(*v)));
    }
    match values {
        Prepared::U8(v) => fill(v, floats, |v| v.round_ties_even() as u8),
        Prepared::I16(v) => fill(v, floats, |v| v.round_ties_even() as i16),
        Prepared::U16(v) => fill(v, floats, |v| v.round_ties_even() as u16),
        Prepared::F16(v) => fill(v, floats, f16::from_f32),
        Prepared::F32(v) => fill(v, floats, |v| v),
    }
}
