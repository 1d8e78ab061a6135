//! What the tests share: all that a source gives.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeMap;

use evz_core::{
    Error, EventBatch, EventSource, Input, Metadata, Next, Note, OpenOptions, Report, Result,
    SideRows, SideValues, StreamInfo,
};
use sha2::{Digest, Sha256};

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    /// The rows of the side streams.
    pub(crate) side: BTreeMap<String, SideRows>,
    pub(crate) report: Report,
    pub(crate) closing: Metadata,
    /// What ended it, if not its end.
    pub(crate) error: Option<Error>,
}

impl Recording {
    /// What was lost, and how much of it.
    pub(crate) fn losses(&self) -> Vec<(&str, u64)> {
        let losses = self.report.losses.iter();
        losses.map(|loss| (&*loss.what, loss.count)).collect()
    }

    /// What is said though nothing is lost.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.report.notes.iter().map(Note::to_string).collect()
    }

    /// SHA-256 over the columns one after the other, little-endian, t divided by `ticks`.
    pub(crate) fn digest(&self, ticks: i64) -> String {
        let events = &self.events;
        let mut hash = Sha256::new();
        let t = events.t.iter().map(|t| t.div_euclid(ticks));
        t.for_each(|t| hash.update(t.to_le_bytes()));
        events.x.iter().for_each(|x| hash.update(x.to_le_bytes()));
        events.y.iter().for_each(|y| hash.update(y.to_le_bytes()));
        hash.update(&events.p);
        hex(hash)
    }
}

pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn read(mut source: Box<dyn EventSource>) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    let mut side = BTreeMap::<String, SideRows>::new();
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(n)) => {
                assert_eq!(n, batch.len());
                batch.as_slice().check().unwrap();
                events.extend(batch.as_slice());
            }
            Ok(Next::Rows(rows)) => match side.get_mut(&rows.stream) {
                Some(known) => assert!(known.append(rows)),
                None => {
                    side.insert(rows.stream.clone(), rows);
                }
            },

            Ok(Next::End(_)) => break None,
            Err(e) => break Some(e),
        }
    };
    // After its end there is nothing.
    assert!(matches!(
        source.read_batch(&mut batch).unwrap(),
        Next::End(_)
    ));
    Recording {
        info: source.info().clone(),
        events,
        side,
        report: source.report(),
        closing: source.closing_metadata(),
        error,
    }
}

pub(crate) fn open_as(
    bytes: impl Into<Vec<u8>>,
    options: &OpenOptions,
) -> Result<Box<dyn EventSource>> {
    evz_ros::open(Input::from_bytes(bytes, "a.bag"), options)
}

pub(crate) fn read_all(bytes: impl Into<Vec<u8>>) -> Recording {
    read(open_as(bytes, &OpenOptions::new()).unwrap())
}

/// A file of `tests/data`, which `tests/make.py` wrote.
pub(crate) fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Events that `tests/make.py` put into files.
pub(crate) fn expected(name: &str) -> EventBatch {
    let all: serde_json::Value = serde_json::from_slice(&file("expected.json")).unwrap();
    let column = |key: &str| -> Vec<i64> {
        let values = all[name][key].as_array().unwrap().iter();
        values.map(|v| v.as_i64().unwrap()).collect()
    };
    EventBatch {
        t: column("t"),
        x: column("x").iter().map(|x| *x as u16).collect(),
        y: column("y").iter().map(|y| *y as u16).collect(),
        p: column("p").iter().map(|p| *p as u8).collect(),
        extra: Vec::new(),
    }
}

/// The events of a topic.
pub(crate) fn read_topic(bytes: impl Into<Vec<u8>>, topic: &str) -> Recording {
    read(open_as(bytes, &OpenOptions::new().with_stream(topic)).unwrap())
}

/// The values of a column of a side stream.
pub(crate) fn column<'a>(recording: &'a Recording, stream: &str, name: &str) -> &'a SideValues {
    let mut columns = recording.side[stream].columns.iter();
    &columns.find(|column| column.name == name).unwrap().values
}
