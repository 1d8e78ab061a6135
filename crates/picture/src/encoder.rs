//! Pictures turned into the bytes of a format, on any thread.

use evz_core::{Error, Result};

use crate::format::PictureFormat;
use crate::movie_options::MovieOptions;
use crate::pixels::Picture;
use crate::{gif, png, y4m};

impl MovieOptions {
    /// What turns the pictures into bytes, on any thread.
    pub fn encoder(&self) -> PictureEncoder {
        PictureEncoder {
            options: self.clone(),
            yuv: y4m::colours(&self.palette),
        }
    }
}

/// Turns pictures into the bytes of a format. Shared by threads; their work is in any order.
#[derive(Debug, Clone)]
pub struct PictureEncoder {
    options: MovieOptions,
    yuv: [[u8; 3]; 256],
}

impl PictureEncoder {
    /// Replaces `bytes` by those of a picture: what [`Movie::push`](crate::Movie::push) takes, or a whole PNG file.
    ///
    /// # Errors
    /// If the picture has another size than the movie.
    pub fn encode(&self, picture: &Picture, bytes: &mut Vec<u8>) -> Result<()> {
        let Self { options, yuv } = self;
        if (picture.width(), picture.height()) != (options.width, options.height) {
            return Err(Error::invalid(format!(
                "a picture of {}x{} does not fit a movie of {}x{}",
                picture.width(),
                picture.height(),
                options.width,
                options.height
            )));
        }
        bytes.clear();
        match options.format {
            PictureFormat::Png | PictureFormat::Apng => {
                png::encode(picture, &options.palette, bytes)?;
            }
            PictureFormat::Gif => gif::compress(picture, bytes),
            PictureFormat::Y4m => y4m::append(picture, yuv, bytes),
            PictureFormat::Rgb | PictureFormat::Mp4 | PictureFormat::Webm => {
                picture.append_rgb(&options.palette, bytes);
            }
        }
        Ok(())
    }
}
