//! Animated PNG, put together from PNG files that were encoded apart.
//!
//! The layout is that of the PNG specification, third edition: `acTL` with the number of pictures
//! before all of them, a frame control `fcTL` before each, the first picture in `IDAT`, the others in
//! `fdAT`, which is a number and then what `IDAT` would hold.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use evz_core::{Error, Result, Temporary};

use crate::frame_rate::FrameRate;
use crate::movie_options::{MovieOptions, no_pictures};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Where `acTL` begins: after the signature and `IHDR`.
const ACTL_AT: u64 = 8 + 12 + 13;

/// An APNG being written, into a temporary file, since its number of pictures comes first and is known
/// last.
#[derive(Debug)]
pub(crate) struct Apng {
    file: BufWriter<Temporary>,
    /// Width and height, as `fcTL` has them.
    size: [u8; 8],
    delay: [u16; 2],
    pictures: u32,
    /// Of the next `fcTL` or `fdAT`.
    sequence_number: u32,
    place: String,
}

impl Apng {
    pub(crate) fn begin(options: &MovieOptions, place: &str) -> Result<Self> {
        let side = |pixels: usize| u32::try_from(pixels).ok().filter(|n| *n < 1 << 31);
        let (Some(width), Some(height)) = (side(options.width), side(options.height)) else {
            let what = format!("a PNG cannot have {}x{}", options.width, options.height);
            return Err(Error::unsupported(place, what));
        };
        let mut size = [0; 8];
        size[..4].copy_from_slice(&width.to_be_bytes());
        size[4..].copy_from_slice(&height.to_be_bytes());
        let file = Temporary::new("an animation")?;
        Ok(Self {
            file: BufWriter::new(file),
            size,
            delay: delay(options.rate),
            pictures: 0,
            sequence_number: 0,
            place: place.to_owned(),
        })
    }

    pub(crate) fn push(&mut self, png: &[u8]) -> Result<()> {
        let failed = |e| Error::io(&self.place, "cannot write", e);
        let not_png = || Error::invalid(format!("{}: the next picture is no PNG", self.place));
        let mut chunks = png.strip_prefix(SIGNATURE).ok_or_else(not_png)?;
        let file = &mut self.file;
        if self.pictures == 0 {
            file.write_all(SIGNATURE).map_err(failed)?;
        }
        let mut has_control = false;
        while !chunks.is_empty() {
            let (kind, data, rest) = split_chunk(chunks).ok_or_else(not_png)?;
            chunks = rest;
            if kind == *b"IDAT" && !has_control {
                has_control = true;
                let control = frame_control(self.sequence_number, &self.size, self.delay);
                self.sequence_number += 1;
                write_chunk(file, b"fcTL", &[&control]).map_err(failed)?;
            }
            match (&kind, self.pictures) {
                (b"IHDR", 0) => {
                    write_chunk(file, &kind, &[data]).map_err(failed)?;
                    write_animation_control(file, 0).map_err(failed)?;
                }
                (b"PLTE" | b"IDAT", 0) => write_chunk(file, &kind, &[data]).map_err(failed)?,
                (b"IDAT", _) => {
                    let number = self.sequence_number.to_be_bytes();
                    self.sequence_number += 1;
                    write_chunk(file, b"fdAT", &[&number, data]).map_err(failed)?;
                }
                _ => {}
            }
        }
        if !has_control {
            return Err(not_png());
        }
        self.pictures += 1;
        Ok(())
    }

    pub(crate) fn finish(self, out: &mut impl Write) -> Result<()> {
        if self.pictures == 0 {
            return Err(no_pictures(&self.place));
        }
        let mut file = self.file;
        let pictures = self.pictures;
        let mut finish = || {
            write_chunk(&mut file, b"IEND", &[])?;
            file.seek(SeekFrom::Start(ACTL_AT))?;
            write_animation_control(&mut file, pictures)?;
            file.rewind()?;
            io::copy(file.get_mut(), out)
        };
        finish()
            .map(drop)
            .map_err(|e| Error::io(self.place, "cannot write", e))
    }
}

/// Seconds that a picture stays, as a fraction, as near as two numbers of 16 bits can be.
fn delay(rate: FrameRate) -> [u16; 2] {
    let (seconds, frames) = (f64::from(rate.seconds()), f64::from(rate.frames()));
    let most = f64::from(u16::MAX);
    let shrink = (seconds.max(frames) / most).max(1.0);
    [seconds / shrink, frames / shrink].map(|part| part.round() as u16)
}

/// The kind and data of the first chunk, and what follows it.
fn split_chunk(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    let (_checksum, rest) = rest.split_first_chunk::<4>()?;
    Some((*kind, data, rest))
}

fn write_chunk(out: &mut impl Write, kind: &[u8; 4], data: &[&[u8]]) -> io::Result<()> {
    let len: usize = data.iter().map(|part| part.len()).sum();
    let len = u32::try_from(len).map_err(io::Error::other)?;
    let mut checksum = crc32fast::Hasher::new();
    out.write_all(&len.to_be_bytes())?;
    for part in std::iter::once(&kind.as_slice()).chain(data) {
        checksum.update(part);
        out.write_all(part)?;
    }
    out.write_all(&checksum.finalize().to_be_bytes())
}

/// So many pictures, played for ever.
fn write_animation_control(out: &mut impl Write, pictures: u32) -> io::Result<()> {
    write_chunk(out, b"acTL", &[&pictures.to_be_bytes(), &[0; 4]])
}

/// A picture of full size, for a share of a second, in place of the one before.
fn frame_control(number: u32, size: &[u8; 8], delay: [u16; 2]) -> [u8; 26] {
    let mut control = [0; 26];
    control[..4].copy_from_slice(&number.to_be_bytes());
    control[4..12].copy_from_slice(size);
    control[20..22].copy_from_slice(&delay[0].to_be_bytes());
    control[22..24].copy_from_slice(&delay[1].to_be_bytes());
    control
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_exact_or_near() {
        let of = |frames, seconds| delay(FrameRate::new(frames, seconds).unwrap());
        assert_eq!(of(30, 1), [1, 30]);
        assert_eq!(of(30_000, 1_001), [1_001, 30_000]);
        assert_eq!(of(1_000_000_000, 33_333_333), [2_184, 65_535]);
    }
}
