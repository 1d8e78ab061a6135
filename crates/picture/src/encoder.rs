//! Pictures turned into the bytes of a format, on any thread.

use std::sync::Arc;

use evz_core::{Error, Result};

use crate::format::PictureFormat;
use crate::movie_options::MovieOptions;
use crate::over::{Over, Reduced};
use crate::palette::BACKGROUND;
use crate::pixels::Picture;
use crate::{lzw, png, y4m, yuv420};

impl MovieOptions {
    /// What turns the pictures into bytes, on any thread.
    pub fn encoder(&self) -> PictureEncoder {
        PictureEncoder {
            options: self.clone(),
            yuv: match self.format {
                PictureFormat::Y4m => y4m::colours(&self.palette),
                _ => yuv420::colours(&self.palette),
            },
            over: self.over(),
        }
    }

    fn over(&self) -> Option<Arc<Colours>> {
        let palette = &self.palette;
        let colours = match self.format {
            _ if !palette.has_ground() => return None,
            PictureFormat::Gif => Colours::Reduced(Box::new(Reduced::of(palette))),
            PictureFormat::Y4m => Colours::All(Over::of(palette).map(y4m::yuv)),
            PictureFormat::Mp4 | PictureFormat::Webm => {
                Colours::All(Over::of(palette).map(yuv420::yuv))
            }
            _ => Colours::All(Over::of(palette)),
        };
        Some(Arc::new(colours))
    }
}

/// Turns pictures into the bytes of a format. Shared by threads; their work is in any order.
#[derive(Debug, Clone)]
pub struct PictureEncoder {
    options: MovieOptions,
    yuv: [[u8; 3]; 256],
    /// Of pictures that have a ground.
    over: Option<Arc<Colours>>,
}

/// What indices are over the greys of a ground.
#[derive(Debug)]
enum Colours {
    All(Over),
    Reduced(Box<Reduced>),
}

impl PictureEncoder {
    /// Replaces `bytes` by those of a picture: what [`Movie::push`](crate::Movie::push) takes, or a whole PNG file.
    ///
    /// # Errors
    /// If the picture has another size than the movie.
    pub fn encode(&self, picture: &Picture, bytes: &mut Vec<u8>) -> Result<()> {
        let Self { options, yuv, over } = self;
        if (picture.width(), picture.height()) != (options.width, options.height) {
            return Err(Error::invalid(format!(
                "a picture of {}x{} does not fit a movie of {}x{}",
                picture.width(),
                picture.height(),
                options.width,
                options.height
            )));
        }
        if over.is_some() == picture.ground.is_empty() {
            let what = "a picture that has a ground fits a movie of such pictures, and no other";
            return Err(Error::invalid(what));
        }
        bytes.clear();
        let (all, reduced) = match over.as_deref() {
            Some(Colours::All(all)) => (Some(all), None),
            Some(Colours::Reduced(reduced)) => (None, Some(reduced)),
            None => (None, None),
        };
        match options.format {
            PictureFormat::Png | PictureFormat::Apng => {
                png::encode(picture, &options.palette, all, bytes)?;
            }
            PictureFormat::Gif => match reduced {
                Some(reduced) => lzw::compress(&reduced.indices(picture), bytes),
                None => lzw::compress(picture.indices(), bytes),
            },
            PictureFormat::Y4m => match all {
                Some(yuv) => y4m::append_over(picture, yuv, bytes),
                None => y4m::append(picture, yuv, bytes),
            },
            PictureFormat::Rgb => match all {
                Some(all) => all.append_rgb(picture, bytes),
                None => picture.append_rgb(&options.palette, bytes),
            },
            PictureFormat::Mp4 | PictureFormat::Webm => {
                let beyond = yuv[usize::from(BACKGROUND)];
                match all {
                    Some(all) => yuv420::append(picture, all.colours(picture), beyond, bytes),
                    None => {
                        let indices = picture.indices().iter();
                        let colours = indices.map(|index| yuv[usize::from(*index)]);
                        yuv420::append(picture, colours, beyond, bytes);
                    }
                }
            }
        }
        Ok(())
    }
}
