//! Arrays, wherever their bytes are.

use std::io::{self, Read};

use evz_core::{Error, Result};

use crate::file::SharedFile;
use crate::npy::Header;
use crate::zip::Member;

/// An array of a file.
#[derive(Clone)]
pub(crate) struct Array {
    /// Its name in an archive; empty where the array is the file.
    pub(crate) name: String,
    pub(crate) header: Header,
    /// What it is called in messages.
    pub(crate) place: String,
    bytes: Bytes,
}

#[derive(Clone)]
enum Bytes {
    File(SharedFile),
    Member(SharedFile, Member),
}

impl Array {
    /// The array that is a file.
    pub(crate) fn of_file(file: &SharedFile, place: &str) -> Result<Self> {
        Ok(Self {
            name: String::new(),
            header: Header::read(&mut file.section(0, u64::MAX), place)?,
            place: place.to_owned(),
            bytes: Bytes::File(file.clone()),
        })
    }

    /// The array that is a member of an archive.
    pub(crate) fn of_member(file: &SharedFile, member: &Member, place: &str) -> Result<Self> {
        let place = format!("{place}: {}", member.name);
        let mut reader = member.read(file).map_err(|e| cannot_unpack(&place, &e))?;
        Ok(Self {
            name: member.name.trim_end_matches(".npy").to_owned(),
            header: Header::read(&mut reader, &place)?,
            place,
            bytes: Bytes::Member(file.clone(), member.clone()),
        })
    }

    /// The bytes of its values from `start` on.
    pub(crate) fn read_from(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        let start = self.header.len.saturating_add(start);
        match &self.bytes {
            Bytes::File(file) => Ok(Box::new(file.section(start, u64::MAX))),
            Bytes::Member(file, member) => {
                // From the front, stored or not, for the checksum.
                let mut reader = member.read(file)?;
                let skipped = io::copy(&mut (&mut reader).take(start), &mut io::sink())?;
                if skipped < start {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(Box::new(reader))
            }
        }
    }

    /// Bytes behind the last value, where they are known; `len` is that of all values.
    pub(crate) fn bytes_behind(&self, len: u64) -> Option<u64> {
        let end = self.header.len.checked_add(len)?;
        match &self.bytes {
            Bytes::File(file) => file.len().checked_sub(end),
            Bytes::Member(_, member) => member.len.checked_sub(end),
        }
    }
}

/// An error of bytes that were to be unpacked.
pub(crate) fn cannot_unpack(place: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::Unsupported => Error::unsupported(place, error.to_string()),
        io::ErrorKind::UnexpectedEof => Error::insufficient(place, "it is cut off"),
        _ => Error::corrupt(place, error.to_string()),
    }
}
