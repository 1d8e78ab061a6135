//! The data table at the end of a file: where its packets stand, and of what times they are.

use std::collections::BTreeMap;
use std::ops::Range;

use evz_core::{ReadAt, last_tick, read_range};

use super::compression::{Compression, MAX_PACKET};
use super::encode::{MAX_ROWS, Row};
use super::flat::{self, Table};
use super::group::{Context, Found, Group, Packet, buffer};
use super::walk::{HEAD_LEN, head};

/// Packets all over the file, of each stream, that are compared with what the table says of them.
const SAMPLES: usize = 8;

/// Packets between the nearest ones of a stream, of whatever streams, whose heads are looked at.
const MAX_BETWEEN: usize = 1024;

/// What of a file is read by its table.
pub(super) struct Plan {
    /// Bytes of packets that follow each other.
    pub(super) runs: Vec<Range<u64>>,
    /// The packets in them, and those of the file.
    pub(super) read: usize,
    pub(super) all: usize,
    /// Packets of streams that are not read.
    pub(super) skipped: u64,
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
        let all_rows = read(bytes, packets.end, context.compression)?;
        if !are_all(&all_rows, &packets) {
            return Err("it does not list the packets as they stand".to_owned());
        }
        let mut streams: BTreeMap<i32, Vec<&Row>> = BTreeMap::new();
        let mut skipped = 0;
        for row in &all_rows {
            match context.roles.skips(row.stream) {
                true => skipped += 1,
                false => streams.entry(row.stream).or_default().push(row),
            }
        }
        let mut wanted: Vec<&Row> = Vec::new();
        for (stream, rows) in &streams {
            let in_order = rows.windows(2).all(|two| {
                let (a, b) = (two[0], two[1]);
                a.first_t <= b.first_t && a.last_t <= b.last_t
            });
            let is_read = context.roles.chosen == Some(*stream);
            if !in_order && is_read {
                return Ok(None);
            }
            if !in_order {
                wanted.extend(rows);
                continue;
            }
            let last = last_tick(time);
            let within = |row: &&&Row| {
                last.is_some_and(|last| row.first_t <= last) && row.last_t >= time.start
            };
            let of_stream: Vec<&Row> = rows.iter().filter(within).copied().collect();
            let len: u64 = of_stream.iter().map(|row| u64::from(row.len)).sum();
            // They are read twice.
            if len > (packets.end - packets.start) / 2 {
                return Ok(None);
            }
            let compared = compare(bytes, context, rows, &of_stream, time);
            let compared = compared.and_then(|nearest| compare_heads(bytes, &all_rows, nearest));
            match compared {
                Ok(()) => wanted.extend(of_stream),
                Err(why) if is_read => return Err(why),
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
        let (read, all) = (wanted.len(), all_rows.len());
        Ok(Some(Self {
            runs,
            read,
            all,
            skipped,
        }))
    }
}

/// Reads the table that a file ends in.
pub(super) fn read(
    bytes: &dyn ReadAt,
    at: u64,
    compression: Compression,
) -> Result<Vec<Row>, String> {
    let len = bytes.len().saturating_sub(at);
    if len > MAX_PACKET as u64 {
        return Err(format!(
            "it has {len} bytes, and at most {MAX_PACKET} are read"
        ));
    }
    let packed = read_range(bytes, at, len).map_err(|e| e.to_string())?;
    parse(&packed, compression).map(|(rows, _)| rows)
}

/// The rows of the table that these bytes begin with, and how many of them it has.
pub(super) fn parse(packed: &[u8], compression: Compression) -> Result<(Vec<Row>, usize), String> {
    let len = compression.packed_len(packed).ok_or("it does not end")?;
    let mut memory = Vec::new();
    let (raw, unpacked) = compression.unpack(&packed[..len], &mut memory);
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
    Ok((rows?, len))
}

/// Whether packets follow each other without gaps.
pub(super) fn are_all(rows: &[Row], packets: &Range<u64>) -> bool {
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
/// before and behind the time, and some others; gives the bytes between the nearest ones. In a recording
/// in order all others lie behind the nearest ones, whatever is said of them.
fn compare(
    bytes: &dyn ReadAt,
    context: &Context,
    rows: &[&Row],
    wanted: &[&Row],
    time: &Range<i64>,
) -> Result<Range<u64>, String> {
    let all = || rows.iter().copied();
    let before = all().rfind(|row| row.last_t < time.start);
    let last = last_tick(time);
    let after = all().find(|row| last.is_none_or(|last| row.first_t > last));
    let between = before.map_or(0, |row| row.byte + 1)..after.map_or(u64::MAX, |row| row.byte);
    let nearest = before.into_iter().chain(after);
    let step = rows.len().div_ceil(SAMPLES).max(1);
    let mut compared: Vec<&Row> = nearest.chain(all().step_by(step)).collect();
    compared.extend(wanted);
    compared.sort_by_key(|row| row.byte);
    compared.dedup_by_key(|row| row.byte);
    let mut group = Group::default();
    compared
        .into_iter()
        .try_for_each(|row| compare_one(bytes, context, row, &mut group))?;
    Ok(between)
}

/// Sees whether packets in these bytes are of the streams that the table says: one of those that are wanted
/// may be listed as another's.
fn compare_heads(bytes: &dyn ReadAt, rows: &[Row], between: Range<u64>) -> Result<(), String> {
    let rows = || rows.iter().filter(|row| between.contains(&row.byte));
    if rows().nth(MAX_BETWEEN).is_some() {
        return Err(format!(
            "more than {MAX_BETWEEN} packets would have to be looked at"
        ));
    }
    for row in rows() {
        let at = row.byte - HEAD_LEN as u64;
        let found = read_range(bytes, at, HEAD_LEN as u64).map_err(|e| e.to_string())?;
        if head(&found) != Some((row.stream, row.len.into())) {
            return Err(wrong_head(at));
        }
    }
    Ok(())
}

fn wrong_head(at: u64) -> String {
    format!("of the packet at byte {at} it says another stream or length")
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
        return Err(wrong_head(at));
    }
    group.empty();
    group.packed.extend(&packet[HEAD_LEN..]);
    group.packets.push(Packet {
        stream: row.stream,
        at,
        packed: 0..row.len as usize,
        lacking: 0,
        behind: 0,
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use evz_core::{
        EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output, SensorSize,
        StreamInfo, TimeBase,
    };

    use super::super::encode::data_table;
    use super::*;
    use crate::Aedat4Sink;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A recording of 400,000 events, one a microsecond, and where its table begins.
    fn recording() -> (Vec<u8>, u64) {
        let memory = Memory::default();
        let size = SensorSize {
            width: 64,
            height: 64,
        };
        let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(size);
        let out = Output::from_writer(memory.clone(), "memory");
        let mut sink = Box::new(Aedat4Sink::create(out, &info).unwrap());
        let events = (0..400_000).map(|i| evz_core::Event {
            t: 1_000_000 + i,
            x: (i % 64) as u16,
            y: (i / 64 % 64) as u16,
            p: (i % 2) as u8,
        });
        let events: EventBatch = events.collect();
        sink.write_batch(events.as_slice()).unwrap();
        let _ = sink.finish(&Metadata::new()).unwrap();
        let bytes = memory.0.lock().unwrap().clone();
        let mut input = crate::byte_reader::ByteReader::new(Input::from_bytes(bytes.clone(), "m"));
        input.read(&mut Vec::new(), 12).unwrap();
        let header = super::super::header::Header::read(&mut input).unwrap();
        (bytes, header.table.unwrap())
    }

    /// The events of a window, the number of the first and how many, and what there was to say.
    fn window(bytes: Vec<u8>, time: Range<i64>) -> (i64, usize, String) {
        let mut source = crate::open(Input::from_bytes(bytes, "m"), &OpenOptions::new()).unwrap();
        source.only_within(time.clone());
        let (mut batch, mut found) = (EventBatch::default(), Vec::<i64>::new());
        while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
            found.extend(batch.t.iter().filter(|t| time.contains(t)));
        }
        let report = source.report();
        let notes = report.notes.iter().map(ToString::to_string);
        let said: Vec<String> = report.inferred.iter().cloned().chain(notes).collect();
        let first = found.first().map_or(0, |t| t - 1_000_000);
        (first, found.len(), said.join("; "))
    }

    #[test]
    fn a_table_that_lies_is_not_gone_by() {
        let (bytes, at) = recording();
        let rows = read(&bytes, at, Compression::Lz4).unwrap();
        assert!(rows.len() > 10);
        let time = 1_200_000..1_201_000;
        let (first, n, said) = window(bytes.clone(), time.clone());
        assert_eq!((first, n), (200_000, 1_000), "{said}");
        assert!(said.contains("by its data table"), "{said}");
        let of_window = rows
            .iter()
            .position(|row| row.last_t >= time.start)
            .unwrap();
        type Lie = fn(&mut Vec<Row>, usize);
        let lies: [Lie; 9] = [
            |rows, i| rows[i].last_t = rows[i].first_t,
            |rows, i| (rows[i].first_t, rows[i].last_t) = (rows[i - 1].last_t, rows[i - 1].last_t),
            |rows, i| rows[i].first_t += 5,
            |rows, i| {
                rows[..=i]
                    .iter_mut()
                    .for_each(|row| row.last_t = row.first_t)
            },
            |rows, i| rows[i].byte += 1,
            |rows, i| rows[i].elements += 1,
            |rows, i| rows[i].stream = 7,
            |rows, i| {
                let _ = rows.remove(i);
            },
            |rows, _| rows.clear(),
        ];
        for (number, lie) in lies.into_iter().enumerate() {
            let mut rows = rows.clone();
            lie(&mut rows, of_window);
            let mut forged = bytes[..at as usize].to_vec();
            Compression::Lz4
                .pack(&data_table(&rows), &mut forged)
                .unwrap();
            let (first, n, said) = window(forged, time.clone());
            assert_eq!((first, n), (200_000, 1_000), "lie {number}: {said}");
            assert!(!said.contains("by its data table"), "lie {number}: {said}");
        }
        // One that is no table, or is cut.
        for cut in [at as usize, at as usize + 9, bytes.len() - 9] {
            let (first, n, said) = window(bytes[..cut].to_vec(), time.clone());
            assert_eq!((first, n), (200_000, 1_000), "{said}");
            assert!(!said.contains("by its data table"), "{said}");
        }
    }
}
