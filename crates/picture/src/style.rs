//! How a frame becomes a picture.

use evz_core::{Place, Result, SensorSize};

use crate::beside::Beside;
use crate::dilate::dilate;
use crate::ground::Ground;
use crate::marks;
use crate::overlay::{self, SCALE_BAR_HEIGHT};
use crate::palette::{Colors, Palette, STRENGTHS, Shades, Theme, index, mix};
use crate::pixels::Picture;
use crate::scale::Scale;
use crate::time_stamp::TimeStamp;
use crate::traces;
use crate::upscale::upscale;
use crate::values::signed;
use evz_render::{Frame, Representation, ValueType};

/// The strength of the least event, unless its trace is meant to fade: a single event stays visible
/// where others have hundreds.
const LEAST_STRENGTH: f32 = 40.0;

/// The same of the earliest time, which no other is much stronger than.
const LEAST_TIME_STRENGTH: f32 = 25.0;

/// Pixels that are looked at at once.
const PART: usize = 32;

/// The share of what a camera saw in the ground; the rest is the theme's own. Events are darker than a light
/// ground, which is the paler for that.
fn ground_share(theme: Theme) -> f32 {
    match theme {
        Theme::Dark => 0.6,
        Theme::Light => 0.45,
    }
}

/// How frames become pictures, apart from how they were accumulated.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    of: Representation,
    theme: Theme,
    colors: Colors,
    scale: Scale,
    dilate: bool,
    upscale: usize,
    time_stamp: Option<TimeStamp>,
    scale_bar: bool,
    has_ground: bool,
}

impl Style {
    /// Pictures of frames of this representation, in the dark theme, red and blue. Bins of time show
    /// as their sum; where each polarity has a channel the stronger shows, or of times the later. Decays and
    /// times are linear in colour, and a decay has full colour at 1: what is just there.
    pub fn new(of: Representation) -> Self {
        let scale = match decays(of) {
            true => Scale::Fixed(1.0),
            false => Scale::default(),
        };
        Self {
            of,
            theme: Theme::default(),
            colors: Colors::default(),
            scale,
            dilate: false,
            upscale: 1,
            time_stamp: None,
            scale_bar: false,
            has_ground: false,
        }
    }

    /// Light or dark.
    pub fn with_theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// What values look like. Colours that do not [show](Colors::show) them are the usual ones.
    pub fn with_colors(mut self, colors: Colors) -> Self {
        self.colors = colors;
        self
    }

    /// The value that gets full colour.
    pub fn with_scale(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Makes each pixel with events three pixels wide and high where nothing else is.
    pub fn with_dilation(mut self, dilate: bool) -> Self {
        self.dilate = dilate;
        self
    }

    /// Makes each pixel a square of so many pixels a side, at least one. What is written into the picture is as
    /// sharp as without.
    pub fn with_upscale(mut self, factor: usize) -> Self {
        self.upscale = factor.max(1);
        self
    }

    /// Columns and rows of the picture of a frame of so many.
    pub fn picture_size(&self, width: usize, height: usize) -> (usize, usize) {
        (
            width.saturating_mul(self.upscale),
            height.saturating_mul(self.upscale),
        )
    }

    /// Writes the moment of the frame in the top left corner.
    pub fn with_time_stamp(mut self, stamp: TimeStamp) -> Self {
        self.time_stamp = Some(stamp);
        self
    }

    /// Draws the scale of the colours in the bottom left corner: of signed values from `-3 OFF` to `+3 ON`, from `3 OFF`
    /// to `3 ON` where each polarity has a channel, and from `0` where there is none; times are in ms. Where a frame
    /// has values beyond, the ends say so: `>=3`.
    pub fn with_scale_bar(mut self, scale_bar: bool) -> Self {
        self.scale_bar = scale_bar;
        self
    }

    /// Pictures whose ground is what a camera saw, for [`Style::draw_with`].
    pub fn with_ground(mut self, has_ground: bool) -> Self {
        self.has_ground = has_ground;
        self
    }

    /// The colours of the pictures.
    pub fn palette(&self) -> Palette {
        let facts = self.of.facts();
        let shades = match facts.holds_times || decays(self.of) {
            true => Shades::Linear,
            false => Shades::Root,
        };
        let palette = match facts.columns.p {
            true => Palette::of_polarities(self.theme, self.colors, shades),
            false => Palette::without_polarity(self.theme, self.colors, shades),
        };
        palette.with_ground(self.has_ground)
    }

    /// Draws a frame over whatever the picture held.
    ///
    /// # Errors
    /// If the frame has not the channels of the representation, or not as many values as its size says.
    pub fn draw(&self, frame: &Frame, picture: &mut Picture) -> Result<()> {
        self.draw_with(frame, Beside::default(), picture)
    }

    /// The same with what was recorded beside the events. What a camera saw is dimmed, so that events stand out.
    ///
    /// # Errors
    /// As [`Style::draw`], or if the ground is not as large as the frame.
    pub fn draw_with(
        &self,
        frame: &Frame,
        beside: Beside<'_>,
        picture: &mut Picture,
    ) -> Result<()> {
        signed(frame, self.of, &mut picture.scratch.values)?;
        picture.resize(frame.width, frame.height);
        let scratch = &mut picture.scratch;
        let full = self.scale.full(&scratch.values, &mut scratch.magnitudes);
        let beyond = self.scale_bar && scratch.values.iter().any(|value| value.abs() > full);
        let facts = self.of.facts();
        let fades = facts.value_type == ValueType::F32 && !facts.holds_times;
        let least = match self.colors {
            _ if fades => 0.0,
            // Its first colour is none of the ground.
            Colors::Viridis if !facts.columns.p => 1.0,
            _ if facts.holds_times => LEAST_TIME_STRENGTH,
            _ => LEAST_STRENGTH,
        };
        let gain = (f32::from(STRENGTHS) - least) / full;
        let index_of = |value| index_of(value, gain, least);
        let parts = picture.indices.chunks_mut(PART);
        for (pixels, values) in parts.zip(scratch.values.chunks(PART)) {
            // Background already, most of them.
            if values
                .iter()
                .fold(0, |bits, value| bits | value.to_bits() << 1)
                != 0
            {
                for (pixel, value) in pixels.iter_mut().zip(values) {
                    *pixel = index_of(*value);
                }
            }
        }
        if self.has_ground {
            self.lay(beside.ground, picture)?;
        }
        if self.dilate {
            dilate(picture);
        }
        upscale(picture, self.upscale);
        if let Some(stamp) = &self.time_stamp {
            overlay::time_stamp(picture, stamp, &frame.window);
        }
        if self.scale_bar {
            let words = (overlay::Ends::of(&facts), overlay::Unit::of(&facts));
            overlay::scale_bar(picture, full, words, beyond, index_of);
        }
        let above = if self.scale_bar { SCALE_BAR_HEIGHT } else { 0 };
        let above = traces::strips(picture, beside.traces, &frame.window, above);
        marks::strip(picture, beside.marks, &frame.window, above);
        Ok(())
    }
}

impl Style {
    /// Puts the ground under a picture.
    fn lay(&self, ground: Option<&Ground>, picture: &mut Picture) -> Result<()> {
        let plain = self.palette().background();
        picture.blank = plain[0];
        let len = picture.indices.len();
        let Some(ground) = ground else {
            picture.ground.resize(len, picture.blank);
            return Ok(());
        };
        let size = SensorSize {
            width: picture.width as u32,
            height: picture.height as u32,
        };
        ground.check_size(size, Place::part("the ground of a picture"))?;
        let share = ground_share(self.theme);
        let tones: [u8; 256] = std::array::from_fn(|grey| mix(plain, [grey as u8; 3], share)[0]);
        let greys = ground.greys().iter();
        picture
            .ground
            .extend(greys.map(|grey| tones[usize::from(*grey)]));
        Ok(())
    }
}

/// Whether values are shares of an event that fades.
fn decays(of: Representation) -> bool {
    of.facts().tau.is_some()
}

/// The index of a value: `gain` times as strong, from `least` on. What is not a number is background.
#[inline]
fn index_of(value: f32, gain: f32, least: f32) -> u8 {
    let least = if value == 0.0 { 0.0 } else { least };
    let wanted = value.abs() * gain + least + 0.5;
    let most = f32::from(STRENGTHS);
    let strength = if wanted >= most { most } else { wanted } as u8;
    index(strength, value < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_indices() {
        let fading = |value| index_of(value, 12.7, 0.0);
        let lifted = |value| index_of(value, 8.7, LEAST_STRENGTH);
        for index_of in [&fading as &dyn Fn(f32) -> u8, &lifted] {
            assert_eq!([0.0, -0.0, f32::NAN].map(index_of), [0, 0, 0]);
            assert_eq!([10.0, 1e9, f32::INFINITY].map(index_of), [254, 254, 254]);
            assert_eq!([-10.0, -1e9].map(index_of), [253, 253]);
        }
        assert_eq!([5.0, 1e-6, -1e-6].map(fading), [128, 0, 0]);
        assert_eq!([5.0, 1e-6, -1e-6].map(lifted), [168, 80, 79]);
    }
}
