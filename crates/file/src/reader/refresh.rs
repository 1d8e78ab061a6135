//! Looking again at a file that grows.

use std::fs::{File, Metadata};
use std::io;
use std::sync::Arc;

use evz_core::{Error, FileAt, Place, ReadAt, Result, read_range};

use super::Reader;
use super::growing::{go_on, is_stuck};
use crate::index::Index;
use crate::wire::{Kind, RecordHeader};

impl Reader {
    /// Looks whether the file has grown, and if so takes what is whole of it: true if there is more than
    /// before. What was known is not read again, and where nothing was added, the system is asked for the
    /// length and that is all. Clones stay as they were.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("growing.evz");
    /// use evz_core::{Event, EventBatch, Metadata, StreamInfo, TimeBase};
    /// use evz_file::{ReadOptions, WriteOptions};
    ///
    /// let info = StreamInfo::new(TimeBase::MICROSECONDS);
    /// let mut writer = WriteOptions::new().create_growing(&path, &info)?;
    /// let mut reader = ReadOptions::new().open(&path)?;
    /// assert_eq!(reader.n_events(), 0);
    ///
    /// let events: EventBatch = (0..10).map(|t| Event { t, x: 1, y: 2, p: 1 }).collect();
    /// writer.write_batch(events.as_slice())?;
    /// writer.flush()?;
    /// assert!(reader.refresh()?);
    /// assert_eq!((reader.n_events(), reader.unfinished()), (10, Some(0)));
    ///
    /// writer.finish_append(&Metadata::new())?;
    /// assert!(reader.refresh()?);
    /// assert_eq!(reader.unfinished(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it cannot be read, is no file on a disk, was replaced, removed or shortened, or is damaged where
    /// it was added to. The reader then stays as it was.
    pub fn refresh(&mut self) -> Result<bool> {
        let Some(file) = self.bytes().as_file() else {
            let what = format!("{}: is no file, which alone can grow", self.name());
            return Err(Error::invalid(what));
        };
        let failed = |e| Error::io(self.name(), "cannot look at it again", e);
        let metadata = file.metadata().map_err(failed)?;
        let known = self.bytes().len();
        if metadata.len() == known {
            return match is_gone(&metadata) && self.unfinished().is_some() {
                true => Err(self.changed("removed, or replaced by another file,")),
                false => Ok(false),
            };
        }
        if metadata.len() < known {
            return Err(self.changed("shortened"));
        }
        let bytes: Arc<dyn ReadAt> = Arc::new(grown(file).map_err(failed)?);
        let within = |e: Error| e.within(self.name());
        if !self.root_is_there(&*bytes).map_err(within)? {
            return Err(self.changed("written over"));
        }
        let index = self.grown(&bytes).map_err(within)?;
        if index.file_len == self.file_len() && is_stuck(&index, &*bytes).map_err(within)? {
            let place = Place::file(self.name()).with_byte(index.file_len);
            let what = "what was added here is damaged, or is of a kind that is not known";
            return Err(Error::corrupt(place, what).recoverable());
        }
        let is_more = index.file_len > self.file_len();
        *self = Self {
            stream: self.stream,
            scope: self.scope,
            inferred: self.inferred,
            ..Self::new(index, bytes, self.name().to_owned())
        };
        Ok(is_more)
    }

    /// Whether somebody may still be writing the file. Writers of this crate lock it as long as they do;
    /// where that cannot be told, it may be.
    pub fn may_grow(&self) -> bool {
        let Some(file) = self.bytes().as_file() else {
            return false;
        };
        let is_free = file.try_lock_shared().is_ok();
        if is_free {
            // It is closed sooner or later, if this fails.
            let _ = file.unlock();
        }
        self.unfinished().is_some() && !is_free
    }

    /// The index with what was added.
    fn grown(&self, bytes: &Arc<dyn ReadAt>) -> Result<Index> {
        let known = self.index();
        let (root, metadata) = (known.root.clone(), known.metadata.clone());
        let index = Index::new(root, metadata, known.file_len, bytes.len());
        let mut index = go_on(index, bytes)?;
        // They may have been told.
        for (info, known) in index.infos.iter_mut().zip(&known.infos) {
            info.size = known.size;
        }
        Ok(index)
    }

    /// Whether the root stands where it stood.
    fn root_is_there(&self, bytes: &dyn ReadAt) -> Result<bool> {
        let (at, len) = (self.root().tail.root_offset, RecordHeader::ENCODED_SIZE);
        let header = RecordHeader::read_from(&read_range(bytes, at, len as u64)?);
        Ok(header.is_some_and(|header| header.kind == Kind::Root as u16))
    }

    fn changed(&self, how: &str) -> Error {
        let what = format!("it was {how} while it was read");
        Error::insufficient(self.name(), what).advise("open it again")
    }
}

/// The file with the length that it has now.
fn grown(file: &File) -> io::Result<FileAt> {
    FileAt::new(file.try_clone()?)
}

/// Whether the file has no name any more.
#[cfg(unix)]
fn is_gone(file: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(file) == 0
}

#[cfg(not(unix))]
fn is_gone(_: &Metadata) -> bool {
    false
}
