//! Bytes of a file around the place that is read.

use std::io;
use std::sync::Arc;

use evz_core::ReadAt;

/// Bytes that are read at once.
const AHEAD: usize = 128 << 10;

/// A place in a file, with the bytes behind it, some of which were read ahead.
#[derive(Clone)]
pub(crate) struct Window {
    bytes: Arc<dyn ReadAt>,
    buffer: Vec<u8>,
    /// Where the first byte of the buffer lies.
    start: u64,
}

impl Window {
    pub(crate) fn new(bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            bytes,
            buffer: Vec::new(),
            start: 0,
        }
    }

    /// Bytes of the file.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len()
    }

    /// So many bytes from `at` on; fewer only at the end of the file.
    pub(crate) fn get(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let left = self.len().saturating_sub(at);
        let len = usize::try_from(left).map_or(len, |left| left.min(len));
        let skipped = at.checked_sub(self.start);
        let there = skipped.is_some_and(|n| n + len as u64 <= self.buffer.len() as u64);
        if !there {
            let ahead = usize::try_from(left).map_or(AHEAD, |left| left.min(AHEAD));
            self.buffer.resize(len.max(ahead), 0);
            self.start = at;
            let read = self.bytes.read_exact_at(at, &mut self.buffer);
            if let Err(error) = read {
                self.buffer.clear();
                return Err(error);
            }
        }
        let from = (at - self.start) as usize;
        Ok(&self.buffer[from..from + len])
    }

    /// Adds so many bytes from `at` on to `out`; they are there.
    pub(crate) fn append(&mut self, at: u64, len: usize, out: &mut Vec<u8>) -> io::Result<()> {
        if len <= AHEAD {
            out.extend_from_slice(self.get(at, len)?);
            return Ok(());
        }
        let before = out.len();
        out.resize(before + len, 0);
        self.bytes.read_exact_at(at, &mut out[before..])
    }
}
