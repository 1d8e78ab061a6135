//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::path::Path;

use common::{KINDS, Recording, info, read_whole, write};
use evz_core::{Event, EventBatch, Metadata, OpenOptions, TimeBase};
use sha2::{Digest, Sha256};

/// SHA-256 over the columns one after the other, little-endian, t in microseconds.
fn digest(recording: &Recording) -> String {
    let (events, base) = (&recording.events, recording.info.time_base);
    let mut hash = Sha256::new();
    for &t in &events.t {
        let us = i64::try_from(base.to_microseconds(t)).unwrap();
        hash.update(us.to_le_bytes());
    }
    events.x.iter().for_each(|x| hash.update(x.to_le_bytes()));
    events.y.iter().for_each(|y| hash.update(y.to_le_bytes()));
    hash.update(&events.p);
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// A line `t x y p`, its time in microseconds or in seconds with six decimals.
fn event(line: &str) -> Event {
    let mut parts = line.split([' ', ',']);
    let mut next = || parts.next().unwrap();
    Event {
        t: next().replace('.', "").parse().unwrap(),
        x: next().parse().unwrap(),
        y: next().parse().unwrap(),
        p: next().parse().unwrap(),
    }
}

#[test]
fn recordings_keep_their_digest() {
    let Some(folder) = std::env::var_os("EVZ_RECORDINGS") else {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
        return;
    };
    for (name, header_lines, expected) in [
        (
            "davis346_seconds.txt",
            0,
            "86cee766fede98968bc1940eb3cbf0e227010601579798045fcea88d49e0e041",
        ),
        (
            "dvs.csv",
            1,
            "978ee882c0c3c16b92fc87b23b111fac81490e02fddc7c583c0bf54a421dc827",
        ),
    ] {
        let text = std::fs::read_to_string(Path::new(&folder).join(name)).unwrap();
        let events: EventBatch = text.lines().skip(header_lines).map(event).collect();
        for kind in KINDS {
            let us = info(TimeBase::MICROSECONDS);
            let bytes = write(kind, &us, &events, &Metadata::new(), 10_007).unwrap();
            let found = read_whole(bytes, &OpenOptions::default());
            assert_eq!(digest(&found), expected, "{name} {kind:?}");
        }
    }
}
