//! What is packed as gzip, zstd or zip, which its first bytes tell.

mod members;
mod zip_member;
mod zstd_frame;

use std::io::{self, BufReader, Read};

use flate2::bufread::GzDecoder;

use self::members::Members;
use self::zstd_frame::ZstdFrame;
use super::{Input, InputReader};
use crate::{Error, Place, Result, read_error};

/// How an input is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// By the first bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            _ => None,
        }
    }

    /// A reader of what is inside, and what that is called if the packing says it.
    pub(super) fn unpack(self, packed: Input) -> Result<(Unpacking, Option<String>)> {
        type Gzip = Members<InputReader, GzDecoder<BufReader<InputReader>>>;
        type Zstd = Members<InputReader, ZstdFrame<BufReader<InputReader>>>;
        let name = packed.name().to_owned();
        let mut member = None;
        let inside: io::Result<Box<dyn Read + Send>> = match self {
            Self::Gzip => Gzip::open(packed.into_reader()).map(|r| Box::new(r) as _),
            Self::Zstd => Zstd::open(packed.into_reader()).map(|r| Box::new(r) as _),
            Self::Zip => zip_member::open(packed.into_read_at()?).map(|(name, r)| {
                member = Some(name);
                Box::new(r) as _
            }),
        };
        inside
            .map(|inside| (Unpacking(inside), member))
            .map_err(|e| read_error(name, explained(e)))
    }
}

/// What is inside, whose errors say what is wrong with the packing.
pub(super) struct Unpacking(Box<dyn Read + Send>);

impl Read for Unpacking {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(explained)
    }
}

/// An error of an unpacker with what it means, for [`read_error`]; one of the system stays.
fn explained(error: io::Error) -> io::Error {
    let here = Place::default();
    if error.get_ref().is_some_and(|inner| inner.is::<Error>()) {
        return error;
    }
    io::Error::other(match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            let what = format!("the compressed file ends too early ({error})");
            let whole =
                "unpack it first, as zcat does, and take what comes of it for what is whole";
            Error::insufficient(here, what).advise(whole)
        }
        // `Other` is what zstd says.
        io::ErrorKind::Other if error.to_string().contains("not enough memory") => {
            return io::Error::new(io::ErrorKind::OutOfMemory, error);
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            Error::corrupt(here, format!("the compressed file is damaged ({error})"))
        }
        io::ErrorKind::Unsupported => Error::unsupported(here, error.to_string()),
        _ => return error,
    })
}

#[cfg(test)]
mod tests;
