//! A real recording, where the variable EVZ_RECORDINGS names the folder that holds it.

mod common;

use std::path::PathBuf;

use common::{Recording, read};
use evz_core::{Input, OpenOptions};
use sha2::{Digest, Sha256};

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
fn ncaltech101_has_its_digest() {
    const NAME: &str = "faces_easy_0001.bin";
    let Some(folder) = std::env::var_os("EVZ_RECORDINGS").map(PathBuf::from) else {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
        return;
    };
    let truth = std::fs::read(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    let input = Input::open(folder.join(NAME)).unwrap();
    assert_eq!((evz_nmnist::FORMATS[0].probe)(&input.clues()), Some(100));
    let recording = read(evz_nmnist::open(input, &OpenOptions::new()).unwrap());
    assert_eq!(truth[NAME]["events"], recording.events.len());
    assert_eq!(truth[NAME]["sha256"], digest(&recording));
    assert_eq!(recording.info.size, None, "the file does not say it");
    assert_eq!(recording.losses(), []);
    assert_eq!(recording.notes(), [""; 0]);
    assert!(recording.error.is_none());
}
