//! Decoding a chunk whole and holding it against everything that is said of it.

use evz_core::{ColumnsMut, Error, EventBatch, Place, ReadAt, Result, ValuesMut};

use crate::scan::body_at;
use crate::section::decode_section;
use crate::steps::{codec_of, payload};
use crate::wire::{Bins, ChunkHead, ColumnDeclaration, Kind, RecordHeader};
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
        codec_of(&head, None)?.decode(payload(&head, &body), n - 1..n, out)?;
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

/// Checks a chunk record: checksums, bounds, that its events are what its head says, and that every byte
/// of its payload means something.
/// Gives it as one that may be written.
pub(crate) fn check_chunk(
    bytes: &dyn ReadAt,
    offset: u64,
    header: &RecordHeader,
) -> Result<EncodedChunk> {
    let (chunk, events) = decoded(bytes, offset, header)?;
    let head = &chunk.head;
    let codec = codec_of(head, None)?;
    let again = codec.check(payload(head, &chunk.body), events.as_slice())?;
    match (again.toc_len, &again.column_bytes[1..]) == (head.toc_len, &head.column_bytes) {
        true => Ok(chunk),
        false => {
            let what = "its columns take other bytes than its head says";
            Err(Error::corrupt("", what))
        }
    }
}

fn decoded(
    bytes: &dyn ReadAt,
    offset: u64,
    header: &RecordHeader,
) -> Result<(EncodedChunk, EventBatch)> {
    if header.flags != Kind::Chunk.flags() {
        let what = format!("flags {:#x} of a chunk's record", header.flags);
        return Err(Error::corrupt("", what));
    }
    let body = body_at(bytes, offset, header)?;
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
    let codec = codec_of(&head, None)?;
    codec.decode(payload(&head, &body), 0..n, out)?;
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
    let chunk = EncodedChunk {
        activity: Some(activity(&events.t, head.sorted(), head.t_min, head.t_max)),
        t_last: events.t[n - 1],
        body_crc: header.body_crc,
        head,
        columns,
        body,
    };
    Ok((chunk, events))
}

/// Decodes the further columns of a chunk.
pub(crate) fn check_columns(chunk: &EncodedChunk, declared: &[ColumnDeclaration]) -> Result<()> {
    let mut at = chunk.head.sections_start();
    for (section, column) in chunk.columns.iter().zip(declared) {
        let bytes = &chunk.body[at..at + section.len as usize];
        at += bytes.len();
        let n_events = chunk.head.n_events as usize;
        let column_type = column.column_type();
        let mut values = vec![0; n_events * column_type.size()];
        let out = ValuesMut {
            column_type,
            bytes: &mut values,
        };
        decode_section(section, bytes, n_events, 0..n_events, out)
            .map_err(|e| e.within(Place::part(format!("column {:?}", column.name))))?;
    }
    Ok(())
}
