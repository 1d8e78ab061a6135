//! A stream of bytes cut into blocks of whole lines.

use std::io;

use evz_core::{Arriving, fill};

use crate::parse::fast::{BACK, FRONT};

/// Text of one block between padding: the buffer of a block, used again and again.
#[derive(Debug, Default)]
pub(crate) struct BlockText {
    pub(crate) buffer: Vec<u8>,
    /// Bytes of text after the padding in front.
    pub(crate) len: usize,
    /// Where the first byte stands in the stream.
    pub(crate) offset: u64,
}

/// Bytes of a block. Large enough that the work on a block dwarfs the cost of handing it over,
/// small enough that it and its columns stay in a core's cache.
pub(crate) const BLOCK_LEN: usize = 256 * 1024;

/// The longest start of a line that is kept when its end is not in sight; the parser refuses it.
const MAX_TAIL: usize = crate::parse::MAX_LINE + 1;

/// Cuts a stream into blocks.
pub(crate) struct Blocks {
    reader: Box<dyn Arriving>,
    /// The start of the line that the last block was cut in.
    carry: Vec<u8>,
    /// Where the next byte of the reader, or the carry, stands in the stream.
    offset: u64,
    /// Inside a line that is too long, up to its end.
    in_long_line: bool,
    ended: bool,
    /// What comes instead of the end.
    failure: Option<io::Error>,
}

impl Blocks {
    /// Blocks of a stream whose next byte stands at `offset`.
    pub(crate) fn new(reader: Box<dyn Arriving>, offset: u64) -> Self {
        Self {
            reader,
            carry: Vec::new(),
            offset,
            in_long_line: false,
            ended: false,
            failure: None,
        }
    }

    /// The same for a stream whose end could not be read.
    pub(crate) fn failing(mut self, failure: Option<io::Error>) -> Self {
        self.failure = failure;
        self
    }

    /// Whether the next block has not to be waited for.
    pub(crate) fn are_there(&self) -> bool {
        self.ended || self.reader.there() > 0
    }

    /// Fills `block` with the next whole lines, none where they have not come yet; false at the end. Where
    /// reading fails, the whole lines before that come first.
    pub(crate) fn next(&mut self, block: &mut BlockText) -> io::Result<bool> {
        block.len = 0;
        if self.ended {
            return self.failure.take().map_or(Ok(false), Err);
        }
        block.buffer.resize(FRONT + BLOCK_LEN + BACK, 0);
        let space = &mut block.buffer[FRONT..FRONT + BLOCK_LEN];
        space[..self.carry.len()].copy_from_slice(&self.carry);
        let mut filled = self.carry.len();
        self.carry.clear();
        block.offset = self.offset;
        let read = fill(&mut self.reader, &mut space[filled..]);
        filled += read.len;
        self.ended = read.end.is_some();
        if let Some(Err(e)) = read.end {
            self.failure = Some(e);
        }
        self.offset += filled as u64;
        if self.in_long_line {
            let rest = memchr::memchr(b'\n', &space[..filled]);
            self.in_long_line = rest.is_none();
            let dropped = rest.map_or(filled, |end| end + 1);
            space.copy_within(dropped..filled, 0);
            filled -= dropped;
            block.offset += dropped as u64;
        }
        block.len = if self.ended && self.failure.is_none() {
            filled
        } else {
            self.cut(&space[..filled])
        };
        // What follows the text must be no text of an earlier block.
        block.buffer[FRONT + block.len..][..BACK].fill(0);
        Ok(true)
    }

    /// How much of the bytes read makes whole lines; keeps the rest for the next block.
    fn cut(&mut self, read: &[u8]) -> usize {
        let lines_end = memchr::memrchr(b'\n', read).map_or(0, |end| end + 1);
        let tail = &read[lines_end..];
        if tail.len() >= MAX_TAIL {
            // It can be no event. Its start goes to the parser, which says so; the rest, however
            // long, is never held.
            self.in_long_line = true;
            return lines_end + MAX_TAIL;
        }
        self.carry.extend_from_slice(tail);
        self.offset -= tail.len() as u64;
        lines_end
    }
}
