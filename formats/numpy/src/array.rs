//! Arrays, wherever their bytes are.

use std::io::{self, Read, Seek, SeekFrom, Take};
use std::sync::Arc;

use evz_core::columns::RowPart;
use evz_core::{AtReader, Error, Place, ReadAt, Result, read_range};

use crate::npy::Header;
use crate::zip::Member;

/// An array of a file.
#[derive(Clone)]
pub(crate) struct Array {
    /// Its name in an archive; empty where the array is the file.
    pub(crate) name: String,
    pub(crate) header: Header,
    pub(crate) place: Place,
    bytes: Bytes,
}

#[derive(Clone)]
enum Bytes {
    File(Arc<dyn ReadAt>),
    Member(Arc<dyn ReadAt>, Member),
}

/// Some bytes of a file in a row, as many as there are of them.
pub(crate) fn section(file: &Arc<dyn ReadAt>, start: u64, len: u64) -> io::Result<Take<AtReader>> {
    let mut reader = AtReader::new(file.clone());
    reader.seek(SeekFrom::Start(start))?;
    Ok(reader.take(len))
}

impl Array {
    /// The array that is a file.
    pub(crate) fn of_file(file: &Arc<dyn ReadAt>, place: &Place) -> Result<Self> {
        Ok(Self {
            name: String::new(),
            header: Header::read(&mut AtReader::new(file.clone()), place)?,
            place: place.clone(),
            bytes: Bytes::File(file.clone()),
        })
    }

    /// The array that is a member of an archive.
    pub(crate) fn of_member(
        file: &Arc<dyn ReadAt>,
        member: &Member,
        place: &Place,
    ) -> Result<Self> {
        let place = place.clone().with_part(format!("member {}", member.name));
        let mut reader = member.read(file).map_err(|e| cannot_unpack(&place, e))?;
        Ok(Self {
            name: member.bare_name().to_owned(),
            header: Header::read(&mut reader, &place)?,
            place,
            bytes: Bytes::Member(file.clone(), member.clone()),
        })
    }

    /// The bytes of its values from `start` on.
    pub(crate) fn read_from(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        let start = self.header.len.saturating_add(start);
        match &self.bytes {
            Bytes::File(file) => Ok(Box::new(section(file, start, u64::MAX)?)),
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

    /// Whether any of its values can be read by themselves.
    pub(crate) fn has_places(&self) -> bool {
        match &self.bytes {
            Bytes::File(_) => true,
            Bytes::Member(_, member) => member.is_stored(),
        }
    }

    /// Whether a checksum of its bytes is kept.
    pub(crate) fn has_checksum(&self) -> bool {
        matches!(self.bytes, Bytes::Member(..))
    }

    /// Some bytes of its values, where it [has places](Self::has_places); without the checksum that a
    /// member has of all of them.
    pub(crate) fn part(&self, start: u64, len: u64) -> Result<Vec<u8>> {
        let start = self.header.len.saturating_add(start);
        match &self.bytes {
            Bytes::File(file) => read_range(&**file, start, len),
            Bytes::Member(file, member) => {
                let end = start.checked_add(len);
                if !member.is_stored() || end.is_none_or(|end| end > member.len) {
                    return Err(RowPart::none());
                }
                read_range(&**file, member.start.saturating_add(start), len)
            }
        }
    }

    /// Bytes behind the last value, where they are known; `len` is that of all values.
    pub(crate) fn bytes_behind(&self, len: u64) -> Option<u64> {
        let end = self.header.len.checked_add(len)?;
        match &self.bytes {
            Bytes::File(file) => file.len().checked_sub(end),
            // Of a member that ends with the file the length is not known.
            Bytes::Member(_, member) => {
                (member.len.checked_sub(end)).filter(|_| member.len < u64::MAX)
            }
        }
    }
}

/// An error of bytes that were to be unpacked.
pub(crate) fn cannot_unpack(place: &Place, error: io::Error) -> Error {
    match error.kind() {
        // The system's own.
        _ if error.raw_os_error().is_some() => Error::io(place, "cannot read", error),
        io::ErrorKind::Unsupported => {
            Error::unsupported(place, error.to_string()).advise("unpack it first")
        }
        io::ErrorKind::UnexpectedEof => Error::insufficient(place, "it is cut off"),
        _ => Error::corrupt(place, error.to_string()),
    }
}
