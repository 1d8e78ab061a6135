//! A window of ffplay, which is given a y4m.

use std::io::{self, Write};

use evz_core::{Error, Place, Result};

use crate::program::Program;

/// A window of ffplay: what is written to it, as a movie in y4m, is shown at its rate.
#[derive(Debug)]
pub struct Ffplay(Program);

impl Ffplay {
    /// Opens a window with this title. It shows the last picture until it is closed, or closes itself then.
    ///
    /// # Errors
    /// If ffplay is not found, or cannot be started.
    pub fn open(title: &str, closes_itself: bool) -> Result<Self> {
        let missing = || {
            let what = "the program is not on the path, not beside evz, and not beside what \
                        IMAGEIO_FFMPEG_EXE names";
            Error::unsupported("ffplay", what).advise("install ffmpeg, which it is a part of")
        };
        let program = Program::start("ffplay", Place::default(), missing, |command| {
            command.args(["-loglevel", "error", "-window_title", title]);
            if closes_itself {
                command.arg("-autoexit");
            }
            command.args(["-f", "yuv4mpegpipe", "-i", "pipe:0"]);
        });
        program.map(Self)
    }

    /// Waits until the window is closed.
    ///
    /// # Errors
    /// If ffplay failed, with what it said.
    pub fn finish(mut self) -> Result<()> {
        match self.0.end() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(self.0.failed("ffplay")),
        }
    }
}

impl Write for Ffplay {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
