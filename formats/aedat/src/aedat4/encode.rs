//! The flatbuffers of a file that is written. Their layouts never vary but for the length of a text
//! or a vector, so each is laid out by hand, from front to back. Offsets in the comments count from
//! the size in front, which alignment counts from too.

use evz_core::EventSlice;

use super::decode::EVENT_LEN;

/// A packet of events: `table EventPacket { elements: [Event] }`, to be compressed.
pub(super) fn events(events: EventSlice<'_>, out: &mut Vec<u8>) {
    let elements = events.len() * EVENT_LEN;
    out.clear();
    out.reserve(32 + elements);
    put_root(out, 28 + elements, 20, b"EVTS");
    // 12: the fields of the table, at 20: 6 bytes, in a table of 8, the first field at its byte 4.
    put_u16s(out, [6, 8, 4, 0]);
    put_u32s(out, [8, 4]);
    // 28: the vector; its elements begin at 32.
    put_u32s(out, [events.len() as u32]);
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
    put_u16s(&mut out, [10, 20, 4, 8, 16, 0]);
    // 24: the table.
    put_u32s(&mut out, [12]);
    out.extend_from_slice(&compression.to_le_bytes());
    out.extend_from_slice(&table.to_le_bytes());
    // 40: leads to the text at 44.
    put_u32s(&mut out, [4, xml.len() as u32]);
    out.extend_from_slice(xml.as_bytes());
    out.resize(48 + text_len, 0);
    out
}

/// A row of the data table.
pub(super) struct Row {
    /// Where the packet begins, behind its head.
    pub(super) byte: u64,
    /// Bytes of the packet.
    pub(super) len: u32,
    pub(super) events: u32,
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
    // 48 is where the offsets begin; the rows follow them, aligned to 8 bytes.
    let first_row = (48 + rows.len() * OFFSET_LEN).next_multiple_of(8);
    let len = first_row + rows.len() * ROW_LEN;
    let mut out = Vec::with_capacity(len);
    put_root(&mut out, len - 4, 36, b"FTAB");
    // 12: the fields of a row, 14 bytes, in a table of 48: the offset at its byte 16, the head of
    // the packet at 4, and the rest from 24 on.
    put_u16s(&mut out, [14, 48, 16, 4, 24, 32, 40, 0]);
    // 28: the fields of the root, at 36.
    put_u16s(&mut out, [6, 8, 4, 0]);
    put_u32s(&mut out, [8, 4]);
    put_u32s(&mut out, [rows.len() as u32]);
    for i in 0..rows.len() {
        let (at, row) = (48 + i * OFFSET_LEN, first_row + i * ROW_LEN);
        put_u32s(&mut out, [(row - at) as u32]);
    }
    out.resize(first_row, 0);
    for row in rows {
        // The fields of all rows are the same ones; the stream is the only one, 0.
        let fields = out.len() - 12;
        put_u32s(&mut out, [fields as u32, 0, row.len, 0]);
        for value in [row.byte as i64, row.events.into(), row.first_t, row.last_t] {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
    out
}

/// Size of what follows, offset of the root, and identifier.
fn put_root(out: &mut Vec<u8>, len: usize, root: u32, identifier: &[u8; 4]) {
    // The offset counts from behind the size.
    put_u32s(out, [len as u32, root - 4]);
    out.extend_from_slice(identifier);
}

fn put_u16s<const N: usize>(out: &mut Vec<u8>, values: [u16; N]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}

fn put_u32s<const N: usize>(out: &mut Vec<u8>, values: [u32; N]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}
