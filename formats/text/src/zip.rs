//! The only member of a zip file, read from front to back.
//!
//! Layout after PKWARE's APPNOTE.TXT: 4.3.7 local file header, 4.3.9 data descriptor, 4.3.16 end of
//! central directory.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::{Crc, bufread::DeflateDecoder};

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const END_OF_DIRECTORY: [u8; 4] = *b"PK\x05\x06";

/// Flags of a local header: encrypted; sizes and checksum stand behind the data.
const ENCRYPTED: u16 = 1;
const SIZES_BEHIND: u16 = 1 << 3;

/// Sizes of 32 bits that stand for "see the extra field".
const SEE_EXTRA: u32 = u32::MAX;
const ZIP64_EXTRA: u16 = 1;

/// Reads what the one file in a zip holds, checks its checksum, and refuses a second one.
pub(crate) struct OnlyMember<R: Read> {
    body: Body<R>,
    crc: Crc,
    /// The checksum, where the header has it.
    expected: Option<u32>,
}

enum Body<R: Read> {
    Stored(io::Take<BufReader<R>>),
    Deflated(DeflateDecoder<BufReader<R>>),
    /// The checksum was right and no member follows.
    Done,
}

impl<R: Read> OnlyMember<R> {
    pub(crate) fn open(reader: R) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(64 * 1024, reader);
        let mut header = [0; 30];
        reader.read_exact(&mut header)?;
        if header[..4] != LOCAL_HEADER {
            return Err(unsupported("the zip file is empty"));
        }
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let u32_at = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let (flags, method) = (u16_at(6), u16_at(8));
        let (crc, packed_len, name_len, extra_len) =
            (u32_at(14), u32_at(18), u16_at(26), u16_at(28));
        let mut name = vec![0; usize::from(name_len)];
        reader.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(extra_len)];
        reader.read_exact(&mut extra)?;
        if name.ends_with(b"/") {
            return Err(unsupported(SEVERAL));
        }
        if flags & ENCRYPTED != 0 {
            return Err(unsupported("the zip file is encrypted; unpack it first"));
        }
        let sizes_behind = flags & SIZES_BEHIND != 0;
        let body = match method {
            8 => Body::Deflated(DeflateDecoder::new(reader)),
            0 if !sizes_behind => {
                let len = match packed_len {
                    SEE_EXTRA => zip64_packed_len(&extra).ok_or_else(|| {
                        io::Error::new(io::ErrorKind::InvalidData, "no size of the zip's member")
                    })?,
                    len => u64::from(len),
                };
                Body::Stored(reader.take(len))
            }
            _ => {
                return Err(unsupported(
                    "the zip file is packed by a method other than deflate; unpack it first",
                ));
            }
        };
        Ok(Self {
            body,
            crc: Crc::new(),
            expected: (!sizes_behind).then_some(crc),
        })
    }

    fn close(&mut self) -> io::Result<()> {
        let mut rest = match std::mem::replace(&mut self.body, Body::Done) {
            Body::Stored(take) if take.limit() > 0 => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Body::Stored(take) => take.into_inner(),
            Body::Deflated(decoder) => decoder.into_inner(),
            Body::Done => return Ok(()),
        };
        let mut next = [0; 4];
        rest.read_exact(&mut next)?;
        let expected = match self.expected {
            Some(crc) => crc,
            None => {
                // The mark of a descriptor may be missing; then this was the checksum.
                if next == DESCRIPTOR {
                    rest.read_exact(&mut next)?;
                }
                let crc = u32::from_le_bytes(next);
                skip_sizes(&mut rest, &mut next)?;
                crc
            }
        };
        if next == LOCAL_HEADER {
            return Err(unsupported(SEVERAL));
        }
        if self.crc.sum() != expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("checksum {:08x}, expected {expected:08x}", self.crc.sum()),
            ));
        }
        Ok(())
    }
}

/// Skips the two sizes of a data descriptor, of 4 bytes or in zip64 of 8, and leaves the mark of
/// the record that follows in `next`.
fn skip_sizes(rest: &mut impl Read, next: &mut [u8; 4]) -> io::Result<()> {
    for words in 1..=5 {
        rest.read_exact(next)?;
        if words >= 3 && next.starts_with(b"PK") {
            return Ok(());
        }
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "nothing follows the zip's member",
    ))
}

const SEVERAL: &str =
    "the zip file holds more than one file; unpack it and pass the one that holds the events";

fn unsupported(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, what)
}

fn zip64_packed_len(mut extra: &[u8]) -> Option<u64> {
    while let [a, b, c, d, rest @ ..] = extra {
        let len = usize::from(u16::from_le_bytes([*c, *d]));
        if u16::from_le_bytes([*a, *b]) == ZIP64_EXTRA {
            // The size unpacked comes first.
            return rest.get(8..16)?.try_into().ok().map(u64::from_le_bytes);
        }
        extra = rest.get(len..)?;
    }
    None
}

impl<R: Read> Read for OnlyMember<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = match &mut self.body {
            Body::Stored(body) => body.read(buffer)?,
            Body::Deflated(body) => body.read(buffer)?,
            Body::Done => return Ok(0),
        };
        self.crc.update(&buffer[..n]);
        if n == 0 {
            self.close()?;
        }
        Ok(n)
    }
}

/// Looks at the end of a file for how many members the zip has, so that one with several is
/// refused before the first of them has been read.
pub(crate) fn check_directory<F: Read + Seek>(file: &mut F, len: u64) -> io::Result<()> {
    /// The record, and the longest comment behind it.
    const MAX_TAIL: u64 = 22 + 65_535;
    let tail_len = len.min(MAX_TAIL);
    file.seek(SeekFrom::Start(len - tail_len))?;
    let mut tail = Vec::new();
    file.take(tail_len).read_to_end(&mut tail)?;
    let members = memchr::memmem::rfind(&tail, &END_OF_DIRECTORY)
        .and_then(|at| tail.get(at + 10..at + 12))
        .map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    match members {
        Some(members) if members > 1 => Err(unsupported(SEVERAL)),
        _ => Ok(()),
    }
}
