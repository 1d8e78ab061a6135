//! Where the bytes of a file come from: a memory map, or anything that reads and seeks.

use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Mutex;

use evz_core::{Error, Result};

/// Random access to bytes; every range is checked against the length before it is read.
pub(crate) trait Storage: Send + Sync {
    fn len(&self) -> u64;

    /// `len` bytes at `offset`, which the caller knows to lie inside.
    fn bytes(&self, offset: u64, len: usize) -> Result<Cow<'_, [u8]>>;
}

/// `len` bytes at `offset`, or an error that says how far the file goes.
pub(crate) fn read_range(storage: &dyn Storage, offset: u64, len: u64) -> Result<Cow<'_, [u8]>> {
    let end = offset.checked_add(len).filter(|end| *end <= storage.len());
    match (end, usize::try_from(len)) {
        (Some(_), Ok(len)) => storage.bytes(offset, len),
        _ => Err(Error::insufficient(
            format!("byte {offset}"),
            format!(
                "{len} bytes are claimed here and the file has {} in all",
                storage.len()
            ),
        )),
    }
}

/// A file or stream that cannot be mapped.
pub(crate) struct Stream<R> {
    reader: Mutex<R>,
    len: u64,
}

impl<R: Read + Seek> Stream<R> {
    pub(crate) fn new(mut reader: R) -> Result<Self> {
        let len = reader
            .seek(SeekFrom::End(0))
            .map_err(|e| Error::io("", "cannot find out its length", e))?;
        Ok(Self {
            reader: Mutex::new(reader),
            len,
        })
    }
}

impl<R: Read + Seek + Send> Storage for Stream<R> {
    fn len(&self) -> u64 {
        self.len
    }

    fn bytes(&self, offset: u64, len: usize) -> Result<Cow<'_, [u8]>> {
        let mut reader = self.reader.lock().unwrap_or_else(|e| e.into_inner());
        let mut buffer = vec![0; len];
        reader
            .seek(SeekFrom::Start(offset))
            .and_then(|_| reader.read_exact(&mut buffer))
            .map_err(|e| Error::io(format!("byte {offset}"), "cannot read", e))?;
        Ok(Cow::Owned(buffer))
    }
}
