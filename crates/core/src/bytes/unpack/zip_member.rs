//! The only file in a zip archive, from front to back.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::bytes::{AtReader, ReadAt};

/// The name of the one file in an archive, and what it holds. Its checksum is looked at behind the last
/// byte.
pub(super) fn open(bytes: Arc<dyn ReadAt>) -> io::Result<(String, Member)> {
    let mut archive = ZipArchive::new(AtReader::new(bytes.clone())).map_err(|e| match e {
        ZipError::InvalidArchive(_) if !has_directory(&*bytes) => io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "there is no directory of the zip file at its end",
        ),
        e => wrong(e),
    })?;
    if archive.is_empty() {
        return Err(unsupported("the zip file is empty"));
    }
    // Folders hold nothing themselves, nor do the files that macOS puts beside others.
    let is_file = |name: &[u8]| !name.ends_with(b"/") && !name.starts_with(b"__MACOSX/");
    let (index, name) = {
        let names = archive.file_names_raw().enumerate();
        let mut files = names.filter(|(_, name)| is_file(name));
        let (Some((index, name)), None) = (files.next(), files.next()) else {
            return Err(unsupported(SEVERAL));
        };
        (index, String::from_utf8_lossy(name).into_owned())
    };
    // What cannot be unpacked is said before anything is read.
    let found = archive.by_index(index).map_err(wrong)?;
    // The crate's reader borrows its archive, and would have to live on a thread of its own with it.
    let mut packed = AtReader::new(bytes);
    packed.seek(SeekFrom::Start(found.data_start().expect("it was found")))?;
    let packed = packed.take(found.compressed_size());
    let inside: Box<dyn Read + Send> = match found.compression() {
        CompressionMethod::Stored => Box::new(packed),
        CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
        _ => return Err(unsupported(ANOTHER_WAY)),
    };
    let member = Member {
        inside,
        crc: Crc::new(),
        len: 0,
        expected_crc: found.crc32(),
        expected_len: found.size(),
    };
    Ok((name, member))
}

/// Whether the end of the directory is near the end of the file: a cut one has none.
fn has_directory(bytes: &dyn ReadAt) -> bool {
    /// The record, and the longest comment behind it.
    const MAX_TAIL: u64 = 22 + 65_535;
    let mut tail = vec![0; bytes.len().min(MAX_TAIL) as usize];
    let start = bytes.len() - tail.len() as u64;
    (bytes.read_exact_at(start, &mut tail).is_ok())
        && tail.windows(4).any(|bytes| bytes == b"PK\x05\x06")
}

/// What is inside, held to what the directory says of it.
pub(super) struct Member {
    inside: Box<dyn Read + Send>,
    crc: Crc,
    len: u64,
    expected_crc: u32,
    expected_len: u64,
}

impl Read for Member {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inside.read(out)?;
        self.crc.update(&out[..n]);
        self.len += n as u64;
        if self.len > self.expected_len {
            return Err(damaged(
                "it is longer than the directory of the zip file says",
            ));
        }
        if n == 0 && !out.is_empty() && self.crc.sum() != self.expected_crc {
            return Err(damaged(
                "its checksum is not that in the directory of the zip file",
            ));
        }
        Ok(n)
    }
}

const SEVERAL: &str =
    "the zip file holds more than one file; unpack it and pass the one that holds the events";

const ANOTHER_WAY: &str = "the zip file is packed in another way than by deflate; unpack it first";

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn unsupported(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, what)
}

fn wrong(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            unsupported("the zip file is encrypted; unpack it first")
        }
        ZipError::UnsupportedArchive(why) => unsupported(&format!(
            "the zip file is packed in another way ({why}); unpack it first"
        )),
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}
