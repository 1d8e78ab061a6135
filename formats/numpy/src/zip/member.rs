//! A member of an archive, and its bytes.

use std::io::{self, Read, Take};
use std::sync::Arc;

use evz_core::{AtReader, ReadAt};
use flate2::{Crc, bufread::DeflateDecoder};
use zip::CompressionMethod;

use crate::array::section;

/// What an archive says of a member.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) encrypted: bool,
    pub(crate) method: CompressionMethod,
    pub(crate) crc: u32,
    /// Bytes in the file.
    pub(crate) packed_len: u64,
    /// Bytes once unpacked.
    pub(crate) len: u64,
    /// Where its bytes stand in the file.
    pub(crate) start: u64,
}

impl Member {
    /// What the array in it is called.
    pub(crate) fn bare_name(&self) -> &str {
        self.name.strip_suffix(".npy").unwrap_or(&self.name)
    }

    /// Whether its bytes stand in the file as they are.
    pub(crate) fn is_stored(&self) -> bool {
        self.method == CompressionMethod::Stored && !self.encrypted
    }

    /// Its bytes, unpacked; at the end of them it is an error if the checksum is another.
    pub(crate) fn read(&self, file: &Arc<dyn ReadAt>) -> io::Result<MemberReader> {
        let unsupported = |what| Err(io::Error::new(io::ErrorKind::Unsupported, what));
        if self.encrypted {
            return unsupported("it is encrypted");
        }
        let section = section(file, self.start, self.packed_len)?;
        let body = match self.method {
            CompressionMethod::Stored => Body::Stored(section),
            CompressionMethod::Deflated => Body::Deflated(Box::new(DeflateDecoder::new(section))),
            _ => {
                return unsupported("it is packed by a method other than deflate");
            }
        };
        Ok(MemberReader {
            body,
            left: self.len,
            crc: Crc::new(),
            expected: self.crc,
        })
    }
}

/// The bytes of a member.
pub(crate) struct MemberReader {
    body: Body,
    left: u64,
    crc: Crc,
    expected: u32,
}

enum Body {
    Stored(Take<AtReader>),
    Deflated(Box<DeflateDecoder<Take<AtReader>>>),
}

impl Read for MemberReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let damaged = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
        if self.left == 0 {
            let found = self.crc.sum();
            if found != self.expected {
                return Err(damaged(format!(
                    "checksum {found:08x}, expected {:08x}",
                    self.expected
                )));
            }
            return Ok(0);
        }
        let wanted = bytes
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let n = match &mut self.body {
            Body::Stored(body) => body.read(&mut bytes[..wanted])?,
            Body::Deflated(body) => body.read(&mut bytes[..wanted])?,
        };
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.crc.update(&bytes[..n]);
        self.left -= n as u64;
        Ok(n)
    }
}
