//! Ranges of bytes, wherever they lie.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::{Error, Place, Result, read_error};

/// Bytes of a known length, any range of which many threads may read at once: a file, a map of one,
/// memory, a stream that seeks ([`SeekAt`](super::SeekAt)).
pub trait ReadAt: Send + Sync {
    /// Number of bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// If they cannot be read, or end before the buffer is full
    /// ([`io::ErrorKind::UnexpectedEof`]).
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// All of the bytes, where they lie in memory of this process that nobody else can change.
    fn memory(&self) -> Option<&[u8]> {
        None
    }

    /// Whether to read a range costs no more than to copy it, as from memory or a map: then many
    /// small reads are as good as a large one, and what may not be needed need not be read ahead.
    fn is_near(&self) -> bool {
        self.memory().is_some()
    }

    /// The file that they are, for what can do more with one.
    fn as_file(&self) -> Option<&File> {
        None
    }

    /// Of bytes that are somewhere else, those that are called like them with this behind, if they are
    /// there.
    fn beside(&self, extension: &str) -> Option<Arc<dyn ReadAt>> {
        let _ = extension;
        None
    }
}

/// `len` bytes from `offset` on, in memory that is taken only once they are known to be there.
///
/// # Errors
/// If the claim reaches beyond the end, which is then said, or the bytes cannot be read.
pub fn read_range(bytes: &dyn ReadAt, offset: u64, len: u64) -> Result<Vec<u8>> {
    let end = offset.checked_add(len).filter(|end| *end <= bytes.len());
    let (Some(_), Ok(len)) = (end, usize::try_from(len)) else {
        let what = format!(
            "{len} bytes are claimed here and the file has {} in all",
            bytes.len()
        );
        return Err(Error::insufficient(Place::byte(offset), what));
    };
    let mut buffer = vec![0; len];
    bytes
        .read_exact_at(offset, &mut buffer)
        .map_err(|e| read_error(Place::byte(offset), e))?;
    Ok(buffer)
}

impl<T: ReadAt + ?Sized> ReadAt for Arc<T> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_exact_at(offset, buffer)
    }

    fn memory(&self) -> Option<&[u8]> {
        (**self).memory()
    }

    fn is_near(&self) -> bool {
        (**self).is_near()
    }

    fn as_file(&self) -> Option<&File> {
        (**self).as_file()
    }

    fn beside(&self, extension: &str) -> Option<Arc<dyn ReadAt>> {
        (**self).beside(extension)
    }
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).ok();
        let range = from.and_then(|from| Some(from..from.checked_add(buffer.len())?));
        let bytes = range.and_then(|range| self.get(range));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_exact_at(offset, buffer)
    }

    fn memory(&self) -> Option<&[u8]> {
        Some(self)
    }
}
