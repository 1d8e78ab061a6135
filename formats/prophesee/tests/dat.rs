//! DAT, by files built event by event: what each public reader gets wrong was seen with faery 0.7.1,
//! expelliarmus 1.1.12 and eventcv 1.0.8.

mod common;

use common::{batch, dat, dat1, dat2, probe, read, read_all, read_with, write};
use evz_core::{ErrorKind, Input, OpenOptions, Question, SensorSize};
use evz_prophesee::Encoding;

/// eventcv goes back to 0.
#[test]
fn the_clock_is_carried_over_2_to_the_32() {
    let events = [
        dat2(u32::MAX, 3, 4, 1),
        dat2(0, 5, 6, 0),
        dat2(u32::MAX - 1, 7, 8, 1),
        dat2(1, 9, 10, 1),
    ];
    let recording = read_all(&dat(2, &events.concat()));
    let t = 1 << 32;
    assert_eq!(
        recording.rows(),
        [
            (t - 1, 3, 4, 1),
            (t, 5, 6, 0),
            (t - 2, 7, 8, 1),
            (t + 1, 9, 10, 1)
        ]
    );
    assert_eq!(recording.wraps(), Some((2, 32)));
}

/// expelliarmus takes any for a wrap and adds 71 minutes; faery gives such events the time of the one
/// before.
#[test]
fn a_small_step_back_is_no_wrap() {
    let events = [dat2(100, 3, 4, 1), dat2(90, 5, 6, 0), dat2(101, 7, 8, 1)];
    let recording = read_all(&dat(2, &events.concat()));
    assert_eq!(recording.events.t, [100, 90, 101]);
    assert_eq!(recording.wraps(), None);
}

/// No step is so long that the clock may have started again, though the times come back to 0.
#[test]
fn many_steps_back_are_no_wrap() {
    let times = [
        vec![3_000_000_000; 1024],
        vec![1_500_000_000; 1023],
        vec![0; 2],
    ]
    .concat();
    let events: Vec<u8> = times.iter().flat_map(|&t| dat2(t, 1, 1, 1)).collect();
    let recording = read_all(&dat(2, &events));
    let expected: Vec<i64> = times.into_iter().map(i64::from).collect();
    assert_eq!(recording.events.t, expected);
    assert_eq!(recording.wraps(), None);
}

/// eventcv gives no events, expelliarmus those of version 2.
#[test]
fn version_1_has_fewer_bits() {
    let events = [
        dat1(100, 300, 4, 1),
        dat1(101, 5, 200, 0),
        dat1(102, 511, 255, 8),
    ];
    let recording = read_all(&dat(1, &events.concat()));
    assert_eq!(
        recording.rows(),
        [(100, 300, 4, 1), (101, 5, 200, 0), (102, 511, 255, 1)]
    );
    let third = dat(1, &[]).len() + 16;
    let odd =
        format!("a polarity other than 0 and 1 is taken for ON: 1 events, first at byte {third}");
    let beyond =
        "1 event lies beyond the sensor of 304x240: x reaches 511, y reaches 255".to_owned();
    assert_eq!(recording.notes(), [odd, beyond]);
}

/// eventcv takes 2 for OFF, expelliarmus passes 2 and 15 on.
#[test]
fn any_polarity_but_0_is_on() {
    let events = [dat2(1, 3, 4, 2), dat2(2, 5, 6, 15), dat2(3, 5, 6, 0)];
    let recording = read_all(&dat(2, &events.concat()));
    assert_eq!(recording.events.p, [1, 1, 0]);
    assert!(recording.notes()[0].contains("is taken for ON: 2 events"));
}

/// N-CARS is such a file. faery and eventcv stop with an error.
#[test]
fn a_header_need_not_say_the_size() {
    let mut file = b"% Data file containing Event2d events.\n% Version 2\n\x00\x08".to_vec();
    file.extend(dat2(1, 16383, 16383, 1));
    let recording = read_all(&file);
    assert_eq!(recording.rows(), [(1, 16383, 16383, 1)]);
    assert_eq!(recording.info.size, None);
    let size = SensorSize {
        width: 120,
        height: 100,
    };
    let told = OpenOptions::new().with_size(size);
    assert_eq!(read_with(&file, &told).unwrap().info.size, Some(size));
}

#[test]
fn a_header_may_tell_of_the_camera() {
    let camera: &[u8] = b"% system_ID 49\n% plugin_name hal\n% geometry 1280x720\n";
    let named: &[u8] = b"% Data file containing CD events.\n% Version 2\n";
    let sized: &[u8] = b"% Version 2\n% Height 720\n% Width 1280\n";
    for lines in [[named, camera], [camera, named], [sized, camera]] {
        let mut file = lines.concat();
        assert_eq!(probe("raw", &file), None);
        assert_eq!(probe("dat", &file), Some(250));
        file.extend(b"\x0c\x08");
        file.extend(dat2(1, 2, 3, 1));
        let recording = read_all(&file);
        assert_eq!(recording.rows(), [(1, 2, 3, 1)]);
        // The lines are taken over, and what is written is DAT again.
        let written = write(&batch(&recording.rows()), Encoding::Dat2, &recording.info).unwrap();
        assert_eq!(read_all(&written).rows(), recording.rows());
    }
}

/// faery, expelliarmus and eventcv stop with an error.
#[test]
fn a_file_without_header_has_no_kind_either() {
    let events: Vec<u8> = (0..100).flat_map(|i| dat2(i, i, 2 * i, i % 2)).collect();
    assert_eq!(probe("dat", &events), Some(20));
    let input = Input::from_bytes(&events[..], "old.dat");
    let recording = read(evz_prophesee::open(input, &OpenOptions::new()).unwrap());
    assert_eq!(recording.events.len(), 100);
    assert_eq!(recording.rows()[99], (99, 99, 198, 1));
    assert_eq!(
        recording.report.inferred,
        [
            "no header: the events begin at byte 0",
            "DAT 2: its events have bits that version 1 leaves empty"
        ]
    );
    // Where the name says nothing, the option does.
    let told = OpenOptions::new().with_encoding(Encoding::Dat2);
    assert_eq!(read_with(&events, &told).unwrap().rows(), recording.rows());
}

#[test]
fn events_tell_the_version_or_it_is_asked_for() {
    let without = |events: &[u8]| {
        let mut file = b"% Data file containing CD events.\n\x0c\x08".to_vec();
        file.extend(events);
        file
    };
    let old: Vec<u8> = (0..100).flat_map(|i| dat1(i, i, 2 * i, i % 2)).collect();
    let recording = read_all(&without(&old));
    assert_eq!(recording.rows()[99], (99, 99, 198, 1));
    assert_eq!(
        recording.report.inferred,
        ["DAT 1: in version 2 no event would be ON"]
    );
    let few = without(&old[..80]);
    let error = read_with(&few, &OpenOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(error.question(), Some(Question::Encoding));
    assert!(error.to_string().ends_with("set encoding to dat1 or dat2"));
}

#[test]
fn a_header_of_both_kinds_is_ambiguous() {
    let mut file = b"% format EVT3\n% Version 2\n\x0c\x08".to_vec();
    file.extend(dat2(1, 2, 3, 1));
    let error = read_with(&file, &OpenOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
    assert_eq!(error.question(), Some(Question::Encoding));
    let told = OpenOptions::new().with_encoding(Encoding::Dat2);
    assert_eq!(read_with(&file, &told).unwrap().rows(), [(1, 2, 3, 1)]);
}

#[test]
fn what_is_told_against_the_header_is_said() {
    let mut file = b"% Data file containing CD events.\n% Version 2\n\x0c\x08".to_vec();
    file.extend(dat1(1, 2, 3, 1));
    let inferred = |encoding| {
        let told = OpenOptions::new().with_encoding(encoding);
        read_with(&file, &told).unwrap().report.inferred
    };
    assert_eq!(
        inferred(Encoding::Dat1),
        ["DAT 1 as told, though its header says Version 2"]
    );
    assert!(inferred(Encoding::Dat2).is_empty());
}

/// Other readers than faery, which writes it, lose the absolute time.
#[test]
fn the_time_that_faery_takes_off_is_added() {
    let mut file =
        b"% Version 2\n% Width 304\n% Height 240\n% T0 1589163147368868\n\x0c\x08".to_vec();
    file.extend(dat2(7, 3, 4, 1));
    assert_eq!(read_all(&file).events.t, [1_589_163_147_368_875]);
}
