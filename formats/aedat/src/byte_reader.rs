//! The bytes of a recording from front to back, and where the next one lies.

use std::io::{self, BufRead, BufReader, Read};

use evz_core::{
    Arriving, BytesRead, Error, Input, InputReader, Place, Progress, Result, read_error,
};

/// Packets are smaller than this more often than not, and a read of a pipe is a call of the system.
const BUFFER_LEN: usize = 64 * 1024;

/// Reads an input, and counts.
pub(crate) struct ByteReader {
    name: String,
    file_name: String,
    reader: BufReader<InputReader>,
    read: BytesRead,
    /// Bytes taken so far.
    pub(crate) offset: u64,
}

impl ByteReader {
    pub(crate) fn new(input: Input) -> Self {
        Self {
            name: input.name().to_owned(),
            file_name: input.file_name(),
            read: input.read_so_far(),
            reader: BufReader::with_capacity(BUFFER_LEN, input.into_reader()),
            offset: 0,
        }
    }

    /// Replaces the contents of `buffer` by the next `n` bytes; by fewer only at the end. Memory
    /// grows with the bytes that are there, not with those that are asked for.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>, n: usize) -> Result<()> {
        buffer.clear();
        self.append(buffer, n)
    }

    /// Adds the next `n` bytes to `buffer`; fewer only at the end.
    pub(crate) fn append(&mut self, buffer: &mut Vec<u8>, n: usize) -> Result<()> {
        let got = (&mut self.reader)
            .take(n as u64)
            .read_to_end(buffer)
            .map_err(|e| self.failed(e))?;
        self.offset += got as u64;
        Ok(())
    }

    /// Bytes that can be read without waiting, at least.
    pub(crate) fn there(&self) -> usize {
        let reader = self.reader.get_ref();
        self.reader.buffer().len().saturating_add(reader.there())
    }

    /// Adds up to `n` bytes to `buffer`, in units of `unit`: at least one unit, and no more than have come;
    /// fewer only at the end.
    pub(crate) fn append_there(
        &mut self,
        buffer: &mut Vec<u8>,
        n: usize,
        unit: usize,
    ) -> Result<()> {
        let before = buffer.len();
        let mut wanted = n.min(unit);
        while wanted > 0 {
            let start = buffer.len();
            self.append(buffer, wanted)?;
            if buffer.len() - start < wanted {
                break;
            }
            let left = n - (buffer.len() - before);
            wanted = left.min(self.there() / unit * unit);
        }
        Ok(())
    }

    /// The next byte, which is not taken; none at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.failed(e)),
            }
        }
    }

    /// Reads over `n` bytes and tells how many there were.
    pub(crate) fn skip(&mut self, n: u64) -> Result<u64> {
        let skipped = io::copy(&mut (&mut self.reader).take(n), &mut io::sink())
            .map_err(|e| self.failed(e))?;
        self.offset += skipped;
        Ok(skipped)
    }

    fn failed(&self, error: io::Error) -> Error {
        read_error(&self.name, error)
    }

    /// What the recording is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The last part of its name.
    pub(crate) fn file_name(&self) -> &str {
        &self.file_name
    }

    /// A byte of it.
    pub(crate) fn place(&self, byte: u64) -> Place {
        Place::file(&self.name).with_byte(byte)
    }

    pub(crate) fn progress(&self) -> Progress {
        self.read.progress()
    }
}
