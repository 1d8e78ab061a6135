//! A column that is written: chunks, packed on all cores and put into a file behind each other.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom, Write};

use evz_core::Temporary;
use evz_core::parallel::{InOrder, threads};

use super::blosc;
use super::layout::{Chunk, Chunked, Whole};

/// Rows of a chunk.
pub(super) const ROWS: usize = 1 << 16;

/// The values of all chunks, until it is known what stands before them: in the order in which the chunks came,
/// however many cores pack them.
pub(super) struct Values {
    file: Temporary,
    pub(super) len: u64,
    packing: InOrder<io::Result<Vec<u8>>>,
    /// Which column each of those is of.
    of: VecDeque<usize>,
    /// What is written of each column.
    chunks: [Vec<Chunk>; 4],
}

impl Values {
    pub(super) fn new(file: Temporary) -> Self {
        Self {
            file,
            len: 0,
            packing: InOrder::default(),
            of: VecDeque::new(),
            chunks: Default::default(),
        }
    }

    /// Packs a chunk of a column with values of `size` bytes.
    fn pack(&mut self, column: usize, chunk: Vec<u8>, size: usize) -> io::Result<()> {
        self.packing.push(move || blosc::pack(&chunk, size));
        self.of.push_back(column);
        while self.packing.len() > 8 * threads() {
            self.put()?;
        }
        Ok(())
    }

    /// Writes the oldest chunk that is being packed; false if there is none.
    fn put(&mut self) -> io::Result<bool> {
        let (Some(packed), Some(column)) = (self.packing.pop(), self.of.pop_front()) else {
            return Ok(false);
        };
        let packed = packed?;
        self.file.write_all(&packed)?;
        self.chunks[column].push(Chunk {
            at: self.len,
            len: packed.len() as u32,
        });
        self.len += packed.len() as u64;
        Ok(true)
    }

    /// Writes everything, and goes back to the first byte.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        while self.put()? {}
        self.file.seek(SeekFrom::Start(0)).map(drop)
    }

    /// What is written of a column.
    pub(super) fn chunks_of(&self, column: usize) -> &[Chunk] {
        &self.chunks[column]
    }
}

impl Read for Values {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.file.read(to)
    }
}

/// A column.
pub(super) struct Column {
    name: &'static str,
    of: Whole,
    /// Of the rows that are in no chunk yet.
    waiting: Vec<u8>,
    rows: u64,
}

impl Column {
    pub(super) fn new(name: &'static str, bytes: usize) -> Self {
        Self {
            name,
            of: Whole {
                bytes,
                signed: false,
            },
            waiting: Vec::new(),
            rows: 0,
        }
    }

    /// Adds values.
    pub(super) fn add<const SIZE: usize>(
        &mut self,
        added: impl ExactSizeIterator<Item = [u8; SIZE]>,
    ) {
        self.rows += added.len() as u64;
        self.waiting.extend(added.flatten());
    }

    /// How the file has it.
    pub(super) fn dataset<'a>(&self, chunks: &'a [Chunk]) -> Chunked<'a> {
        Chunked {
            name: self.name,
            of: self.of,
            rows: self.rows,
            chunk_rows: ROWS as u64,
            blosc: blosc::parameters(self.of.bytes, ROWS * self.of.bytes),
            chunks,
        }
    }
}

/// Packs the whole chunks of columns of the same rows: the first of each, then the second of each, whatever came
/// at a time.
pub(super) fn pack_whole(columns: &mut [Column; 4], values: &mut Values) -> io::Result<()> {
    let is_whole = |column: &Column| column.waiting.len() >= ROWS * column.of.bytes;
    while columns.iter().all(is_whole) {
        for (number, column) in columns.iter_mut().enumerate() {
            let rest = column.waiting.split_off(ROWS * column.of.bytes);
            let whole = std::mem::replace(&mut column.waiting, rest);
            values.pack(number, whole, column.of.bytes)?;
        }
    }
    Ok(())
}

/// Packs what is left, filled up to a chunk.
pub(super) fn pack_rest(columns: &mut [Column; 4], values: &mut Values) -> io::Result<()> {
    for (number, column) in columns.iter_mut().enumerate() {
        if !column.waiting.is_empty() {
            let mut last = std::mem::take(&mut column.waiting);
            last.resize(ROWS * column.of.bytes, 0);
            values.pack(number, last, column.of.bytes)?;
        }
    }
    Ok(())
}
