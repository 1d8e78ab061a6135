//! Encoded pictures, written one after the other.

use std::io::Write;

use evz_core::{Error, Result};

use crate::apng::Apng;
use crate::ffmpeg::Ffmpeg;
use crate::format::PictureFormat;
use crate::gif::Gif;
use crate::movie_options::MovieOptions;
use crate::y4m;

impl MovieOptions {
    /// Begins the movie. APNG, MP4 and WebM gather in a temporary file and reach `out` when they are
    /// whole, the others as they come. `place` is what errors call `out`.
    ///
    /// # Errors
    /// If the format cannot hold the size or rate, is PNG, whose pictures are files of their own, or
    /// needs ffmpeg and there is none; if `out` cannot be written to.
    pub fn create<W: Write>(&self, out: W, place: &str) -> Result<Movie<W>> {
        if self.width == 0 || self.height == 0 {
            let what = "a movie needs at least one pixel; give the size of the sensor";
            return Err(Error::invalid(format!("{place}: {what}")));
        }
        let kind = match self.format {
            PictureFormat::Png => {
                let what = "a PNG file holds one picture; end its name in .apng for a movie";
                return Err(Error::invalid(format!("{place}: {what}")));
            }
            PictureFormat::Gif => Kind::Gif(Gif::begin(self, out, place)?),
            PictureFormat::Apng => Kind::Apng(Apng::begin(self, place)?, out),
            PictureFormat::Y4m | PictureFormat::Rgb => Kind::Stream(out),
            PictureFormat::Mp4 | PictureFormat::Webm => {
                Kind::Ffmpeg(Ffmpeg::begin(self, place)?, out)
            }
        };
        let mut movie = Movie {
            kind,
            place: place.to_owned(),
        };
        if self.format == PictureFormat::Y4m {
            movie.push(y4m::header(self).as_bytes())?;
        }
        Ok(movie)
    }
}

/// A movie being written. Dropped without [`Movie::finish`] it is not whole.
#[derive(Debug)]
pub struct Movie<W: Write> {
    kind: Kind<W>,
    place: String,
}

#[derive(Debug)]
enum Kind<W: Write> {
    Gif(Gif<W>),
    Apng(Apng, W),
    Stream(W),
    Ffmpeg(Ffmpeg, W),
}

impl<W: Write> Movie<W> {
    /// Adds the next picture, as its [`PictureEncoder`](crate::PictureEncoder) encoded it.
    ///
    /// # Errors
    /// If it cannot be written, or ffmpeg stopped: then with what ffmpeg said.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.kind {
            Kind::Gif(gif) => gif.push(bytes),
            Kind::Apng(apng, _) => apng.push(bytes),
            Kind::Stream(out) => out
                .write_all(bytes)
                .map_err(|e| Error::io(&self.place, "cannot write", e)),
            Kind::Ffmpeg(ffmpeg, _) => ffmpeg.push(bytes),
        }
    }

    /// Hands on the pictures so far, of formats that reach the output as they come.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        match &mut self.kind {
            Kind::Stream(out) => out
                .flush()
                .map_err(|e| Error::io(&self.place, "cannot write", e)),
            Kind::Gif(_) | Kind::Apng(..) | Kind::Ffmpeg(..) => Ok(()),
        }
    }

    /// Ends the movie and gives back what it was written to.
    ///
    /// # Errors
    /// If a format needs a picture and there was none, the last bytes cannot be written, or ffmpeg
    /// failed.
    pub fn finish(self) -> Result<W> {
        let mut out = match self.kind {
            Kind::Gif(gif) => gif.finish()?,
            Kind::Apng(apng, mut out) => {
                apng.finish(&mut out)?;
                out
            }
            Kind::Stream(out) => out,
            Kind::Ffmpeg(ffmpeg, mut out) => {
                ffmpeg.finish(&mut out)?;
                out
            }
        };
        out.flush()
            .map_err(|e| Error::io(&self.place, "cannot write", e))?;
        Ok(out)
    }
}
