//! The bytes of a recording from front to back, and where the next one lies.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use evz_core::{
    Arriving, AtReader, BytesRead, Error, Input, InputReader, Place, Progress, ReadAt, Result,
    read_error,
};

/// Packets are smaller than this more often than not, and a read of a pipe is a call of the system.
const BUFFER_LEN: usize = 64 * 1024;

/// What is read.
enum Bytes {
    InOrder(InputReader),
    /// Once a place was gone to.
    At(AtReader),
}

impl Read for Bytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::InOrder(bytes) => bytes.read(out),
            Self::At(bytes) => bytes.read(out),
        }
    }
}

/// Reads an input, and counts.
pub(crate) struct ByteReader {
    name: String,
    file_name: String,
    reader: BufReader<Bytes>,
    /// Any range of them, where that can be read.
    at: Option<Arc<dyn ReadAt>>,
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
            at: input.read_at().cloned(),
            reader: BufReader::with_capacity(BUFFER_LEN, Bytes::InOrder(input.into_reader())),
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
        let there = match self.reader.get_ref() {
            Bytes::InOrder(bytes) => bytes.there(),
            Bytes::At(_) => usize::MAX,
        };
        self.reader.buffer().len().saturating_add(there)
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

    /// Any range of the bytes, where they are no stream.
    pub(crate) fn at(&self) -> Option<&Arc<dyn ReadAt>> {
        self.at.as_ref()
    }

    /// Goes to a byte of what is no stream.
    pub(crate) fn go_to(&mut self, offset: u64) -> Result<()> {
        let Some(at) = &self.at else {
            return Ok(());
        };
        if self.offset != offset {
            let mut bytes = match std::mem::replace(
                self.reader.get_mut(),
                Bytes::At(AtReader::new(at.clone())),
            ) {
                Bytes::At(bytes) => bytes,
                Bytes::InOrder(_) => AtReader::new(at.clone()),
            };
            bytes
                .seek(SeekFrom::Start(offset))
                .map_err(|e| self.failed(e))?;
            self.reader = BufReader::with_capacity(BUFFER_LEN, Bytes::At(bytes));
            self.offset = offset;
        }
        Ok(())
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
        let read = self.read.progress();
        let done = match self.reader.get_ref() {
            Bytes::InOrder(_) => read.done,
            Bytes::At(_) => self.offset,
        };
        Progress { done, ..read }
    }
}
