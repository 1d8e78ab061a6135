//! The bytes behind the header, in blocks of whole words.

use std::io;

use evz_core::{Arriving, InputReader, fill};

/// Bytes that are decoded at once; a whole number of every kind of words.
pub(crate) const BLOCK_LEN: usize = 128 * 1024;

/// What follows the header, a block at a time.
pub(crate) struct Blocks {
    reader: InputReader,
    /// Bytes of the header, until they are read.
    header_len: usize,
    /// Where in the file the next block begins.
    at: u64,
    /// Bytes of a block, and of a word.
    block_len: usize,
    word_len: usize,
    /// The start of a word whose rest had not come yet.
    carry: Vec<u8>,
    ended: bool,
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
    /// The blocks of so many bytes, of words of so many, after the first `header_len` of an input that was
    /// not read yet.
    pub(crate) fn new(
        reader: InputReader,
        header_len: usize,
        block_len: usize,
        word_len: usize,
    ) -> Self {
        Self {
            reader,
            header_len,
            at: header_len as u64,
            block_len,
            word_len,
            carry: Vec::new(),
            ended: false,
        }
    }

    /// Whether nothing follows the block that was read last.
    pub(crate) fn have_ended(&self) -> bool {
        self.ended
    }

    /// Whether the next block has not to be waited for.
    pub(crate) fn are_there(&self) -> bool {
        self.carry.len().saturating_add(self.reader.there()) >= self.word_len
    }

    /// Fills a block: with less than a block's bytes only where the next word would have to be waited
    /// for, at the end, or before an error, which comes with them.
    pub(crate) fn next(&mut self, block: &mut Block) -> io::Result<()> {
        // The header is read with the first block, so that every read is a large one, which takes no
        // detour through a buffer.
        let header_len = std::mem::take(&mut self.header_len);
        block.buffer.resize(header_len + self.block_len, 0);
        let (mut read, mut result) = (self.carry.len(), Ok(()));
        block.buffer[..read].copy_from_slice(&self.carry);
        self.carry.clear();
        while read < header_len + self.word_len {
            let filled = fill(&mut self.reader, &mut block.buffer[read..]);
            read += filled.len;
            if let Some(end) = filled.end {
                (self.ended, result) = (true, end);
                break;
            }
        }
        block.len = read.saturating_sub(header_len);
        if header_len > 0 {
            block.buffer.copy_within(header_len.min(read)..read, 0);
        }
        if !self.ended {
            let whole = block.len - block.len % self.word_len;
            self.carry.extend(&block.buffer[whole..block.len]);
            block.len = whole;
        }
        block.at = self.at;
        self.at += block.len as u64;
        result
    }
}
