//! What stands behind the last index of a file that was cut, or that is being written.

use std::collections::BTreeSet;

use evz_core::{Metadata, ReadAt};

use crate::check::whole_chunk;
use crate::forever::ALIGNMENT;
use crate::index::Index;
use crate::scan::{Found, Scan, body_at};
use crate::steps::{RecordSteps, run};
use crate::stream_metadata::check_size;
use crate::wire::{
    BatchEntry, ChunkEntry, Kind, RecordHeader, RecordRef, Root, SideBatchHead, SideDeclaration,
    SideRoot, Span, StreamDeclaration, StreamRoot, StreamSummary, read_metadata,
};
use crate::writer::add_to;

/// Adds to the index what is whole behind it, up to the first record that is not.
pub(super) fn go_on(index: Index, bytes: &dyn ReadAt) -> Index {
    let Index {
        mut root,
        mut metadata,
        ..
    } = index;
    let from = index.file_len.next_multiple_of(ALIGNMENT);
    let mut end = index.file_len;
    // Metadata that roots refer to, one after the other.
    let mut left = bytes.len();
    for found in Scan::from(bytes, from) {
        let Ok(Found::Record { offset, header }) = found else {
            break;
        };
        let taken = match Kind::from_number(header.kind) {
            Some(Kind::Root) => take_root(
                &mut root,
                (&mut metadata, &mut left),
                bytes,
                offset,
                &header,
            ),
            _ => take(&mut root, &metadata, bytes, offset, &header),
        };
        if taken.is_none() {
            break;
        }
        end = offset + header.record_len().unwrap_or(0);
    }
    Index::new(root, metadata, end.min(bytes.len()), bytes.len())
}

/// Whether something whole stands behind what was taken and is not whole: then nobody is writing there
/// any more.
pub(super) fn is_stuck(index: &Index, bytes: &dyn ReadAt) -> bool {
    let mut behind = Scan::from(bytes, index.file_len.next_multiple_of(ALIGNMENT));
    // A record that is longer than the file is one that is being written.
    if matches!(behind.next(), Some(Ok(Found::Cut { .. }))) {
        return false;
    }
    behind.any(|found| matches!(found, Ok(Found::Record { .. })))
}

/// Goes on with the root in a record, if it lists just what was taken: it has the latest entries in leaves.
/// None if it is not whole, or refers to more metadata than are `left`: no file has more than its length.
fn take_root(
    root: &mut Root,
    (metadata, left): (&mut Metadata, &mut u64),
    bytes: &dyn ReadAt,
    offset: u64,
    header: &RecordHeader,
) -> Option<()> {
    let body = body_at(bytes, offset, header).ok()?;
    header.check(&body).ok()?;
    let Ok(next) = Root::read_from(&body, offset) else {
        return Some(());
    };
    let n_events = |root: &Root| -> Vec<u64> {
        let streams = root.streams.iter();
        streams.map(|s| s.summary.n_events()).collect()
    };
    if next.header != root.header || n_events(&next) != n_events(root) {
        return Some(());
    }
    let known: BTreeSet<u64> = root.metadata_refs.iter().map(|r| r.offset).collect();
    for r in &next.metadata_refs {
        if !known.contains(&r.offset) {
            *left = left.checked_sub(r.body_len)?;
            let mut record = RecordSteps::new(Kind::Metadata, *r, 0, bytes.len()).ok()?;
            read_metadata(&run(&mut record, bytes).ok()?, metadata).ok()?;
        }
    }
    next.apply_metadata(metadata);
    *root = next;
    Some(())
}

/// Adds a record; none if it is not whole, or is not of what the root knows.
fn take(
    root: &mut Root,
    metadata: &Metadata,
    bytes: &dyn ReadAt,
    offset: u64,
    header: &RecordHeader,
) -> Option<()> {
    let kind = match Kind::from_number(header.kind) {
        Some(kind) => kind,
        None => return (!header.is_critical()).then_some(()),
    };
    if kind == Kind::Chunk {
        let body = body_at(bytes, offset, header).ok()?;
        let chunk = whole_chunk(header, body, None).ok()?;
        let stream = root.streams.get_mut(usize::from(chunk.head.stream))?;
        let declared = &stream.declaration.columns;
        let follows = header.number == stream.summary.n_events();
        if !follows || declared.len() != chunk.columns.len() {
            return None;
        }
        let lens = chunk.columns.iter().map(|c| c.len).collect();
        let entry = ChunkEntry::new(&chunk.head, lens, offset, header.number);
        add_to(
            &mut stream.summary,
            &chunk.head,
            (&chunk.columns, declared),
            chunk.t_last,
        );
        stream.tree.latest.entries.push(entry);
        stream.tree.latest.activity = None;
        return Some(());
    }
    let body = body_at(bytes, offset, header).ok()?;
    header.check(&body).ok()?;
    match kind {
        Kind::SideBatch => add_batch(root, offset, header, &body),
        Kind::Stream => {
            let declaration = StreamDeclaration::read_from(&body).ok()?;
            let next = root.streams.last()?.declaration.id.checked_add(1)?;
            check_size(metadata, root.streams.len() + 1).ok()?;
            (declaration.id == next).then(|| root.streams.push(empty_stream(declaration)))
        }
        Kind::SideStream => {
            let declaration = SideDeclaration::read_from(&body).ok()?;
            let declared = RecordRef::new(offset, header);
            let next = usize::from(declaration.id) == root.side.len();
            let owner = declaration.stream.map(usize::from);
            (next && owner.is_none_or(|owner| owner < root.streams.len()))
                .then(|| root.side.push(SideRoot::new(&declaration, declared)))
        }
        // Leaves and nodes list what was taken already; metadata stand in the root too.
        _ => Some(()),
    }
}

fn empty_stream(declaration: StreamDeclaration) -> StreamRoot {
    StreamRoot {
        summary: StreamSummary::empty(declaration.columns.len()),
        declaration,
        ..StreamRoot::default()
    }
}

fn add_batch(root: &mut Root, offset: u64, header: &RecordHeader, body: &[u8]) -> Option<()> {
    let (head, _) = SideBatchHead::read_from(body).ok()?;
    let stream = root.side.get_mut(usize::from(head.id))?;
    if header.number != stream.span.n_rows {
        return None;
    }
    let entry = BatchEntry::new(&head, RecordRef::new(offset, header), header.number);
    stream.span = stream.span.and(Span::of(&entry));
    stream.tree.latest.entries.push(entry);
    Some(())
}
