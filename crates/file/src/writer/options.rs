//! How a file is written.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use evz_codec::{Codec, SMALL};
#[cfg(feature = "files")]
use evz_core::OutputFile;
use evz_core::{Error, Metadata, Question, Result, StreamInfo};

#[cfg(feature = "files")]
use super::growing_file;
use super::{Summary, Writer};
use crate::limits::MAX_CHUNK_EVENTS;
use crate::reader::{ReadOptions, Reader};
use crate::wire::{PACK_NONE, PACK_ZSTD};

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
    pub(super) checkpoints: Option<Duration>,
    pub(super) side_pack: u8,
    pub(super) replace: bool,
    name: String,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            codec: &SMALL,
            chunk_events: DEFAULT_CHUNK_EVENTS,
            checkpoints: None,
            side_pack: PACK_ZSTD,
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

    /// Puts an index behind what was written so far about that often, but no more of them than take a
    /// sixteenth of the file.
    pub fn with_checkpoints(mut self, every: Duration) -> Self {
        self.checkpoints = Some(every);
        self
    }

    /// Writes the rows of side streams as they are, not as zstd frames, so that who reads them needs no
    /// zstd.
    pub fn with_side_as_it_is(mut self) -> Self {
        self.side_pack = PACK_NONE;
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

    /// Starts the file `path`, to be read while it grows: it begins with a checkpoint, has its name from
    /// then on, and more are made as [`WriteOptions::with_checkpoints`] says. If the process ends, what stands
    /// before the last one is there. [`Writer::finish_append`] ends it.
    ///
    /// # Errors
    /// If the file exists and may not be replaced, or cannot be written.
    #[cfg(feature = "files")]
    pub fn create_growing(
        self,
        path: impl AsRef<Path>,
        info: &StreamInfo,
    ) -> Result<Writer<BufWriter<File>>> {
        let path = path.as_ref();
        let place = path.display().to_string();
        let (file, unnamed) = growing_file::start(path, self.replace)?;
        let mut writer = Writer::start(self, file, place, info)?;
        writer.checkpoint()?;
        unnamed.name()?;
        Ok(writer)
    }

    /// Adds events to the end of an existing file. No byte of it is changed: the new chunks and a
    /// new index follow the old ones, and until [`Writer::finish_append`] returns, what was there is
    /// all there.
    ///
    /// # Errors
    /// If the file is not a whole evz file of the same time base and clock.
    pub fn append(
        self,
        path: impl AsRef<Path>,
        info: &StreamInfo,
    ) -> Result<Writer<BufWriter<File>>> {
        let (writer, reader) = self.resume(path.as_ref())?;
        if (reader.info().time_base, reader.info().clock) != (info.time_base, info.clock) {
            let what = format!(
                "{}: counts {}, the events to append {}, or by another clock",
                path.as_ref().display(),
                reader.info().time_base,
                info.time_base
            );
            return Err(Error::invalid(what).advise("convert one of them first"));
        }
        Ok(writer)
    }

    /// Goes on where a whole file ends.
    fn resume(self, path: &Path) -> Result<(Writer<BufWriter<File>>, Reader)> {
        let place = path.display().to_string();
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(|e| Error::io(&place, "cannot append", e))?;
        // Two writers at once would leave an index that knows of neither's chunks.
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = format!("{place}: another process appends to it");
                return Err(Error::invalid(what).advise("wait for its end"));
            }
            // Where files have no locks, nobody can be asked.
            Err(TryLockError::Error(e)) if has_no_locks(&e) => {}
            Err(TryLockError::Error(e)) => return Err(Error::io(&place, "cannot lock", e)),
        }
        let reader = ReadOptions::new().open(path)?;
        // What is whole behind the last root is in no index yet: `recover` keeps it.
        if !reader.ends_with_root() {
            let what = "the file does not end with its index: it was cut or never finished";
            return Err(Error::insufficient(&place, what).recoverable());
        }
        let (features, skipped) = (
            reader.header().features_edit,
            reader.root().skipped_metadata,
        );
        if features != 0 || skipped > 0 {
            let what = format!(
                "{place}: features {features:#06x} and {skipped} entries of metadata are unknown"
            );
            return Err(Error::unsupported("", what).advise("edit it with a newer evz"));
        }
        let index = reader.index_builder()?;
        let file_len = reader.file_len();
        let mut writer = Writer::at(self, BufWriter::new(file), place, index, file_len);
        writer.previous = Some(reader.root().tail.root_offset);
        if reader.root().removed_metadata.is_empty() {
            writer.metadata_refs = reader.root().metadata_refs.clone();
            writer.metadata = reader.root().metadata.clone();
        } else {
            writer.metadata = reader.metadata().clone();
        }
        Ok((writer, reader))
    }
}

/// Whether a lock was refused for there are none: of what file system depends on the system.
fn has_no_locks(e: &io::Error) -> bool {
    // ENOLCK, which has no kind of its own.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if e.raw_os_error() == Some(if cfg!(target_os = "linux") { 37 } else { 77 }) {
        return true;
    }
    e.kind() == io::ErrorKind::Unsupported
}

/// Changes the metadata of a file. Nothing but a new root, and a record of metadata if they are long,
/// is written, behind the file as it is; if that fails, the file is cut back to what it was. One whose writer
/// never finished it stays so.
///
/// # Errors
/// If the file is not a whole evz file, or cannot be written.
pub fn edit_metadata(path: impl AsRef<Path>, edit: impl FnOnce(&mut Metadata)) -> Result<Summary> {
    let place = path.as_ref().display().to_string();
    let (mut writer, reader) = WriteOptions::new().resume(path.as_ref())?;
    let file = writer.out.get_ref().get_ref().try_clone();
    let file = file.map_err(|e| Error::io(&place, "cannot write", e))?;
    writer.metadata_refs.clear();
    writer.metadata = reader.metadata().clone();
    edit(&mut writer.metadata);
    writer.is_unfinished = reader.root().checkpoint;
    writer
        .finish_append(&Metadata::new())
        .map_err(|error| match file.set_len(reader.file_len()) {
            Ok(()) => error,
            Err(_) => error.recoverable(),
        })
}
