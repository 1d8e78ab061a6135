//! Flatbuffers as <https://flatbuffers.dev/internals/> lays them out, with what a table leads to
//! behind it and its vtable too: a place that the writer of this crate does not use.

/// Bytes, a multiple of 8 of them, and where in them an offset leads.
#[derive(Clone)]
pub(crate) struct Blob {
    pub(crate) bytes: Vec<u8>,
    entry: usize,
}

/// A field of a table.
#[derive(Clone)]
pub(crate) enum Field {
    Absent,
    /// A number or a struct, aligned to so many bytes.
    Inline(Vec<u8>, usize),
    /// A vector, a text or a table.
    Child(Blob),
}

pub(crate) fn i64(v: i64) -> Field {
    Field::Inline(v.to_le_bytes().into(), 8)
}

pub(crate) fn i32(v: i32) -> Field {
    Field::Inline(v.to_le_bytes().into(), 4)
}

pub(crate) fn i16(v: i16) -> Field {
    Field::Inline(v.to_le_bytes().into(), 2)
}

pub(crate) fn u8(v: u8) -> Field {
    Field::Inline(vec![v], 1)
}

pub(crate) fn f32(v: f32) -> Field {
    Field::Inline(v.to_le_bytes().into(), 4)
}

/// A vector of `n` elements, whose bytes are aligned to 8.
pub(crate) fn vector(n: usize, elements: &[u8]) -> Blob {
    let mut bytes = vec![0; 4];
    bytes.extend((n as u32).to_le_bytes());
    bytes.extend(elements);
    // A text ends in a zero.
    bytes.resize((bytes.len() + 1).next_multiple_of(8), 0);
    Blob { bytes, entry: 4 }
}

/// A vector of tables.
pub(crate) fn tables(all: &[Blob]) -> Blob {
    let start = (8 + 4 * all.len()).next_multiple_of(8);
    let mut at = start;
    let mut offsets = Vec::new();
    for (i, table) in all.iter().enumerate() {
        offsets.extend(((at + table.entry - (8 + 4 * i)) as u32).to_le_bytes());
        at += table.bytes.len();
    }
    let mut bytes = vec![0; 4];
    bytes.extend((all.len() as u32).to_le_bytes());
    bytes.extend(offsets);
    bytes.resize(start, 0);
    bytes.extend(all.iter().flat_map(|table| table.bytes.clone()));
    Blob { bytes, entry: 4 }
}

pub(crate) fn table(fields: &[Field]) -> Blob {
    // Where each field lies in the table, behind the offset of the vtable.
    let mut places = Vec::new();
    let mut len = 4usize;
    for field in fields {
        let (size, align) = match field {
            Field::Absent => {
                places.push(0);
                continue;
            }
            Field::Inline(bytes, align) => (bytes.len(), *align),
            Field::Child(_) => (4, 4),
        };
        len = len.next_multiple_of(align);
        places.push(len);
        len += size;
    }
    let vtable = len.next_multiple_of(8);
    let mut vtable_bytes = Vec::new();
    for v in [4 + 2 * fields.len(), len].iter().chain(&places) {
        vtable_bytes.extend((*v as u16).to_le_bytes());
    }
    vtable_bytes.resize(vtable_bytes.len().next_multiple_of(8), 0);
    let mut bytes = vec![0; vtable];
    bytes[..4].copy_from_slice(&(-(vtable as i32)).to_le_bytes());
    bytes.extend(vtable_bytes);
    for (field, place) in fields.iter().zip(places) {
        match field {
            Field::Absent => {}
            Field::Inline(value, _) => bytes[place..place + value.len()].copy_from_slice(value),
            Field::Child(child) => {
                let offset = (bytes.len() + child.entry - place) as u32;
                bytes[place..place + 4].copy_from_slice(&offset.to_le_bytes());
                bytes.extend(&child.bytes);
            }
        }
    }
    Blob { bytes, entry: 0 }
}

/// A whole buffer, with its size in front.
pub(crate) fn finish(root: &Blob, identifier: &[u8; 4]) -> Vec<u8> {
    // Size, offset of the root, identifier, and four bytes that align the root to 8.
    let mut bytes = vec![0; 16];
    bytes[4..8].copy_from_slice(&(12 + root.entry as u32).to_le_bytes());
    bytes[8..12].copy_from_slice(identifier);
    bytes.extend(&root.bytes);
    let size = bytes.len() as u32 - 4;
    bytes[..4].copy_from_slice(&size.to_le_bytes());
    bytes
}
