//! What stands behind the last index of a file that was cut, or that is being written.

use std::collections::BTreeSet;
use std::sync::Arc;

use evz_core::{Metadata, ReadAt, Result, Watched};

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
///
/// # Errors
/// If a read fails, which is no end, or the event streams share more metadata than they may.
pub(super) fn go_on(index: Index, bytes: &Arc<dyn ReadAt>) -> Result<Index> {
    let watched = Watched::new(bytes.clone());
    let bytes = &watched;
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
        let kind = Kind::from_number(header.kind);
        if kind.is_some_and(|kind| !is_of_kind(&header, kind)) {
            break;
        }
        let taken = match kind {
            Some(Kind::Root) => take_root(
                &mut root,
                (&mut metadata, &mut left),
                bytes,
                offset,
                &header,
            ),
            _ => take(&mut root, bytes, offset, &header),
        };
        if taken.is_none() {
            break;
        }
        end = offset + header.record_len().unwrap_or(0);
    }
    watched.check()?;
    check_size(&metadata, root.streams.len())?;
    let len = bytes.len();
    Ok(Index::new(root, metadata, end.min(len), len))
}

/// Whether something whole stands behind what was taken and is not whole: then nobody is writing there
/// any more.
///
/// # Errors
/// If it cannot be read.
pub(super) fn is_stuck(index: &Index, bytes: &dyn ReadAt) -> Result<bool> {
    let mut behind = Scan::from(bytes, index.file_len.next_multiple_of(ALIGNMENT));
    // A record that is longer than the file is one that is being written.
    if let Some(Found::Cut { .. }) = behind.next().transpose()? {
        return Ok(false);
    }
    for found in behind {
        if let Found::Record { .. } = found? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a header is as those of this kind are.
fn is_of_kind(header: &RecordHeader, kind: Kind) -> bool {
    let is_numbered = [Kind::Chunk, Kind::SideBatch].contains(&kind);
    header.flags == kind.flags() && (is_numbered || header.number == 0)
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
fn take(root: &mut Root, bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Option<()> {
    let kind = match Kind::from_number(header.kind) {
        Some(kind) => kind,
        None => return (!header.is_critical()).then_some(()),
    };
    if kind == Kind::Chunk {
        let body = body_at(bytes, offset, header).ok()?;
        let chunk = whole_chunk(header, body, None).ok()?;
        let stream = root.streams.get_mut(usize::from(chunk.head.stream))?;
        let declared = &stream.declaration.columns;
        let n = stream.summary.n_events();
        if header.number != n || declared.len() != chunk.columns.len() {
            return None;
        }
        // Sums that a root claims may be as large as numbers are.
        n.checked_add(chunk.head.n_events.into())?;
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
    stream.span.n_rows.checked_add(head.rows)?;
    let entry = BatchEntry::new(&head, RecordRef::new(offset, header), header.number);
    stream.span = stream.span.and(Span::of(&entry));
    stream.tree.latest.entries.push(entry);
    Some(())
}
