//! Packs whose table of samples lies.
#![cfg(feature = "files")]

use std::path::{Path, PathBuf};

use evz::file::wire::SideDeclaration;
use evz::{
    Columns, CreateOptions, Event, EventBatch, Input, Metadata, ReadOptions, Samples, SideColumn,
    SideRows, SideValues, StreamInfo, TimeBase, Unpacking, WriteOptions, verify,
};

/// Times of the events, a tick apart.
const EVENTS: i64 = 30;

fn events() -> EventBatch {
    let event = |t| Event {
        t,
        x: 1,
        y: 2,
        p: 1,
    };
    (0..EVENTS).map(event).collect()
}

/// A pack with samples of `[start, duration, events]`, in batches of so many rows.
fn pack(path: &Path, samples: &[[i64; 3]], rows: usize) -> Samples {
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let mut sink = evz::create(path, &info, &CreateOptions::new(), true).unwrap();
    sink.write_batch(events().as_slice()).unwrap();
    for (k, part) in samples.chunks(rows).enumerate() {
        let n = part.len();
        let int = |of: &dyn Fn(&[i64; 3]) -> i64| SideValues::I64(part.iter().map(of).collect());
        let name = |i| format!("{}.evz", k * rows + i);
        let columns = vec![
            SideColumn::new("name", SideValues::Text((0..n).map(name).collect())),
            SideColumn::new("label", SideValues::Text(vec![String::new(); n])),
            SideColumn::new("events", int(&|s| s[2])),
            SideColumn::new("duration", int(&|s| s[1])),
            SideColumn::new("origin", int(&|_| 0)),
            SideColumn::new("width", int(&|_| 0)),
            SideColumn::new("height", int(&|_| 0)),
            SideColumn::new("clock", SideValues::U8(vec![0; n])),
            SideColumn::new("epoch", int(&|_| 0)),
            SideColumn::new("metadata", SideValues::Bytes(vec![Vec::new(); n])),
        ];
        let mut table = SideRows::new("samples", columns);
        table.t = part.iter().map(|s| s[0]).collect();
        assert!(sink.write_side(table).unwrap());
        sink.flush().unwrap();
    }
    let _ = sink.finish(&Metadata::new()).unwrap();
    open(path)
}

fn open(path: &Path) -> Samples {
    Samples::of(&ReadOptions::new().open(path).unwrap()).unwrap()
}

/// What unpacking says, and the files that it made.
fn unpack(samples: &Samples, folder: &Path) -> Result<(String, usize), String> {
    let unpacking = Unpacking {
        format: evz::format("evz").unwrap(),
        writing: CreateOptions::new(),
        replace: true,
    };
    let done = unpacking.run(samples, None, folder, &|_, outcome| drop(outcome));
    let said = done.map_err(|e| e.to_string())?;
    let said = said
        .losses
        .iter()
        .map(|l| format!("{} {}", l.count, l.what));
    let files = std::fs::read_dir(folder).map_or(0, Iterator::count);
    Ok((said.collect(), files))
}

fn verified(path: &Path) -> Result<u64, String> {
    let report = verify(Input::open(path).unwrap()).map_err(|e| e.to_string());
    report.map(|report| report.events)
}

/// No event is of two samples: what a pack unpacks to is bounded by its events.
#[test]
fn samples_that_meet_or_stand_out_of_order_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack.evz");
    for rows in [1, 2, 3] {
        for (samples, says) in [
            (
                [[0, 10, 10], [9, 11, 11], [20, 10, 10]],
                "sample 1 begins at 9",
            ),
            (
                [[0, 10, 10], [10, 10, 10], [0, 30, 30]],
                "sample 2 begins at 0",
            ),
            (
                [[20, 10, 10], [0, 10, 10], [10, 10, 10]],
                "sample 1 begins at 0",
            ),
        ] {
            let all = pack(&path, &samples, rows);
            let out = folder.path().join("out");
            let error = unpack(&all, &out).unwrap_err();
            assert!(error.contains(says), "{error}");
            assert!(!out.exists());
            let error = verified(&path).unwrap_err();
            assert!(
                error.contains(says) && error.contains("pack.evz"),
                "{error}"
            );
        }
        // Neighbours, in whatever order they are asked for.
        let all = pack(&path, &[[0, 10, 10], [5, 10, 10], [20, 10, 10]], rows);
        let asked = [2, 1, 0].map(|k| all.get(k).err().map(|e| e.to_string()));
        let says = |e: &String| e.contains("sample 1 begins at 5, before sample 0 ends at 10");
        assert!(asked.iter().flatten().any(says), "{asked:?}");
    }
}

#[test]
fn numbers_of_events_are_those_of_the_events() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack.evz");
    // With samples of nothing between them.
    let whole = [
        [0, 10, 10],
        [10, 0, 0],
        [10, 10, 10],
        [20, 0, 0],
        [20, 10, 10],
    ];
    let all = pack(&path, &whole, 2);
    assert_eq!(verified(&path), Ok(30));
    let out = folder.path().join("whole");
    assert_eq!(unpack(&all, &out), Ok((String::new(), 5)));
    let path = folder.path().join("lies.evz");
    for (at, told) in [(0, 9), (2, 0), (4, 9)] {
        let mut lies = whole;
        lies[at][2] = told;
        pack(&path, &lies, 2);
        let error = verified(&path).unwrap_err();
        let says = format!("sample {at} has 10 events, and {told} are told");
        assert!(error.contains(&says), "{error}");
    }
    // As after a filter, which leaves the others whole: it is the sample that is refused.
    for (at, told) in [(0, 11), (1, 1), (4, 12)] {
        let mut fewer = whole;
        fewer[at][2] = told;
        let cut = pack(&path, &fewer, 2);
        assert_eq!(verified(&path), Ok(30));
        let (_, files) = unpack(&cut, &folder.path().join(format!("of {at}"))).unwrap();
        assert_eq!(files, whole.len() - 1, "{at}");
    }
}

#[test]
fn events_of_no_sample_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let all = pack(
        &folder.path().join("pack.evz"),
        &[[0, 10, 10], [20, 10, 10]],
        2,
    );
    let out = folder.path().join("out");
    let said = "10 events that are in no sample".to_owned();
    assert_eq!(unpack(&all, &out), Ok((said, 2)));
    let mut batch = EventBatch::default();
    all.get(1).unwrap().read(Columns::ALL, &mut batch).unwrap();
    assert_eq!(batch.len(), 10);
}

/// More rows than any memory holds.
#[test]
fn rows_that_a_table_claims_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("pack.evz");
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let mut writer = WriteOptions::new()
        .with_side_as_it_is()
        .create(&path, &info)
        .unwrap();
    writer.write_batch(events().as_slice()).unwrap();
    let declaration = SideDeclaration {
        id: 0,
        name: "samples".to_owned(),
        stream: None,
        time_column: 0,
        schema: vec![0xff; 64],
    };
    let samples = writer.add_side_stream(declaration).unwrap();
    for k in 0..4096 {
        writer
            .write_side_batch(samples, &[0xff; 128], 1 << 28, (k, k))
            .unwrap();
    }
    writer.finish(&Metadata::new()).unwrap();
    let all = open(&path);
    assert_eq!(all.len(), 1 << 40);
    assert!(all.labels().is_err() && all.classes().is_err() && all.number("a").is_err());
    assert!(unpack(&all, &folder.path().join("out")).is_err());
}
