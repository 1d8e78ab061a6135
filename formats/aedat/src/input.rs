//! Where a recording is read from, and how far that has come.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use evz_core::{Error, Progress, Result};

/// Bytes to be read from front to back.
pub(crate) struct Input {
    /// What it is called in messages.
    pub(crate) name: String,
    reader: Box<dyn Read + Send>,
    /// Bytes read so far.
    pub(crate) offset: u64,
    /// All bytes, of a regular file.
    pub(crate) total: Option<u64>,
}

/// Packets are smaller than this more often than not, and a read is a call of the system.
const BUFFER_LEN: usize = 64 * 1024;

impl Input {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let cannot = |e| Error::io(&name, "cannot open it", e);
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(Error::unsupported(&name, "it is a folder, not a file"));
        }
        let mut input = Self::from_reader(file, &name);
        input.total = metadata.is_file().then_some(metadata.len());
        Ok(input)
    }

    pub(crate) fn from_reader<R: Read + Send + 'static>(reader: R, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            reader: Box::new(BufReader::with_capacity(BUFFER_LEN, reader)),
            offset: 0,
            total: None,
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
            .map_err(|e| Error::io(&self.name, "cannot read it", e))?;
        self.offset += got as u64;
        Ok(())
    }

    /// Reads over `n` bytes and tells how many there were.
    pub(crate) fn skip(&mut self, n: u64) -> Result<u64> {
        let skipped = io::copy(&mut (&mut self.reader).take(n), &mut io::sink())
            .map_err(|e| Error::io(&self.name, "cannot read it", e))?;
        self.offset += skipped;
        Ok(skipped)
    }

    /// A byte of it, for messages.
    pub(crate) fn place(&self, byte: u64) -> String {
        format!("{}: byte {byte}", self.name)
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress {
            done: self.offset,
            total: self.total,
        }
    }

    /// The last part of the path.
    pub(crate) fn file_name(&self) -> String {
        Path::new(&self.name)
            .file_name()
            .map_or_else(|| self.name.clone(), |n| n.to_string_lossy().into_owned())
    }
}
