//! What can be chosen of how frames are prepared.

use evz_core::{Error, Result, Roi, SensorSize};

use crate::array_type::ArrayType;
use crate::normalization::Normalization;
use crate::pad::Pad;
use crate::preparation::{ChannelOrder, Preparation};
use crate::preset::Preset;
use crate::resize::{Resize, ResizeBy};

/// What was chosen of a preparation; what was not is as a preset has it, or left out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct PreparationChoices {
    /// Which polarity's channels come first.
    pub channels: Option<ChannelOrder>,
    /// Holds values to `-clip..=clip`.
    pub clip: Option<f32>,
    /// Makes the values of different windows alike.
    pub normalize: Option<Normalization>,
    /// The type of the values.
    pub array_type: Option<ArrayType>,
    /// The part of the frame that is left.
    pub crop: Option<Roi>,
    /// Another size, of a pixel or more.
    pub resize: Option<SensorSize>,
    /// What a pixel of that size is made of.
    pub resize_by: Option<ResizeBy>,
    /// The size with a margin around it.
    pub pad_to: Option<SensorSize>,
    /// The same as the next multiple of this in columns and in rows.
    pub pad_multiple: Option<u32>,
}

impl PreparationChoices {
    /// The preparation.
    ///
    /// # Errors
    /// If there is a way to resize and no size, or two margins are chosen.
    pub fn of(self, preset: Option<Preset>) -> Result<Preparation> {
        let usual = preset.map(|of| of.preparation).unwrap_or_default();
        let by = self.resize_by.unwrap_or_default();
        let resize = self
            .resize
            .map(|SensorSize { width, height }| Resize { width, height, by });
        if resize.is_none() && self.resize_by.is_some() {
            let what = format!("nothing says what size frames are resized to by {by}");
            return Err(Error::invalid(what).advise("give the size to resize to"));
        }
        let pad = match (self.pad_to, self.pad_multiple) {
            (Some(_), Some(_)) => {
                let what = "frames are padded to a size or to a multiple, and both are given";
                return Err(Error::invalid(what).advise("leave one of them out"));
            }
            (Some(SensorSize { width, height }), None) => Some(Pad::To(width, height)),
            (None, multiple) => multiple.map(Pad::Multiple),
        };
        Ok(Preparation {
            channels: self.channels.unwrap_or(usual.channels),
            clip: self.clip.or(usual.clip),
            normalize: self.normalize.or(usual.normalize),
            array_type: self.array_type.or(usual.array_type),
            crop: self.crop.or(usual.crop),
            resize: resize.or(usual.resize),
            pad: pad.or(usual.pad),
        })
    }
}
