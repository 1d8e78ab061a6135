//! A file, read range by range.

use std::fs::File;
use std::io;

use super::ReadAt;
use super::in_use::BeingRead;

/// A regular file, which no output replaces as long as this lives. Ranges are read by calls of the system that do not move its position, so threads
/// do not wait for each other.
#[derive(Debug)]
pub struct FileAt {
    file: File,
    len: u64,
    _being_read: BeingRead,
    #[cfg(not(any(unix, windows)))]
    position: std::sync::Mutex<()>,
}

impl FileAt {
    /// The bytes that the file has now; those that it gets later are not seen.
    ///
    /// # Errors
    /// If the system does not tell its length.
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            file,
            len: metadata.len(),
            _being_read: BeingRead::new(&metadata),
            #[cfg(not(any(unix, windows)))]
            position: std::sync::Mutex::default(),
        })
    }
}

impl ReadAt for FileAt {
    fn len(&self) -> u64 {
        self.len
    }

    #[cfg(unix)]
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => (buffer, offset) = (&mut buffer[n..], offset + n as u64),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    #[cfg(not(any(unix, windows)))]
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let _one_at_a_time = self.position.lock();
        (&self.file).seek(SeekFrom::Start(offset))?;
        (&self.file).read_exact(buffer)
    }

    fn as_file(&self) -> Option<&File> {
        Some(&self.file)
    }
}
