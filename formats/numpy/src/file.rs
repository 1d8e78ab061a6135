//! A file that several readers share, each at a place of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{Error, Progress, Result};

/// A file that is read at any offset, by any thread.
#[derive(Clone)]
pub(crate) struct SharedFile(Arc<Inner>);

struct Inner {
    file: Mutex<File>,
    len: u64,
    /// Bytes read so far.
    done: AtomicU64,
}

impl SharedFile {
    pub(crate) fn new(mut file: File, place: &str) -> Result<Self> {
        let len = file
            .seek(SeekFrom::End(0))
            .map_err(|e| Error::io(place, "cannot read it", e))?;
        Ok(Self(Arc::new(Inner {
            file: Mutex::new(file),
            len,
            done: AtomicU64::new(0),
        })))
    }

    pub(crate) fn len(&self) -> u64 {
        self.0.len
    }

    /// The bytes from `start` on, as many as `len` or up to the end of the file.
    pub(crate) fn section(&self, start: u64, len: u64) -> Section {
        let end = start.saturating_add(len).min(self.len());
        Section {
            file: self.clone(),
            at: start.min(end),
            end,
        }
    }

    /// Exactly so many bytes.
    pub(crate) fn read_at(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.section(start, bytes.len() as u64).read_exact(bytes)
    }

    pub(crate) fn progress(&self) -> Progress {
        // Bytes that are read twice do not count twice at the end.
        let done = self.0.done.load(Ordering::Relaxed).min(self.len());
        Progress {
            done,
            total: Some(self.len()),
        }
    }
}

/// Some bytes of a file in a row.
pub(crate) struct Section {
    file: SharedFile,
    at: u64,
    end: u64,
}

impl Read for Section {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = bytes.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let n = {
            let file = self.file.0.file.lock();
            let mut file = file.unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(self.at))?;
            file.read(&mut bytes[..wanted])?
        };
        self.at += n as u64;
        self.file.0.done.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
