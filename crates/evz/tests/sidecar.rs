//! Files that stay as they are, with an index beside them: every window is that slice of all events as
//! they are read from front to back.

#[path = "common/random.rs"]
mod random;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use evz::{
    CreateOptions, Event, EventBatch, EventSource, Next, OpenOptions, Recording, Selection,
    SensorSize, StreamInfo, TimeBase, TimeUnit,
};

use random::Random;

fn read(mut source: Box<dyn EventSource>) -> (Vec<Event>, u64) {
    let (mut batch, mut events, mut rows) = (EventBatch::default(), Vec::new(), 0);
    loop {
        match source.read_batch(&mut batch).unwrap() {
            Next::Events(_) => events.extend(batch.iter()),
            Next::Rows(table) => rows += table.len() as u64,
            Next::End(_) => return (events, rows),
        }
    }
}

fn said(recording: Recording) -> (Vec<String>, Vec<evz::Loss>) {
    let mut source = recording.into_source();
    while let Next::Events(_) = source.read_events(&mut EventBatch::default()).unwrap() {}
    let report = source.report();
    let notes = report.notes.iter().map(ToString::to_string);
    (
        report.inferred.into_iter().chain(notes).collect(),
        report.losses,
    )
}

/// Makes the index of a file and compares all that is read by it with what is read without.
fn compare(path: &Path, options: &OpenOptions, windows: u64) {
    let name = path.display();
    let open = || evz::open(path, options).unwrap();
    assert!(open().index().is_none(), "{name}");
    let (info, told) = (open().info(), said(open()));
    let mut side = open().side_streams().unwrap();
    let (events, rows) = read(open().into_source());

    let made = evz::index(path, None, options, |_, _| {}).unwrap();
    assert_eq!(
        (made.events, &made.path),
        (events.len() as u64, &evz::index_path(path))
    );
    assert!(open().index_reader().is_some(), "{name}");
    let index = open().shared_index().unwrap();
    let mut known = open().info();
    // What is known behind the last event alone is known at once.
    known
        .metadata
        .retain(|key, _| info.metadata.contains_key(key));
    assert_eq!(known, info, "{name}");
    assert_eq!(said(open()), told, "{name}");
    side.retain(|s| open().side_streams().unwrap().contains(s));
    assert_eq!(open().side_streams().unwrap().len(), side.len(), "{name}");
    assert_eq!(read(open().into_source()), (events.clone(), rows), "{name}");
    assert_eq!(index.extent().n_events, events.len() as u64);

    let (mut random, mut batch) = (Random(events.len() as u64), EventBatch::default());
    let n = events.len() as u64;
    let ends = events
        .iter()
        .map(|e| e.t)
        .fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(t), b.max(t)));
    for i in 0..windows {
        let numbers = random.below(n + 1)..n.min(random.below(n + 1) + random.below(30_000));
        let from = ends.0 - 2 + random.below((ends.1 - ends.0) as u64 + 5) as i64;
        let to = from + random.below([3, 5_000, 500_000][i as usize % 3]) as i64;
        let mut selection = Selection::default();
        if i % 2 == 0 {
            selection = selection.with_time(from..to);
        }
        if i % 3 > 0 {
            selection = selection.with_events(numbers.start.min(numbers.end)..numbers.end);
        }
        let expected: Vec<Event> = (events.iter().enumerate())
            .filter(|(at, _)| {
                selection
                    .events
                    .as_ref()
                    .is_none_or(|r| r.contains(&(*at as u64)))
            })
            .filter(|(_, e)| selection.time.as_ref().is_none_or(|r| r.contains(&e.t)))
            .map(|(_, e)| *e)
            .collect();
        index.read(&selection, &mut batch).unwrap();
        assert!(
            batch.iter().eq(expected.iter().copied()),
            "{name}: {selection:?}"
        );
        let streamed = read(index.source(&selection)).0;
        assert!(streamed == expected, "{name}: {selection:?}");
    }
}

/// The same of a recording with several event streams, of which one index is made. One of them is read by it where all side
/// streams belong to one.
fn compare_streams(path: &Path) {
    let by_index = !path.ends_with("box.bag");
    let options = OpenOptions::new();
    let one = |name: &str| evz::open(path, &OpenOptions::new().with_stream(name)).unwrap();
    let open = || {
        let input = evz::Input::open(path).unwrap();
        evz::open_streams(input, None, &options).unwrap()
    };
    let names: Vec<String> = open().iter().map(|s| s.info().name).collect();
    // Which of its streams are not read depends on how it was opened.
    let told: Vec<_> = open().into_iter().map(said).collect();
    let expected: Vec<_> = open().into_iter().map(|s| read(s.into_source())).collect();
    let alone: Vec<_> = names
        .iter()
        .map(|name| read(one(name).into_source()))
        .collect();
    assert!(names.len() > 1 && expected.iter().all(|(events, _)| !events.is_empty()));

    let made = evz::index(path, None, &options, |_, _| {}).unwrap();
    let n: usize = expected.iter().map(|(events, _)| events.len()).sum();
    assert_eq!(made.events, n as u64);
    assert!(open().iter().all(|stream| stream.index_reader().is_some()));
    let found: Vec<_> = open().into_iter().map(|s| read(s.into_source())).collect();
    let events = |streams: &[(Vec<Event>, u64)]| -> Vec<_> {
        streams.iter().map(|(events, _)| events.clone()).collect()
    };
    assert!(events(&found) == events(&expected));
    // Rows that belong to none of them come with the first.
    let rows = |streams: &[(Vec<Event>, u64)]| -> u64 { streams.iter().map(|s| s.1).sum() };
    assert_eq!(rows(&found), rows(&expected));
    for (i, name) in names.iter().enumerate() {
        for told in [name.clone(), i.to_string()] {
            assert_eq!(one(&told).index_reader().is_some(), by_index, "{told}");
            assert_eq!(one(&told).info().name, *name);
        }
        let (found, alone) = (read(one(name).into_source()), &alone[i]);
        assert_eq!(found.1, alone.1, "{name}");
        assert!(found.0 == alone.0, "{name}");
        let Some(index) = one(name).shared_index() else {
            assert!(!by_index);
            continue;
        };
        assert_eq!(said(one(name)), told[i], "{name}");
        let events = &alone.0;
        let (from, to) = (events[events.len() / 3].t, events[events.len() / 2].t);
        let mut batch = EventBatch::default();
        let window = Selection::default().with_time(from..to);
        index.read(&window, &mut batch).unwrap();
        let expected = events.iter().filter(|e| (from..to).contains(&e.t)).copied();
        assert!(batch.iter().eq(expected), "{name}");
    }
    // Of which none is the one that is meant.
    let error = evz::open(path, &options).map(drop).unwrap_err();
    assert_eq!(error.question(), Some(evz::Question::Stream), "{error}");

    // An index of one stream is none of the others.
    fs::remove_file(evz::index_path(path)).unwrap();
    evz::index(path, None, &options.with_stream(&*names[0]), |_, _| {}).unwrap();
    assert!(one(&names[0]).index_reader().is_some());
    assert!(one(&names[1]).index_reader().is_none());
    assert!(said(one(&names[1])).0.join("\n").contains("alone"));
}

fn recordings() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("EVZ_RECORDINGS") else {
        eprintln!("skipped: EVZ_RECORDINGS names no folder of recordings");
        return Vec::new();
    };
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let indexed = [
        "raw", "dat", "aedat4", "es", "csv", "txt", "bag", "mcap", "h5",
    ];
    let is_indexed = |path: &PathBuf| {
        let extension = path.extension().and_then(|e| e.to_str());
        extension.is_some_and(|e| indexed.contains(&e)) && !path.ends_with("generic.es")
    };
    files.filter(is_indexed).collect()
}

#[test]
fn real_recordings_have_their_windows() {
    let folder = tempfile::tempdir().unwrap();
    for file in recordings() {
        let here = folder.path().join(file.file_name().unwrap());
        fs::write(&here, fs::read(&file).unwrap()).unwrap();
        compare(&here, &OpenOptions::new(), 24);
        fs::remove_file(here).unwrap();
    }
}

#[test]
fn messages_have_their_windows_however_their_chunks_are_packed() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats/ros/tests/data");
    for file in fs::read_dir(data).unwrap() {
        let file = file.unwrap().path();
        let extension = file.extension().and_then(|e| e.to_str());
        if !matches!(extension, Some("bag" | "mcap")) {
            continue;
        }
        let here = folder.path().join(file.file_name().unwrap());
        let bytes = fs::read(&file).unwrap();
        fs::write(&here, &bytes).unwrap();
        match evz::open(&here, &OpenOptions::new()) {
            Ok(_) => compare(&here, &OpenOptions::new(), 24),
            // Several topics.
            Err(_) => {
                compare_streams(&here);
                for name in ["0", "1"] {
                    fs::remove_file(evz::index_path(&here)).unwrap();
                    compare(&here, &OpenOptions::new().with_stream(name), 24);
                }
            }
        }
        fs::remove_file(evz::index_path(&here)).unwrap();
        // A file that is cut has the windows of what is left.
        let cut = folder.path().join("cut").with_extension(extension.unwrap());
        fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
        let first = OpenOptions::new().with_stream("0");
        if evz::open(&cut, &first).is_ok() {
            compare(&cut, &first, 24);
            fs::remove_file(evz::index_path(&cut)).unwrap();
        }
    }
}

/// Events in the order of a camera that steps back at times, of which some tie.
fn made(n: usize, step: u64, back: bool) -> Vec<Event> {
    let (mut random, mut t) = (Random(7), 1_000);
    (0..n)
        .map(|i| {
            t += random.below(step) as i64;
            let t = if back && i % 997 == 5 { t - 400 } else { t };
            let (x, y) = (random.below(240) as u16, random.below(180) as u16);
            let p = random.below(2) as u8;
            Event { t, x, y, p }
        })
        .collect()
}

#[test]
fn clocks_that_wrap_and_run_backwards_have_their_windows() {
    let folder = tempfile::tempdir().unwrap();
    let size = SensorSize {
        width: 240,
        height: 180,
    };
    // DAT 2: the clock of 32 bits starts again in the middle.
    let mut bytes = b"% Height 180\n% Width 240\n% Version 2\n".to_vec();
    bytes.extend([0, 8]);
    for e in made(60_000, 100_000, true) {
        let t = (e.t + (1 << 31)) as u32;
        let pixel = u32::from(e.x) | u32::from(e.y) << 14 | u32::from(e.p) << 28;
        bytes.extend([t, pixel].map(u32::to_le_bytes).concat());
    }
    let path = folder.path().join("wraps.dat");
    fs::write(&path, bytes).unwrap();
    compare(&path, &OpenOptions::new(), 60);

    // Addresses of a DVS128, whose clock starts again as well.
    let mut bytes = b"#!AER-DAT2.0\r\n# HardwareInterface: DVS128\r\n".to_vec();
    for e in made(60_000, 100_000, true) {
        let address = u32::from(e.y % 128) << 8 | u32::from(e.x % 128) << 1 | u32::from(e.p);
        bytes.extend(address.to_be_bytes());
        bytes.extend(((e.t + (1 << 31)) as u32).to_be_bytes());
    }
    let path = folder.path().join("wraps.aedat");
    fs::write(&path, bytes).unwrap();
    compare(&path, &OpenOptions::new().with_encoding("dvs128"), 60);

    // The same in six bytes a record.
    let mut bytes = b"#!AER-DAT1.0\r\n".to_vec();
    for e in made(60_000, 100_000, true) {
        let address = (e.y % 128) << 8 | (e.x % 128) << 1 | u16::from(e.p);
        bytes.extend(address.to_be_bytes());
        bytes.extend(((e.t + (1 << 31)) as u32).to_be_bytes());
    }
    let path = folder.path().join("old.aedat");
    fs::write(&path, bytes).unwrap();
    compare(&path, &OpenOptions::new().with_encoding("dvs128"), 60);

    // Packets of AEDAT 3.1, with times of 31 bits and how often these were used up.
    let mut bytes =
        b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DAVIS240C\r\n#!END-HEADER\r\n".to_vec();
    for packet in made(60_000, 100_000, true).chunks(3_000) {
        let wraps = (packet[0].t >> 31) as i32;
        bytes.extend([1i16, 1].map(i16::to_le_bytes).concat());
        let n = packet.len() as i32;
        bytes.extend([8, 4, wraps, n, n, n].map(i32::to_le_bytes).concat());
        for e in packet {
            let data = u32::from(e.x) << 17 | u32::from(e.y) << 2 | u32::from(e.p) << 1 | 1;
            bytes.extend(data.to_le_bytes());
            bytes.extend(((e.t & 0x7fff_ffff) as u32).to_le_bytes());
        }
    }
    let path = folder.path().join("packets.aedat");
    fs::write(&path, bytes).unwrap();
    compare(&path, &OpenOptions::new(), 60);

    // EVT2.1: words of 64 bits, of which each may have several events.
    let mut bytes = b"% evt 2.1\n% geometry 240x180\n% end\n".to_vec();
    let mut high = None;
    for e in made(60_000, 100, false) {
        let (t, low) = (e.t as u64 >> 6, e.t as u64 & 63);
        if high.replace(t) != Some(t) {
            bytes.extend((8u64 << 60 | t << 32).to_le_bytes());
        }
        let (x, mask) = (
            u64::from(e.x / 32 * 32),
            1u64 << (e.x % 32) | 1 << (e.y % 16),
        );
        let word = u64::from(e.p) << 60 | low << 54 | x << 43 | u64::from(e.y) << 32 | mask;
        bytes.extend(word.to_le_bytes());
    }
    let path = folder.path().join("words.raw");
    fs::write(&path, bytes).unwrap();
    compare(&path, &OpenOptions::new().with_word_order("little"), 60);

    // Text, of which every line is looked for by its place.
    let lines = made(60_000, 30, true).into_iter();
    let lines = lines.map(|e| format!("{} {} {} {}\n", e.t, e.x, e.y, e.p));
    let path = folder.path().join("back.txt");
    fs::write(&path, lines.collect::<String>()).unwrap();
    let options = OpenOptions::new()
        .with_size(size)
        .with_columns("txyp".parse().unwrap())
        .with_time_unit(TimeUnit::Microseconds);
    compare(&path, &options, 60);

    for (name, encoding) in [
        ("a.raw", Some("evt2")),
        ("b.raw", Some("evt3")),
        ("c.raw", Some("evt4")),
        ("a.aedat4", None),
        ("a.es", None),
        ("a.h5", None),
        ("a.npy", None),
    ] {
        // EVT3 wraps after 16.8 s.
        let events: EventBatch = made(60_000, 1_000, false).into_iter().collect();
        let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(size);
        let path = folder.path().join(name);
        let mut options = CreateOptions::new();
        options.encoding = encoding.map(str::to_owned);
        let mut sink = evz::create(&path, &info, &options, false).unwrap();
        sink.write_batch(events.as_slice()).unwrap();
        let _ = sink.finish(&evz::Metadata::new()).unwrap();
        compare(&path, &OpenOptions::new(), 60);
    }
}

#[test]
fn tables_have_the_windows_of_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, n: usize| {
        let path = folder.path().join(name);
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        let sink = evz::create(&path, &info, &CreateOptions::new(), false);
        let mut sink = sink.unwrap();
        let events: EventBatch = made(n, 100, true).into_iter().collect();
        sink.write_batch(events.as_slice()).unwrap();
        let _ = sink.finish(&evz::Metadata::new()).unwrap();
        path
    };
    // Several row groups, in pages.
    compare(&write("a.parquet", 300_000), &OpenOptions::new(), 60);
    compare(&write("back.npy", 100_000), &OpenOptions::new(), 60);

    // Rows that are none, polarities in two ways, and some to be left out.
    let path = folder.path().join("odd.npy");
    let dictionary = "{'descr': '<i8', 'fortran_order': False, 'shape': (50000, 4), }";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((118u16).to_le_bytes());
    bytes.extend(format!("{dictionary:<117}\n").into_bytes());
    for (i, e) in made(50_000, 100, false).iter().enumerate() {
        let x = if i % 771 == 5 { -1 } else { i64::from(e.x) };
        let p = match i % 1_003 {
            9 => 0,
            11 => 5,
            _ => i64::from(e.p) * 2 - 1,
        };
        bytes.extend([e.t, x, i64::from(e.y), p].map(i64::to_le_bytes).concat());
    }
    fs::write(&path, bytes).unwrap();
    let options = OpenOptions::new()
        .with_columns("txyp".parse().unwrap())
        .with_time_unit(TimeUnit::Microseconds)
        .with_on_bad_line(evz::OnBadLine::Skip);
    compare(&path, &options, 60);
    fs::remove_file(evz::index_path(&path)).unwrap();
    let told = "1=on,-1=off,0=drop".parse().unwrap();
    compare(&path, &options.with_polarity_map(told), 60);
}

#[test]
fn hdf5_of_every_kind_has_its_windows() {
    let folder = tempfile::tempdir().unwrap();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats/hdf5/tests/files");
    let mut compared = 0;
    for packed in fs::read_dir(files).unwrap() {
        let packed = packed.unwrap().path();
        let name = packed.file_stem().unwrap();
        if packed.extension().is_none_or(|e| e != "gz") {
            continue;
        }
        let mut bytes = Vec::new();
        let input = evz::Input::open(&packed).unwrap().unpacked().unwrap();
        std::io::Read::read_to_end(&mut input.into_reader(), &mut bytes).unwrap();
        let here = folder.path().join(name);
        fs::write(&here, bytes).unwrap();
        for stream in 0..40 {
            let options = OpenOptions::new().with_stream(stream.to_string());
            let Ok(recording) = evz::open(&here, &options) else {
                continue;
            };
            let mut source = recording.into_source();
            if source.read_batch(&mut EventBatch::default()).is_ok() {
                drop(source);
                compare(&here, &options, 20);
                fs::remove_file(evz::index_path(&here)).unwrap();
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn an_index_that_is_of_another_file_is_refused_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let text = |first: &str| format!("{first}\n0.000020 4 7 0\n0.000030 4 8 1\n");
    fs::write(&path, text("0.000010 3 7 1")).unwrap();
    let options = OpenOptions::new();
    evz::index(&path, None, &options, |_, _| {}).unwrap();
    assert!(evz::open(&path, &options).unwrap().index().is_some());

    let notes = |options: &OpenOptions| said(evz::open(&path, options).unwrap()).0.join("\n");
    let told = options.clone().with_size(SensorSize {
        width: 9,
        height: 9,
    });
    assert!(notes(&told).contains("other options"), "{}", notes(&told));
    fs::write(&path, text("0.000010 3 7 1") + "0.000040 1 1 1\n").unwrap();
    assert!(
        notes(&options).contains("another length"),
        "{}",
        notes(&options)
    );

    // The same length and time.
    fs::write(&path, text("0.000010 3 7 1")).unwrap();
    let then = SystemTime::now() - Duration::from_secs(60);
    let set = || {
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(then)
            .unwrap()
    };
    set();
    evz::index(&path, None, &options, |_, _| {}).unwrap();
    fs::write(&path, text("0.000010 3 7 0")).unwrap();
    assert!(
        notes(&options).contains("was changed"),
        "{}",
        notes(&options)
    );
    set();
    assert!(
        notes(&options).contains("other bytes"),
        "{}",
        notes(&options)
    );

    // One that is cut says so and is not used.
    evz::index(&path, None, &options, |_, _| {}).unwrap();
    let sidecar = evz::index_path(&path);
    let bytes = fs::read(&sidecar).unwrap();
    fs::write(&sidecar, &bytes[..bytes.len() / 2]).unwrap();
    assert!(
        notes(&options).contains("cannot be read"),
        "{}",
        notes(&options)
    );
    fs::write(&sidecar, "no index").unwrap();
    assert_eq!(
        read(evz::open(&path, &options).unwrap().into_source())
            .0
            .len(),
        3
    );
}

#[test]
fn a_file_that_is_changed_while_it_is_open_gives_no_other_events() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dat");
    let mut bytes = b"% Height 180\n% Width 240\n% Version 2\n".to_vec();
    bytes.extend([0, 8]);
    let header = bytes.len();
    for e in made(20_000, 10, false) {
        let pixel = u32::from(e.x) | u32::from(e.y) << 14 | u32::from(e.p) << 28;
        bytes.extend([e.t as u32, pixel].map(u32::to_le_bytes).concat());
    }
    fs::write(&path, &bytes).unwrap();
    evz::index(&path, None, &OpenOptions::new(), |_, _| {}).unwrap();
    let index = evz::open(&path, &OpenOptions::new())
        .unwrap()
        .shared_index()
        .unwrap();
    bytes[header + 4] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let mut batch = EventBatch::default();
    let error = index
        .read(&Selection::default().with_events(0..9), &mut batch)
        .unwrap_err();
    assert!(error.to_string().contains("it was changed"), "{error}");
}

#[test]
fn what_has_no_index_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let sink = evz::create(&path, &info, &CreateOptions::new(), false).unwrap();
    let _ = sink.finish(&evz::Metadata::new()).unwrap();
    let options = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    let error = evz::index(&path, None, &options, |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("convert it to .evz"), "{error}");
    assert!(!evz::index_path(&path).exists());
}

/// An Event Stream of generic events has rows of a side stream alone.
#[test]
fn a_file_without_events_is_read_with_its_index_as_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("generic.es");
    // The version and the kind; of each event the microseconds that pass, the length and the bytes.
    let header = [&b"Event Stream"[..], &[2, 0, 0, 0]].concat();
    let events = [[5, 3 << 1, b'a', b'b', b'c'], [7, 3 << 1, b'd', b'e', b'f']];
    fs::write(&path, [header, events.concat()].concat()).unwrap();
    let options = OpenOptions::new();
    let open = || evz::open(&path, &options).unwrap();
    let without = (said(open()), read(open().into_source()));
    let made = evz::index(&path, None, &options, |_, _| {}).unwrap();
    assert_eq!((made.events, without.1.1), (0, 2));
    assert!(open().index_reader().is_some());
    assert_eq!((said(open()), read(open().into_source())), without);
}
