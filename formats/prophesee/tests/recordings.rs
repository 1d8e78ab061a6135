//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::path::{Path, PathBuf};

use common::{Recording, Row, evt4, evt21, probe, read, read_all, write};
use evz_core::{Input, OpenOptions, SensorSize};
use evz_prophesee::{Encoding, WordOrder};
use sha2::{Digest, Sha256};

/// The files, and the digests that independent decoders gave.
const FILES: [(&str, &str); 4] = [
    (
        "evt3.raw",
        "eba3ccbb091cea74b35bcc8e16e66459a262ba7cc3f465cfeefc31903835b316",
    ),
    (
        "evt2.raw",
        "902a2061062887790dc97a4ba98710a5e781d4b57ecf45ad78b8deeddca43141",
    ),
    (
        "gen4.dat",
        "9d36897539b3b47e0b058a32c9c19ef220332644ac53b20aebe224e6e16626f1",
    ),
    (
        "ncars.dat",
        "9e94a25a784942bac6957a0abd31fa765400b2e19af9a6bc252069b67859fd82",
    ),
];

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS");
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
    }
    folder.map(PathBuf::from)
}

fn open(folder: &Path, name: &str) -> Recording {
    let source = evz_prophesee::open(Input::open(folder.join(name)).unwrap(), &OpenOptions::new());
    read(source.unwrap())
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
    for (name, expected) in FILES {
        let recording = open(&folder, name);
        assert_eq!(digest(&recording), expected, "{name}");
        assert_eq!(recording.losses(), [], "{name}");
        assert!(recording.triggers().is_empty(), "{name}");
    }
}

#[test]
fn headers_say_the_size_or_the_camera() {
    let Some(folder) = folder() else { return };
    let size = |width, height| Some(SensorSize { width, height });
    for (name, encoding, size, inferred, wraps) in [
        (
            "evt3.raw",
            Encoding::Evt3,
            size(1280, 720),
            &[][..],
            Some((1, 24)),
        ),
        (
            "evt2.raw",
            Encoding::Evt2,
            size(640, 480),
            &["640x480 pixels: cameras of system_ID 21 have them"],
            None,
        ),
        ("gen4.dat", Encoding::Dat2, size(1280, 720), &[], None),
        ("ncars.dat", Encoding::Dat2, None, &[], None),
    ] {
        let recording = open(&folder, name);
        assert_eq!(recording.info.size, size, "{name}");
        let said = |key: &str| recording.info.metadata[key].as_text().unwrap();
        assert_eq!(said("source.file"), name);
        assert!(name.ends_with(said("source.format")));
        assert_eq!(said("source.encoding"), encoding.name());
        assert_eq!(recording.report.inferred, inferred, "{name}");
        assert_eq!(recording.wraps(), wraps, "{name}");
    }
}

/// No recording of EVT2.1 is at hand: real scenes in words built from the layout.
#[test]
fn real_scenes_tell_the_order_of_their_words() {
    let Some(folder) = folder() else { return };
    for (name, expected) in &FILES[..2] {
        let recording = open(&folder, name);
        let (mut words, mut high) = (Vec::new(), None);
        for (t, x, y, p) in recording.rows() {
            if high != Some(t >> 6) {
                high = Some(t >> 6);
                words.push(evt21::time_high((t >> 6) as u64));
            }
            let (x, mask) = (x & !31, 1 << (x & 31));
            words.push(evt21::events(
                p.into(),
                (t & 63) as u64,
                x.into(),
                y.into(),
                mask,
            ));
        }
        for order in [WordOrder::Little, WordOrder::Legacy] {
            let file = [b"% evt 2.1\n% end\n".to_vec(), evt21::bytes(&words, order)].concat();
            let recording = read_all(&file);
            assert_eq!(digest(&recording), *expected, "{name} in {order}");
            let said = format!("word order {order}: only so its words are events");
            assert_eq!(recording.report.inferred, [said]);
        }
    }
}

/// Nor is one of EVT4: real scenes in words built from the layout, a vector wherever there can be one, and
/// words that are written read by the layout.
#[test]
fn real_scenes_are_the_same_in_evt4() {
    let Some(folder) = folder() else { return };
    for (name, expected) in &FILES[..2] {
        let mut recording = open(&folder, name);
        let (rows, mut words, mut high) = (recording.rows(), Vec::new(), None);
        let mut rest = &rows[..];
        while let Some(&(t, x, y, p)) = rest.first() {
            if high != Some(t >> 6) {
                high = Some(t >> 6);
                words.push(evt4::time_high((t >> 6) as u32));
            }
            let joins = |pair: &[Row]| {
                let ((t0, x0, y0, p0), (t1, x1, y1, p1)) = (pair[0], pair[1]);
                (t0, y0, p0) == (t1, y1, p1) && x1 > x0 && x1 - x < 32
            };
            let n = 1 + rest.windows(2).take_while(|pair| joins(pair)).count();
            let (low, head) = ((t & 63) as u32, [p.into(), x.into(), y.into()]);
            let [p, base, y] = head;
            match n {
                1 => words.push(evt4::event(p, low, base, y)),
                _ => {
                    let bits = rest[..n].iter().map(|row| 1 << (row.1 - x));
                    words.push(evt4::vector(p, low, base, y));
                    words.push(bits.sum());
                }
            }
            rest = &rest[n..];
        }
        let file = [b"% evt 4.0\n% end\n".to_vec(), evt4::bytes(&words)].concat();
        assert_eq!(digest(&read_all(&file)), *expected, "{name}");

        let file = write(&recording.events, Encoding::Evt4, &recording.info).unwrap();
        let header = file.windows(6).position(|w| w == b"% end\n").unwrap() + 6;
        let (rows, triggers) = evt4::decode(&file[header..]);
        assert!(triggers.is_empty());
        recording.events = common::batch(&rows);
        assert_eq!(digest(&recording), *expected, "{name} as written");
    }
}

#[test]
fn recordings_come_back_from_every_encoding() {
    let Some(folder) = folder() else { return };
    for (name, expected) in FILES {
        let mut recording = open(&folder, name);
        recording.info.size.get_or_insert(SensorSize {
            width: 64,
            height: 64,
        });
        for encoding in [
            Encoding::Evt2,
            Encoding::Evt3,
            Encoding::Evt4,
            Encoding::Dat2,
        ] {
            let bytes = write(&recording.events, encoding, &recording.info).unwrap();
            assert_eq!(digest(&read_all(&bytes)), expected, "{name} as {encoding}");
        }
    }
}

#[test]
fn probes_tell_the_families_apart() {
    let Some(folder) = folder() else { return };
    for (name, _) in FILES {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let is_raw = name.ends_with(".raw");
        let head = &bytes[..4096];
        assert_eq!(probe("raw", head).is_some(), is_raw, "{name}");
        assert_eq!(probe("dat", head).is_some(), !is_raw, "{name}");
    }
}
