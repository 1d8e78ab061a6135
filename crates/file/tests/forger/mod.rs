//! A forger: takes a file apart into the fields of its records, and writes it again with every checksum,
//! length and offset mended that follows from what was changed, but for what was forged itself.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part"
)]

mod believe;
mod fields;
pub mod made;

use std::collections::HashMap;

use binrw::BinWrite;
use evz_core::Metadata;
use evz_file::WriteOptions;
use evz_file::wire::{
    BatchEntry, Bins, ChunkEntry, ChunkHead, ColumnSection, FileHeader, Kind, Leaf, NodeRef,
    RecordHeader, RecordRef, Root, SideBatchHead, SideDeclaration, Span, StreamDeclaration, TreeId,
    read_activity, table_len, write_activity, write_node,
};

pub use fields::Field;

/// A file in its parts.
#[derive(Clone)]
pub struct Forgery {
    pub header: FileHeader,
    pub records: Vec<Record>,
}

#[derive(Clone)]
pub struct Record {
    /// What referred to it before anything was changed.
    was: RecordRef,
    pub header: RecordHeader,
    pub body: Body,
}

#[derive(Clone)]
pub enum Body {
    Metadata(Vec<u8>),
    Stream(StreamDeclaration),
    Chunk(Chunk),
    SideStream(SideDeclaration),
    SideBatch(SideBatchHead, Vec<u8>),
    Leaf(TreeId, Leaf<ChunkEntry>),
    SideLeaf(TreeId, Leaf<BatchEntry>),
    Node(TreeId, u8, Vec<NodeRef>),
    Activity(u16, Vec<Bins>),
    Root(Box<Root>),
}

#[derive(Clone)]
pub struct Chunk {
    pub head: ChunkHead,
    pub sections: Vec<ColumnSection>,
    /// Where the entry points of its table of contents have their times, and these.
    pub starts: Vec<(usize, i64)>,
    /// The payload, and the sections.
    pub rest: Vec<u8>,
}

/// Where records are that moved: by where they were, what a reference to them says now, and of a chunk the
/// checksum of its head before and after.
type Moved = HashMap<u64, (RecordRef, RecordRef, (u32, u32))>;

impl Forgery {
    /// Takes apart a whole file whose index stands in its root.
    pub fn of(bytes: &[u8]) -> Self {
        let header = FileHeader::read_from(&bytes[..64]).unwrap();
        let mut at = FileHeader::ENCODED_SIZE;
        let mut records = Vec::new();
        while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
            let body = &bytes[at + 32..][..header.body_len as usize];
            records.push(Record {
                was: RecordRef::new(at as u64, &header),
                body: Body::of(&header, body, at as u64),
                header,
            });
            at += header.record_len().unwrap() as usize;
        }
        let mut forgery = Self { header, records };
        forgery.name_activity();
        forgery
    }

    pub fn root(&mut self) -> &mut Root {
        match &mut self.records.last_mut().unwrap().body {
            Body::Root(root) => root,
            _ => panic!("a file ends with its root"),
        }
    }

    /// An activity says nothing of its chunks: the root does that refers to it.
    fn name_activity(&mut self) {
        let roots = self.records.iter().filter_map(|record| match &record.body {
            Body::Root(root) => Some(root.streams.clone()),
            _ => None,
        });
        let streams: Vec<_> = roots.flatten().collect();
        for record in &mut self.records {
            let Body::Metadata(body) = &record.body else {
                continue;
            };
            let of = |s: &&evz_file::wire::StreamRoot| {
                let activity = s.tree.latest.activity;
                activity.is_some_and(|a| a.offset == record.was.offset)
            };
            if let Some(stream) = streams.iter().find(of) {
                let entries = stream.tree.latest.entries.iter();
                let events: Vec<u32> = entries.map(|e| e.n_events).collect();
                let id = stream.declaration.id;
                record.body = Body::Activity(id, read_activity(body, id, &events).unwrap());
            }
        }
    }

    /// The same with an index of leaves and nodes: leaves of two chunks or batches, nodes of two leaves, as
    /// long as something is left for the root. Every root has its own.
    pub fn with_nodes(mut self) -> Self {
        let before = std::mem::take(&mut self.records);
        for mut record in before.clone() {
            if let Body::Root(root) = &mut record.body {
                give_nodes(root, &before, &mut self.records);
            }
            if !matches!(record.body, Body::Activity(..)) {
                self.records.push(record);
            }
        }
        self
    }

    /// The same with so many levels of nodes above the leaves of its first event stream, two nodes on each, each of
    /// which refers to all that is on the level below: an index that claims twice as much with every level.
    pub fn with_shared_nodes(mut self, levels: u8) -> Self {
        self = self.with_nodes();
        let Some(mut root) = self.records.pop() else {
            panic!("a file ends with its root");
        };
        if let Body::Root(root) = &mut root.body {
            let stream = &mut root.streams[0];
            let id = stream.tree_id();
            let leaves = self.records.iter().filter_map(|r| match &r.body {
                Body::Node(of, 1, refs) if *of == id => Some(refs.clone()),
                _ => None,
            });
            let mut below: Vec<NodeRef> = leaves.flatten().collect();
            for level in 1..=levels {
                let span = below.iter().map(|r| r.span).reduce(and).unwrap_or_default();
                let mut nodes = Vec::new();
                for _ in 0..2 {
                    let body = Body::Node(id, level, below.clone());
                    let record = add(&mut self.records, Kind::Node, body);
                    nodes.push(reference(level, record, &nodes, span));
                }
                below = nodes;
            }
            stream.tree.refs = below;
            // Nodes that share what is below them are not in order of each other.
            stream.summary.sorted = false;
            stream.summary.span = stream.tree.span();
        }
        self.records.push(root);
        self
    }

    /// The bytes of the file.
    pub fn write(&self) -> Vec<u8> {
        let mut out = self.header.write_to();
        let crc = crc32fast::hash(&out[..60]);
        out[60..].copy_from_slice(&crc.to_le_bytes());
        let mut moved = Moved::new();
        for record in &self.records {
            out.resize(out.len().next_multiple_of(64), 0);
            let at = out.len() as u64;
            let (body, head_crcs) = record.body.write(record.was.offset, at, &moved);
            let now = RecordRef {
                offset: at,
                body_len: body.len() as u64,
                body_crc: crc32fast::hash(&body),
            };
            moved.insert(record.was.offset, (record.was, now, head_crcs));
            let header = RecordHeader {
                body_len: follow(record.header.body_len, record.was.body_len, now.body_len),
                body_crc: now.body_crc,
                ..record.header
            };
            out.extend(header.write_to());
            out.extend(body);
        }
        out
    }

    /// Every field, in an order that is always the same.
    pub fn each(&mut self, act: &mut dyn FnMut(&str, Field<'_>)) {
        fields::of_header(&mut self.header, act);
        for (n, record) in self.records.iter_mut().enumerate() {
            fields::of_record(n, record, act);
        }
    }
}

/// Gives a root an index of leaves and nodes, which are added to `new`.
fn give_nodes(root: &mut Root, before: &[Record], new: &mut Vec<Record>) {
    for stream in &mut root.streams {
        let id = stream.tree_id();
        let mut entries = std::mem::take(&mut stream.tree.latest.entries);
        // The last root tells of all chunks; a checkpoint has no activity.
        let bins = before.iter().rev().find_map(|r| match &r.body {
            Body::Activity(of, bins) if *of == id.stream => Some(&bins[..entries.len()]),
            _ => None,
        });
        let latest = entries.split_off((entries.len() - 1) / 2 * 2);
        let mut bins = bins.unwrap_or_default().to_vec();
        let latest_bins = bins.split_off(entries.len());
        let mut refs = Vec::new();
        for (entries, bins) in entries.chunks(2).zip(bins.chunks(2)) {
            let activity = Body::Activity(id.stream, bins.to_vec());
            let activity = add(new, Kind::Activity, activity);
            let leaf = Leaf {
                activity: Some(activity),
                entries: entries.to_vec(),
            };
            let span = span_of(entries);
            let record = add(new, Kind::Leaf, Body::Leaf(id, leaf));
            refs.push(reference(0, record, &refs, span));
        }
        stream.tree.refs = nodes(id, refs, new);
        stream.tree.latest = Leaf::default();
        if !latest.is_empty() {
            // A single chunk has none.
            let bins = Some(latest_bins).filter(|bins| !bins.is_empty());
            let body = bins.map(|bins| Body::Activity(id.stream, bins));
            stream.tree.latest = Leaf {
                activity: body.map(|body| add(new, Kind::Activity, body)),
                entries: latest,
            };
        }
    }
    for side in &mut root.side {
        let id = side.tree_id();
        let mut entries = std::mem::take(&mut side.tree.latest.entries);
        side.tree.latest.entries = entries.split_off(entries.len().saturating_sub(1) / 2 * 2);
        let mut refs = Vec::new();
        for entries in entries.chunks(2) {
            let span = span_of(entries);
            let leaf = Leaf {
                activity: None,
                entries: entries.to_vec(),
            };
            let record = add(new, Kind::Leaf, Body::SideLeaf(id, leaf));
            refs.push(reference(0, record, &refs, span));
        }
        side.tree.refs = nodes(id, refs, new);
    }
}

/// Adds a record that nothing referred to before; gives what refers to it.
fn add(records: &mut Vec<Record>, kind: Kind, body: Body) -> RecordRef {
    // No record of a file stands there.
    let offset = (1 << 40) + 64 * records.len() as u64;
    let was = RecordRef {
        offset,
        ..RecordRef::default()
    };
    let header = RecordHeader::new(kind, 0, 0, 0);
    records.push(Record { was, header, body });
    was
}

fn reference(level: u8, record: RecordRef, before: &[NodeRef], span: Span) -> NodeRef {
    let last = before.last();
    NodeRef {
        level,
        record,
        first_item: last.map_or(0, |r| r.first_item + r.span.n_items),
        first_row: last.map_or(0, |r| r.first_row + r.span.n_rows),
        span,
    }
}

/// Nodes of two references each, where there are so many.
fn nodes(id: TreeId, refs: Vec<NodeRef>, new: &mut Vec<Record>) -> Vec<NodeRef> {
    let (whole, rest) = refs.split_at(refs.len() / 2 * 2);
    let mut top = Vec::new();
    for pair in whole.chunks(2) {
        let record = add(new, Kind::Node, Body::Node(id, 1, pair.to_vec()));
        let spans = pair.iter().map(|r| r.span);
        let span = spans.reduce(and).unwrap_or_default();
        top.push(reference(1, record, &top, span));
    }
    top.extend_from_slice(rest);
    top
}

/// What two spans hold, one behind the other.
fn and(a: Span, b: Span) -> Span {
    Span {
        n_items: a.n_items.wrapping_add(b.n_items),
        n_rows: a.n_rows.wrapping_add(b.n_rows),
        t_min: a.t_min.min(b.t_min),
        t_max: a.t_max.max(b.t_max),
        t_end: b.t_end,
    }
}

fn span_of<E: evz_file::wire::Entry>(entries: &[E]) -> Span {
    let spans = entries.iter().map(|e| {
        let (t_min, t_max) = e.times();
        Span {
            n_items: 1,
            n_rows: e.n_rows(),
            t_min,
            t_max,
            t_end: t_max,
        }
    });
    spans.reduce(and).unwrap_or_default()
}

/// What a number is that was right before; one that was forged stays.
fn follow<T: PartialEq>(told: T, was: T, now: T) -> T {
    match told == was {
        true => now,
        false => told,
    }
}

fn moved_ref(told: RecordRef, moved: &Moved) -> RecordRef {
    match moved.get(&told.offset) {
        None => told,
        Some((was, now, _)) => RecordRef {
            offset: now.offset,
            body_len: follow(told.body_len, was.body_len, now.body_len),
            body_crc: follow(told.body_crc, was.body_crc, now.body_crc),
        },
    }
}

fn moved_refs(refs: &mut [NodeRef], moved: &Moved) {
    for r in refs {
        r.record = moved_ref(r.record, moved);
    }
}

fn moved_chunks(leaf: &mut Leaf<ChunkEntry>, moved: &Moved) {
    leaf.activity = leaf.activity.map(|r| moved_ref(r, moved));
    for e in &mut leaf.entries {
        if let Some((was, now, head_crcs)) = moved.get(&e.offset) {
            e.offset = now.offset;
            e.body_len = follow(e.body_len, was.body_len, now.body_len);
            e.head_crc = follow(e.head_crc, head_crcs.0, head_crcs.1);
        }
    }
}

fn moved_batches(leaf: &mut Leaf<BatchEntry>, moved: &Moved) {
    for e in &mut leaf.entries {
        let told = RecordRef {
            offset: e.offset,
            body_len: e.body_len,
            body_crc: e.body_crc,
        };
        let now = moved_ref(told, moved);
        (e.offset, e.body_len, e.body_crc) = (now.offset, now.body_len, now.body_crc);
    }
}

impl Body {
    fn of(header: &RecordHeader, body: &[u8], at: u64) -> Self {
        match Kind::from_number(header.kind).unwrap() {
            // Of which chunks an activity is, the root says.
            Kind::Metadata | Kind::Activity => Self::Metadata(body.to_vec()),
            Kind::Stream => Self::Stream(StreamDeclaration::read_from(body).unwrap()),
            Kind::Chunk => Self::Chunk(Chunk::of(body)),
            Kind::SideStream => Self::SideStream(SideDeclaration::read_from(body).unwrap()),
            Kind::SideBatch => {
                let (head, packed) = SideBatchHead::read_from(body).unwrap();
                Self::SideBatch(head, packed.to_vec())
            }
            Kind::Root => Self::Root(Box::new(Root::read_from(body, at).unwrap())),
            Kind::Leaf | Kind::Node => panic!("the index of a short file stands in its root"),
        }
    }

    /// Its bytes, where a record stands that stood there; and the checksum of a head as it was and is.
    fn write(&self, was: u64, at: u64, moved: &Moved) -> (Vec<u8>, (u32, u32)) {
        let body = match self {
            Self::Metadata(body) => body.clone(),
            Self::Stream(declaration) => declaration.write_to(),
            Self::Chunk(chunk) => return chunk.write(),
            Self::SideStream(declaration) => declaration.write_to(),
            Self::SideBatch(head, packed) => [&head.write_to()[..], packed].concat(),
            Self::Leaf(id, leaf) => {
                let mut leaf = leaf.clone();
                moved_chunks(&mut leaf, moved);
                leaf.write_to(*id)
            }
            Self::SideLeaf(id, leaf) => {
                let mut leaf = leaf.clone();
                moved_batches(&mut leaf, moved);
                leaf.write_to(*id)
            }
            Self::Node(id, level, refs) => {
                let mut refs = refs.clone();
                moved_refs(&mut refs, moved);
                write_node(&refs, *id, *level)
            }
            Self::Activity(stream, bins) => write_activity(*stream, bins),
            Self::Root(root) => root_body(root, was, at, moved),
        };
        (body, (0, 0))
    }
}

fn root_body(root: &Root, was: u64, at: u64, moved: &Moved) -> Vec<u8> {
    let mut root = root.clone();
    for stream in &mut root.streams {
        moved_refs(&mut stream.tree.refs, moved);
        moved_chunks(&mut stream.tree.latest, moved);
    }
    for side in &mut root.side {
        side.declared = moved_ref(side.declared, moved);
        moved_refs(&mut side.tree.refs, moved);
        moved_batches(&mut side.tree.latest, moved);
    }
    for r in &mut root.metadata_refs {
        *r = moved_ref(*r, moved);
    }
    if let Some((_, now, _)) = root.previous.and_then(|at| moved.get(&at)) {
        root.previous = Some(now.offset);
    }
    let mut body = root.write_to(at).unwrap();
    let tail = body.len() - 16;
    let told = follow(root.tail.root_offset, was, at);
    body[tail..tail + 8].copy_from_slice(&told.to_le_bytes());
    body
}

impl Chunk {
    fn of(body: &[u8]) -> Self {
        let (head, sections) = ChunkHead::read_from(body, body.len() as u64).unwrap();
        let rest = body[head.payload_start()..].to_vec();
        // `fast` has 16 bytes a block, the time in the last 8; `small` 28 a segment, the time in the first 8.
        let starts: Vec<usize> = match head.codec {
            1 => (0..head.toc_len as usize / 16)
                .map(|i| 16 * i + 8)
                .collect(),
            _ => {
                let n = (head.n_events as usize).div_ceil(8192);
                (0..n).map(|i| 28 * i).collect()
            }
        };
        let time = |at: usize| i64::from_le_bytes(rest[at..at + 8].try_into().unwrap());
        Self {
            starts: starts.into_iter().map(|at| (at, time(at))).collect(),
            head,
            sections,
            rest,
        }
    }

    fn write(&self) -> (Vec<u8>, (u32, u32)) {
        let bytes = |out: &mut Vec<u8>| {
            let mut cursor = std::io::Cursor::new(Vec::new());
            self.head.write_le(&mut cursor).unwrap();
            for section in &self.sections {
                section.write_le(&mut cursor).unwrap();
            }
            out.append(&mut cursor.into_inner());
        };
        let mut body = Vec::new();
        bytes(&mut body);
        body.resize(96 + table_len(self.sections.len() as u16), 0);
        let payload = body.len();
        body.extend_from_slice(&self.rest);
        for (at, t) in &self.starts {
            body[payload + at..][..8].copy_from_slice(&t.to_le_bytes());
        }
        let front = 96 + table_len(self.head.n_columns) + self.head.toc_len as usize;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&body[..92]);
        hasher.update(&body[96..front.clamp(96, body.len())]);
        let crc = hasher.finalize();
        body[92..96].copy_from_slice(&crc.to_le_bytes());
        (body, (self.head.head_crc, crc))
    }
}

/// Options of a short file with what is not said in its streams.
pub fn finished(writer: evz_file::Writer<Vec<u8>>) -> Vec<u8> {
    writer.finish_into(&Metadata::new()).unwrap().0
}

/// Writes a file with these options.
pub fn options(codec: &'static dyn evz_codec::Codec, chunk_events: u32) -> WriteOptions {
    WriteOptions::new()
        .with_codec(codec)
        .with_chunk_events(chunk_events)
}
