//! What looks as if it had been written in another way is said, with the layout that fits.

mod common;

use common::{
    Recording, event, read, read_streams_with, read_with,
    v2::{DVS128_EXTERNAL, aps, davis, dvs128, header, record},
    v3::{self, POLARITY, packet, polarity},
};
use evz_core::{OpenOptions, SensorSize};

const SEEMS: &str = "as if it were read in another way than it was written";

fn told(encoding: &str) -> OpenOptions {
    OpenOptions::default().with_encoding(encoding)
}

fn size(width: u32, height: u32) -> SensorSize {
    SensorSize { width, height }
}

/// A recording of addresses, made of pixels that move over a sensor.
fn file(width: u32, height: u32, address: impl Fn(u32, u32, u32) -> u32) -> Vec<u8> {
    let records = (0..5_000u32).flat_map(|i| {
        let (x, y) = (i * 7 % width, i / 9 % height);
        record(address(x, y, i / 3 % 2), i * 13)
    });
    [header(None), records.collect()].concat()
}

/// The doubts, with what they say to do.
fn doubts(recording: &Recording) -> Vec<String> {
    let notes = recording.notes().into_iter();
    notes.filter(|note| note.contains(SEEMS)).collect()
}

#[test]
fn addresses_read_in_another_layout_are_said_with_the_one_that_fits() {
    let dvs640 = |x, y, p| y << 11 | x << 1 | p;
    let pair = |x, y, p| dvs128(x, y, p) | (x & 1) << 15;
    let files = [
        ("dvs128", file(128, 128, dvs128)),
        ("dvs128-stereo", file(128, 128, pair)),
        ("davis", file(346, 260, davis)),
        ("dvs640", file(640, 480, dvs640)),
    ];
    for (written, bytes) in &files {
        for (read_as, _) in &files {
            // Of each of a pair what the other one sees is left out.
            let options = told(read_as).with_size(size(640, 480));
            let recordings = read_streams_with(bytes, &options);
            let doubts: Vec<String> = recordings.iter().flat_map(doubts).collect();
            if read_as == written {
                assert!(doubts.is_empty(), "{written}: {doubts:?}");
                continue;
            }
            // Of one camera that is read as two, the other is seen to have no events.
            if (*written, *read_as) == ("dvs128", "dvs128-stereo") {
                assert!(recordings[1].events.is_empty());
                continue;
            }
            assert!(!doubts.is_empty(), "{written} as {read_as}");
            let way_out = format!("; set encoding to {written}");
            assert!(
                doubts.iter().all(|doubt| doubt.ends_with(&way_out)),
                "{written} as {read_as}: {doubts:?}"
            );
        }
    }
}

/// So few of each of the sixteen cameras that it would be that a line of them is no wonder.
#[test]
fn bits_that_no_camera_sets_are_said() {
    let bytes = file(640, 480, |x, y, p| y << 11 | x << 1 | p);
    let bytes = &bytes[..header(None).len() + 8 * 1_000];
    let streams = read_streams_with(bytes, &told("davis").with_size(size(640, 480)));
    let doubts: Vec<String> = streams.iter().flat_map(doubts).collect();
    assert_eq!(streams.len(), 16);
    let cannot = doubts[0].contains(" of 1000 addresses cannot be those of davis, ");
    assert!(
        cannot && doubts[0].ends_with("; set encoding to dvs640"),
        "{doubts:?}"
    );
}

#[test]
fn what_is_in_its_place_is_no_wonder() {
    // Frames are most of what a DAVIS records.
    let chip = Some("eu.seebetter.ini.chips.davis.DAVIS240C");
    let mut bytes = header(chip);
    for i in 0..500u32 {
        bytes.extend(record(davis(i % 240, i % 180, i & 1), i));
        (0..9).for_each(|n| bytes.extend(record(aps(n, i % 180, n & 1, 500), i)));
    }
    assert!(doubts(&read(&bytes)).is_empty());
    // A few signals from outside.
    let mut bytes = header(Some("ch.unizh.ini.jaer.chip.retina.DVS128"));
    for i in 0..500u32 {
        let signal = i % 4 == 0;
        let address = if signal {
            DVS128_EXTERNAL
        } else {
            dvs128(i % 128, i % 99, 1)
        };
        bytes.extend(record(address, i));
    }
    assert!(doubts(&read(&bytes)).is_empty());
}

/// Where no layout fits, none is named.
#[test]
fn a_line_that_the_camera_saw_is_said_without_a_way_out() {
    let bytes = file(128, 1, dvs128);
    let read = read_with(&bytes, &told("dvs128"));
    let all = format!("all 5000 events lie in row 127 of a sensor of 128x128, {SEEMS}");
    assert_eq!(doubts(&read), [all]);
}

#[test]
fn a_line_of_aedat_3_is_said_too() {
    let events: Vec<Vec<u8>> = (0..150)
        .map(|i| polarity(i, 9, i as u32, 1, true))
        .collect();
    let mut file = v3::header(&["#Source 1: DAVIS240C"]);
    file.extend(packet(POLARITY, 1, 0, 150, &events));
    let read = read(&file);
    assert_eq!(read.events[149], event(149, 9, 149, 1));
    let all = format!("all 150 events lie in column 9 of a sensor of 240x180, {SEEMS}");
    assert_eq!(doubts(&read), [all]);
}
