//! Decoding a chunk whole and holding it against everything that is said of it.

use evz_core::{ColumnsMut, Error, EventBatch, Result};

use crate::steps::{codec_of, payload};
use crate::wire::{Bins, ChunkHead, RecordHeader};
use crate::writer::{EncodedChunk, activity, described};

/// The chunk in the body of a record, by its checksums and its head alone, with its activity where that
/// is known.
pub(crate) fn whole_chunk(
    header: &RecordHeader,
    body: Vec<u8>,
    activity: Option<Bins>,
) -> Result<EncodedChunk> {
    header.check(&body)?;
    let (head, columns) = ChunkHead::read_from(&body, body.len() as u64)?;
    let mut last = [head.t_max];
    if !head.sorted() {
        let n = head.n_events as usize;
        let out = ColumnsMut {
            t: Some(&mut last),
            ..ColumnsMut::default()
        };
        codec_of(&head)?.decode(payload(&head, &body), n - 1..n, out)?;
    }
    Ok(EncodedChunk {
        activity,
        t_last: last[0],
        body_crc: header.body_crc,
        head,
        columns,
        body,
    })
}

/// Checks the body of a chunk record: checksums, bounds, and that its events are what its head says.
/// Gives it as one that may be written.
pub(crate) fn check_chunk(header: &RecordHeader, body: Vec<u8>) -> Result<EncodedChunk> {
    header.check(&body)?;
    let (head, columns) = ChunkHead::read_from(&body, body.len() as u64)?;
    let n = head.n_events as usize;
    let mut events = EventBatch::default();
    events.resize(n, evz_core::Columns::TXYP);
    let out = ColumnsMut {
        t: Some(&mut events.t),
        x: Some(&mut events.x),
        y: Some(&mut events.y),
        p: Some(&mut events.p),
    };
    let codec = codec_of(&head)?;
    codec.decode(payload(&head, &body), 0..n, out)?;
    codec.check(payload(&head, &body))?;
    let starts = codec.starts(payload(&head, &body))?;
    let entries = events.t.iter().step_by(codec.entry_len());
    if !starts.iter().eq(entries) {
        let what = "its entry points are not where its table of contents has them";
        return Err(Error::corrupt("", what));
    }

    let found = described(events.as_slice());
    let actual = ChunkHead {
        codec: head.codec,
        stream: head.stream,
        n_columns: head.n_columns,
        toc_len: head.toc_len,
        t_divisor: head.t_divisor,
        payload_len: head.payload_len,
        column_bytes: head.column_bytes,
        head_crc: head.head_crc,
        ..found
    };
    if actual != head {
        let what = "its events are not what its head says of them";
        return Err(Error::corrupt("", what));
    }
    let bytes = head.column_bytes.iter().map(|n| u64::from(*n)).sum::<u64>();
    if bytes > u64::from(head.payload_len) {
        let what = format!(
            "{bytes} bytes of columns in a payload of {}",
            head.payload_len
        );
        return Err(Error::corrupt("", what));
    }
    let mut at = head.sections_start();
    for column in &columns {
        let section = &body[at..at + column.len as usize];
        at += section.len();
        if crate::wire::crc(section) != column.crc {
            return Err(Error::corrupt(
                "",
                "a further column whose CRC does not hold",
            ));
        }
    }
    Ok(EncodedChunk {
        activity: Some(activity(&events.t, head.sorted(), head.t_min, head.t_max)),
        t_last: events.t[n - 1],
        body_crc: header.body_crc,
        head,
        columns,
        body,
    })
}
