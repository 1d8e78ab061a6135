//! A column that is written: chunks, packed on all cores and put into a file behind each other.

use std::io::{self, Write};

use evz_core::Temporary;
use evz_core::parallel::{InOrder, threads};

use super::blosc;
use super::layout::{Chunk, Chunked, Whole};

/// Rows of a chunk.
pub(super) const ROWS: usize = 1 << 16;

/// The values of all chunks, until it is known what stands before them.
pub(super) struct Values {
    pub(super) file: Temporary,
    pub(super) len: u64,
}

/// A column.
pub(super) struct Column {
    name: &'static str,
    of: Whole,
    /// Of the rows that fill no chunk yet.
    waiting: Vec<u8>,
    packing: InOrder<io::Result<Vec<u8>>>,
    chunks: Vec<Chunk>,
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
            packing: InOrder::default(),
            chunks: Vec::new(),
            rows: 0,
        }
    }

    /// Adds values.
    pub(super) fn add<const SIZE: usize>(
        &mut self,
        added: impl ExactSizeIterator<Item = [u8; SIZE]>,
        values: &mut Values,
    ) -> io::Result<()> {
        self.rows += added.len() as u64;
        self.waiting.extend(added.flatten());
        let chunk = ROWS * self.of.bytes;
        while self.waiting.len() >= chunk {
            let rest = self.waiting.split_off(chunk);
            let whole = std::mem::replace(&mut self.waiting, rest);
            self.pack(whole, values)?;
        }
        Ok(())
    }

    fn pack(&mut self, chunk: Vec<u8>, values: &mut Values) -> io::Result<()> {
        let size = self.of.bytes;
        self.packing.push(move || blosc::pack(&chunk, size));
        while self.packing.len() > 2 * threads() {
            self.put(values)?;
        }
        Ok(())
    }

    /// Writes the oldest chunk that is being packed; false if there is none.
    fn put(&mut self, values: &mut Values) -> io::Result<bool> {
        let Some(packed) = self.packing.pop() else {
            return Ok(false);
        };
        let packed = packed?;
        values.file.write_all(&packed)?;
        self.chunks.push(Chunk {
            at: values.len,
            len: packed.len() as u32,
        });
        values.len += packed.len() as u64;
        Ok(true)
    }

    /// Packs what is left, filled up to a chunk, and writes everything.
    pub(super) fn finish(&mut self, values: &mut Values) -> io::Result<()> {
        if !self.waiting.is_empty() {
            let mut last = std::mem::take(&mut self.waiting);
            last.resize(ROWS * self.of.bytes, 0);
            self.pack(last, values)?;
        }
        while self.put(values)? {}
        Ok(())
    }

    /// How the file has it.
    pub(super) fn dataset(&self) -> Chunked<'_> {
        Chunked {
            name: self.name,
            of: self.of,
            rows: self.rows,
            chunk_rows: ROWS as u64,
            blosc: blosc::parameters(self.of.bytes, ROWS * self.of.bytes),
            chunks: &self.chunks,
        }
    }
}
