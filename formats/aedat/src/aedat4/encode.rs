//! The flatbuffers of a file that is written. Their layouts never vary but for the length of a text
//! or a vector, so each is laid out by hand, from front to back. Offsets in the comments count from
//! the size in front, which alignment counts from too.

use evz_core::EventSlice;

use super::{choose::EVENTS, decode::EVENT_LEN};

/// A packet of events: `table EventPacket { elements: [Event] }`, to be compressed.
pub(super) fn events(events: EventSlice<'_>, out: &mut Vec<u8>) {
    let elements = events.len() * EVENT_LEN;
    out.clear();
    out.reserve(32 + elements);
    put_root(out, 28 + elements, 20, EVENTS);
    // 12: the fields of the table, at 20: 6 bytes, in a table of 8, the first field at its byte 4.
    put_u16s(out, &[6, 8, 4, 0]);
    put_u32s(out, &[8, 4]);
    // 28: the vector; its elements begin at 32.
    put_u32s(out, &[events.len() as u32]);
    for i in 0..events.len() {
        let mut event = [0; EVENT_LEN];
        event[..8].copy_from_slice(&events.t[i].to_le_bytes());
        event[8..10].copy_from_slice(&events.x[i].to_le_bytes());
        event[10..12].copy_from_slice(&events.y[i].to_le_bytes());
        event[12] = events.p[i];
        out.extend_from_slice(&event);
    }
}

/// The header: `table IOHeader { compression: int; dataTablePosition: long; infoNode: string }`.
/// Its length does not depend on the position.
pub(super) fn header(compression: i32, table: i64, xml: &str) -> Vec<u8> {
    let mut out = Vec::new();
    // The text ends in a zero, and what follows is aligned.
    let text_len = (xml.len() + 1).next_multiple_of(8);
    put_root(&mut out, 44 + text_len, 24, b"IOHE");
    // 12: 10 bytes, in a table of 20, the fields at its bytes 4, 8 and 16.
    put_u16s(&mut out, &[10, 20, 4, 8, 16, 0]);
    // 24: the table.
    put_u32s(&mut out, &[12]);
    out.extend_from_slice(&compression.to_le_bytes());
    out.extend_from_slice(&table.to_le_bytes());
    // 40: leads to the text at 44.
    put_u32s(&mut out, &[4, xml.len() as u32]);
    out.extend_from_slice(xml.as_bytes());
    out.resize(48 + text_len, 0);
    out
}

/// A row of the data table: a packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) stream: i32,
    /// Where the packet begins, behind its head.
    pub(super) byte: u64,
    /// Bytes of the packet.
    pub(super) len: u32,
    pub(super) elements: u32,
    pub(super) first_t: i64,
    pub(super) last_t: i64,
}

/// Bytes of a row, and of the offset that leads to it.
const ROW_LEN: usize = 48;
const OFFSET_LEN: usize = 4;

/// Rows that offsets of 32 bits reach.
pub(super) const MAX_ROWS: usize = (u32::MAX as usize - 1024) / (ROW_LEN + OFFSET_LEN);

/// The data table, to be compressed: `table FileDataTable { Table: [FileDataDefinition] }`, with the
/// rows `table FileDataDefinition { ByteOffset: long; PacketInfo: PacketHeader; NumElements: long;
/// TimestampStart: long; TimestampEnd: long }`.
pub(super) fn data_table(rows: &[Row]) -> Vec<u8> {
    // 14 bytes, in a table of 48: the offset at its byte 16, the head of the packet at 4, and the
    // rest from 24 on.
    let fields = [14, 48, 16, 4, 24, 32, 40, 0];
    tables(b"FTAB", &fields, ROW_LEN, rows.iter(), |row, out| {
        put_u32s(out, &[row.stream as u32, row.len, 0]);
        for value in [
            row.byte as i64,
            row.elements.into(),
            row.first_t,
            row.last_t,
        ] {
            out.extend_from_slice(&value.to_le_bytes());
        }
    })
}

/// A table whose only field is a vector of tables, all with the same fields. `put` adds what comes
/// behind the first four bytes of one, of `len` bytes in all, a multiple of 8.
pub(super) fn tables<T>(
    identifier: &[u8; 4],
    fields: &[u16],
    len: usize,
    all: impl ExactSizeIterator<Item = T>,
    put: impl Fn(T, &mut Vec<u8>),
) -> Vec<u8> {
    // 12: the fields of the tables in the vector, then those of the root, then the root, which the
    // vector follows with offsets first, and then the tables, aligned.
    let root_fields = 12 + 2 * fields.len();
    let root = (root_fields + 6).next_multiple_of(4);
    let offsets = root + 12;
    let first = (offsets + all.len() * OFFSET_LEN).next_multiple_of(8);
    let end = first + all.len() * len;
    let mut out = Vec::with_capacity(end);
    put_root(&mut out, end - 4, root as u32, identifier);
    put_u16s(&mut out, fields);
    put_u16s(&mut out, &[6, 8, 4]);
    out.resize(root, 0);
    put_u32s(
        &mut out,
        &[(root - root_fields) as u32, 4, all.len() as u32],
    );
    for i in 0..all.len() {
        let (at, table) = (offsets + i * OFFSET_LEN, first + i * len);
        put_u32s(&mut out, &[(table - at) as u32]);
    }
    out.resize(first, 0);
    for one in all {
        let at = out.len();
        put_u32s(&mut out, &[(at - 12) as u32]);
        put(one, &mut out);
        out.resize(at + len, 0);
    }
    out
}

/// Size of what follows, offset of the root, and identifier.
pub(super) fn put_root(out: &mut Vec<u8>, len: usize, root: u32, identifier: &[u8; 4]) {
    // The offset counts from behind the size.
    put_u32s(out, &[len as u32, root - 4]);
    out.extend_from_slice(identifier);
}

pub(super) fn put_u16s(out: &mut Vec<u8>, values: &[u16]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}

pub(super) fn put_u32s(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}
