//! Every record of a file with all its fields, for those who write readers.

use evz_core::{Error, Input, Place, ReadAt, Result};
use serde::Serialize;

use crate::reader::{ReadOptions, Reader};
use crate::scan::{Found, Scan, body_at};
use crate::wire::{
    BatchEntry, Bins, ChunkEntry, ChunkHead, ColumnSection, FileHeader, Kind, Leaf, NodeRef,
    RecordHeader, RecordRef, Root, SideBatchHead, SideDeclaration, StreamDeclaration, TreeId,
    read_activity, read_node,
};

/// The layout of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layout {
    /// The first 64 bytes.
    pub header: FileHeader,
    /// What follows.
    pub records: Vec<LayoutRecord>,
}

/// A record and what its body says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayoutRecord {
    /// Where the record starts.
    pub offset: u64,
    /// The 32 bytes before the body.
    pub header: RecordHeader,
    /// The fields of the body.
    pub body: LayoutBody,
}

/// The fields of a body.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutBody {
    /// An event stream.
    Stream(StreamDeclaration),
    /// The head of a chunk, and its further columns.
    Chunk(ChunkHead, Vec<ColumnSection>),
    /// A side stream.
    SideStream(SideDeclaration),
    /// The head of a side batch.
    SideBatch(SideBatchHead),
    /// A leaf of chunks.
    Leaf(Leaf<ChunkEntry>),
    /// A leaf of side batches.
    SideLeaf(Leaf<BatchEntry>),
    /// The references of a node.
    Node(Vec<NodeRef>),
    /// Events of each chunk in each of its bins.
    Activity(Vec<Bins>),
    /// The root with its lists.
    Root(Box<Root>),
    /// Key/values, a part of the index that the root does not list, or a record that this version does
    /// not know: its length alone.
    Opaque(u64),
}

/// Reads the layout of a whole file; its memory grows with the number of records.
///
/// # Errors
/// If the file is not whole.
pub fn layout(input: Input) -> Result<Layout> {
    let reader = ReadOptions::new().with_map(false).open_input(input)?;
    let listed = Listed::new(&reader)?;
    let mut records = Vec::new();
    for found in Scan::new(reader.bytes()) {
        match found.map_err(|e| reader.blame(e))? {
            Found::Record { offset, header } => {
                let body = listed
                    .body(reader.bytes(), offset, &header)
                    .map_err(|e| reader.blame(e.within(Place::byte(offset))))?;
                records.push(LayoutRecord {
                    offset,
                    header,
                    body,
                });
            }
            // Behind the last index something may be half written.
            Found::Gap { offset, len } | Found::Cut { offset, len, .. }
                if offset < reader.file_len() =>
            {
                let what = format!("{len} bytes that are no record");
                return Err(reader.blame(Error::corrupt(Place::byte(offset), what)));
            }
            Found::Gap { .. } | Found::Cut { .. } => {}
        }
    }
    Ok(Layout {
        header: *reader.header(),
        records,
    })
}

/// What the index refers to, so that it can be read as what it is.
#[derive(Default)]
struct Listed {
    refs: Vec<(TreeId, NodeRef)>,
    activity: Vec<(u16, RecordRef, Vec<u32>)>,
}

impl Listed {
    fn new(reader: &Reader) -> Result<Self> {
        let mut listed = Self::default();
        for (stream, stem) in reader.root().streams.iter().zip(&reader.index().streams) {
            let refs = listed.add_all(reader, stream.tree_id(), &stream.tree.refs)?;
            for r in refs {
                let body = reader.record(Kind::Leaf, r.record, 0)?;
                let leaf = Leaf::read_from(&body, stream.tree_id(), &r)?;
                listed.add_activity(stream.declaration.id, leaf.activity, &leaf.entries);
            }
            let latest = &stem.latest;
            listed.add_activity(stream.declaration.id, latest.activity, &latest.entries);
        }
        for stream in &reader.root().side {
            listed.add_all(reader, stream.tree_id(), &stream.tree.refs)?;
        }
        Ok(listed)
    }

    /// Adds references and all below them; gives those to leaves.
    fn add_all(&mut self, reader: &Reader, id: TreeId, refs: &[NodeRef]) -> Result<Vec<NodeRef>> {
        let mut leaves = Vec::new();
        for r in refs {
            self.refs.push((id, *r));
            if r.level == 0 {
                leaves.push(*r);
                continue;
            }
            let body = reader.record(Kind::Node, r.record, 0)?;
            leaves.extend(self.add_all(reader, id, &read_node(&body, id, r)?)?);
        }
        Ok(leaves)
    }

    fn add_activity(&mut self, stream: u16, record: Option<RecordRef>, entries: &[ChunkEntry]) {
        if let Some(record) = record {
            let events = entries.iter().map(|e| e.n_events).collect();
            self.activity.push((stream, record, events));
        }
    }

    fn body(&self, bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Result<LayoutBody> {
        let opaque = LayoutBody::Opaque(header.body_len);
        let Some(kind) = Kind::from_number(header.kind) else {
            return Ok(opaque);
        };
        let body = body_at(bytes, offset, header)?;
        header.check(&body)?;
        let part = self.refs.iter().find(|(_, r)| r.record.offset == offset);
        let activity = self.activity.iter().find(|(_, r, _)| r.offset == offset);
        Ok(match kind {
            Kind::Stream => LayoutBody::Stream(StreamDeclaration::read_from(&body)?),
            Kind::Chunk => {
                let (head, columns) = ChunkHead::read_from(&body, header.body_len)?;
                LayoutBody::Chunk(head, columns)
            }
            Kind::SideStream => LayoutBody::SideStream(SideDeclaration::read_from(&body)?),
            Kind::SideBatch => LayoutBody::SideBatch(SideBatchHead::read_from(&body)?.0),
            Kind::Leaf => match part {
                Some((id, r)) if id.side => LayoutBody::SideLeaf(Leaf::read_from(&body, *id, r)?),
                Some((id, r)) => LayoutBody::Leaf(Leaf::read_from(&body, *id, r)?),
                None => opaque,
            },
            Kind::Node => match part {
                Some((id, r)) => LayoutBody::Node(read_node(&body, *id, r)?),
                None => opaque,
            },
            Kind::Activity => match activity {
                Some((stream, _, events)) => {
                    LayoutBody::Activity(read_activity(&body, *stream, events)?)
                }
                None => opaque,
            },
            Kind::Root => LayoutBody::Root(Box::new(Root::read_from(&body, offset)?)),
            Kind::Metadata => opaque,
        })
    }
}
