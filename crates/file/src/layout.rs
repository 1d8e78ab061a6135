//! Every record of a file with all its fields, for those who write readers.

use std::path::Path;

use evz_core::Result;
use serde::Serialize;

use crate::read::{ReadOptions, read_body};
use crate::scan::{Found, Scan};
use crate::storage::{Storage, read_range};
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
pub fn layout(path: impl AsRef<Path>) -> Result<Layout> {
    let path = path.as_ref();
    let reader = ReadOptions::new().open(path)?;
    let mut records = Vec::new();
    for found in Scan::new(reader.storage()) {
        if let Found::Record { offset, header } = found {
            let body =
                body(reader.storage(), offset, &header).map_err(|e| e.within(path.display()))?;
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

fn body(storage: &dyn Storage, offset: u64, header: &RecordHeader) -> Result<LayoutBody> {
    let opaque = LayoutBody::Opaque(header.body_len);
    let start = offset + RecordHeader::ENCODED_SIZE as u64;
    let Some(kind) = Kind::from_number(header.kind) else {
        return Ok(opaque);
    };
    if kind == Kind::Chunk {
        let bytes = read_range(storage, start, header.body_len)?;
        return Ok(LayoutBody::Chunk(ChunkHead::read_from(&bytes)?));
    }
    let bytes = read_body(storage, kind, offset, header.body_len)?;
    Ok(match kind {
        Kind::SideStream => LayoutBody::SideStream(SideStream::read_from(&bytes)?),
        Kind::SideBatch => SideBatchHead::read_from(&bytes).map_or(opaque, LayoutBody::SideBatch),
        Kind::IndexLeaf => LayoutBody::IndexLeaf(read_leaf(&bytes)?),
        Kind::IndexRoot => LayoutBody::IndexRoot(IndexRoot::read_from(&bytes)?),
        Kind::Tail => Tail::read_from(&bytes).map_or(opaque, LayoutBody::Tail),
        Kind::Metadata | Kind::Chunk => opaque,
    })
}
