//! What batches of side streams claim to take is drawn from the memory that there may be.

mod common;
mod forger;

use std::io;

use common::{Times, events, info, open};
use evz_codec::FAST;
use evz_core::{
    Error, EventBatch, EventIndex, EventSource, Input, Metadata, Next, Output, Question, Selection,
    SideColumn, SideRows, SideValues, TimeBase, set_max_memory,
};
use evz_file::wire::SideDeclaration;
use evz_file::{recover_into, verify};
use forger::{finished, options};

const ROWS: usize = 1 << 20;
const BATCHES: usize = 3;
const EVENTS: usize = 500;

/// Some kilobytes with batches of rows that have 16 MiB of numbers, and as many texts.
fn bomb() -> Vec<u8> {
    let columns = vec![
        SideColumn::new("n", SideValues::I64(vec![0; ROWS])),
        SideColumn::new("text", SideValues::Text(vec![String::new(); ROWS])),
    ];
    let rows = SideRows {
        t: vec![5; ROWS],
        ..SideRows::new("imu", columns)
    };
    let base = TimeBase::MICROSECONDS;
    let mut writer = options(&FAST, 100).write_to(Vec::new(), &info()).unwrap();
    let imu = SideDeclaration {
        name: "imu".to_owned(),
        schema: evz_table::schema_to_ipc(&rows, base).unwrap(),
        ..SideDeclaration::default()
    };
    let imu = writer.add_side_stream(imu).unwrap();
    let messages = evz_table::rows_to_ipc(&rows, base).unwrap();
    for _ in 0..BATCHES {
        writer
            .write_side_batch(imu, &messages, ROWS as u64, (5, 5))
            .unwrap();
    }
    let all = events(EVENTS, Times::Rising, 3);
    writer.write_batch(all.as_slice()).unwrap();
    let file = finished(writer);
    assert!(file.len() < 40_000, "{}", file.len());
    file
}

/// Rows that come beside the events.
fn beside(file: &[u8]) -> Result<usize, Error> {
    let mut source = open(file.to_vec())?.batches(&Selection::default());
    let (mut batch, mut found) = (EventBatch::default(), 0);
    loop {
        match source.read_batch(&mut batch)? {
            Next::Events(_) => {}
            Next::Rows(rows) => found += rows.len(),
            Next::End(report) => {
                assert!(!report.has_losses(), "{report:?}");
                return Ok(found);
            }
        }
    }
}

/// The rows of the stream alone.
fn alone(file: &[u8]) -> Result<usize, Error> {
    let parts = open(file.to_vec())?.side_rows("imu", None)?;
    parts.map(|rows| rows.map(|rows| rows.len())).sum()
}

fn verified(file: &[u8]) -> Result<usize, Error> {
    verify(Input::from_bytes(file.to_vec(), "a.evz")).map(|_| BATCHES * ROWS)
}

fn recovered(file: &[u8]) -> Result<usize, Error> {
    let input = Input::from_bytes(file.to_vec(), "a.evz");
    let output = Output::from_writer(io::sink(), "saved.evz");
    let report = recover_into(input, output, &Metadata::new())?;
    assert!(report.lost.is_empty(), "{:?}", report.lost);
    Ok(BATCHES * ROWS)
}

/// Events without what stands beside them.
fn events_alone(file: &[u8]) -> Result<usize, Error> {
    let mut source = open(file.to_vec())?.batches(&Selection::default());
    let (mut batch, mut found) = (EventBatch::default(), 0);
    loop {
        match source.read_events(&mut batch)? {
            Next::End(report) => {
                assert!(!report.has_losses(), "{report:?}");
                return Ok(found);
            }
            _ => found += batch.len(),
        }
    }
}

/// One test, for what may be taken is of the process.
#[test]
fn rows_that_take_more_are_refused_and_what_is_named_is_enough() {
    let file = bomb();
    for (name, ask) in [
        ("beside", beside as fn(&[u8]) -> Result<usize, Error>),
        ("alone", alone),
        ("verified", verified),
        ("recovered", recovered),
    ] {
        set_max_memory(1 << 20);
        assert_eq!(events_alone(&file).unwrap(), EVENTS);
        let mut told = 1 << 20;
        let found = loop {
            let error = match ask(&file) {
                Ok(found) => break found,
                Err(error) => error,
            };
            assert_eq!(error.question(), Some(Question::MaxMemory), "{error}");
            assert!(error.to_string().contains("\"imu\""), "{name}: {error}");
            let enough = error.to_string();
            let enough = enough.rsplit(' ').next().unwrap();
            let enough = evz_core::parse_bytes(enough).unwrap();
            assert!(enough > told, "{name}: {error}");
            told = enough;
            set_max_memory(enough);
        };
        assert_eq!(found, BATCHES * ROWS, "{name}");
        // All of a batch, as it is and as columns, and nothing of the others.
        assert!((32 << 20..=256 << 20).contains(&told), "{name}: {told}");
    }
}
