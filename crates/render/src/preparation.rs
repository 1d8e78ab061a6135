//! Frames as a network takes them: clipped, normalised, of another type or order of channels.

use std::str::FromStr;

use evz_core::{Error, Result, Roi, SensorSize};

use crate::array_type::{ArrayType, Prepared};
use crate::facts::ValueType;
use crate::frame::{Frame, Values};
use crate::marks::{Marks, STRETCH};
use crate::normalization::Normalization;
use crate::pad::{Pad, Placing, check_crop};
use crate::representation::Representation;
use crate::resize::Resize;
use crate::sparse::{How, Sparse, fill_part};

/// How the values of a frame are made ready for a network, in this order: a part of it is cut out, channels are
/// put in order, values are clipped and normalised, the frame is resized and padded, and values are given another
/// type.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Preparation {
    /// Which polarity's channels come first.
    pub channels: ChannelOrder,
    /// Holds values to `-clip..=clip`.
    pub clip: Option<f32>,
    /// Makes the values of different windows alike.
    pub normalize: Option<Normalization>,
    /// The type of the values; by default that of the representation, and `f32` of what is normalised or averaged.
    pub array_type: Option<ArrayType>,
    /// The part of the frame that is left.
    pub crop: Option<Roi>,
    /// Gives the frame another size.
    pub resize: Option<Resize>,
    /// Puts a margin around the frame, of what a pixel without events has: 0 of what is normalised.
    pub pad: Option<Pad>,
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
    representation: Representation,
    /// Which channel of a frame each is, if they are in another order.
    order: Option<Vec<usize>>,
    holds_times: bool,
    /// Whether what is empty is 0, and stays it.
    empty_is_zero: bool,
    sparse: Sparse,
    /// The values as floats, and the magnitudes of those that are not 0.
    floats: Vec<f32>,
    /// Those of another size.
    sized: Vec<f32>,
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

    /// Whether it matters which values are exactly 0: where they are normalised by those that are not.
    pub(crate) fn zeros_count(self) -> bool {
        matches!(
            self.normalize,
            Some(Normalization::NonZero(_) | Normalization::Percentile(_))
        )
    }

    /// What prepares the frames of a representation so.
    ///
    /// # Errors
    /// If that makes no sense of them: an order of channels where there is one channel; a clip, a percentile or a
    /// divisor that is none; whole numbers clipped at one that is not; times clipped, or normalised by
    /// anything but the latest of them, or averaged without that, since -1 is no time; a type that does not hold
    /// the values; a size of no pixels.
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
        let averaged = self.resize.filter(|resize| !resize.by.keeps_values());
        if let Some(resize) = averaged
            && facts.holds_times
            && self.normalize.is_none()
        {
            let what = format!(
                "{name} has times, of which -1 is none, and {} averages them",
                resize.by
            );
            return Err(Error::invalid(what)
                .advise("resize by nearest")
                .advise("normalise by max, which makes 0 of none"));
        }
        self.resize.map_or(Ok(()), Resize::check)?;
        let of_itself = match (self.normalize, averaged) {
            (None, None) => representation.value_type().into(),
            _ => ArrayType::F32,
        };
        let array_type = self.array_type.unwrap_or(of_itself);
        let held = match (of_itself, array_type) {
            (_, ArrayType::F16 | ArrayType::F32) | (ArrayType::U16, ArrayType::U8) => true,
            (from, to) => from == to,
        };
        if !held {
            let normal = match (self.normalize, averaged) {
                (Some(_), _) => "normalised ",
                (None, Some(_)) => "averaged ",
                (None, None) => "",
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
        let is_whole = !matches!(array_type, ArrayType::F16 | ArrayType::F32);
        if let Some(clip) = self.clip.filter(|clip| is_whole && clip.fract() != 0.0) {
            let what = format!("{array_type} values of {name} cannot be clipped at {clip}");
            return Err(Error::invalid(what)
                .advise("clip at a whole number")
                .advise("take f16 or f32"));
        }
        Ok(Preparer {
            preparation: self,
            representation,
            order,
            holds_times: facts.holds_times,
            empty_is_zero: representation.background() == 0.0,
            sparse: Sparse::default(),
            floats: Vec::new(),
            sized: Vec::new(),
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

    /// Channels, rows and columns of what comes of frames of this size.
    ///
    /// # Errors
    /// If the part that is to be cut out is not all of it in such a frame, it is padded to less than it has, or
    /// there are more than 4,294,967,295 values.
    pub fn shape(&self, size: SensorSize) -> Result<[usize; 3]> {
        let Preparation { crop, pad, .. } = self.preparation;
        let channels = self.representation.channels();
        let check = |[width, height]: [usize; 2]| {
            let most = u32::MAX as usize;
            let values = width.saturating_mul(height).saturating_mul(channels);
            if values <= most {
                return Ok(());
            }
            let what =
                format!("{channels} channels of {width}x{height} are more than {most} values");
            Err(Error::invalid(what).advise("ask for a smaller size"))
        };
        if let Some(crop) = crop {
            check_crop(crop, size)?;
        }
        let sides = self.resized([size.width as usize, size.height as usize]);
        check(sides)?;
        let [width, height] = pad.map_or(Ok(sides), |pad| pad.sides(sides))?;
        check([width, height])?;
        Ok([channels, height, width])
    }

    /// Bytes that it takes to prepare a frame of this size, beside those of the frame, and to hand on what comes of
    /// it.
    ///
    /// # Errors
    /// As [`Preparer::shape`].
    pub fn bytes(&self, size: SensorSize) -> Result<u64> {
        if self.in_place() {
            return Ok(0);
        }
        let shape = self.shape(size)?;
        let channels = shape[0] as u64;
        let planes = |[width, height]: [usize; 2]| (width as u64).saturating_mul(height as u64);
        let values = |sides| channels.saturating_mul(planes(sides));
        let last = [shape[2], shape[1]];
        // As its values, and once more as they are handed on.
        let out = values(last).saturating_mul(2 * self.array_type().bytes() as u64);
        if self.is_sparse() {
            return Ok(out);
        }
        // The most that there is at a time: before and behind a step, and what is sorted of it.
        let whole = [size.width as usize, size.height as usize];
        let resized = self.resized(whole);
        let most = values(whole).max(values(resized)).max(values(last));
        let lists = 2 + u64::from(self.preparation.normalize.is_some());
        let floats = most.saturating_mul(lists * size_of::<f32>() as u64);
        let places = self.preparation.resize.map_or(0, Resize::bytes);
        Ok(out.saturating_add(floats).saturating_add(places))
    }

    /// Columns and rows before the margin.
    fn resized(&self, size: [usize; 2]) -> [usize; 2] {
        let Preparation { crop, resize, .. } = self.preparation;
        let cropped = crop.map_or(size, |crop| [crop.width as usize, crop.height as usize]);
        resize.map_or(cropped, |to| [to.width as usize, to.height as usize])
    }

    /// How it prepares frames.
    pub fn preparation(&self) -> Preparation {
        self.preparation
    }

    /// The values of the latest frame that was prepared.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Whether frames are prepared where they were painted.
    pub(crate) fn in_place(&self) -> bool {
        self.is_sparse()
            && self.order.is_none()
            && self.representation.value_type() == ValueType::F32
            && self.array_type() == ArrayType::F32
    }

    /// Whether only what is not empty has to be looked at.
    fn is_sparse(&self) -> bool {
        let Preparation {
            crop, resize, pad, ..
        } = self.preparation;
        self.empty_is_zero && crop.is_none() && resize.is_none() && pad.is_none()
    }

    /// Prepares the values of a frame where they are, of which only what is marked may not be empty, and takes them.
    pub(crate) fn prepare_in_place(&mut self, values: &mut Vec<f32>, marks: &Marks) {
        let how = self.how();
        self.sparse.prepare_in_place(values, marks, how);
        self.give_back(values);
    }

    /// Gives memory back that was taken, or takes it.
    pub(crate) fn give_back(&mut self, values: &mut Vec<f32>) {
        if let (true, Prepared::F32(taken)) = (self.in_place(), &mut self.prepared) {
            std::mem::swap(values, taken);
        }
    }

    /// Prepares a frame of which only what is marked may not be empty, and which is prepared by nothing else.
    pub(crate) fn prepare_marked(&mut self, frame: &Frame, marks: &Marks) {
        if !self.is_sparse() {
            self.prepare(frame);
            return;
        }
        let (how, order) = (self.how(), self.order.as_deref());
        (self.sparse).prepare(&frame.values, marks, how, order, &mut self.prepared);
    }

    fn how(&self) -> How {
        How {
            clip: self.preparation.clip.unwrap_or(f32::INFINITY),
            normalize: self.preparation.normalize,
        }
    }

    /// The values of a frame, prepared, in memory that the next one takes again. [`Preparer::shape`] looks before
    /// whether frames are of a size for that; what of a crop is beyond one is empty.
    pub fn prepare(&mut self, frame: &Frame) -> &Prepared {
        let mut size = [frame.width, frame.height];
        self.take(&frame.values);
        if let Some(crop) = self.preparation.crop {
            let cut = Placing::cutting(crop, size);
            cut.apply(
                &self.floats,
                self.representation.background(),
                &mut self.sized,
            );
            std::mem::swap(&mut self.floats, &mut self.sized);
            size = cut.to;
        }
        let floats = &mut self.floats;
        if self.holds_times && self.preparation.normalize.is_some() {
            floats.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        if let Some(clip) = self.preparation.clip {
            floats.iter_mut().for_each(|v| *v = v.clamp(-clip, clip));
        }
        if let Some(normalization) = self.preparation.normalize {
            let mut measure = normalization.measure(&mut self.magnitudes);
            let mut part = [0.0; STRETCH];
            for values in floats.chunks(STRETCH) {
                fill_part(&mut part, values, f32::INFINITY);
                measure.add(&part);
            }
            measure.scale().apply(floats);
        }
        self.give_size(size);
        self.prepared.put(&self.floats);
        &self.prepared
    }

    /// Resizes and pads what has these columns and rows.
    fn give_size(&mut self, size: [usize; 2]) {
        let Preparation { resize, pad, .. } = self.preparation;
        if let Some(resize) = resize {
            resize.apply(&self.floats, size, &mut self.sized);
            std::mem::swap(&mut self.floats, &mut self.sized);
        }
        let size = self.resized(size);
        if let Some(to) = pad.and_then(|pad| pad.sides(size).ok()) {
            let amid = Placing::amid(size, to);
            amid.apply(&self.floats, self.margin(), &mut self.sized);
            std::mem::swap(&mut self.floats, &mut self.sized);
        }
    }

    /// What is put around frames.
    fn margin(&self) -> f32 {
        let empty = self.representation.background();
        match (self.preparation.normalize, self.preparation.clip) {
            (Some(_), _) => 0.0,
            (None, Some(clip)) => empty.clamp(-clip, clip),
            (None, None) => empty,
        }
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
