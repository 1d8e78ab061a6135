//! A read that fails is no damage: whatever the format, reading ends with an error that says so, and never with a
//! recording that lacks what stood there.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use evz::{
    CreateOptions, Event, EventBatch, Format, Input, Metadata, Next, OpenOptions, ReadAt, Result,
    Selection, SensorSize, StreamInfo, TimeBase, TimeUnit,
};

/// Events that are more than what is read at first, and such as stand in several groups of rows.
const FEW: i64 = 12_000;
const MANY: i64 = 150_000;

/// Bytes of which one read fails.
struct Failing {
    bytes: Vec<u8>,
    reads: AtomicUsize,
    fails: usize,
}

impl ReadAt for Failing {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.fails {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.bytes.read_exact_at(offset, buffer)
    }
}

/// A recording, and how it is opened.
struct File {
    name: String,
    bytes: Vec<u8>,
    options: OpenOptions,
}

/// What an event stream gave: events, the times of rows, and what was lost.
#[derive(Debug, Default, PartialEq)]
struct Given {
    events: Vec<Event>,
    rows: Vec<(String, i64)>,
    lost: Vec<(String, u64)>,
}

impl File {
    fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            bytes,
            options: OpenOptions::new(),
        }
    }

    /// What all event streams give of a time, where this read fails, and how many reads there were.
    fn read(&self, fails: usize, time: Option<(i64, i64)>) -> (Result<Vec<Given>>, usize) {
        let failing = Arc::new(Failing {
            bytes: self.bytes.clone(),
            reads: AtomicUsize::new(0),
            fails,
        });
        let input = Input::from_read_at(failing.clone(), &self.name);
        let given = input.and_then(|input| self.streams(input, time));
        (given, failing.reads.load(Ordering::Relaxed))
    }

    fn streams(&self, input: Input, time: Option<(i64, i64)>) -> Result<Vec<Given>> {
        let mut selection = Selection::default();
        if let Some((from, to)) = time {
            selection = selection.with_time(from..to);
        }
        let streams = evz::open_streams(input, None, &self.options)?.into_iter();
        let read = |stream: evz::Recording| {
            let mut source = stream.into_selected(selection.clone());
            let (mut given, mut batch) = (Given::default(), EventBatch::default());
            loop {
                match source.read_batch(&mut batch)? {
                    Next::Events(_) => given.events.extend(batch.iter()),
                    Next::Rows(rows) => {
                        let rows = rows.t.iter().map(|t| (rows.stream.clone(), *t));
                        given.rows.extend(rows);
                    }
                    Next::End(report) => {
                        let lost = report.losses.into_iter().map(|l| (l.what, l.count));
                        given.lost.extend(lost);
                        return Ok(given);
                    }
                }
            }
        };
        streams.map(read).collect()
    }

    /// Fails one read after the other; how many, and what is wrong with what comes of that.
    fn check(&self) -> (usize, Vec<String>) {
        let (whole, _) = self.read(usize::MAX, None);
        let whole = whole.unwrap_or_else(|e| panic!("{}: {e}", self.name));
        let events = || whole.iter().flat_map(|given| &given.events);
        assert!(events().count() > 0, "{} is empty", self.name);
        let (first, last) = (events().map(|e| e.t).min(), events().map(|e| e.t).max());
        let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
        let third = (last - first) / 3;
        let (mut cases, mut wrong) = (0, Vec::new());
        for time in [None, Some((first + third, last - third))] {
            let (usual, reads) = self.read(usize::MAX, time);
            let usual = usual.unwrap();
            cases += reads;
            for fails in 0..reads {
                let (given, _) = self.read(fails, time);
                let what = match given {
                    Ok(given) if given == usual => continue,
                    Ok(_) => "is passed over".to_owned(),
                    Err(error) if error.is_of_the_machine() => continue,
                    Err(error) => error.to_string(),
                };
                let of = (&self.name, time);
                wrong.push(format!("{of:?}: read {fails} of {reads}: {what}"));
            }
        }
        (cases, wrong)
    }
}

/// So many events of a camera in order, some microseconds apart.
fn events(n: i64) -> EventBatch {
    let event = |i: i64| Event {
        t: 1_000 + i * 3 + i % 2,
        x: (i * 7 % 128) as u16,
        y: (i * i % 127) as u16,
        p: (i % 3 == 0).into(),
    };
    (0..n).map(event).collect()
}

/// A file of so many events that is written, with the ending of its name.
fn written(name: &str, encoding: Option<&str>, n: i64) -> Result<File> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let (width, height) = (128, 128);
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize { width, height });
    let mut options = CreateOptions::new();
    options.encoding = encoding.map(str::to_owned);
    let mut sink = evz::create(&path, &info, &options, false)?;
    sink.write_batch(events(n).as_slice())?;
    let _ = sink.finish(&Metadata::new())?;
    let name = format!("{} {name}", encoding.unwrap_or_default());
    Ok(File::new(name.trim_start(), fs::read(path).unwrap()))
}

fn written_few(format: &Format) -> File {
    written(&format!("a.{}", format.extensions[0]), None, FEW).unwrap()
}

/// All that are written, in every encoding, and some of them packed.
fn all_written() -> Vec<File> {
    let mut all = Vec::new();
    for format in evz::formats().filter(|format| format.create.is_some()) {
        let name = format!("a.{}", format.extensions[0]);
        all.push(written_few(format));
        // Some are for events with further columns.
        let further = format.write_encodings.iter().skip(1);
        all.extend(further.filter_map(|encoding| written(&name, Some(encoding), FEW).ok()));
    }
    let names = ["a.arrows", "a.txt.gz", "a.csv.zst"];
    all.extend(names.map(|name| written(name, None, FEW).unwrap()));
    let names = ["many.npy", "many.npz", "many.parquet"];
    all.extend(names.map(|name| written(name, None, MANY).unwrap()));
    all
}

/// Files of the tests of a format.
fn of_tests(format: &str, names: &[&str]) -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats");
    let folder = folder.join(format);
    let file = |name: &&str| {
        let input = Input::open(folder.join(name)).unwrap();
        let mut bytes = Vec::new();
        let mut reader = input.unpacked().unwrap().into_reader();
        reader.read_to_end(&mut bytes).unwrap();
        File::new(name.trim_end_matches(".gz"), bytes)
    };
    names.iter().map(file).collect()
}

/// Formats that are only read, put together by hand.
fn by_hand() -> Vec<File> {
    let events = events(FEW);
    let mut aedat2 = b"#!AER-DAT2.0\r\n# AEChip: DVS128\r\n".to_vec();
    let mut aedat3 = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n\
        #Start-Time: 2016-05-13 14:05:26 (TZ+0200)\r\n#!END-HEADER\r\n"
        .to_vec();
    let mut nmnist = Vec::new();
    for (n, e) in events.iter().enumerate() {
        let (t, x, y, p) = (e.t as u32, u32::from(e.x), u32::from(e.y), u32::from(e.p));
        aedat2.extend((p | x << 1 | y << 8).to_be_bytes());
        aedat2.extend(t.to_be_bytes());
        if n % 100 == 0 {
            aedat3.extend([1u16.to_le_bytes(), 1u16.to_le_bytes()].concat());
            let head = [8u32, 4, 0, 100, 100, 100].map(u32::to_le_bytes);
            aedat3.extend(head.concat());
        }
        aedat3.extend((1 | p << 1 | y << 2 | x << 17).to_le_bytes());
        aedat3.extend(t.to_le_bytes());
        nmnist.extend([e.x as u8 % 34, e.y as u8 % 34]);
        nmnist.extend(&(p << 23 | t).to_be_bytes()[1..]);
    }
    vec![
        File::new("2.aedat", aedat2),
        File::new("3.aedat", aedat3),
        File::new("a.bin", nmnist),
    ]
}

#[track_caller]
fn check(files: &[File]) {
    let (cases, wrong): (Vec<usize>, Vec<_>) = files.iter().map(File::check).unzip();
    let wrong = wrong.concat();
    println!(
        "campaign: reads that fail: {} cases, {} findings",
        cases.iter().sum::<usize>(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_read_of_a_file_that_is_written() {
    check(&all_written());
}

/// An index finds the parts of a file, which are read again.
#[test]
fn a_read_of_a_part_by_an_index() {
    let written = evz::formats().filter(|f| f.create.is_some() && f.open_parts.is_some());
    // What is packed as a whole has none.
    let in_parts = written.filter(|f| f.name != "npz");
    let files = in_parts.map(|format| {
        let file = written_few(format);
        let options = file.options.clone().with_index_in_memory();
        File { options, ..file }
    });
    check(&files.collect::<Vec<_>>());
}

#[test]
fn a_read_of_a_file_by_hand() {
    check(&by_hand());
}

#[test]
fn a_read_of_a_bag() {
    let names = [
        "dvs.bag",
        "dvs_lz4.bag",
        "dvs_zstd.mcap",
        "dvs.db3",
        "stereo.bag",
        "evt3.bag",
    ];
    check(&of_tests("ros/tests/data", &names));
}

#[test]
fn a_read_of_hdf5_of_other_writers() {
    let names = [
        "dsec.h5.gz",
        "ecf.h5.gz",
        "m3ed.h5.gz",
        "monash_latest.h5.gz",
        "mvsec.h5.gz",
        "prophesee_indexed.h5.gz",
        "v2e.h5.gz",
    ];
    let mut files = of_tests("hdf5/tests/files", &names);
    for file in &mut files {
        file.options = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    }
    check(&files);
}

#[test]
fn no_format_is_left_out() {
    let mut files = all_written();
    files.extend(by_hand());
    files.extend(of_tests(
        "ros/tests/data",
        &["dvs.bag", "dvs_zstd.mcap", "dvs.db3"],
    ));
    let found: Vec<&Format> = (files.iter())
        .map(|file| {
            let input = Input::from_bytes(file.bytes.clone(), &*file.name);
            evz::open_streams(input, None, &file.options).unwrap()[0].format()
        })
        .collect();
    for format in evz::formats() {
        assert!(found.contains(&format), "{format}");
    }
}
