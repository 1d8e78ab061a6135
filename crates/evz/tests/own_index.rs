//! Windows of recordings whose format has an index of its own: each is that slice of all that is read,
//! with fewer bytes of the file, and an index that is wrong is never gone by.

#[path = "common/random.rs"]
mod random;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evz::{
    CreateOptions, Event, EventBatch, EventSource, Input, Next, OpenOptions, ReadAt, Selection,
    SensorSize, StreamInfo, TimeBase,
};

use random::Random;

/// Bytes, and how many of them were read.
struct Counted {
    bytes: Vec<u8>,
    read: AtomicU64,
}

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.bytes.read_exact_at(offset, buffer)
    }
}

/// What was read: events, the times of the rows of side streams, and what there was to say.
#[derive(Debug, PartialEq)]
struct Read {
    events: Vec<Event>,
    rows: Vec<(String, i64)>,
    said: Vec<String>,
}

fn read(mut source: Box<dyn EventSource>) -> Read {
    let (mut batch, mut events, mut rows) = (EventBatch::default(), Vec::new(), Vec::new());
    loop {
        match source.read_batch(&mut batch).unwrap() {
            Next::Events(_) => events.extend(batch.iter()),
            Next::Rows(table) => rows.extend(table.t.iter().map(|t| (table.stream.clone(), *t))),
            Next::End(_) => break,
        }
    }
    let report = source.report();
    assert!(report.losses.is_empty(), "{:?}", report.losses);
    let notes = report.notes.iter().map(ToString::to_string);
    Read {
        events,
        rows,
        said: report.inferred.iter().cloned().chain(notes).collect(),
    }
}

/// Whether the index was gone by, and whether a note says that it is wrong.
fn gone_by(read: &Read) -> (bool, bool) {
    let by_index = |said: &String| said.starts_with("by ") && said.ends_with(" are read");
    let wrong = |said: &String| said.contains("not gone by");
    (read.said.iter().any(by_index), read.said.iter().any(wrong))
}

/// A recording in memory.
#[derive(Clone)]
struct File {
    name: String,
    bytes: Arc<Counted>,
    options: OpenOptions,
}

impl File {
    fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let read = AtomicU64::new(0);
        Self {
            name: name.into(),
            bytes: Arc::new(Counted { bytes, read }),
            options: OpenOptions::new(),
        }
    }

    fn open(path: &Path) -> Self {
        Self::new(path.display().to_string(), fs::read(path).unwrap())
    }

    /// What is selected of it, and the bytes that it took; where `started`, its first event was read
    /// before.
    fn select(&self, time: Option<(i64, i64)>, started: bool) -> (Read, u64) {
        self.bytes.read.store(0, Ordering::Relaxed);
        let input = Input::from_read_at(self.bytes.clone(), &self.name).unwrap();
        let mut recording = evz::open_input(input, None, &self.options).unwrap();
        if started {
            recording = recording.started().unwrap().0;
        }
        let mut selection = Selection::default();
        if let Some((from, to)) = time {
            selection = selection.with_time(from..to);
        }
        let read = read(recording.into_selected(selection));
        (read, self.bytes.read.load(Ordering::Relaxed))
    }

    /// All of it.
    fn all(&self) -> Read {
        self.select(None, false).0
    }

    /// Compares windows with slices of all; returns how many of them were read by the index.
    fn compare(&self, windows: u64) -> usize {
        let all = self.all();
        let times = || all.events.iter().map(|e| e.t);
        let (first, last) = (times().min().unwrap(), times().max().unwrap());
        let span = (last - first) as u64;
        let mut random = Random(all.events.len() as u64);
        let mut by_index = 0;
        for i in 0..windows {
            let from = first - 2 + random.below(span + 5) as i64;
            let len = [0, 1, span / 500, span / 20, span / 3, 2 * span][i as usize % 6];
            // Windows that begin at an event, and end before one.
            let (from, to) = match i % 4 {
                0 => (from, from + len as i64),
                _ => {
                    let t = all.events[random.below(all.events.len() as u64) as usize].t;
                    (t, t + len as i64)
                }
            };
            let (found, _) = self.select(Some((from, to)), i % 3 == 0);
            let within = |t: i64| (from..to).contains(&t);
            let events = all.events.iter().filter(|e| within(e.t));
            assert!(
                events.eq(&found.events),
                "{}: {from} to {to}: {:?}",
                self.name,
                found.said
            );
            let mut rows: Vec<_> = all.rows.iter().filter(|(_, t)| within(*t)).collect();
            let mut rows_found: Vec<_> = found.rows.iter().collect();
            rows.sort();
            rows_found.sort();
            assert_eq!(rows_found, rows, "{}: {from} to {to}", self.name);
            by_index += usize::from(gone_by(&found).0);
        }
        by_index
    }
}

/// Events of a camera, in order; `n` of them, `step` us apart.
fn made(n: usize, step: u64, t0: i64) -> Vec<Event> {
    let (mut random, mut t) = (Random(7), t0);
    (0..n)
        .map(|_| {
            t += random.below(2 * step) as i64;
            let (x, y) = (random.below(240) as u16, random.below(180) as u16);
            let p = random.below(2) as u8;
            Event { t, x, y, p }
        })
        .collect()
}

/// A file of these events, by the extension of its name.
fn written(name: &str, events: Vec<Event>) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let events: EventBatch = events.into_iter().collect();
    let (width, height) = (240, 180);
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize { width, height });
    let mut sink = evz::create(&path, &info, &CreateOptions::new(), false).unwrap();
    sink.write_batch(events.as_slice()).unwrap();
    let _ = sink.finish(&evz::Metadata::new()).unwrap();
    File::open(&path)
}

/// A file of the tests of HDF5.
fn unpacked(name: &str) -> File {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats/hdf5/tests/files");
    let input = Input::open(folder.join(format!("{name}.gz"))).unwrap();
    let mut bytes = Vec::new();
    let mut reader = input.unpacked().unwrap().into_reader();
    io::Read::read_to_end(&mut reader, &mut bytes).unwrap();
    File::new(name, bytes)
}

#[test]
fn windows_of_recordings_are_slices_of_them() {
    let Some(folder) = std::env::var_os("EVZ_RECORDINGS") else {
        eprintln!("skipped: EVZ_RECORDINGS names no folder of recordings");
        return;
    };
    let folder = PathBuf::from(folder);
    for (name, is_indexed) in [
        ("evt2_dsec.h5", true),
        ("davis346_mvsec.h5", false),
        ("evt2_ecf.h5", false),
        ("davis346.aedat4", true),
        ("tonic_sample.aedat4", true),
    ] {
        let by_index = File::open(&folder.join(name)).compare(40);
        assert_eq!(by_index > 10, is_indexed, "{name}: {by_index}");
    }
}

#[test]
fn windows_of_made_files_are_slices_of_them_and_few_bytes_are_read() {
    for (file, most) in [
        (written("a.parquet", made(2_000_000, 3, 1_000)), 4),
        (written("b.h5", made(2_000_000, 3, 41_000_000_123)), 5),
        (unpacked("prophesee_indexed.h5"), 1),
        (
            written("c.aedat4", made(2_000_000, 3, 1_600_000_000_000_000)),
            5,
        ),
    ] {
        let by_index = file.compare(30);
        assert!(by_index > 6, "{}: {by_index}", file.name);
        let (all, whole) = file.select(None, false);
        let all = all.events;
        let t = all[all.len() * 2 / 3].t;
        let (found, bytes) = file.select(Some((t, t + 5_000)), false);
        assert!(found.events.len() > 100);
        assert!(bytes * most < whole, "{}: {bytes} of {whole}", file.name);
    }
}

#[test]
fn recordings_out_of_order_have_all_their_events() {
    let mut events = made(1_500_000, 3, 1_000);
    // Some stand a little too early, and some far from where they belong.
    for i in (0..events.len()).step_by(1_000) {
        events[i].t += 2_000;
    }
    assert!(written("a.parquet", events.clone()).compare(20) > 0);
    let far = events[1_400_000];
    events[700_000] = far;
    written("b.parquet", events).compare(20);
    for stream in ["left", "right"] {
        let mut file = unpacked("out_of_order.h5");
        file.options = OpenOptions::new().with_stream(stream);
        assert_eq!(file.compare(40), 0, "{stream}");
    }
}

/// The places of some bytes.
fn places(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(|(_, w)| *w == wanted)
        .map(|(i, _)| i)
        .collect()
}

#[test]
fn statistics_that_lie_are_not_gone_by() {
    let file = written("a.parquet", made(2_000_000, 3, 1_000));
    let bytes = file.bytes.bytes.clone();
    let events = file.all().events;
    let group = 1 << 17;
    let ends = |i: usize| (events[i * group].t, events[(i + 1) * group - 1].t);
    let footer = bytes.len() - 100_000.min(bytes.len());
    // Of row group 7, whose events are wanted.
    let ((first, last), before, after) = (ends(7), ends(6).1, ends(8).0);
    let time = (first + 10_000, first + 20_000);
    let forged = |lies: &[(i64, i64)]| {
        let mut bytes = bytes.clone();
        for (of, to) in lies {
            let at = places(&bytes[footer..], &of.to_le_bytes());
            assert!(!at.is_empty());
            for at in at {
                bytes[footer + at..][..8].copy_from_slice(&to.to_le_bytes());
            }
        }
        let (found, _) = File::new("forged.parquet", bytes).select(Some(time), false);
        let within = events.iter().filter(|e| (time.0..time.1).contains(&e.t));
        assert!(within.eq(&found.events), "{lies:?}: {:?}", found.said);
        gone_by(&found)
    };
    assert_eq!(forged(&[]), (true, false));
    assert_eq!(forged(&[(last, first + 5)]), (false, true));
    assert_eq!(forged(&[(first, before), (last, before)]), (false, true));
    assert_eq!(forged(&[(first, after), (last, after)]), (false, true));
    assert_eq!(forged(&[(first, first + 1)]), (false, true));
    // Not in order: then nothing is left out.
    assert_eq!(forged(&[(first, 5), (last, 6)]), (false, false));
}

#[test]
fn an_index_by_milliseconds_that_lies_is_not_gone_by() {
    let file = written("a.h5", made(400_000, 3, 41_000_000_123));
    let bytes = file.bytes.bytes.clone();
    let events = file.all().events;
    let t0 = events[0].t;
    let index: Vec<u64> = (0..(events[events.len() - 1].t - t0) / 1_000)
        .map(|ms| events.partition_point(|e| e.t - t0 < ms * 1_000) as u64)
        .collect();
    let written: Vec<u8> = index.iter().flat_map(|n| n.to_le_bytes()).collect();
    let [at] = places(&bytes, &written[..4_096])[..] else {
        panic!("the index is not found");
    };
    let time = (t0 + 500_500, t0 + 520_500);
    let forged = |lie: &dyn Fn(u64) -> u64| {
        let mut bytes = bytes.clone();
        for (place, n) in bytes[at..].chunks_exact_mut(8).zip(&index) {
            place.copy_from_slice(&lie(*n).to_le_bytes());
        }
        let (found, _) = File::new("forged.h5", bytes).select(Some(time), false);
        let within = events.iter().filter(|e| (time.0..time.1).contains(&e.t));
        assert!(within.eq(&found.events), "{:?}", found.said);
        gone_by(&found)
    };
    assert_eq!(forged(&|n| n), (true, false));
    // The rows before those that are wanted are read too, which is no harm.
    let by_ms = |n: u64| index.partition_point(|first| *first < n) as u64;
    assert_eq!(
        forged(&|n| if by_ms(n) < 510 { n - n.min(900) } else { n }),
        (true, false)
    );
    let lies: [&dyn Fn(u64) -> u64; 7] = [
        &|n| n + 1_000,
        &|n| n - n.min(1_000),
        &|_| 0,
        &|n| 400_000 - n.min(400_000),
        &|_| u64::MAX,
        &|_| 1 << 40,
        &|n| n / 2,
    ];
    for lie in lies {
        let (by_index, _) = forged(lie);
        assert!(!by_index);
    }
}

#[test]
fn indexes_of_metavision_that_lie_are_not_gone_by() {
    let file = unpacked("prophesee_indexed.h5");
    let events = file.all().events;
    let bytes = file.bytes.bytes.clone();
    // The first entries, which nothing packs: no row before the start, and the first event.
    let entries = [0u64, -1i64 as u64, 0, 0].map(u64::to_le_bytes).concat();
    let [at] = places(&bytes, &entries)[..] else {
        panic!("the index is not found");
    };
    let t0 = events[0].t;
    let time = (t0 + 100_500, t0 + 120_500);
    let forged = |field: usize, by: i64| {
        let mut bytes = bytes.clone();
        for i in 2..64 {
            let place = &mut bytes[at + 16 * i + 8 * field..][..8];
            let n = i64::from_le_bytes(place.try_into().unwrap());
            place.copy_from_slice(&n.wrapping_add(by).to_le_bytes());
        }
        let (found, _) = File::new("forged.h5", bytes).select(Some(time), false);
        let within = events.iter().filter(|e| (time.0..time.1).contains(&e.t));
        assert!(within.eq(&found.events), "{:?}", found.said);
        gone_by(&found)
    };
    assert_eq!(forged(0, 0), (true, false));
    for (field, by) in [
        (0, 2_000),
        (0, -1_000),
        (0, i64::MAX),
        (1, 30_000),
        (1, -30_000),
    ] {
        assert_eq!(forged(field, by), (false, true), "{field} {by}");
    }
}
