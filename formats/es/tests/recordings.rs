//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::path::{Path, PathBuf};

use common::{Recording, read, write_as};
use evz_core::{ColumnType, EventBatch, ExtraColumn, Input, OpenOptions, Report, SensorSize};
use evz_es::Encoding;
use sha2::{Digest, Sha256};

const SIZE: SensorSize = SensorSize {
    width: 320,
    height: 240,
};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS");
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
    }
    folder.map(PathBuf::from)
}

fn open(folder: &Path, name: &str) -> Recording {
    let input = Input::open(folder.join(name)).unwrap();
    read(evz_es::open(input, &OpenOptions::new()).unwrap())
}

/// SHA-256 over the columns one after the other, little-endian, t in microseconds.
fn digest(events: &EventBatch) -> String {
    let mut hash = Sha256::new();
    events.t.iter().for_each(|t| hash.update(t.to_le_bytes()));
    events.x.iter().for_each(|x| hash.update(x.to_le_bytes()));
    events.y.iter().for_each(|y| hash.update(y.to_le_bytes()));
    hash.update(&events.p);
    let further = events.extra.iter().map(|values| values.as_slice());
    further.for_each(|values| hash.update(values.as_bytes()));
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// What an independent decoder says of a recording: its events of light that changed.
fn truth(folder: &Path, name: &str) -> (u64, String) {
    let truth = std::fs::read(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    let digest = truth[name]["sha256"].as_str().unwrap();
    (truth[name]["events"].as_u64().unwrap(), digest.to_owned())
}

#[test]
fn recordings_have_their_digest() {
    let Some(folder) = folder() else { return };
    let recording = open(&folder, "dvs.es");
    let found = (recording.events.len() as u64, digest(&recording.events));
    assert_eq!(found, truth(&folder, "dvs.es"));
    assert_eq!(recording.info.size, Some(SIZE));
    assert_eq!(recording.losses(), []);
    assert_eq!(recording.notes(), [""; 0]);
}

/// The digests of all columns are those of `tests/python/es_reader.py`, which was written by the
/// specification and gives the digests of truth.json where others read the stream as well.
#[test]
fn threshold_crossings_and_colours_are_kept() {
    let Some(folder) = folder() else { return };
    let recording = open(&folder, "atis.es");
    let column = ExtraColumn::new("is_threshold_crossing", ColumnType::Bool);
    let found = &recording.info.columns[0];
    assert_eq!(
        (&found.name, found.column_type),
        (&column.name, column.column_type)
    );
    assert_eq!(
        digest(&recording.events),
        "43c88df20ac075ad40c4ef9735d3232fa80f68be4b854f113c9a8c341db2d37d"
    );
    assert_eq!(recording.losses(), []);
    assert_eq!(
        recording.notes(),
        [
            "852792 of the events are threshold crossings, halves of exposure measurements: \
          is_threshold_crossing is 1 for them, and p tells the second half from the first, not ON \
          from OFF"
        ]
    );
    let mut changes = EventBatch::default();
    let all = recording.events.as_slice();
    let crossing: Vec<bool> = all.extra.get(0).unwrap().to_vec().unwrap();
    let numbers = (0..all.len() as u32).filter(|i| !crossing[*i as usize]);
    changes.gather(all, &numbers.collect::<Vec<_>>());
    changes.extra.clear();
    let found = (changes.len() as u64, digest(&changes));
    assert_eq!(found, truth(&folder, "atis.es"));

    let recording = open(&folder, "color.es");
    let names: Vec<&str> = recording.info.columns.iter().map(|c| &*c.name).collect();
    assert_eq!(names, ["r", "g", "b"]);
    assert_eq!(
        digest(&recording.events),
        "525c4af6d6d5af5c900373e8f9eba10cac99aff047f6bcd20530328e76f1ec49"
    );
    assert_eq!(recording.losses(), []);
    let note = "events of colour have no polarity: p is 1 for all of them";
    assert_eq!(recording.notes(), [note]);
}

#[test]
fn generic_events_are_rows() {
    let Some(folder) = folder() else { return };
    let recording = open(&folder, "generic.es");
    assert!(recording.events.is_empty());
    assert_eq!(recording.side.len(), 70);
    assert_eq!(recording.side[1], (616, b"ipsum".to_vec()));
    let mut hash = Sha256::new();
    for (t, data) in &recording.side {
        hash.update(t.to_le_bytes());
        hash.update((data.len() as u64).to_le_bytes());
        hash.update(data);
    }
    assert_eq!(
        hex(hash),
        "5bc46ad83f976f226048a9a960b8ccd3333f15231132ff3604330bea4bac953b"
    );
    assert_eq!(recording.losses(), []);
    assert_eq!(recording.info.size, None);
}

#[test]
fn a_recording_is_written_as_another_tool_wrote_it() {
    let Some(folder) = folder() else { return };
    for (name, encoding) in [
        ("dvs.es", Encoding::Dvs),
        ("atis.es", Encoding::Atis),
        ("color.es", Encoding::Color),
    ] {
        let Recording { info, events, .. } = open(&folder, name);
        let (written, report) = write_as(encoding, &info, &events, 10_000).unwrap();
        let original = std::fs::read(folder.join(name)).unwrap();
        let (len, expected) = (written.len(), original.len());
        assert!(written == original, "{name}: {len} of {expected}");
        assert_eq!(report, Report::default());
    }
}

/// The two recordings hold the same changes of light.
#[test]
fn atis_without_its_crossings_is_dvs() {
    let Some(folder) = folder() else { return };
    let Recording { info, events, .. } = open(&folder, "atis.es");
    let (written, report) = write_as(Encoding::Dvs, &info, &events, 10_000).unwrap();
    assert!(written == std::fs::read(folder.join("dvs.es")).unwrap());
    let [loss] = &report.losses[..] else {
        panic!("{report:?}");
    };
    assert_eq!(loss.count, 852_792);
    assert!(loss.what.starts_with("threshold crossings"), "{loss}");
}
