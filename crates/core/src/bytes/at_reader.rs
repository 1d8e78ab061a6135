//! A position in bytes that are read range by range.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::ReadAt;

/// Bytes read ahead, if few are asked for at a time.
const BUFFER: usize = 128 << 10;

/// [`ReadAt`] as [`Read`] and [`Seek`], for libraries that want these. Small reads are buffered.
pub struct AtReader {
    bytes: Arc<dyn ReadAt>,
    /// What was read ahead, and where of it the next byte lies.
    buffer: Vec<u8>,
    used: usize,
    /// Where the byte behind the buffer lies.
    end: u64,
}

impl AtReader {
    /// A reader from the first byte on.
    pub fn new(bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            bytes,
            buffer: Vec::new(),
            used: 0,
            end: 0,
        }
    }

    fn position(&self) -> u64 {
        self.end - (self.buffer.len() - self.used) as u64
    }

    /// Bytes that are left behind the buffer, at most `most`.
    fn left(&self, most: usize) -> usize {
        let left = self.bytes.len().saturating_sub(self.end);
        usize::try_from(left).map_or(most, |left| left.min(most))
    }
}

impl Read for AtReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.buffer.len() && out.len() >= BUFFER {
            let n = self.left(out.len());
            if n == 0 {
                return Ok(0);
            }
            self.bytes.read_exact_at(self.end, &mut out[..n])?;
            self.end += n as u64;
            return Ok(n);
        }
        let n = self.fill_buf()?.read(out)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for AtReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.buffer.len() {
            let n = self.left(BUFFER);
            if n == 0 {
                return Ok(&[]);
            }
            self.buffer.resize(n, 0);
            self.used = 0;
            let read = self.bytes.read_exact_at(self.end, &mut self.buffer);
            if let Err(e) = read {
                // No byte of it is one of those before `end`.
                self.buffer.clear();
                return Err(e);
            }
            self.end += n as u64;
        }
        Ok(&self.buffer[self.used..])
    }

    fn consume(&mut self, n: usize) {
        self.used += n;
    }
}

impl Seek for AtReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.bytes.len(), by),
            SeekFrom::Current(by) => (self.position(), by),
        };
        let at = from
            .checked_add_signed(by)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let start = self.end - self.buffer.len() as u64;
        if (start..=self.end).contains(&at) {
            self.used = (at - start) as usize;
        } else {
            self.buffer.clear();
            (self.used, self.end) = (0, at);
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Bytes of which the second read fails, half of it done.
    struct Failing(Vec<u8>, AtomicUsize);

    impl ReadAt for Failing {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            if self.1.fetch_add(1, Ordering::Relaxed) == 1 {
                buffer.fill(0xff);
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.0.read_exact_at(offset, buffer)
        }
    }

    #[test]
    fn a_read_that_failed_leaves_no_bytes() {
        let bytes: Vec<u8> = (0..140_000u32).map(|i| (i % 251) as u8).collect();
        let mut reader = AtReader::new(Arc::new(Failing(bytes.clone(), AtomicUsize::new(0))));
        let mut out = vec![0; BUFFER - 1];
        reader.read_exact(&mut out).unwrap();
        reader.read_exact(&mut [0]).unwrap();
        assert!(reader.read(&mut [0; 9]).is_err());
        for at in [BUFFER as u64 - 40, BUFFER as u64 - 20_000, 3, BUFFER as u64] {
            let mut found = [0; 9];
            reader.seek(SeekFrom::Start(at)).unwrap();
            reader.read_exact(&mut found).unwrap();
            assert_eq!(found, bytes[at as usize..][..9]);
        }
    }

    #[test]
    fn reads_and_seeks_as_a_cursor_does() {
        let bytes: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        let mut reader = AtReader::new(Arc::new(bytes.clone()));
        let mut expected = io::Cursor::new(bytes);
        for (to, n) in [
            (SeekFrom::Start(0), 7),
            (SeekFrom::Current(100), 200_000),
            (SeekFrom::Current(-150_050), 10),
            (SeekFrom::End(-5), 9),
            (SeekFrom::Start(400_000), 9),
            (SeekFrom::Start(131_070), 4),
        ] {
            assert_eq!(reader.seek(to).unwrap(), expected.seek(to).unwrap());
            let (mut a, mut b) = (Vec::new(), Vec::new());
            (&mut reader).take(n).read_to_end(&mut a).unwrap();
            (&mut expected).take(n).read_to_end(&mut b).unwrap();
            assert_eq!(a, b, "{to:?}");
            assert_eq!(reader.stream_position().unwrap(), expected.position());
        }
        assert!(reader.seek(SeekFrom::Current(-1_000_000)).is_err());
    }
}
