//! Frames that a camera took, and how they become PNG.

use evz_core::{Error, Result};

/// A frame of a camera, row by row from the top.
#[derive(Debug, Clone, Copy)]
pub struct CameraFrame<'a> {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Samples a pixel: 1 for grey, 3 for blue, green, red, 4 with opacity behind them.
    pub channels: u8,
    /// Bits of a sample: 8, or 16, which are little-endian here and keep all of them in the picture.
    pub bits: u8,
    /// The bytes of the samples.
    pub samples: &'a [u8],
}

impl CameraFrame<'_> {
    /// Samples a pixel and bytes a sample, if there are as many as there should be.
    pub(crate) fn check(&self) -> Result<(usize, usize)> {
        if !matches!(self.channels, 1 | 3 | 4) {
            let what = format!("{} channels, where 1, 3 or 4 make a picture", self.channels);
            return Err(Error::unsupported("picture", what));
        }
        if !matches!(self.bits, 8 | 16) {
            let what = format!(
                "samples of {} bits, where 8 or 16 make a picture",
                self.bits
            );
            return Err(Error::unsupported("picture", what));
        }
        let (channels, size) = (usize::from(self.channels), usize::from(self.bits / 8));
        let len = (self.width as usize)
            .checked_mul(self.height as usize)
            .and_then(|pixels| pixels.checked_mul(channels * size));
        if len != Some(self.samples.len()) || self.samples.is_empty() {
            let (width, height, found) = (self.width, self.height, self.samples.len());
            let what = format!(
                "{found} bytes for {width}x{height} pixels of {channels} samples of {} bits",
                self.bits
            );
            return Err(Error::corrupt("picture", what));
        }
        Ok((channels, size))
    }

    /// Appends the frame as a PNG file.
    ///
    /// # Errors
    /// If the samples are not those of such a frame.
    pub fn encode_png(&self, bytes: &mut Vec<u8>) -> Result<()> {
        let (channels, size) = self.check()?;
        let color = match channels {
            1 => png::ColorType::Grayscale,
            3 => png::ColorType::Rgb,
            _ => png::ColorType::Rgba,
        };
        let depth = match size {
            1 => png::BitDepth::Eight,
            _ => png::BitDepth::Sixteen,
        };
        let mut samples = self.samples.to_vec();
        // PNG has the high byte first.
        if size == 2 {
            samples
                .as_chunks_mut::<2>()
                .0
                .iter_mut()
                .for_each(|s| s.reverse());
        }
        if channels > 1 {
            for pixel in samples.chunks_exact_mut(channels * size) {
                let (blue, rest) = pixel.split_at_mut(size);
                blue.swap_with_slice(&mut rest[size..2 * size]);
            }
        }
        let failed = |e: png::EncodingError| Error::io("PNG", "cannot encode a picture", e.into());
        let mut encoder = png::Encoder::new(bytes, self.width, self.height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&samples).map_err(failed)?;
        writer.finish().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(frame: CameraFrame<'_>) -> (png::ColorType, Vec<u8>) {
        let mut bytes = Vec::new();
        frame.encode_png(&mut bytes).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut samples).unwrap();
        (info.color_type, samples)
    }

    #[test]
    fn samples_come_back_in_the_order_of_png() {
        let frame = |channels, samples| CameraFrame {
            width: 2,
            height: 1,
            channels,
            bits: 8,
            samples,
        };
        assert_eq!(
            decoded(frame(1, &[7, 9])),
            (png::ColorType::Grayscale, vec![7, 9])
        );
        let bgr = decoded(frame(3, &[1, 2, 3, 4, 5, 6]));
        assert_eq!(bgr, (png::ColorType::Rgb, vec![3, 2, 1, 6, 5, 4]));
        let wide = |channels, samples| CameraFrame {
            bits: 16,
            ..frame(channels, samples)
        };
        let grey = decoded(wide(1, &[0x34, 0x12, 0xff, 0]));
        assert_eq!(grey, (png::ColorType::Grayscale, vec![0x12, 0x34, 0, 0xff]));
        let bgr = decoded(wide(3, &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]));
        assert_eq!(bgr.1, [0, 3, 0, 2, 0, 1, 0, 6, 0, 5, 0, 4]);
        assert!(wide(1, &[7, 9]).encode_png(&mut Vec::new()).is_err());
        assert!(frame(1, &[7]).encode_png(&mut Vec::new()).is_err());
        assert!(frame(2, &[7; 4]).encode_png(&mut Vec::new()).is_err());
    }
}
