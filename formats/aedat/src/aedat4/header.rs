//! The header of a file: how it is compressed, where its data table lies, and what its streams are.

use evz_core::{Error, Result};

use super::{compression::Compression, flat::Table};
use crate::byte_reader::ByteReader;

/// Bytes of a header.
const MAX_HEADER: usize = 64 << 20;

/// What a header says.
pub(super) struct Header {
    pub(super) compression: Compression,
    /// Byte of the data table, which follows the packets; none where it was never written.
    pub(super) table: Option<u64>,
    /// The description of the streams, XML.
    pub(super) xml: Vec<u8>,
}

impl Header {
    /// The header, which follows the version.
    pub(super) fn read(input: &mut ByteReader) -> Result<Self> {
        let place = input.place(input.offset);
        let ends = |input: &ByteReader| {
            let what = "it ends within its header";
            Error::insufficient(input.place(input.offset), what)
        };
        let mut bytes = Vec::new();
        input.read(&mut bytes, 6)?;
        let Some(size) = bytes.strip_prefix(b"\r\n") else {
            let what = "the line #!AER-DAT4.0 does not end as it should";
            return Err(Error::corrupt(place, what));
        };
        let Ok(size) = size.try_into().map(u32::from_le_bytes) else {
            return Err(ends(input));
        };
        if size as usize > MAX_HEADER {
            let what = format!("a header of {size} bytes, where at most {MAX_HEADER} are read");
            return Err(Error::limit(place, what));
        }
        input.read(&mut bytes, size as usize)?;
        if bytes.len() < size as usize {
            return Err(ends(input));
        }
        Self::parse(&bytes).map_err(|what| Error::corrupt(place.with_part("header"), what))
    }

    /// The flatbuffer of type `IOHE`.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let root = Table::root(bytes)?;
        let compression = root.i32(0)?;
        let table = if root.has(1) { root.i64(1)? } else { -1 };
        Ok(Self {
            compression: Compression::of_number(compression)
                .ok_or_else(|| format!("compression {compression} is none of those from 0 to 4"))?,
            table: u64::try_from(table).ok(),
            xml: root.bytes(2)?.to_vec(),
        })
    }
}
