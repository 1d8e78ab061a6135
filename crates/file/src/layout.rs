//! Every record of a file with all its fields, for those who write readers.

use evz_core::{Error, Input, Place, ReadAt, Result};
use serde::Serialize;

use crate::reader::ReadOptions;
use crate::scan::{Found, Scan, body_at};
use crate::wire::{
    ChunkEntry, ChunkHead, FileHeader, IndexRoot, Kind, RecordHeader, SideBatchHead, SideStream,
    Tail, read_leaf,
};

/// The layout of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// The first 64 bytes.
    pub header: FileHeader,
    /// What follows.
    pub records: Vec<LayoutRecord>,
}

/// A record and what its body says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayoutRecord {
    /// Where the record starts.
    pub offset: u64,
    /// The 32 bytes before the body.
    pub header: RecordHeader,
    /// The fields of the body.
    pub body: LayoutBody,
}

/// The fields of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutBody {
    /// The head of a chunk.
    Chunk(ChunkHead),
    /// The name of a side stream.
    SideStream(SideStream),
    /// The head of a side batch.
    SideBatch(SideBatchHead),
    /// The entries of a leaf.
    IndexLeaf(Vec<ChunkEntry>),
    /// The root with its lists.
    IndexRoot(IndexRoot),
    /// The tail.
    Tail(Tail),
    /// Key/values, or a record that this version does not know: its length alone.
    Opaque(u64),
}

/// Reads the layout of a whole file; its memory grows with the number of records.
///
/// # Errors
/// If the file is not whole.
pub fn layout(input: Input) -> Result<Layout> {
    let reader = ReadOptions::new().with_map(false).open_input(input)?;
    let mut records = Vec::new();
    for found in Scan::new(reader.bytes()) {
        if let Found::Record { offset, header } = found {
            let body = body(reader.bytes(), offset, &header)
                .map_err(|e| reader.blame(e.within(Place::byte(offset))))?;
            records.push(LayoutRecord {
                offset,
                header,
                body,
            });
        }
    }
    Ok(Layout {
        header: *reader.header(),
        records,
    })
}

fn body(bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Result<LayoutBody> {
    let opaque = LayoutBody::Opaque(header.body_len);
    let Some(kind) = Kind::from_number(header.kind) else {
        return Ok(opaque);
    };
    let body = body_at(bytes, offset, header)?;
    if kind == Kind::Chunk {
        return Ok(LayoutBody::Chunk(ChunkHead::read_from(&body)?));
    }
    header.check(&body)?;
    let short = || Error::corrupt("", format!("a {kind:?} record that is none"));
    Ok(match kind {
        Kind::SideStream => LayoutBody::SideStream(SideStream::read_from(&body)?),
        Kind::SideBatch => {
            LayoutBody::SideBatch(SideBatchHead::read_from(&body).ok_or_else(short)?)
        }
        Kind::IndexLeaf => LayoutBody::IndexLeaf(read_leaf(&body)?),
        Kind::IndexRoot => LayoutBody::IndexRoot(IndexRoot::read_from(&body)?),
        Kind::Tail => LayoutBody::Tail(Tail::read_from(&body).ok_or_else(short)?),
        Kind::Metadata | Kind::Chunk => opaque,
    })
}
