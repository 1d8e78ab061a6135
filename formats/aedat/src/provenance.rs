//! What every version says of where a recording comes from.

use evz_core::{Metadata, Value};

use crate::byte_reader::ByteReader;

/// What every version says of its source.
pub(crate) fn metadata(reader: &ByteReader, format: &str, header: Vec<u8>) -> Metadata {
    let entries = [
        ("source.format", Value::from(format)),
        ("source.file", Value::from(reader.file_name())),
        ("source.header", Value::Bytes(header)),
    ];
    entries.map(|(key, value)| (key.to_owned(), value)).into()
}
