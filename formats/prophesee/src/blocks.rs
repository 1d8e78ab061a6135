//! The bytes behind the header, in blocks of whole words.

use std::io::{self, Read};

use evz_core::InputReader;

/// Bytes that are decoded at once; a whole number of every kind of words.
pub(crate) const BLOCK_LEN: usize = 128 * 1024;

/// What follows the header, a block at a time.
pub(crate) struct Blocks {
    reader: InputReader,
    /// Bytes of the header, until they are read.
    header_len: usize,
    /// Where in the file the next block begins.
    at: u64,
    /// Bytes of a block.
    block_len: usize,
}

/// Bytes that are decoded at once.
#[derive(Default)]
pub(crate) struct Block {
    buffer: Vec<u8>,
    len: usize,
    /// Where in the file it begins.
    pub(crate) at: u64,
}

impl Block {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

}

impl Blocks {
    /// The blocks of so many bytes after the first `header_len` of an input that was not read yet.
    pub(crate) fn new(reader: InputReader, header_len: usize, block_len: usize) -> Self {
        Self {
            reader,
            header_len,
            at: header_len as u64,
            block_len,
        }
    }

    /// Whether nothing follows this block: the others are full.
    pub(crate) fn ends_with(&self, block: &Block) -> bool {
        block.len < self.block_len
    }

    /// Fills a block: with less than a block's bytes only at the end or before an error, which comes
    /// with them.
    pub(crate) fn next(&mut self, block: &mut Block) -> io::Result<()> {
        // The header is read with the first block, so that every read is a large one, which takes no
        // detour through a buffer.
        let header_len = std::mem::take(&mut self.header_len);
        block.buffer.resize(header_len + self.block_len, 0);
        let (mut read, mut result) = (0, Ok(()));
        while read < block.buffer.len() {
            match self.reader.read(&mut block.buffer[read..]) {
                Ok(0) => break,
                Ok(n) => read += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    result = Err(e);
                    break;
                }
            }
        }
        block.len = read.saturating_sub(header_len);
        if header_len > 0 {
            block.buffer.copy_within(header_len.min(read)..read, 0);
        }
        block.at = self.at;
        self.at += block.len as u64;
        result
    }
}
