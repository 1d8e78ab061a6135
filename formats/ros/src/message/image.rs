//! `sensor_msgs/Image` and `sensor_msgs/CompressedImage`.
//! <https://docs.ros.org/en/api/sensor_msgs/html/msg/Image.html>

use evz_core::{SideColumn, SideValues};

use super::Layout;
use super::reader::{Reader, Wrong};

/// A picture with its pixels.
pub(crate) struct Image<'a> {
    pub(crate) stamp: i64,
    pub(crate) frame_id: &'a str,
    encoding: &'a str,
    size: [u16; 2],
    /// The type of a pixel as OpenCV numbers it.
    format: u8,
    /// Row by row without padding, colours as blue, green, red.
    pixels: Vec<u8>,
}

/// What an encoding says of a pixel.
#[derive(Clone, Copy)]
struct Pixel {
    /// As OpenCV numbers them: bits 0 to 2 the type of a sample, above them the channels less 1.
    format: u8,
    /// Bytes of a sample.
    sample: usize,
    channels: usize,
    /// Whether red comes first, which in the rows of a side stream blue does.
    is_rgb: bool,
}

impl Pixel {
    /// The encodings of `sensor_msgs/image_encodings.h`.
    fn of(encoding: &str) -> Option<Self> {
        let named = |bits: usize, channels, is_rgb| (bits, b'U', channels, is_rgb);
        let (bits, kind, channels, is_rgb) = match encoding {
            "mono8" => named(8, 1, false),
            "mono16" => named(16, 1, false),
            "bgr8" => named(8, 3, false),
            "rgb8" => named(8, 3, true),
            "bgra8" => named(8, 4, false),
            "rgba8" => named(8, 4, true),
            "bgr16" => named(16, 3, false),
            "rgb16" => named(16, 3, true),
            "bgra16" => named(16, 4, false),
            "rgba16" => named(16, 4, true),
            // The colours of a mosaic are told by the column `encoding`.
            bayer if bayer.starts_with("bayer_") => {
                named(if bayer.ends_with("16") { 16 } else { 8 }, 1, false)
            }
            // 8UC1, 16SC3, 32FC1, ….
            typed => {
                let (bits, rest) = typed.split_at_checked(typed.find(['U', 'S', 'F'])?)?;
                let (kind, channels) = rest.split_once('C')?;
                let kind = *kind.as_bytes().first().filter(|_| kind.len() == 1)?;
                let channels = match channels {
                    "" => 1,
                    n => n.parse().ok().filter(|n| (1..=4).contains(n))?,
                };
                (bits.parse().ok()?, kind, channels, false)
            }
        };
        let depth = match (bits, kind) {
            (8, b'U') => 0,
            (8, b'S') => 1,
            (16, b'U') => 2,
            (16, b'S') => 3,
            (32, b'S') => 4,
            (32, b'F') => 5,
            (64, b'F') => 6,
            _ => return None,
        };
        Some(Self {
            format: depth | ((channels - 1) as u8) << 3,
            sample: bits / 8,
            channels,
            is_rgb,
        })
    }
}

impl<'a> Image<'a> {
    pub(crate) fn read(layout: Layout, bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut reader = Reader::new(layout, bytes)?;
        let header = reader.header()?;
        let (height, width) = (reader.u32()?, reader.u32()?);
        let encoding = reader.text()?;
        let is_big_endian = reader.u8()? != 0;
        let step = reader.u32()? as usize;
        let data = reader.sequence(1)?;
        reader.end()?;
        let pixel = Pixel::of(encoding).ok_or("its pixels are of an encoding that is not read")?;
        let side = |n: u32| u16::try_from(n).map_err(|_| "it has more than 65535 pixels in a row");
        let size = [side(width)?, side(height)?];
        let row_len = width as usize * pixel.sample * pixel.channels;
        let data = &bytes[data];
        let is_whole = (step.checked_mul(height as usize)).is_some_and(|len| len <= data.len());
        if step < row_len || !is_whole {
            return Err("it has fewer pixels than it says");
        }
        let mut pixels = Vec::with_capacity(row_len * height as usize);
        if row_len > 0 {
            let rows = data.chunks(step).take(height as usize);
            rows.for_each(|row| pixels.extend_from_slice(&row[..row_len]));
        }
        if is_big_endian && pixel.sample > 1 {
            let samples = pixels.chunks_exact_mut(pixel.sample);
            samples.for_each(<[u8]>::reverse);
        }
        if pixel.is_rgb {
            for pixels in pixels.chunks_exact_mut(pixel.sample * pixel.channels) {
                let (red, rest) = pixels.split_at_mut(pixel.sample);
                red.swap_with_slice(&mut rest[pixel.sample..2 * pixel.sample]);
            }
        }
        Ok(Self {
            stamp: header.stamp,
            frame_id: header.frame_id,
            encoding,
            size,
            format: pixel.format,
            pixels,
        })
    }

    pub(crate) fn columns(self) -> Vec<SideColumn> {
        let [width, height] = self.size;
        let columns = [
            ("format", SideValues::U8(vec![self.format])),
            ("width", SideValues::U16(vec![width])),
            ("height", SideValues::U16(vec![height])),
            ("encoding", SideValues::Bytes(vec![self.encoding.into()])),
            ("pixels", SideValues::Bytes(vec![self.pixels])),
        ];
        columns.map(|(name, v)| SideColumn::new(name, v)).into()
    }
}

/// A picture as a file of its own, such as JPEG.
pub(crate) struct CompressedImage<'a> {
    pub(crate) stamp: i64,
    pub(crate) frame_id: &'a str,
    format: &'a str,
    data: &'a [u8],
}

impl<'a> CompressedImage<'a> {
    pub(crate) fn read(layout: Layout, bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut reader = Reader::new(layout, bytes)?;
        let header = reader.header()?;
        let format = reader.text()?;
        let data = &bytes[reader.sequence(1)?];
        reader.end()?;
        Ok(Self {
            stamp: header.stamp,
            frame_id: header.frame_id,
            format,
            data,
        })
    }

    pub(crate) fn columns(&self) -> Vec<SideColumn> {
        vec![
            SideColumn::new("format", SideValues::Bytes(vec![self.format.into()])),
            SideColumn::new("data", SideValues::Bytes(vec![self.data.to_vec()])),
        ]
    }
}
