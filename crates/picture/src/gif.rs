//! Animated GIF: one palette for all pictures.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use evz_core::{Error, Result};

use crate::frame_rate::FrameRate;
use crate::movie_options::{MovieOptions, no_pictures};
use crate::over::Reduced;

/// The most pictures a second that viewers show: they take a delay of 1/100 s for an old mistake and
/// wait 1/10 s.
const MAX_FRAMES_PER_SECOND: u64 = 50;

/// A GIF being written.
pub(crate) struct Gif<W: Write> {
    encoder: gif::Encoder<W>,
    width: u16,
    height: u16,
    rate: FrameRate,
    pictures: u64,
    place: String,
}

impl<W: Write> fmt::Debug for Gif<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gif").finish_non_exhaustive()
    }
}

impl<W: Write> Gif<W> {
    pub(crate) fn begin(options: &MovieOptions, out: W, place: &str) -> Result<Self> {
        let rate = options.rate;
        if u64::from(rate.frames()) > MAX_FRAMES_PER_SECOND * u64::from(rate.seconds()) {
            return Err(Error::unsupported(
                place,
                format!(
                    "viewers show a GIF at {MAX_FRAMES_PER_SECOND} frames a second at most, not \
                     {rate}; ask for fewer, or end the name in .apng or .mp4"
                ),
            ));
        }
        let (Ok(width), Ok(height)) = (options.width.try_into(), options.height.try_into()) else {
            let size = format!("{}x{}", options.width, options.height);
            let what = format!("a GIF has at most 65535 pixels a side, not {size}; use .apng");
            return Err(Error::unsupported(place, what));
        };
        let colours = match options.palette.has_ground() {
            true => Reduced::of(&options.palette).colours,
            false => *options.palette.colours(),
        };
        let encoder = gif::Encoder::new(out, width, height, colours.as_flattened())
            .and_then(|mut encoder| {
                encoder.set_repeat(gif::Repeat::Infinite)?;
                Ok(encoder)
            })
            .map_err(|e| failed(place, e))?;
        Ok(Self {
            encoder,
            width,
            height,
            rate,
            pictures: 0,
            place: place.to_owned(),
        })
    }

    pub(crate) fn push(&mut self, compressed: &[u8]) -> Result<()> {
        let frame = gif::Frame {
            delay: delay(self.pictures, self.rate),
            width: self.width,
            height: self.height,
            buffer: Cow::Borrowed(compressed),
            ..gif::Frame::default()
        };
        self.pictures += 1;
        self.encoder
            .write_lzw_pre_encoded_frame(&frame)
            .map_err(|e| failed(&self.place, e))
    }

    pub(crate) fn finish(self) -> Result<W> {
        if self.pictures == 0 {
            return Err(no_pictures(&self.place));
        }
        self.encoder
            .into_inner()
            .map_err(|e| failed(&self.place, e))
    }
}

/// How long picture `number` stays, in hundredths of a second: up to the time of the next one, rounded,
/// so that roundings do not add up.
fn delay(number: u64, rate: FrameRate) -> u16 {
    let (frames, seconds) = (u128::from(rate.frames()), u128::from(rate.seconds()));
    let start = |number: u64| (u128::from(number) * 100 * seconds + frames / 2) / frames;
    u16::try_from(start(number + 1) - start(number)).unwrap_or(u16::MAX)
}

fn failed(place: &str, error: gif::EncodingError) -> Error {
    let cause = match error {
        gif::EncodingError::Io(error) => error,
        other => io::Error::other(other),
    };
    Error::io(place, "cannot write", cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_add_up_to_whole_seconds() {
        for (frames, seconds) in [(1, 1), (7, 1), (30, 1), (50, 1), (30_000, 1_001), (1, 100)] {
            let rate = FrameRate::new(frames, seconds).unwrap();
            let hundredths: u64 = (0..frames)
                .map(|number| u64::from(delay(number, rate)))
                .sum();
            assert_eq!(hundredths, seconds * 100, "{rate} frames a second");
        }
        let rate = FrameRate::default();
        assert_eq!([0, 1, 2].map(|n| delay(n, rate)), [3, 4, 3]);
    }
}
