//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::{io::Read, path::Path};

use common::{Recording, print_back, read_file};
use evz_core::OpenOptions;
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

#[test]
fn recordings_have_their_digest_and_go_back_to_their_bytes() {
    let Some(folder) = std::env::var_os("EVZ_RECORDINGS") else {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
        return;
    };
    for (name, expected) in [
        (
            "davis346_seconds.txt",
            "86cee766fede98968bc1940eb3cbf0e227010601579798045fcea88d49e0e041",
        ),
        (
            "dvs.csv",
            "978ee882c0c3c16b92fc87b23b111fac81490e02fddc7c583c0bf54a421dc827",
        ),
        (
            "evt2_metavision.csv.gz",
            "902a2061062887790dc97a4ba98710a5e781d4b57ecf45ad78b8deeddca43141",
        ),
    ] {
        let path = Path::new(&folder).join(name);
        let recording = read_file(&path, &OpenOptions::new()).unwrap();
        assert_eq!(digest(&recording), expected, "{name}");
        assert_eq!(recording.regular(), Some(Ok(())), "{name}");
        let file = std::fs::File::open(&path).unwrap();
        let mut bytes = Vec::new();
        if name.ends_with(".gz") {
            flate2::read::MultiGzDecoder::new(file)
                .read_to_end(&mut bytes)
                .unwrap();
        } else {
            std::io::BufReader::new(file)
                .read_to_end(&mut bytes)
                .unwrap();
        }
        assert!(print_back(&recording).unwrap() == bytes, "{name}");
    }
}
