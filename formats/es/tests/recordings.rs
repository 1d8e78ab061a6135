//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::path::{Path, PathBuf};

use common::{Recording, info, read, refused, write};
use evz_core::{ErrorKind, Input, OpenOptions, SensorSize, TimeBase};
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
fn digest(recording: &Recording) -> String {
    let events = &recording.events;
    let mut hash = Sha256::new();
    events.t.iter().for_each(|t| hash.update(t.to_le_bytes()));
    events.x.iter().for_each(|x| hash.update(x.to_le_bytes()));
    events.y.iter().for_each(|y| hash.update(y.to_le_bytes()));
    hash.update(&events.p);
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn recordings_have_their_digest() {
    let Some(folder) = folder() else { return };
    let truth = std::fs::read(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    let crossings = "threshold crossings, halves of exposure measurements";
    for (name, losses) in [("dvs.es", &[][..]), ("atis.es", &[(crossings, 852_792)])] {
        let recording = open(&folder, name);
        assert_eq!(truth[name]["events"], recording.events.len(), "{name}");
        assert_eq!(truth[name]["sha256"], digest(&recording), "{name}");
        assert_eq!(recording.info.size, Some(SIZE), "{name}");
        assert_eq!(recording.losses(), losses, "{name}");
        assert_eq!(recording.notes(), [""; 0], "{name}");
    }
}

#[test]
fn a_recording_is_written_as_another_tool_wrote_it() {
    let Some(folder) = folder() else { return };
    let recording = open(&folder, "dvs.es");
    let size = info(TimeBase::MICROSECONDS, SIZE.width, SIZE.height);
    let written = write(&size, &recording.events, 10_000).unwrap();
    let original = std::fs::read(folder.join("dvs.es")).unwrap();
    assert!(
        written == original,
        "{} of {}",
        written.len(),
        original.len()
    );
}

#[test]
fn recordings_without_polarity_say_what_they_hold() {
    let Some(folder) = folder() else { return };
    for (name, holds) in [("color.es", "r, g, b"), ("generic.es", "any bytes")] {
        let error = refused(std::fs::read(folder.join(name)).unwrap());
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}");
        assert!(error.what().contains(holds), "{error}");
    }
}
