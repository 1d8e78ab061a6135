//! Frames as a network takes them: clipped, normalised, of another type or order of channels.

use std::str::FromStr;

use evz_core::{Error, Result};

use crate::array_type::{ArrayType, Prepared};
use crate::frame::{Frame, Values};
use crate::marks::Marks;
use crate::normalization::Normalization;
use crate::representation::Representation;
use crate::sparse::Sparse;

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

/// Which polarity's channels come first, of a representation that has channels of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelOrder {
    /// OFF events, then ON events.
    #[default]
    OffOn,
    /// ON events, then OFF events.
    OnOff,
    /// OFF and ON events of the first bin, then of the next one.
    ByBin,
}

/// Prepares the frames of one representation.
#[derive(Debug, Clone)]
pub struct Preparer {
    preparation: Preparation,
    /// Which channel of a frame each is, if they are in another order.
    order: Option<Vec<usize>>,
    holds_times: bool,
    /// Whether what is empty is 0, and stays it.
    empty_is_zero: bool,
    sparse: Sparse,
    /// The values as floats, and the magnitudes of those that are not 0.
    floats: Vec<f32>,
    magnitudes: Vec<f32>,
    prepared: Prepared,
}

impl FromStr for ChannelOrder {
    type Err = Error;

    /// `off-on`, `on-off` or `by-bin`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "off-on" => Ok(Self::OffOn),
            "on-off" => Ok(Self::OnOff),
            "by-bin" => Ok(Self::ByBin),
            _ => Err(Error::invalid(format!(
                "no order of channels {text:?}; it is off-on, on-off or by-bin"
            ))),
        }
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
    /// divisor that is none; times clipped, or normalised by
    /// anything but the latest of them, since -1 is no time; a type that does not hold
    /// the values.
    pub fn of(self, representation: Representation) -> Result<Preparer> {
        let facts = representation.facts();
        let name = facts.name;
        let order = order(self.channels, representation)?;
        let times_alike = self.normalize.is_none_or(|of| of == Normalization::Max);
        if facts.holds_times && (self.clip.is_some() || !times_alike) {
            let what = format!(
                "{name} has times, of which -1 is none: they are divided by the latest one, to be 0 to 1 with 0 \
                 for none, and not clipped and not normalised otherwise"
            );
            return Err(Error::invalid(what)
                .advise("normalise by max")
                .advise("take exp-decay or linear-decay, which are 0 there"));
        }
        if self
            .clip
            .is_some_and(|clip| !(clip.is_finite() && clip > 0.0))
        {
            return Err(Error::invalid(
                "values are clipped at a number of more than 0",
            ));
        }
        self.normalize.map_or(Ok(()), Normalization::check)?;
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
            order,
            holds_times: facts.holds_times,
            empty_is_zero: representation.background() == 0.0,
            sparse: Sparse::default(),
            floats: Vec::new(),
            magnitudes: Vec::new(),
            prepared: Prepared::of(array_type),
        })
    }
}

/// Which channel of a frame each is, where they are in another order than it has.
fn order(of: ChannelOrder, representation: Representation) -> Result<Option<Vec<usize>>> {
    let facts = representation.facts();
    let refused = |what: &str| {
        let what = format!("{} has no {what} to put in another order", facts.name);
        Err(Error::invalid(what))
    };
    // Planes that belong together, of OFF events and of ON events.
    let group = match representation {
        Representation::CountsAndTimes => 2,
        _ => representation.channels(),
    };
    let half = group / 2;
    match of {
        ChannelOrder::OffOn => Ok(None),
        _ if !facts.by_polarity => refused("channels of each polarity"),
        ChannelOrder::ByBin if facts.bins.is_none() => refused("bins"),
        ChannelOrder::OnOff => {
            let channels = 0..representation.channels();
            let other = |k: usize| k / group * group + (k % group + half) % group;
            Ok(Some(channels.map(other).collect()))
        }
        ChannelOrder::ByBin => {
            let bins = 0..half;
            Ok(Some(bins.flat_map(|bin| [bin, half + bin]).collect()))
        }
    }
}

impl Preparer {
    /// The type of the values that come of it.
    pub fn array_type(&self) -> ArrayType {
        self.prepared.array_type()
    }

    /// The values of the latest frame that was prepared.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Prepares a frame of which only what is marked may not be empty, and which is prepared by nothing else.
    pub(crate) fn prepare_marked(&mut self, frame: &Frame, marks: &Marks) {
        if !self.empty_is_zero {
            self.prepare(frame);
            return;
        }
        let Preparation {
            clip, normalize, ..
        } = self.preparation;
        let order = self.order.as_deref();
        let (sparse, prepared) = (&mut self.sparse, &mut self.prepared);
        sparse.prepare(&frame.values, marks, order, clip, normalize, prepared);
    }

    /// The values of a frame, prepared, in memory that the next one takes again.
    pub fn prepare(&mut self, frame: &Frame) -> &Prepared {
        self.take(&frame.values);
        let floats = &mut self.floats;
        if self.holds_times && self.preparation.normalize.is_some() {
            floats.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        if let Some(clip) = self.preparation.clip {
            floats.iter_mut().for_each(|v| *v = v.clamp(-clip, clip));
        }
        if let Some(normalization) = self.preparation.normalize {
            normalization.apply(floats, &mut self.magnitudes);
        }
        self.prepared.put(floats);
        &self.prepared
    }

    /// The values as floats, their channels in order: 16 bits are held exactly.
    fn take(&mut self, values: &Values) {
        let (floats, order) = (&mut self.floats, self.order.as_deref());
        match values {
            Values::I16(values) => put_in_order(floats, values, order, f32::from),
            Values::U16(values) => put_in_order(floats, values, order, f32::from),
            Values::F32(values) => put_in_order(floats, values, order, |v| v),
        }
    }
}

/// Puts channels in this order, of which each is as long as the others.
fn put_in_order<T: Copy>(
    floats: &mut Vec<f32>,
    values: &[T],
    order: Option<&[usize]>,
    float: impl Fn(T) -> f32,
) {
    floats.clear();
    let Some(order) = order else {
        return floats.extend(values.iter().map(|v| float(*v)));
    };
    let plane = values.len() / order.len();
    for channel in order {
        let values = &values[channel * plane..(channel + 1) * plane];
        floats.extend(values.iter().map(|v| float(*v)));
    }
}
