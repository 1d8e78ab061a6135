//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::path::{Path, PathBuf};

use common::{Recording, exposure, read, read_all, write_as, write_with};
use evz_core::{EventBatch, Input, OpenOptions, Report, SensorSize};
use evz_es::Encoding;
use sha2::{Digest, Sha256};

/// Of the threshold crossings of atis.es: time, x, y, and whether it is the second, one after the other,
/// by `tests/python/es_reader.py`.
const CROSSINGS: &str = "1c67cb168f91adc2de4e16b868ef00c811493a8479893f90198251178ab7b999";

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
    let found = (recording.events.len() as u64, digest(&recording.events));
    assert_eq!(found, truth(&folder, "atis.es"));
    assert_eq!(recording.side.len(), 852_792);
    let mut hash = Sha256::new();
    for (t, bytes) in &recording.side {
        hash.update(t.to_le_bytes());
        hash.update(bytes);
    }
    assert_eq!(hex(hash), CROSSINGS);
    assert_eq!(recording.losses(), []);
    assert_eq!(recording.notes(), [""; 0]);

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
    for (name, encoding) in [("dvs.es", Encoding::Dvs), ("color.es", Encoding::Color)] {
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
fn atis_is_dvs_and_its_crossings() {
    let Some(folder) = folder() else { return };
    let Recording {
        info, events, side, ..
    } = open(&folder, "atis.es");
    let (written, report) = write_as(Encoding::Dvs, &info, &events, 10_000).unwrap();
    assert!(written == std::fs::read(folder.join("dvs.es")).unwrap());
    assert_eq!(report, Report::default());
    let crossings: Vec<_> = side
        .iter()
        .map(|(t, b)| {
            let [x, y] = [[b[0], b[1]], [b[2], b[3]]].map(u16::from_le_bytes);
            (*t, x, y, b[4] == 1)
        })
        .collect();
    let exposure = exposure(&crossings);
    let (written, report) = write_with(Encoding::Atis, &info, &events, 10_000, exposure).unwrap();
    assert_eq!(report, Report::default());
    let original = std::fs::read(folder.join("atis.es")).unwrap();
    assert_eq!(written.len(), original.len());
    let back = read_all(written);
    assert!(back.events == events && back.side == side);
}
