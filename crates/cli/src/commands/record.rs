//! `record`: a recording that is still being made, into a file that is read while it grows.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use evz::{Error, Lag, OneRun, OpenOptions, RecordOptions, RecordWatch, Recording};

use super::Outcome;
use super::convert::summarize;
use crate::args::RecordArgs;
use crate::ending;
use crate::input::{self, is_pipe};
use crate::refuse::{TextIsWritten, check_reading};
use crate::words::human::{bytes, duration};
use crate::words::{error_text, say, say_report};

/// How often it is said that the writing is behind, as long as it is.
const SAY_EVERY: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &RecordArgs) -> Result<Outcome> {
    let started = Instant::now();
    let output = &args.output;
    let is_evz = (output.extension()).is_some_and(|e| e.eq_ignore_ascii_case("evz"));
    if !is_evz {
        let what = format!(
            "{}: only an .evz file is read while it grows; end its name in .evz",
            output.display()
        );
        return Err(Error::invalid(what).into());
    }
    let (sender, name) = sender(&args.input)?;
    let mut options = RecordOptions::default();
    options.reading = args.reading.options();
    options.input_format = args.reading.input_format;
    options.profile = args.profile.clone();
    options.replace = args.force;
    options.end = ending::by_signal();
    let mut watching = Watching {
        reading: &options.reading,
        said: (started, Duration::ZERO),
    };
    let recorded = evz::record(sender, &name, output, &options, &mut watching)?;
    let lost = say_report(&recorded.report);
    let size = std::fs::metadata(output).ok().map(|m| m.len());
    let name = output.display().to_string();
    summarize(&name, recorded.events, size, started);
    let Lag {
        waited, longest, ..
    } = recorded.lag;
    say(match waited {
        Duration::ZERO => format!("{name}: it kept up"),
        _ => format!(
            "{name}: it did not keep up: who sent the recording had to wait {} in all, {} at most at \
             once",
            duration(waited.as_nanos()),
            duration(longest.as_nanos())
        ),
    });
    Ok(Outcome::of_loss(lost))
}

/// What sends the recording, and what that is called.
fn sender(path: &Path) -> Result<(Box<dyn Read + Send>, String)> {
    if is_pipe(path) {
        input::stdin_is_read();
        return Ok((Box::new(io::stdin()), "standard input".to_owned()));
    }
    let name = path.display().to_string();
    if evz::url_scheme(path).is_some() {
        let what = format!("{name}: is a URL, and a pipe is recorded; pass what fetches it to -");
        return Err(Error::invalid(what).into());
    }
    let found = std::fs::metadata(path).map_err(|e| Error::io(&name, "cannot open", e))?;
    if found.is_dir() {
        return Err(Error::invalid(format!("{name}: is a folder; name a pipe")).into());
    }
    OneRun::reads(path);
    Ok((Box::new(Named::Pipe(path.to_owned())), name))
}

/// A pipe with a name. It is opened by who reads it, for that waits until somebody writes.
enum Named {
    Pipe(PathBuf),
    Open(File),
}

impl Read for Named {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Self::Pipe(path) = self {
            *self = Self::Open(File::open(path)?);
        }
        match self {
            Self::Open(file) => file.read(out),
            Self::Pipe(_) => Ok(0),
        }
    }
}

/// Says how it is read, and when the writing is behind.
struct Watching<'a> {
    reading: &'a OpenOptions,
    /// When it was said last, and how long whoever sends had waited by then.
    said: (Instant, Duration),
}

impl RecordWatch for Watching<'_> {
    fn unclear(&mut self, why: &Error) {
        say(format_args!(
            "waiting for more, which may make it clear: {}",
            error_text(why)
        ));
    }

    fn opened(&mut self, recording: &Recording) -> evz::Result<()> {
        recording.report().inferred.iter().for_each(say);
        check_reading(self.reading, &[recording.format()], TextIsWritten::No)
    }

    fn passed(&mut self, _: usize, lag: Lag) {
        let (at, waited) = self.said;
        if at.elapsed() < SAY_EVERY {
            return;
        }
        if lag.waited > waited {
            say(format_args!(
                "behind: who sends the recording had to wait {} of the last {}, and {} wait to be read",
                duration((lag.waited - waited).as_nanos()),
                duration(at.elapsed().as_nanos()),
                bytes(lag.bytes)
            ));
        }
        self.said = (Instant::now(), lag.waited);
    }
}
