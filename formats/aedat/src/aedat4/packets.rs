//! The packets of a file that is written, until it is whole.
//!
//! The header, which comes first, must say where the data table lies, which comes last, and what
//! streams there are. So the packets go into a temporary file until the end, or stay in memory while
//! they are few.

use std::io::{self, Seek, Write};

use evz_core::{Error, Output, Result, temporary_place};
use tempfile::SpooledTempFile;

use super::{
    compression::Compression,
    encode::{self, Row},
};

/// Bytes of packets that are kept in memory; more of them go into a temporary file.
const MAX_IN_MEMORY: usize = 16 << 20;

const VERSION: &[u8] = b"#!AER-DAT4.0\r\n";

/// A packet, compressed.
pub(super) struct Packed {
    bytes: Vec<u8>,
    row: Row,
}

impl Packed {
    /// The packet of `elements` elements of a stream, with the times of the first and the last of
    /// them.
    pub(super) fn new(
        compression: Compression,
        stream: i32,
        raw: &[u8],
        elements: usize,
        times: (i64, i64),
    ) -> io::Result<Self> {
        let mut bytes = Vec::new();
        compression.pack(raw, &mut bytes)?;
        let row = Row {
            stream,
            byte: 0,
            len: bytes.len() as u32,
            elements: elements as u32,
            first_t: times.0,
            last_t: times.1,
        };
        Ok(Self { bytes, row })
    }
}

/// All packets so far.
pub(super) struct Packets {
    /// What the output is called in messages.
    name: String,
    bytes: SpooledTempFile,
    len: u64,
    rows: Vec<Row>,
}

impl Packets {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            bytes: SpooledTempFile::new(MAX_IN_MEMORY),
            len: 0,
            rows: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, packed: Packed) -> Result<()> {
        let Packed { bytes, mut row } = packed;
        if self.rows.len() == encode::MAX_ROWS {
            let what = format!("AEDAT 4 holds at most {} packets", encode::MAX_ROWS);
            return Err(Error::limit(&self.name, what));
        }
        let head = [row.stream.to_le_bytes(), row.len.to_le_bytes()].concat();
        row.byte = self.len + head.len() as u64;
        self.len = row.byte + bytes.len() as u64;
        self.rows.push(row);
        let written = self.bytes.write_all(&head);
        written
            .and_then(|()| self.bytes.write_all(&bytes))
            .map_err(|e| Error::io(temporary_place("AEDAT 4"), "cannot write", e))
    }

    /// Writes header, packets and data table.
    pub(super) fn write_to(
        mut self,
        out: &mut Output,
        compression: Compression,
        xml: &str,
    ) -> io::Result<()> {
        let number = compression.number();
        let start = (VERSION.len() + encode::header(number, 0, xml).len()) as u64;
        for row in &mut self.rows {
            row.byte += start;
        }
        let mut table = Vec::new();
        compression.pack(&encode::data_table(&self.rows), &mut table)?;
        let header = encode::header(number, (start + self.len) as i64, xml);
        out.write_all(VERSION)?;
        out.write_all(&header)?;
        self.bytes.rewind()?;
        io::copy(&mut self.bytes, out)?;
        out.write_all(&table)
    }
}
