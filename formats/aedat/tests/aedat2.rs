//! AEDAT 2.0: files put together by hand. Versions of the public readers that get one wrong stand
//! beside it; they were run on the same bytes. evlib 0.13.2 gives no event of any of them and says
//! nothing.

mod common;

use common::{
    OneByte, event, read, read_from, read_streams, read_streams_with, read_with, try_read,
    v2::{DAVIS_EXTERNAL, DVS128_EXTERNAL, aps, davis, dvs128, header, imu, record},
};
use evz_core::{ErrorKind, OpenOptions, SensorSize, SideValues};

const DVS128: &str = "ch.unizh.ini.jaer.chip.retina.DVS128";
const DAVIS240: &str = "eu.seebetter.ini.chips.davis.DAVIS240C";

fn file(chip: Option<&str>, records: &[[u8; 8]]) -> Vec<u8> {
    [header(chip), records.concat()].concat()
}

fn size(width: u32, height: u32) -> SensorSize {
    SensorSize { width, height }
}

/// eventcv 1.0.8 refuses a DVS128. The vendor's page calls bit 0 set ON and the origin bottom-left;
/// jAER, which wrote these files, and the driver of the camera in libcaer have it the other way and
/// count columns from the right.
#[test]
fn a_dvs128_counts_from_the_bottom_right_and_sets_its_bit_for_off() {
    let read = read(&file(
        Some(DVS128),
        &[
            record(dvs128(0, 0, 0), 10),
            record(dvs128(1, 2, 1), 11),
            record(DVS128_EXTERNAL, 12),
            record(dvs128(127, 127, 1), 13),
        ],
    ));
    let expected = [
        event(10, 127, 127, 1),
        event(11, 126, 125, 0),
        event(13, 0, 0, 0),
    ];
    assert_eq!(read.events, expected);
    assert_eq!(read.info.size, Some(size(128, 128)));
    assert_eq!(read.side("triggers").t, [12]);
    assert_eq!(read.column("triggers", "source"), &SideValues::U8(vec![3]));
    assert_eq!(read.losses(), []);
    assert_eq!(
        read.report.inferred,
        [
            "read as: AEDAT 2.0 of a DVS128, 128x128, microseconds, addresses from the bottom right as \
          jAER writes them, polarity bit 0 is ON"
        ]
    );
    let kept = read.info.metadata["source.header"].as_bytes().unwrap();
    assert_eq!(kept, header(Some(DVS128)));
}

/// eventcv 1.0.8 counts columns from the left, evutils 0.3.18 rows from the top too. jAER writes the
/// columns of a DAVIS mirrored, for old recordings' sake, and mirrors them back.
#[test]
fn a_davis_counts_from_the_bottom_right() {
    let corners = [
        record(davis(0, 0, 1), 1),
        record(davis(239, 0, 0), 2),
        record(davis(0, 179, 1), 3),
        record(davis(239, 179, 0), 4),
    ];
    let expected = [
        event(1, 239, 179, 1),
        event(2, 0, 179, 0),
        event(3, 239, 0, 1),
        event(4, 0, 0, 0),
    ];
    assert_eq!(read(&file(Some(DAVIS240), &corners)).events, expected);

    let larger = record(davis(345, 259, 1), 5);
    let chip = "eu.seebetter.ini.chips.davis.Davis346blue";
    let read = read(&file(Some(chip), &[larger]));
    assert_eq!(read.events, [event(5, 0, 0, 1)]);
    assert_eq!(read.info.size, Some(size(346, 260)));
}

#[test]
fn frames_and_imu_samples_among_the_events_are_no_events() {
    let mut records = vec![
        record(davis(5, 6, 1), 10),
        record(aps(3, 4, 0, 500), 11),
        record(aps(3, 4, 1, 1023), 11),
        record(DAVIS_EXTERNAL, 12),
        record(DAVIS_EXTERNAL | davis(0, 0, 1), 13),
    ];
    records.extend((0..7).map(|code| record(imu(code, 100 * code as i16 - 300), 14)));
    records.push(record(davis(5, 6, 0), 15));
    // A sample that was cut in the middle, and one that begins anew.
    records.extend([0, 1, 2, 0, 1, 2, 3, 4, 5, 6].map(|code| record(imu(code, 1), 16)));
    records.push(record(imu(0, 1), 17));
    let read = read(&file(Some(DAVIS240), &records));
    assert_eq!(
        read.events,
        [event(10, 234, 173, 1), event(15, 234, 173, 0)]
    );
    assert_eq!(read.side("triggers").t, [12, 13]);
    assert_eq!(read.side("imu").t, [14, 16]);
    // Acceleration, temperature, rotation.
    for (i, name) in [
        "accel_x",
        "accel_y",
        "accel_z",
        "temperature",
        "gyro_x",
        "gyro_y",
        "gyro_z",
    ]
    .iter()
    .enumerate()
    {
        let values = SideValues::F32(vec![100.0 * i as f32 - 300.0, 1.0]);
        assert_eq!(read.column("imu", name), &values, "{name}");
    }
    assert_eq!(
        read.info.metadata["aedat.imu_unit"].as_text(),
        Some("raw counts")
    );
    assert_eq!(
        read.losses(),
        [
            (
                "samples of frames (APS), which are not read from AEDAT 2.0",
                2
            ),
            ("words of IMU samples that are not whole", 4)
        ]
    );
    let first = header(Some(DAVIS240)).len() + 8;
    assert_eq!(
        read.report.losses[0].examples,
        [format!("a.aedat: byte {first}")]
    );
}

/// eventcv 1.0.8 takes the first event for another line of the header, and drops it.
#[test]
fn a_first_event_that_begins_like_a_line_is_an_event() {
    // Rows 140 to 143 of a DAVIS begin with 0x23, which is #; ten columns of them go on with 0x0a,
    // which is the end of a line.
    for address in [davis(5, 140, 0), davis(0xa1, 140, 1), davis(0xa1, 143, 1)] {
        let records = [
            record(address, 0x0d0a_0d0a),
            record(davis(1, 2, 1), 0x0d0a_0d0b),
        ];
        assert_eq!(records[0][0], b'#');
        let read = read(&file(Some(DAVIS240), &records));
        assert_eq!(read.events.len(), 2);
        assert_eq!(read.events[0].t, 0x0d0a_0d0a);
        assert_eq!(read.losses(), []);
    }
}

#[test]
fn a_header_ends_where_jaer_says_that_it_does() {
    let mut bytes = header(Some(DAVIS240));
    bytes.extend("# Prefs: größer, café\r\n#End Of ASCII Header\r\n".as_bytes());
    let len = bytes.len();
    bytes.extend(record(davis(5, 140, 0), 10));
    let read = read(&bytes);
    assert_eq!(read.events, [event(10, 234, 39, 0)]);
    assert_eq!(
        read.info.metadata["source.header"]
            .as_bytes()
            .unwrap()
            .len(),
        len
    );
}

#[test]
fn the_clock_of_32_bits_is_carried_on() {
    let at = |t: u32| record(davis(1, 1, 1), t);
    let records = [
        at(0x7fff_ffff),
        at(0x8000_0000),
        at(u32::MAX),
        at(3),
        at(u32::MAX),
        at(4),
    ];
    let read = read(&file(Some(DAVIS240), &records));
    let times: Vec<i64> = read.events.iter().map(|e| e.t).collect();
    let wrap = 1 << 32;
    assert_eq!(
        times,
        [
            0x7fff_ffff,
            0x8000_0000,
            wrap - 1,
            wrap + 3,
            wrap - 1,
            wrap + 4
        ]
    );
    assert_eq!(
        read.notes(),
        [
            "times run backwards once, in event 4",
            "the clock of 32 bits started again 1 time and was carried on"
        ]
    );
}

#[test]
fn without_a_known_chip_the_layout_must_be_told() {
    let davis = [record(davis(345, 259, 1), 5), record(davis(0, 0, 0), 6)];
    let unknown = Some("org.example.MyCamera");
    for (chip, says) in [
        (None, "its header names no chip"),
        (unknown, "the chip \"MyCamera\""),
    ] {
        let bytes = file(chip, &davis);
        // A size is no layout.
        let mut told = OpenOptions::default().with_size(size(346, 260));
        for options in [&OpenOptions::default(), &told] {
            let error = try_read(&bytes, options).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Ambiguous);
            let error = error.to_string();
            let fix = "; set encoding to dvs128, dvs128-stereo, davis or dvs640";
            assert!(error.contains(says) && error.ends_with(fix), "{error}");
        }
        told = told.with_encoding("davis");
        let read = read_with(&bytes, &told);
        assert_eq!(read.events, [event(5, 0, 0, 1), event(6, 345, 259, 0)]);
        let error = try_read(&bytes, &OpenOptions::default().with_encoding("davis"));
        let error = error.err().unwrap().to_string();
        assert!(error.ends_with("; set size"), "{error}");
    }
    let dvs128 = file(
        None,
        &[record(dvs128(0, 0, 0), 10), record(dvs128(1, 2, 1), 11)],
    );
    let read = read_with(&dvs128, &OpenOptions::default().with_encoding("dvs128"));
    assert_eq!(
        read.events,
        [event(10, 127, 127, 1), event(11, 126, 125, 0)]
    );
    assert!(read.said().contains("dvs128 (as told)"));
}

/// v2e writes rows from bit 11 on and columns from bit 1 on for its sensor of 640x480, under the header
/// that it writes for all.
#[test]
fn the_layout_of_v2e_for_640x480() {
    let word = |x: u32, y: u32, p: u32| y << 11 | x << 1 | p;
    let records = [
        record(word(0, 0, 1), 3),
        record(word(639, 479, 0), 4),
        record(1 << 20, 5),
    ];
    let read = read_with(
        &file(None, &records),
        &OpenOptions::default().with_encoding("dvs640"),
    );
    assert_eq!(read.events, [event(3, 639, 479, 1), event(4, 0, 0, 0)]);
    assert_eq!(read.report.losses[0].count, 1);
}

#[test]
fn what_is_laid_out_in_one_way_takes_no_layout() {
    let bytes = file(
        Some("eu.seebetter.ini.chips.davis.DAVIS346B"),
        &[record(davis(1, 1, 1), 5)],
    );
    let error = try_read(&bytes, &OpenOptions::default().with_encoding("evt3"));
    let error = error.err().unwrap().to_string();
    assert!(
        error.contains("\"evt3\"; set encoding to dvs128, dvs128-stereo, davis or dvs640"),
        "{error}"
    );
    let newer = [b"#!AER-DAT3.1\r\n".as_slice(), &bytes[14..]].concat();
    let error = try_read(&newer, &OpenOptions::default().with_encoding("davis"));
    let error = error.err().unwrap().to_string();
    assert!(
        error.contains("this is AEDAT 3.1; leave out encoding"),
        "{error}"
    );
}

/// AEDAT 1.0: addresses of 16 bits, as those of a DVS128, and no more than that; often without a header.
#[test]
fn version_1_has_shorter_addresses() {
    let old = |address: u32, t: u32| {
        let [.., a, b] = address.to_be_bytes();
        let [c, d, e, f] = t.to_be_bytes();
        [a, b, c, d, e, f]
    };
    let data = [old(dvs128(0, 0, 0), 10), old(dvs128(1, 2, 1), 11)].concat();
    let expected = [event(10, 127, 127, 1), event(11, 126, 125, 0)];
    let told = OpenOptions::default().with_encoding("dvs128");
    let header = b"#!AER-DAT1.0\r\n# This is a raw AE data file - do not edit\r\n".as_slice();
    for header in [&b""[..], header] {
        let bytes = [header, &data].concat();
        let read = read_with(&bytes, &told);
        assert_eq!(read.events, expected);
        assert!(
            read.said().contains("AEDAT 1.0 of a dvs128"),
            "{}",
            read.said()
        );
        let error = try_read(&bytes, &OpenOptions::default()).err().unwrap();
        assert!(
            error
                .to_string()
                .ends_with("; set encoding to dvs128 or dvs128-stereo"),
            "{error}"
        );
        let wrong = OpenOptions::default().with_encoding("dvs640");
        let error = try_read(&bytes, &wrong).err().unwrap().to_string();
        assert!(
            error.ends_with("; set encoding to dvs128 or dvs128-stereo"),
            "{error}"
        );
        // Cut anywhere, the whole ones come and the rest is counted.
        for len in header.len() + 1..bytes.len() {
            let read = read_with(&bytes[..len], &told);
            let (whole, rest) = ((len - header.len()) / 6, (len - header.len()) % 6);
            assert_eq!(read.events, expected[..whole], "{len}");
            let lost = read.report.losses.iter().map(|l| l.count).sum::<u64>();
            assert_eq!(lost, rest as u64, "{len}");
        }
    }
    // More than one block.
    let many: Vec<u8> = (0..200_000).flat_map(|t| old(dvs128(1, 1, 1), t)).collect();
    let read = read_with(&many, &told);
    assert!(read.events.len() == 200_000 && read.events.iter().zip(0..).all(|(e, t)| e.t == t));
}

/// jAER's `Stereopsis`: bit 15 is set for the right camera, where a single one has it for an external
/// event.
#[test]
fn the_cameras_of_a_pair_are_streams() {
    const RIGHT: u32 = 1 << 15;
    let records = [
        record(dvs128(0, 0, 0), 10),
        record(dvs128(1, 2, 1) | RIGHT, 11),
        record(dvs128(3, 3, 0) | RIGHT, 12),
        record(1 << 31 | DVS128_EXTERNAL, 13),
        record(dvs128(127, 127, 1), 14),
        record(1 << 16, 15),
    ];
    let left = vec![event(10, 127, 127, 1), event(14, 0, 0, 0)];
    let right = vec![event(11, 126, 125, 0), event(12, 124, 124, 1)];
    let stereo = "ch.unizh.ini.jaer.chip.stereopsis";
    for (chip, told) in [
        (Some(format!("{stereo}.DVS128StereoPair")), None),
        (Some(format!("{stereo}.DVS128StereoBoard")), None),
        (Some(format!("{stereo}.Tmpdiff128StereoPair")), None),
        (
            Some("ch.unizh.ini.jaer.chip.flyeye.FlyEye".to_owned()),
            None,
        ),
        (None, Some("dvs128-stereo")),
    ] {
        let bytes = file(chip.as_deref(), &records);
        let mut options = OpenOptions::default();
        options.encoding = told.map(str::to_owned);
        let error = try_read(&bytes, &options).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        assert_eq!(
            error.to_string(),
            "a.aedat: it has the events of 2 cameras: left, right; set stream to left or right"
        );
        for (names, events) in [(["left", "0"], &left), (["right", "1"], &right)] {
            for name in names {
                let read = read_with(&bytes, &options.clone().with_stream(name));
                assert_eq!(
                    (&read.events, read.info.size),
                    (events, Some(size(128, 128)))
                );
                assert_eq!(read.side("triggers").t, [13]);
                assert_eq!(read.notes(), ["left out: 2 events of other cameras"]);
            }
        }
        let [a, b] = &read_streams_with(&bytes, &options)[..] else {
            panic!("two cameras");
        };
        assert_eq!((&a.events, a.info.name.as_str()), (&left, "left"));
        assert_eq!((&b.events, b.info.name.as_str()), (&right, "right"));
        let unknown = ("addresses with bits that mean nothing", 1);
        assert_eq!((a.losses(), b.losses()), (vec![unknown], vec![]));
        assert!(b.side.is_empty());
    }

    // AEDAT 1.0, where neither header nor chip says so; and of the right one there is nothing.
    let old: Vec<u8> = records[..3].iter().flat_map(|r| r[2..].to_vec()).collect();
    let options = OpenOptions::default().with_encoding("dvs128-stereo");
    let read = read_streams_with(&old, &options);
    assert_eq!((read.len(), &read[1].events), (2, &right));
    assert_eq!(read[0].events, left[..1]);
    let read = read_streams_with(&old[..6], &options);
    assert_eq!((read.len(), read[1].events.len()), (2, 0));
}

/// jAER sets bit 15 of a DAVIS too, which is one of those of the column.
#[test]
fn a_pair_whose_columns_are_lost_is_refused() {
    let chip = "ch.unizh.ini.jaer.chip.stereopsis.Davis240CStereoPair";
    let bytes = file(Some(chip), &[record(davis(1, 1, 0), 10)]);
    let error = try_read(&bytes, &OpenOptions::default()).err().unwrap();
    assert!(
        error.to_string().contains("is a pair of cameras"),
        "{error}"
    );
}

/// jAER's `MultiCameraApsDvsEvent` keeps the number of the camera in the lowest bits of an address. The
/// readers of DHP19 that leave them out mix what four cameras saw.
#[test]
fn of_several_cameras_one_must_be_chosen() {
    let chip = "ch.unizh.ini.jaer.chip.multicamera.MultiDAVIS346BCameraChip";
    let records = [
        record(davis(0, 0, 1) | 3, 10),
        record(davis(5, 0, 0), 11),
        record(DAVIS_EXTERNAL, 12),
        record(davis(346, 0, 0) | 3, 13),
        record(davis(345, 259, 1), 14),
        record(davis(1, 1, 1) | 3, 15),
    ];
    let mut bytes = file(Some(chip), &records);
    let (zero, three) = (
        vec![event(11, 340, 259, 0), event(14, 0, 0, 1)],
        vec![event(10, 345, 259, 1), event(15, 344, 258, 1)],
    );
    let error = try_read(&bytes, &OpenOptions::default()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "a.aedat: it has the events of 2 cameras: 0, 3; set stream to 0 or 3"
    );
    for (names, events) in [(["0", "camera_0"], &zero), (["3", "camera_3"], &three)] {
        for name in names {
            let read = read_with(&bytes, &OpenOptions::default().with_stream(name));
            assert_eq!(
                (&read.events, read.info.size),
                (events, Some(size(346, 260)))
            );
            assert_eq!(read.side("triggers").t, [12]);
            let others = if events == &zero { 3 } else { 2 };
            assert_eq!(
                read.notes(),
                [format!("left out: {others} events of other cameras")]
            );
        }
    }
    let error = try_read(&bytes, &OpenOptions::default().with_stream("1"))
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("its cameras are 0, 3; set stream to 0 or 3"),
        "{error}"
    );

    let [a, b] = &read_streams(&bytes)[..] else {
        panic!("two cameras");
    };
    assert_eq!((&a.events, a.info.name.as_str()), (&zero, "camera_0"));
    assert_eq!((&b.events, b.info.name.as_str()), (&three, "camera_3"));
    assert_eq!(a.side("triggers").t, [12]);
    assert!(b.side.is_empty() && a.losses().is_empty());
    assert_eq!(
        b.losses(),
        [("events with an address beyond the sensor", 1)]
    );

    // A camera that comes late is counted, once.
    let many = records
        .iter()
        .chain(std::iter::repeat_n(&records[1], 70_000));
    let late = many.copied().chain([record(davis(1, 1, 1) | 7, 99)]);
    bytes = file(Some(chip), &late.collect::<Vec<_>>());
    let read = read_streams(&bytes);
    let late = (
        "events of cameras that have none in the first part of the recording",
        1,
    );
    assert_eq!((read.len(), read[0].losses()), (2, vec![late]));
    assert_eq!(read[1].losses().len(), 1);
}

#[test]
fn addresses_that_make_no_sense_are_counted() {
    let records = [
        record(dvs128(1, 1, 0), 10),
        record(0x0001_0000, 11),
        record(0x7fff_0000, 12),
        record(dvs128(1, 1, 0), 13),
    ];
    let read_dvs = read(&file(Some(DVS128), &records));
    assert_eq!(read_dvs.events.len(), 2);
    assert_eq!(
        read_dvs.losses(),
        [("addresses with bits that mean nothing", 2)]
    );

    let outside = [
        record(davis(240, 1, 1), 10),
        record(davis(1, 180, 1), 11),
        record(davis(1, 1, 1), 12),
    ];
    let read_davis = read(&file(Some(DAVIS240), &outside));
    assert_eq!(read_davis.events, [event(12, 238, 178, 1)]);
    assert_eq!(
        read_davis.losses(),
        [("events with an address beyond the sensor", 2)]
    );
}

#[test]
fn what_was_cut_off_is_counted() {
    let bytes = file(
        Some(DVS128),
        &[record(dvs128(1, 1, 0), 10), record(dvs128(1, 1, 0), 11)],
    );
    let read = read(&bytes[..bytes.len() - 3]);
    assert_eq!(read.events.len(), 1);
    assert_eq!(read.losses(), [("bytes behind the last whole event", 5)]);
    let place = format!("a.aedat: byte {}", bytes.len() - 8);
    assert_eq!(read.report.losses[0].examples, [place]);
}

#[test]
fn other_versions_are_refused_by_name() {
    let error = |bytes: &[u8]| {
        let error = try_read(bytes, &OpenOptions::default()).err();
        error.expect("an error").to_string()
    };
    let none = "a.aedat: AEDAT 2.1 is not read, only 1.0, 2.0, 3.0, 3.1 and 4.0; is the file cut or damaged?";
    assert_eq!(error(b"#!AER-DAT2.1\r\n\0\0\0\0\0\0"), none);
    let bare = "if it is of AEDAT 1.0 without a header, say how its addresses are laid out; set encoding to dvs128 or dvs128-stereo";
    assert!(error(b"\0\x01\0\0\0\x01").ends_with(bare));
}

#[test]
fn long_recordings_are_read_block_by_block_and_byte_by_byte() {
    let records: Vec<[u8; 8]> = (0..150_000u32)
        .map(|i| match i % 1_000 {
            999 => record(DAVIS_EXTERNAL, i),
            _ => record(davis(i % 240, i / 240 % 180, i & 1), i),
        })
        .collect();
    let bytes = file(Some(DAVIS240), &records);
    let whole = read(&bytes);
    assert_eq!(whole.events.len(), 149_850);
    assert_eq!(whole.side("triggers").len(), 150);
    let one = OneByte(std::io::Cursor::new(bytes));
    let one = read_from(one, &OpenOptions::default()).unwrap();
    assert_eq!(one.events, whole.events);
    assert_eq!(one.side, whole.side);
    assert_eq!(one.report, whole.report);
}

/// A side stream that the recording has not is an error, for events would be taken for its rows.
#[test]
fn a_side_stream_that_is_not_there_is_an_error() {
    let bytes = file(Some(DAVIS240), &[record(davis(5, 6, 1), 10)]);
    for name in ["frames", "imu_2", "triggers_0"] {
        let error = try_read(&bytes, &OpenOptions::default().with_stream(name)).err();
        let said = error.expect("no such side stream").to_string();
        assert!(
            said.contains("beside events it has imu, triggers"),
            "{said}"
        );
    }
    for name in ["imu", "triggers"] {
        read_with(&bytes, &OpenOptions::default().with_stream(name));
    }
}
