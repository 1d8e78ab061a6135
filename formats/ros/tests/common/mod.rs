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

/// A record of MCAP: its opcode, its length, and what it has.
pub(crate) fn mcap_record(opcode: u8, content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u64).to_le_bytes();
    [&[opcode][..], &len, content].concat()
}

/// A text, or a list, of MCAP: behind its length.
pub(crate) fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes()[..], bytes].concat()
}

/// A chunk of MCAP with these records, packed with `zstd` or not at all, with a checksum or without.
pub(crate) fn mcap_chunk(records: &[u8], packing: &str, has_crc: bool) -> Vec<u8> {
    let packed = match packing {
        "zstd" => zstd::encode_all(records, 3).unwrap(),
        _ => records.to_vec(),
    };
    let crc = if has_crc { crc32fast::hash(records) } else { 0 };
    let mut chunk = [0; 16].to_vec();
    chunk.extend((records.len() as u64).to_le_bytes());
    chunk.extend(crc.to_le_bytes());
    chunk.extend(sized(packing.as_bytes()));
    chunk.extend((packed.len() as u64).to_le_bytes());
    chunk.extend(packed);
    mcap_record(6, &chunk)
}

/// The records in such a chunk.
pub(crate) fn of_mcap_chunk(record: &[u8]) -> Vec<u8> {
    let packing = usize::from(record[9 + 28]);
    let records = &record[9 + 32 + packing + 8..];
    match packing {
        0 => records.to_vec(),
        _ => zstd::decode_all(records).unwrap(),
    }
}

/// Records of MCAP that follow each other: the opcode, and all bytes.
pub(crate) fn mcap_records(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut records = Vec::new();
    while bytes.len() >= 9 {
        let len = u64::from_le_bytes(bytes[1..9].try_into().unwrap());
        let (record, rest) = bytes.split_at(9 + len as usize);
        records.push((record[0], record));
        bytes = rest;
    }
    records
}

/// A file of MCAP with these records, and no summary.
pub(crate) fn mcap(records: &[u8]) -> Vec<u8> {
    let magic = b"\x89MCAP0\r\n";
    let header = mcap_record(1, &[sized(b"ros2"), sized(b"")].concat());
    let end = [mcap_record(15, &[0; 4]), mcap_record(2, &[0; 20])].concat();
    [&magic[..], &header, records, &end, magic].concat()
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
