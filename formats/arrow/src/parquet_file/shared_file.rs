//! A file that is read in several places at once.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// A file whose readers do not move each other: clones of a [`File`] share one position.
#[derive(Clone)]
pub(crate) struct SharedFile {
    file: Arc<Mutex<File>>,
    len: u64,
}

impl SharedFile {
    pub(crate) fn new(file: File) -> std::io::Result<Self> {
        Ok(Self {
            len: file.metadata()?.len(),
            file: Arc::new(Mutex::new(file)),
        })
    }

    fn from(&self, at: u64) -> From {
        From {
            file: self.clone(),
            at,
        }
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(self.from(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        // Before there is memory for it.
        if end.is_none_or(|end| end > self.len) {
            let what = format!("{length} bytes at byte {start} reach behind the end of the file");
            return Err(ParquetError::EOF(what));
        }
        let mut bytes = vec![0; length];
        self.from(start).read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A file from some byte on.
pub(crate) struct From {
    file: SharedFile,
    at: u64,
}

impl Read for From {
    /// Nothing of use is behind the end, and the `parquet` crate, where it skips what a damaged page
    /// header claims, takes an end for success, two billion times.
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at >= self.file.len {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        // Every reader says where it reads, so that a panic of another leaves nothing half done.
        let mut file = (self.file.file.lock()).unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let n = file.read(out)?;
        self.at += n as u64;
        Ok(n)
    }
}
