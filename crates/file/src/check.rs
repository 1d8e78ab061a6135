//! Decoding a chunk whole and holding it against everything that is said of it.

use evz_core::{ColumnsMut, Error, EventBatch, Result};

use crate::steps::{codec_of, payload};
use crate::wire::{ChunkEntry, ChunkHead, RecordHeader};
use crate::writer::{activity, entry, min_max};

/// A chunk body that was found whole.
pub(crate) struct Checked {
    pub(crate) head: ChunkHead,
    /// What an index must say of it.
    pub(crate) entry: ChunkEntry,
    pub(crate) t_last: i64,
}

/// Checks the body of a chunk record at `offset`: checksums, bounds, and that its events are what
/// its head says.
pub(crate) fn check_chunk(offset: u64, header: &RecordHeader, body: &[u8]) -> Result<Checked> {
    header.check(body)?;
    let head = ChunkHead::read_from(body)?;
    let n = head.n_events as usize;
    let mut events = EventBatch::default();
    events.resize(n, evz_core::Columns::ALL);
    let columns = ColumnsMut {
        t: Some(&mut events.t),
        x: Some(&mut events.x),
        y: Some(&mut events.y),
        p: Some(&mut events.p),
    };
    codec_of(&head)?.decode(payload(&head, body), 0..n, columns)?;

    let (t_min, t_max) = min_max(&events.t);
    let sorted = events.t.is_sorted();
    let actual = ChunkHead {
        t_first: events.t[0],
        t_min,
        t_max,
        flags: if sorted { crate::wire::CHUNK_SORTED } else { 0 },
        n_on: events.p.iter().map(|p| u32::from(*p)).sum(),
        x_min: min_max(&events.x).0,
        x_max: min_max(&events.x).1,
        y_min: min_max(&events.y).0,
        y_max: min_max(&events.y).1,
        ..head
    };
    if actual != head {
        return Err(Error::corrupt(
            "",
            "its events are not what its head says of them",
        ));
    }
    let bins = activity(&events.t, sorted, t_min, t_max);
    let entry = entry(&head, offset, body.len() as u64, bins);
    Ok(Checked {
        head,
        entry,
        t_last: events.t[n - 1],
    })
}
