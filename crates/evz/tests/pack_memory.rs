//! What is kept of the table of samples of a pack is drawn from the memory that there may be.
#![cfg(feature = "files")]

use std::path::Path;

use evz::{
    CreateOptions, Error, Event, EventBatch, Metadata, Question, ReadOptions, Samples, SideColumn,
    SideRows, SideValues, StreamInfo, TimeBase, parse_bytes, set_max_memory,
};

/// Batches of the table, and rows of each.
const BATCHES: usize = 20;
const ROWS: usize = 100;

/// A pack of samples of one event and with long names: 100 kB a batch of the table.
fn write(path: &Path) {
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let mut sink = evz::create(path, &info, &CreateOptions::new(), false).unwrap();
    let event = |t| Event {
        t,
        x: 1,
        y: 2,
        p: 1,
    };
    let events: EventBatch = (0..(BATCHES * ROWS) as i64).map(event).collect();
    sink.write_batch(events.as_slice()).unwrap();
    for first in (0..BATCHES * ROWS).step_by(ROWS) {
        let names = (first..first + ROWS).map(|k| format!("{k:01000}.evz"));
        let int = |n: i64| SideValues::I64(vec![n; ROWS]);
        let columns = vec![
            SideColumn::new("name", SideValues::Text(names.collect())),
            SideColumn::new("label", SideValues::Text(vec![String::new(); ROWS])),
            SideColumn::new("events", int(1)),
            SideColumn::new("duration", int(1)),
            SideColumn::new("origin", int(0)),
            SideColumn::new("width", int(0)),
            SideColumn::new("height", int(0)),
            SideColumn::new("clock", SideValues::U8(vec![0; ROWS])),
            SideColumn::new("epoch", int(0)),
            SideColumn::new("metadata", SideValues::Bytes(vec![Vec::new(); ROWS])),
        ];
        let mut table = SideRows::new("samples", columns);
        table.t = (first..first + ROWS).map(|k| k as i64).collect();
        assert!(sink.write_side(table).unwrap());
        sink.flush().unwrap();
    }
    let _ = sink.finish(&Metadata::new()).unwrap();
}

/// One test, for what may be taken is of the process.
#[test]
fn a_table_that_takes_more_is_refused_and_what_is_named_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack.evz");
    write(&path);
    let samples = || Samples::of(&ReadOptions::new().open(&path).unwrap()).unwrap();
    set_max_memory(1 << 20);
    // There is room for any batch of the table, and not for all of them together.
    for batch in 0..BATCHES {
        samples().get(batch * ROWS).unwrap();
    }
    let mut told = 1 << 20;
    let names = loop {
        let error: Error = match samples().names() {
            Ok(names) => break names,
            Err(error) => error,
        };
        assert_eq!(error.question(), Some(Question::MaxMemory), "{error}");
        let said = error.to_string();
        assert!(
            said.contains("pack.evz") && said.contains("samples"),
            "{said}"
        );
        let enough = parse_bytes(said.rsplit(' ').next().unwrap()).unwrap();
        assert!(enough > told, "{said}");
        told = enough;
        set_max_memory(enough);
    };
    assert_eq!(names.len(), BATCHES * ROWS);
    // What they take together they take at least.
    assert!(told > 2 << 20, "{told}");
    // What was taken is given back.
    assert_eq!(samples().names().unwrap(), names);
}
