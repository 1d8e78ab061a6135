//! MP4 and WebM by ffmpeg, which is given raw pictures.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::process::{Child, Command, Stdio};

use evz_core::{Error, Result};
use tempfile::TempPath;

use crate::format::PictureFormat;
use crate::movie_options::{MovieOptions, no_pictures};

/// A movie that ffmpeg is writing, into a temporary file, since MP4 is not written from front to back.
#[derive(Debug)]
pub(crate) struct Ffmpeg {
    child: Child,
    movie: TempPath,
    talk: File,
    pictures: u64,
    place: String,
}

impl Ffmpeg {
    pub(crate) fn begin(options: &MovieOptions, place: &str) -> Result<Self> {
        let no_file = |e| Error::io(place, "cannot make a temporary file", e);
        let movie = tempfile::NamedTempFile::new()
            .map_err(no_file)?
            .into_temp_path();
        // A file, for a pipe that nobody reads would stop ffmpeg when it is full.
        let talk = tempfile::tempfile().map_err(no_file)?;
        let start = |program: OsString| {
            Command::new(program)
                .args(arguments(options).split(' '))
                .arg(&movie)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(talk.try_clone()?)
                .spawn()
        };
        let mut child = Err(io::ErrorKind::NotFound.into());
        for program in programs() {
            child = start(program);
            if !matches!(&child, Err(e) if e.kind() == io::ErrorKind::NotFound) {
                break;
            }
        }
        let child = child.map_err(|e| not_started(options.format, place, e))?;
        Ok(Self {
            child,
            movie,
            talk,
            pictures: 0,
            place: place.to_owned(),
        })
    }

    pub(crate) fn push(&mut self, rgb: &[u8]) -> Result<()> {
        self.pictures += 1;
        let written = match &mut self.child.stdin {
            Some(stdin) => stdin.write_all(rgb),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        // It does not say why it does not read on; its own words do.
        written.map_err(|_| self.failed())
    }

    pub(crate) fn finish(mut self, out: &mut impl Write) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait();
        if self.pictures == 0 {
            return Err(no_pictures(&self.place));
        }
        if !status.is_ok_and(|status| status.success()) {
            return Err(self.failed());
        }
        let mut movie = File::open(&self.movie)
            .map_err(|e| Error::io(&self.place, "cannot read what ffmpeg wrote", e))?;
        io::copy(&mut movie, out)
            .map(drop)
            .map_err(|e| Error::io(&self.place, "cannot write", e))
    }

    /// That ffmpeg failed, and what it said last.
    fn failed(&mut self) -> Error {
        drop(self.child.stdin.take());
        let status = match self.child.wait() {
            Ok(status) => status.to_string(),
            Err(e) => e.to_string(),
        };
        let mut talk = Vec::new();
        let read = self
            .talk
            .rewind()
            .and_then(|()| self.talk.read_to_end(&mut talk));
        let talk = String::from_utf8_lossy(&talk);
        let last: Vec<&str> = talk
            .lines()
            .rev()
            .filter(|l| !l.trim().is_empty())
            .collect();
        let said = match last.as_slice() {
            [] => "it said nothing".to_owned(),
            [last] => format!("it said: {last}"),
            [last, before, ..] => format!("it said: {before}; {last}"),
        };
        let what = match read {
            Ok(_) => format!("ffmpeg failed; {said}"),
            Err(_) => "ffmpeg failed".to_owned(),
        };
        Error::io(&self.place, what, io::Error::other(status))
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // After `finish` there is none left to stop; else nobody wants the movie any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Separated by spaces.
fn arguments(options: &MovieOptions) -> String {
    let (width, height) = (options.width, options.height);
    let rate = options.rate;
    let codec = match options.format {
        PictureFormat::Webm => {
            "libvpx-vp9 -crf 24 -b:v 0 -deadline good -cpu-used 4 -row-mt 1 -f webm"
        }
        _ => "libx264 -preset veryfast -crf 18 -movflags +faststart -f mp4",
    };
    let [r, g, b] = options.palette.background();
    // What every player shows is 4:2:0, and its sides are even. Colours are said to be BT.709, for
    // players do not agree on what a movie is that does not say.
    format!(
        "-loglevel error -nostdin -y \
         -f rawvideo -pixel_format rgb24 -video_size {width}x{height} -framerate {rate} -i pipe:0 \
         -vf pad=ceil(iw/2)*2:ceil(ih/2)*2:color=0x{r:02x}{g:02x}{b:02x},\
         scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,\
         setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709 \
         -c:v {codec}"
    )
}

/// Where ffmpeg may be: where Python's imageio is told that it is, on the path, and beside this program.
fn programs() -> impl Iterator<Item = OsString> {
    let told = std::env::var_os("IMAGEIO_FFMPEG_EXE").filter(|told| !told.is_empty());
    let beside = std::env::current_exe();
    let beside = beside.map(|program| program.with_file_name(NAME).into_os_string());
    told.into_iter().chain([NAME.into()]).chain(beside.ok())
}

/// With the extension of programs of this system.
const NAME: &str = if cfg!(windows) {
    "ffmpeg.exe"
} else {
    "ffmpeg"
};

fn not_started(format: PictureFormat, place: &str, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        let what = format!(
            "{format} needs the program ffmpeg, which is not on the path, not beside evz, and not where \
             IMAGEIO_FFMPEG_EXE says; install it, or end the name in .gif, .apng or .y4m, which need \
             nothing"
        );
        return Error::unsupported(place, what);
    }
    Error::io(place, "cannot start ffmpeg", error)
}
