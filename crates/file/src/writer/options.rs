//! How a file is written.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;

use evz_codec::{Codec, SMALL};
#[cfg(feature = "files")]
use evz_core::OutputFile;
use evz_core::{Error, Question, Result, StreamInfo};

use super::{IndexBuilder, Writer};
use crate::limits::MAX_CHUNK_EVENTS;
use crate::reader::ReadOptions;

/// Events in a chunk, unless asked otherwise.
pub const DEFAULT_CHUNK_EVENTS: u32 = 65_536;

/// The names of the codecs, the default first.
pub fn profiles() -> impl Iterator<Item = &'static str> {
    let others = evz_codec::all()
        .map(Codec::name)
        .filter(|name| *name != SMALL.name());
    std::iter::once(SMALL.name()).chain(others)
}

/// How a file is written.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WriteOptions {
    pub(super) codec: &'static dyn Codec,
    pub(super) chunk_events: u32,
    replace: bool,
    name: String,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            codec: &SMALL,
            chunk_events: DEFAULT_CHUNK_EVENTS,
            replace: false,
            name: "output".to_owned(),
        }
    }
}

impl WriteOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Encodes with this codec, not [`SMALL`].
    pub fn with_codec(mut self, codec: &'static dyn Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Encodes with the codec of this name: one of [`profiles`].
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn with_profile(self, profile: &str) -> Result<Self> {
        let codec = evz_codec::by_name(profile).ok_or_else(|| {
            let error = Error::invalid(format!("there is no profile {profile:?}"));
            error.settled_by(Question::Profile, profiles())
        })?;
        Ok(self.with_codec(codec))
    }

    /// Puts so many events in a chunk; held between 1 and [`MAX_CHUNK_EVENTS`].
    pub fn with_chunk_events(mut self, n: u32) -> Self {
        self.chunk_events = n.clamp(1, MAX_CHUNK_EVENTS);
        self
    }

    /// Replaces an existing file instead of refusing to.
    pub fn with_replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }

    /// Calls the output this in errors, where it is not a path.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Starts the file `path`; it appears under that name when [`Writer::finish`] returns.
    ///
    /// # Errors
    /// If the file exists and may not be replaced, or cannot be written.
    #[cfg(feature = "files")]
    pub fn create(self, path: impl AsRef<Path>, info: &StreamInfo) -> Result<Writer<OutputFile>> {
        let path = path.as_ref();
        let file = OutputFile::create(path, self.replace)?;
        Writer::start(self, file, path.display().to_string(), info)
    }

    /// Writes a file into anything that takes bytes; nothing is ever sought or read back.
    ///
    /// # Errors
    /// If the first bytes cannot be written.
    pub fn write_to<W: Write>(self, out: W, info: &StreamInfo) -> Result<Writer<W>> {
        let place = self.name.clone();
        Writer::start(self, out, place, info)
    }

    /// Adds events to the end of an existing file. No byte of it is changed: the new chunks and a
    /// new index follow the old ones, and until [`Writer::finish`] returns, what was there is all
    /// there for `recover` to find.
    ///
    /// # Errors
    /// If the file is not a whole evz file of the same time base.
    pub fn append(
        self,
        path: impl AsRef<Path>,
        info: &StreamInfo,
    ) -> Result<Writer<BufWriter<File>>> {
        let path = path.as_ref();
        let place = path.display().to_string();
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(|e| Error::io(&place, "cannot append", e))?;
        // Two writers at once would leave an index that knows of neither's chunks.
        file.try_lock().map_err(|_| {
            Error::invalid(format!("{place}: another process appends to it"))
                .advise("wait for its end")
        })?;
        let reader = ReadOptions::new().open(path)?;
        if reader.info().time_base != info.time_base {
            let what = format!(
                "{place}: counts {}, the events to append {}",
                reader.info().time_base,
                info.time_base
            );
            return Err(Error::invalid(what).advise("convert one of them first"));
        }
        let index = IndexBuilder::resume(reader.root().clone());
        Ok(Writer::at(
            self,
            BufWriter::new(file),
            place,
            index,
            reader.file_len(),
        ))
    }
}
