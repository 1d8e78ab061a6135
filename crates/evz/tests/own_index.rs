//! Windows of recordings whose format has an index of its own: each is that slice of all that is read,
//! with fewer bytes of the file, and an index that is wrong is never gone by.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evz::{
    CreateOptions, Event, EventBatch, EventSource, Input, OpenOptions, ReadAt, Selection,
    SensorSize, StreamInfo, TimeBase,
};

/// Pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % n.max(1)
    }
}

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
        let n = source.read_batch(&mut batch).unwrap();
        let tables = source.take_side_rows();
        if n == 0 && tables.is_empty() {
            break;
        }
        events.extend(batch.iter());
        for table in tables {
            rows.extend(table.t.iter().map(|t| (table.stream.clone(), *t)));
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
            by_index += usize::from(found.said.iter().any(|said| said.ends_with(" are read")));
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

fn prophesee() -> File {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats/hdf5/tests/files");
    let input = Input::open(folder.join("prophesee_indexed.h5.gz")).unwrap();
    let mut bytes = Vec::new();
    let mut reader = input.unpacked().unwrap().into_reader();
    io::Read::read_to_end(&mut reader, &mut bytes).unwrap();
    File::new("prophesee_indexed.h5", bytes)
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
        (prophesee(), 2),
        (written("c.aedat4", made(2_000_000, 3, 1_600_000_000_000_000)), 5),
    ] {
        let by_index = file.compare(30);
        assert!(by_index > 6, "{}: {by_index}", file.name);
        let (all, whole) = file.select(None, false);
        let all = all.events;
        let t = all[all.len() * 2 / 3].t;
        let (found, bytes) = file.select(Some((t, t + 5_000)), false);
        assert!(found.events.len() > 100);
        eprintln!("{}: {bytes} of {whole}", file.name);
        assert!(bytes * most < whole, "{}: {bytes} of {whole}", file.name);
    }
}
