//! Bytes that are read in several places at once, for the `parquet` crate.

use std::io::{BufReader, ErrorKind, Read};
use std::sync::Arc;

use bytes::Bytes;
use evz_core::ReadAt;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// Ranges of bytes, as `parquet` asks for them.
#[derive(Clone)]
pub(crate) struct SharedBytes(pub(crate) Arc<dyn ReadAt>);

impl Length for SharedBytes {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for SharedBytes {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(From {
            bytes: self.0.clone(),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        // Before there is memory for it.
        if end.is_none_or(|end| end > self.len()) {
            let what = format!("{length} bytes at byte {start} reach behind the end of the file");
            return Err(ParquetError::EOF(what));
        }
        let mut bytes = vec![0; length];
        self.0.read_exact_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}

/// The bytes from some byte on.
pub(crate) struct From {
    bytes: Arc<dyn ReadAt>,
    at: u64,
}

impl Read for From {
    /// Nothing of use is behind the end, and the `parquet` crate, where it skips what a damaged page
    /// header claims, takes an end for success, two billion times.
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left = self.bytes.len().saturating_sub(self.at);
        if left == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let n = usize::try_from(left).map_or(out.len(), |left| left.min(out.len()));
        self.bytes.read_exact_at(self.at, &mut out[..n])?;
        self.at += n as u64;
        Ok(n)
    }
}
