//! The data table at the end of a file: where its packets stand, and of what times they are.

use std::collections::BTreeMap;
use std::ops::Range;

use evz_core::{ReadAt, read_range};

use super::compression::{Compression, MAX_PACKET};
use super::encode::{MAX_ROWS, Row};
use super::flat::{self, Table};
use super::group::{Context, Found, Group, Packet, buffer};
use super::walk::{HEAD_LEN, head};

/// Packets all over the file, of each stream, that are compared with what the table says of them.
const SAMPLES: usize = 8;

/// What of a file is read by its table.
pub(super) struct Plan {
    /// Bytes of packets that follow each other.
    pub(super) runs: Vec<Range<u64>>,
    /// The packets in them, and those of the file.
    pub(super) read: usize,
    pub(super) all: usize,
}

impl Plan {
    /// The packets that have something of a range of time, in a file whose packets stand in these bytes;
    /// none where to read all of them costs no more.
    ///
    /// # Errors
    /// If the table cannot be read, does not have all packets, or says what is not so of those that are to
    /// be read, of the nearest ones on both sides or of some all over the file.
    pub(super) fn of(
        bytes: &dyn ReadAt,
        packets: Range<u64>,
        context: &Context,
        time: &Range<i64>,
    ) -> Result<Option<Self>, String> {
        let rows = read(bytes, packets.end, context.compression)?;
        if !are_all(&rows, &packets) {
            return Err("it does not list the packets as they stand".to_owned());
        }
        let mut streams: BTreeMap<i32, Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().filter(|row| !context.roles.skips(row.stream)) {
            streams.entry(row.stream).or_default().push(row);
        }
        let mut wanted: Vec<&Row> = Vec::new();
        for (stream, rows) in &streams {
            let within = |row: &&&Row| row.first_t < time.end && row.last_t >= time.start;
            let of_stream: Vec<&Row> = rows.iter().filter(within).copied().collect();
            let len: u64 = of_stream.iter().map(|row| u64::from(row.len)).sum();
            // They are read twice.
            if len > (packets.end - packets.start) / 2 {
                return Ok(None);
            }
            match compare(bytes, context, rows, &of_stream, time) {
                Ok(()) => wanted.extend(of_stream),
                Err(why) if context.roles.chosen == Some(*stream) => return Err(why),
                // The times of frames are those of their exposure, and not those that writers list.
                Err(_) => wanted.extend(rows),
            }
        }
        wanted.sort_by_key(|row| row.byte);
        let mut runs: Vec<Range<u64>> = Vec::new();
        for row in &wanted {
            let (start, end) = (row.byte - HEAD_LEN as u64, row.byte + u64::from(row.len));
            match runs.last_mut() {
                Some(run) if run.end == start => run.end = end,
                _ => runs.push(start..end),
            }
        }
        let (read, all) = (wanted.len(), rows.len());
        Ok(Some(Self { runs, read, all }))
    }
}

/// Reads the table that a file ends in.
fn read(bytes: &dyn ReadAt, at: u64, compression: Compression) -> Result<Vec<Row>, String> {
    let len = bytes.len().saturating_sub(at);
    if len > MAX_PACKET as u64 {
        return Err(format!("it has {len} bytes, and at most {MAX_PACKET} are read"));
    }
    let packed = read_range(bytes, at, len).map_err(|e| e.to_string())?;
    let mut memory = Vec::new();
    let (raw, unpacked) = compression.unpack(&packed, &mut memory);
    unpacked.map_err(|e| e.to_string())?;
    let bytes = buffer(raw, false)?;
    if flat::identifier(bytes)? != *b"FTAB" {
        return Err("it is no table of packets".to_owned());
    }
    let rows = Table::root(bytes)?.tables(0, MAX_ROWS)?;
    let row = |row: &Table<'_>| {
        let (stream, len) = row.packet_head(1)?;
        Ok(Row {
            stream,
            byte: u64::try_from(row.i64(0)?).map_err(|_| "a packet begins before the file")?,
            len,
            elements: u32::try_from(row.i64(2)?).map_err(|_| "a packet has too many elements")?,
            first_t: row.i64(3)?,
            last_t: row.i64(4)?,
        })
    };
    let rows: Result<Vec<Row>, &str> = rows.iter().map(row).collect();
    Ok(rows?)
}

/// Whether packets follow each other without gaps.
fn are_all(rows: &[Row], packets: &Range<u64>) -> bool {
    let mut end = Some(packets.start);
    for row in rows {
        let start = row.byte.checked_sub(HEAD_LEN as u64);
        if start.is_none() || start != end {
            return false;
        }
        end = row.byte.checked_add(row.len.into());
    }
    end == Some(packets.end)
}

/// Compares what the table says of the packets of a stream with those that are wanted, the nearest ones
/// before and behind the time, and some others.
fn compare(
    bytes: &dyn ReadAt,
    context: &Context,
    rows: &[&Row],
    wanted: &[&Row],
    time: &Range<i64>,
) -> Result<(), String> {
    let all = || rows.iter().copied();
    let before = all().filter(|row| row.last_t < time.start);
    let after = all().filter(|row| row.first_t >= time.end);
    let nearest = before.max_by_key(|row| row.last_t).into_iter();
    let nearest = nearest.chain(after.min_by_key(|row| row.first_t));
    let step = rows.len().div_ceil(SAMPLES).max(1);
    let mut compared: Vec<&Row> = nearest.chain(all().step_by(step)).collect();
    compared.extend(wanted);
    compared.sort_by_key(|row| row.byte);
    compared.dedup_by_key(|row| row.byte);
    let mut group = Group::default();
    compared
        .into_iter()
        .try_for_each(|row| compare_one(bytes, context, row, &mut group))
}

fn compare_one(
    bytes: &dyn ReadAt,
    context: &Context,
    row: &Row,
    group: &mut Group,
) -> Result<(), String> {
    let at = row.byte - HEAD_LEN as u64;
    let len = HEAD_LEN as u64 + u64::from(row.len);
    let packet = read_range(bytes, at, len).map_err(|e| e.to_string())?;
    let wrong = |what: &str| Err(format!("of the packet at byte {at} it says {what}"));
    if head(&packet[..HEAD_LEN]) != Some((row.stream, row.len.into())) {
        return wrong("another stream or length");
    }
    group.empty();
    group.packed.extend(&packet[HEAD_LEN..]);
    group.packets.push(Packet {
        stream: row.stream,
        at,
        packed: 0..row.len as usize,
        lacking: 0,
        found: Found::Nothing,
    });
    group.decode(context);
    let found = group.packets.pop().map(|packet| packet.found);
    let (times, n) = match &found {
        Some(Found::Events(missing)) => {
            let n = group.events.len() as u64 + missing.negative;
            (&group.events.t, n)
        }
        Some(Found::Rows(rows)) => (&rows.t, rows.len() as u64),
        _ => return wrong("what it has, and it cannot be read"),
    };
    if n != u64::from(row.elements) {
        return wrong(&format!("{} elements, and it has {n}", row.elements));
    }
    let (from, to) = (row.first_t, row.last_t);
    match times.iter().find(|t| !(from..=to).contains(*t)) {
        None => Ok(()),
        Some(t) => wrong(&format!("times from {from} to {to}, and it has {t}")),
    }
}
