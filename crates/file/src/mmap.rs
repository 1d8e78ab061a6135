//! Memory-mapped files: the one place of this crate with `unsafe`.

use std::borrow::Cow;
use std::fs::File;
use std::io;

use evz_core::Result;
use memmap2::Mmap;

use crate::storage::Storage;

/// A file in memory, read as its pages are touched.
pub(crate) struct Mapped(Mmap);

impl Mapped {
    /// Maps a file.
    pub(crate) fn new(file: &File) -> io::Result<Self> {
        // SAFETY: the map is read-only and private to this process. What memmap2 asks of its
        // caller is that nobody changes the file meanwhile: evz writes under a temporary name and
        // never into bytes that are committed, and every byte is checked against a checksum before
        // it is believed, so a foreign writer makes an error. A file that is cut while mapped
        // raises SIGBUS; `ReadOptions::with_map(false)` is for whoever must survive that.
        unsafe { Mmap::map(file) }.map(Self)
    }
}

impl Storage for Mapped {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn bytes(&self, offset: u64, len: usize) -> Result<Cow<'_, [u8]>> {
        let start = offset as usize;
        Ok(Cow::Borrowed(&self.0[start..start + len]))
    }
}
