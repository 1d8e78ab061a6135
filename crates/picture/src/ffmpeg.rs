//! MP4 and WebM by ffmpeg, which is given raw pictures.

use std::fs::File;
use std::io::{self, Write};

use evz_core::{Error, NamedTemporary, Result};

use crate::format::PictureFormat;
use crate::movie_options::{MovieOptions, no_pictures};
use crate::program::Program;
use crate::yuv420::even;

/// A movie that ffmpeg is writing, into a temporary file, since MP4 is not written from front to back.
#[derive(Debug)]
pub(crate) struct Ffmpeg {
    program: Program,
    movie: NamedTemporary,
    pictures: u64,
    place: String,
}

impl Ffmpeg {
    pub(crate) fn begin(options: &MovieOptions, place: &str) -> Result<Self> {
        let movie = NamedTemporary::new("a movie")?;
        let missing = || missing(options.format, place);
        let program = Program::start("ffmpeg", place, missing, |command| {
            command
                .args(arguments(options).split(' '))
                .arg(movie.path());
        })?;
        Ok(Self {
            program,
            movie,
            pictures: 0,
            place: place.to_owned(),
        })
    }

    pub(crate) fn push(&mut self, picture: &[u8]) -> Result<()> {
        self.pictures += 1;
        // It does not say why it does not read on; its own words do.
        let written = self.program.write(picture);
        written.map_err(|_| self.program.failed(&self.place))
    }

    pub(crate) fn finish(mut self, out: &mut impl Write) -> Result<()> {
        let status = self.program.end();
        if self.pictures == 0 {
            return Err(no_pictures(&self.place));
        }
        if !status.is_ok_and(|status| status.success()) {
            return Err(self.program.failed(&self.place));
        }
        let mut movie = File::open(self.movie.path())
            .map_err(|e| Error::io(&self.place, "cannot read what ffmpeg wrote", e))?;
        io::copy(&mut movie, out)
            .map(drop)
            .map_err(|e| Error::io(&self.place, "cannot write", e))
    }
}

/// Separated by spaces.
fn arguments(options: &MovieOptions) -> String {
    let (width, height) = (even(options.width), even(options.height));
    let rate = options.rate;
    let codec = match options.format {
        PictureFormat::Webm => {
            "libvpx-vp9 -crf 24 -b:v 0 -deadline good -cpu-used 4 -row-mt 1 -f webm"
        }
        _ => "libx264 -preset veryfast -crf 18 -movflags +faststart -f mp4",
    };
    // Colours are said to be BT.709, for players do not agree on what a movie is that does not say.
    format!(
        "-loglevel error -nostdin -y \
         -f rawvideo -pixel_format yuv420p -video_size {width}x{height} -framerate {rate} -i pipe:0 \
         -vf setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709 \
         -c:v {codec}"
    )
}

fn missing(format: PictureFormat, place: &str) -> Error {
    let what = format!(
        "{format} needs the program ffmpeg, which is not on the path and not beside evz{}; install it, \
         set IMAGEIO_FFMPEG_EXE to where it is, or end the name in .gif, .apng or .y4m, which need \
         nothing",
        match std::env::var_os("IMAGEIO_FFMPEG_EXE").is_some() {
            true => ", and not where IMAGEIO_FFMPEG_EXE says",
            false => "",
        }
    );
    Error::unsupported(place, what)
}
