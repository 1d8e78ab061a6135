//! From whoever sends a recording into a file that is read while it grows.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use evz_core::{Error, Format, Input, Metadata, OpenOptions, Report, Result};
use evz_file::{EvzSink, WriteOptions};

use super::arriving::{Lag, Sent};
use super::flushing::Flushing;
use crate::copy::copy_with;
use crate::open::open_input;
use crate::recording::Recording;

/// The profile that a recording is written in while it is made.
pub const DEFAULT_LIVE_PROFILE: &str = "fast";

/// How long events wait at most before they are written: a quarter of the second that a reader is promised,
/// so that there is time for the rest of the way.
const FLUSH_EVERY: Duration = Duration::from_millis(250);
/// How often there is an index, where it takes no more than a sixteenth of the file.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(500);

/// Bytes that tell a format where they have come; who sends slowly is waited for so long.
const HEAD: u64 = 64 << 10;
const HEAD_WAIT: Duration = Duration::from_millis(400);
/// Bytes behind which more of them would not make clear how they are read: what the reader of text looks
/// at.
const ENOUGH: u64 = 256 << 10;
/// How long it may be unclear how they are read before that is said.
const UNCLEAR: Duration = Duration::from_secs(1);

/// How a recording is written while it is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordOptions {
    /// How it is read.
    pub reading: OpenOptions,
    /// The format that it is of, if its content is not to tell it.
    pub input_format: Option<&'static Format>,
    /// The profile of the file.
    pub profile: String,
    /// Whether an existing file is replaced.
    pub replace: bool,
    /// Set by whoever wants it to end: what has come by then is written, and the file is finished.
    pub end: Arc<AtomicBool>,
}

impl Default for RecordOptions {
    fn default() -> Self {
        Self {
            reading: OpenOptions::new(),
            input_format: None,
            profile: DEFAULT_LIVE_PROFILE.to_owned(),
            replace: false,
            end: Arc::default(),
        }
    }
}

/// Who looks on while it is recorded.
pub trait RecordWatch {
    /// What has come does not tell how it is read, for this reason; more of it may.
    fn unclear(&mut self, why: &Error) {
        let _ = why;
    }

    /// It is clear how it is read, and the file is about to be begun.
    ///
    /// # Errors
    /// One of its own, which ends the recording.
    fn opened(&mut self, recording: &Recording) -> Result<()> {
        let _ = recording;
        Ok(())
    }

    /// So many more events are written, and so far is the writing behind.
    fn passed(&mut self, events: usize, lag: Lag) {
        let _ = (events, lag);
    }
}

/// Nobody does.
impl RecordWatch for () {}

/// What was recorded.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub struct Recorded {
    /// Events in the file.
    pub events: u64,
    /// What was inferred, noticed and lost.
    pub report: Report,
    /// How long whoever sent it was made to wait.
    pub lag: Lag,
    /// The metadata behind the events.
    pub closing: Metadata,
}

/// Writes what `sender` sends, which errors call `name`, into the file `output` until it ends or is told
/// to. The file has its name from the start and is read while it grows: events are in it a quarter of a
/// second after they came, also where none follow them. If this process ends, they stay there.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("live.evz");
/// let text = "0.000010 3 7 1\n0.000020 4 7 0\n0.000030 4 8 1\n";
/// let recorded = evz::record(text.as_bytes(), "a camera", &path, &Default::default(), &mut ())?;
/// assert_eq!(recorded.events, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If nothing says how it is to be read, it cannot be read on, or the file cannot be written; what was
/// written is there.
pub fn record(
    sender: impl Read + Send + 'static,
    name: &str,
    output: impl AsRef<Path>,
    options: &RecordOptions,
    watch: &mut dyn RecordWatch,
) -> Result<Recorded> {
    let writing = WriteOptions::new()
        .with_profile(&options.profile)?
        .with_replace(options.replace)
        .with_checkpoints(CHECKPOINT_EVERY);
    let sent = Sent::by(sender, options.end.clone());
    let sent = sent.map_err(|e| Error::no_thread(name, &e))?;
    let recording = open(&sent, name, options, watch)?;
    recording.check_event_stream(options.reading.stream.as_deref(), "record")?;
    watch.opened(&recording)?;
    let info = recording.info_for_copy();
    let mut source = recording.into_source();
    let place = output.as_ref().display().to_string();
    let begin = || Ok(Box::new(EvzSink::create_growing(output, &info, writing)?) as _);
    let sink = Flushing::of(begin, FLUSH_EVERY, options.end.clone());
    let sink = sink.map_err(|e| match e.place().file {
        Some(_) => e,
        None => e.within(place),
    })?;
    let passed = |events, _| watch.passed(events, sent.lag());
    let copied = copy_with(&mut *source, Box::new(sink), passed)?;
    Ok(Recorded {
        events: copied.events,
        report: copied.report,
        lag: sent.lag(),
        closing: copied.closing,
    })
}

/// Opens what is sent as soon as it is clear how.
fn open(
    sent: &Sent,
    name: &str,
    options: &RecordOptions,
    watch: &mut dyn RecordWatch,
) -> Result<Recording> {
    // The first byte may be a long time coming.
    while sent.wait_for(1, UNCLEAR) == 0 && !sent.has_ended() {}
    let mut come = sent.wait_for(HEAD, HEAD_WAIT);
    let mut said = false;
    loop {
        let all = sent.has_ended();
        let mut head = vec![0; come.min(HEAD) as usize];
        let mut rest = sent.clone();
        rest.read_exact(&mut head)
            .map_err(|e| Error::io(name, "cannot read", e))?;
        let input = Input::from_arriving(head, rest, name);
        let why = match open_input(input, options.input_format, &options.reading) {
            Ok(recording) if recording.index().is_some() => {
                let what = format!("{name}: is {}, which has an index", recording.format());
                return Err(Error::invalid(what).advise("convert or copy it"));
            }
            Ok(recording) => {
                sent.settle();
                return Ok(recording);
            }
            Err(error) if all || come >= ENOUGH || !sent.rewind() => return Err(error),
            Err(error) => error,
        };
        let before = come;
        come = sent.wait_for(before + 1, UNCLEAR);
        while come == before && !sent.has_ended() {
            if !std::mem::replace(&mut said, true) {
                watch.unclear(&why);
            }
            come = sent.wait_for(before + 1, UNCLEAR);
        }
    }
}
