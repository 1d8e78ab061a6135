//! What the end-to-end tests share.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part"
)]

use std::path::PathBuf;

use evz_core::EventBatch;
use sha2::{Digest, Sha256};

/// The folder of real recordings, or none, with a line that says so.
pub fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS does not name a folder of recordings");
    }
    folder
}

/// SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// SHA-256 over t (i64, in ticks), x, y, p: column after column, little-endian.
pub fn digest(events: &EventBatch) -> String {
    let mut hasher = Sha256::new();
    events.t.iter().for_each(|v| hasher.update(v.to_le_bytes()));
    events.x.iter().for_each(|v| hasher.update(v.to_le_bytes()));
    events.y.iter().for_each(|v| hasher.update(v.to_le_bytes()));
    hasher.update(&events.p);
    hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}
