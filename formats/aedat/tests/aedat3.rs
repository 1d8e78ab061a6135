//! AEDAT 3.1 and 3.0: files put together by hand. Of the public readers only evlib and evutils claim to read
//! it; evlib 0.13.2 gives no event of any of these files and says nothing.

mod common;

use common::{
    OneByte, event, read, read_from, read_with, try_read,
    v3::{self, CONFIG, FRAME, IMU6, IMU9, POLARITY, SPECIAL, packet, polarity, special},
};
use evz_core::{ErrorKind, OpenOptions, Question, SensorSize, SideValues};

const DAVIS240: &[&str] = &["#Source 1: DAVIS240C", "#-Source 0: File"];

/// tonic takes every packet for one of events, and as many events of it as it has room for.
#[test]
fn events_are_read_whatever_stands_between_them() {
    let mut file = v3::header(DAVIS240);
    file.extend(packet(
        CONFIG,
        1,
        0,
        1,
        &[vec![1, 2, 3, 4, 5, 6, 0, 0, 0, 0]],
    ));
    file.extend(packet(
        POLARITY,
        1,
        0,
        2,
        &[polarity(10, 239, 0, 1, true), polarity(11, 0, 179, 0, true)],
    ));
    file.extend(packet(SPECIAL, 1, 0, 1, &[special(12, 2)]));
    // Room for four, two there, one of them not valid.
    file.extend(packet(
        POLARITY,
        1,
        0,
        4,
        &[polarity(20, 7, 8, 1, false), polarity(21, 5, 6, 1, true)],
    ));
    file.extend(packet(POLARITY, 1, 0, 3, &[]));
    let read = read(&file);
    // The origin is top-left already.
    let expected = [
        event(10, 239, 0, 1),
        event(11, 0, 179, 0),
        event(21, 5, 6, 1),
    ];
    assert_eq!(read.events, expected);
    let size = SensorSize {
        width: 240,
        height: 180,
    };
    assert_eq!(read.info.size, Some(size));
    assert_eq!(read.losses(), []);
    assert_eq!(
        read.notes(),
        [
            "left out: 1 item that is marked as not valid, events or frames",
            "left out: 1 packet with settings of the device"
        ]
    );
    assert_eq!(
        read.report.inferred,
        ["read as: AEDAT 3.1 of DAVIS240C, 240x180, microseconds"]
    );
    let header = read.info.metadata["source.header"].as_bytes().unwrap();
    assert_eq!(header, v3::header(DAVIS240));
}

#[test]
fn the_clock_of_31_bits_is_carried_on() {
    let mut file = v3::header(DAVIS240);
    file.extend(packet(
        POLARITY,
        1,
        0,
        1,
        &[polarity(i32::MAX, 1, 1, 1, true)],
    ));
    file.extend(packet(POLARITY, 1, 1, 1, &[polarity(0, 1, 1, 1, true)]));
    file.extend(packet(POLARITY, 1, 5, 1, &[polarity(7, 1, 1, 1, true)]));
    let times: Vec<i64> = read(&file).events.iter().map(|e| e.t).collect();
    assert_eq!(times, [(1 << 31) - 1, 1 << 31, (5 << 31) + 7]);
}

#[test]
fn side_streams_are_kept() {
    let mut file = v3::header(DAVIS240);
    let kinds = [1, 2, 3, 4, 12, 13, 14, 15, 16, 17];
    let specials: Vec<Vec<u8>> = kinds.iter().map(|&kind| special(100, kind)).collect();
    file.extend(packet(SPECIAL, 1, 1, specials.len(), &specials));
    // The device's own: a wrap, a row without columns, the start of a readout.
    file.extend(packet(
        SPECIAL,
        1,
        0,
        3,
        &[0, 5, 18].map(|kind| special(1, kind)),
    ));
    file.extend(packet(
        IMU6,
        1,
        1,
        1,
        &[v3::imu(16, &[1., 2., 3., 4., 5., 6., 7.])],
    ));
    let nine = v3::imu(17, &[1., 2., 3., 4., 5., 6., 7., 8., 9., 10.]);
    file.extend(packet(IMU9, 1, 1, 1, &[nine]));
    let gray = v3::frame([10, 40, 20, 30], 1, [2, 1], &[100, 0xffff]);
    let color = v3::frame([50, 80, 60, 70], 3, [1, 1], &[1, 2, 3]);
    file.extend(packet(FRAME, 1, 1, 1, &[gray]));
    file.extend(packet(FRAME, 1, 1, 1, &[color]));
    file.extend(packet(POLARITY, 1, 1, 1, &[polarity(99, 1, 1, 1, true)]));
    let read = read(&file);
    let wrap = 1i64 << 31;
    assert_eq!(read.losses(), []);
    assert_eq!(read.notes(), ["times that the clock was set back to 0: 1"]);

    // Numbered as in AEDAT 4.
    assert_eq!(read.side("triggers").t, [wrap + 100; 10]);
    let sources = SideValues::U8((0..10).collect());
    assert_eq!(read.column("triggers", "source"), &sources);

    assert_eq!(read.side("imu").t, [wrap + 16, wrap + 17]);
    let column = |name| match read.column("imu", name) {
        SideValues::F32(values) => values.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(column("accel_x"), [1.0, 1.0]);
    assert_eq!(column("gyro_z"), [6.0, 6.0]);
    assert_eq!(column("temperature"), [7.0, 7.0]);
    assert!(column("magnetometer_x")[0].is_nan());
    assert_eq!(column("magnetometer_z")[1], 10.0);

    assert_eq!(read.side("frames").t, [wrap + 20, wrap + 60]);
    let times = |a: i64, b: i64| SideValues::I64(vec![wrap + a, wrap + b]);
    assert_eq!(read.column("frames", "frame_begin"), &times(10, 50));
    assert_eq!(read.column("frames", "frame_end"), &times(40, 80));
    assert_eq!(read.column("frames", "exposure_end"), &times(30, 70));
    // Gray, and blue, green, red, of 16 bits.
    assert_eq!(
        read.column("frames", "format"),
        &SideValues::U8(vec![2, 18])
    );
    assert_eq!(
        read.column("frames", "pixels"),
        &SideValues::Bytes(vec![vec![100, 0, 255, 255], vec![3, 0, 2, 0, 1, 0]])
    );
    assert_eq!(
        read.column("frames", "x_offset"),
        &SideValues::U16(vec![5, 5])
    );
}

#[test]
fn of_two_devices_one_must_be_chosen() {
    let mut file = v3::header(&["#Source 0: DAVIS240C", "#Source 1: DVS128"]);
    file.extend(packet(POLARITY, 0, 0, 1, &[polarity(10, 200, 1, 1, true)]));
    file.extend(packet(POLARITY, 1, 0, 1, &[polarity(11, 100, 1, 1, true)]));
    file.extend(packet(SPECIAL, 1, 0, 1, &[special(12, 2)]));
    let error = try_read(&file, &OpenOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(
        error.to_string(),
        "a.aedat: it has the events of 2 devices: 0 (DAVIS240C), 1 (DVS128); set stream to 0 or 1"
    );
    for name in ["1", "DVS128"] {
        let read = read_with(&file, &OpenOptions::default().with_stream(name));
        assert_eq!(read.events, [event(11, 100, 1, 1)]);
        assert_eq!(read.info.size.unwrap().width, 128);
        assert_eq!(read.losses(), []);
        assert_eq!(read.side_names(), ["triggers"]);
    }
    let read = read_with(&file, &OpenOptions::default().with_stream("0"));
    assert_eq!(read.events, [event(10, 200, 1, 1)]);
    assert_eq!(read.side_names(), ["triggers_1"]);
    let error = try_read(&file, &OpenOptions::default().with_stream("7")).err();
    assert!(
        error
            .unwrap()
            .to_string()
            .contains("no stream \"7\"; its devices are 0 (DAVIS240C)")
    );
}

#[test]
fn devices_that_the_header_does_not_name_are_counted() {
    let mut file = v3::header(&["#Source 1: DVS128"]);
    // The number in the header is often not that of the packets.
    file.extend(packet(POLARITY, 0, 0, 1, &[polarity(10, 1, 1, 1, true)]));
    file.extend(packet(POLARITY, 3, 0, 1, &[polarity(11, 2, 2, 1, true)]));
    let read = read(&file);
    assert_eq!(read.events, [event(10, 1, 1, 1)]);
    assert_eq!(
        read.losses(),
        [("events of devices that the header does not name", 1)]
    );
    assert!(read.said().contains("device 3, which is read as stream 3"));
}

#[test]
fn what_is_not_known_is_counted() {
    let mut file = v3::header(DAVIS240);
    file.extend(packet(6, 1, 0, 3, &[vec![1; 8]]));
    file.extend(packet(SPECIAL, 1, 0, 2, &[special(1, 9), special(1, 100)]));
    file.extend(packet(
        FRAME,
        1,
        0,
        1,
        &[v3::frame([1, 2, 3, 4], 1, [9, 9], &[1])],
    ));
    file.extend(packet(
        FRAME,
        1,
        0,
        1,
        &[v3::frame([1, 2, 3, 4], 2, [1, 1], &[1])],
    ));
    file.extend(packet(POLARITY, 1, 0, 1, &[polarity(10, 1, 1, 1, true)]));
    let read = read(&file);
    assert_eq!(read.events, [event(10, 1, 1, 1)]);
    assert_eq!(
        read.losses(),
        [
            ("packets of a kind that is not read", 1),
            ("special events that no trigger stands for", 2),
            ("frames that make no sense", 2)
        ]
    );
}

#[test]
fn what_was_cut_off_is_counted() {
    let mut file = v3::header(DAVIS240);
    file.extend(packet(POLARITY, 1, 0, 1, &[polarity(10, 1, 1, 1, true)]));
    let start = file.len();
    let events: Vec<Vec<u8>> = (0..50).map(|i| polarity(i, 1, 1, 1, true)).collect();
    file.extend(packet(POLARITY, 1, 0, 50, &events));
    for (left, n, lost) in [
        (5, 0, ("bytes behind the last whole packet", 5)),
        (28, 0, ("events cut off at the end", 50)),
        (28 + 30 * 8 + 3, 30, ("events cut off at the end", 20)),
    ] {
        let read = read(&file[..start + left]);
        assert_eq!(read.events.len(), 1 + n);
        assert_eq!(read.losses(), [lost]);
    }
}

#[test]
fn a_packet_whose_head_makes_no_sense_ends_the_reading() {
    let good = packet(POLARITY, 1, 0, 1, &[polarity(10, 1, 1, 1, true)]);
    let mut bad = [(); 5].map(|()| packet(POLARITY, 1, 0, 4, &[polarity(10, 1, 1, 1, true)]));
    // 4 GiB, 16 bytes an event, more events than room, a negative kind, negative wraps.
    bad[0][16..20].copy_from_slice(&0x2000_0000i32.to_le_bytes());
    bad[1][4..8].copy_from_slice(&16i32.to_le_bytes());
    bad[2][20..24].copy_from_slice(&5i32.to_le_bytes());
    bad[3][..2].copy_from_slice(&(-1i16).to_le_bytes());
    bad[4][12..16].copy_from_slice(&(-1i32).to_le_bytes());
    for bad in bad {
        let file = [
            v3::header(DAVIS240),
            good.clone(),
            bad.clone(),
            good.clone(),
        ]
        .concat();
        let at = file.len() - bad.len() - good.len();
        let read_both = read(&file);
        assert_eq!(read_both.events, [event(10, 1, 1, 1)]);
        let lost = (
            "bytes from a damaged packet on",
            (bad.len() + good.len()) as u64,
        );
        assert_eq!(read_both.losses(), [lost]);
        let example = &read_both.report.losses[0].examples[0];
        let place = format!("a.aedat: packet at byte {at}: its head says ");
        assert!(example.starts_with(&place), "{example}");

        let file = [v3::header(DAVIS240), bad].concat();
        let error = try_read(&file, &OpenOptions::default()).err().unwrap();
        assert!(
            error.to_string().ends_with("nothing in it can be read"),
            "{error}"
        );
    }
}

#[test]
fn headers_that_make_no_sense_are_refused() {
    let error = |bytes: &[u8]| {
        let error = try_read(bytes, &OpenOptions::default()).err();
        error.expect("an error").to_string()
    };
    let header = v3::header(DAVIS240);
    assert_eq!(
        error(&header[..40]),
        "a.aedat: byte 40: it ends within its header"
    );
    let mut without_end = header[..header.len() - 15].to_vec();
    without_end.extend(packet(POLARITY, 1, 0, 1, &[polarity(10, 1, 1, 1, true)]));
    assert!(error(&without_end).contains("its header has no last line, #!END-HEADER"));
    let packed = String::from_utf8(header)
        .unwrap()
        .replace("RAW", "SerializedTS");
    assert!(
        error(packed.as_bytes()).contains("packets of the format \"SerializedTS\" are not read")
    );
}

/// The vendor's page: no last line of the header, and the origin of events and frames is in the lower
/// left.
#[test]
fn version_3_0_counts_rows_from_the_bottom() {
    let mut file = v3::header_of_3_0(DAVIS240);
    let header = file.clone();
    file.extend(packet(
        POLARITY,
        1,
        0,
        4,
        &[
            polarity(10, 239, 0, 1, true),
            polarity(11, 0, 179, 0, true),
            polarity(12, 5, 180, 0, true),
            polarity(13, 5, 6, 0, false),
        ],
    ));
    file.extend(packet(SPECIAL, 1, 0, 1, &[special(14, 2)]));
    // Its last row stands first: rows 6 to 8 from the bottom.
    let gray = v3::frame([10, 40, 20, 30], 1, [2, 3], &[1, 2, 3, 4, 5, 6]);
    let beyond = v3::frame([10, 40, 20, 30], 1, [1, 175], &[0; 175]);
    file.extend(packet(FRAME, 1, 0, 1, &[gray]));
    file.extend(packet(FRAME, 1, 0, 1, &[beyond]));
    let read = read(&file);
    assert_eq!(read.events, [event(10, 239, 179, 1), event(11, 0, 0, 0)]);
    assert_eq!(
        read.losses(),
        [
            ("events with an address beyond the sensor", 1),
            ("frames that make no sense", 1)
        ]
    );
    assert_eq!(read.side("triggers").t, [14]);
    let samples = [5u8, 0, 6, 0, 3, 0, 4, 0, 1, 0, 2, 0];
    assert_eq!(
        read.column("frames", "pixels"),
        &SideValues::Bytes(vec![samples.to_vec()])
    );
    // Row 8 from the bottom is row 171.
    let offset = SideValues::U16(vec![180 - 1 - 8]);
    assert_eq!(read.column("frames", "y_offset"), &offset);
    assert_eq!(
        read.report.inferred,
        ["read as: AEDAT 3.0 of DAVIS240C, 240x180, microseconds, rows from the bottom"]
    );
    let metadata = &read.info.metadata;
    assert_eq!(metadata["source.header"].as_bytes().unwrap(), header);
    assert_eq!(metadata["source.format"].as_text(), Some("aedat 3.0"));
}

#[test]
fn of_version_3_0_the_size_of_the_sensor_must_be_known() {
    for (sources, says) in [
        (&[][..], "its header names no device"),
        (
            &["#Source 1: Camera"],
            "the device \"Camera\", which is not known",
        ),
    ] {
        let mut file = v3::header_of_3_0(sources);
        file.extend(packet(POLARITY, 1, 0, 1, &[polarity(10, 1, 2, 1, true)]));
        let error = try_read(&file, &OpenOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        assert_eq!(error.question(), Some(Question::Size));
        assert!(error.to_string().contains(says), "{error}");
        let size = SensorSize {
            width: 20,
            height: 10,
        };
        let read = read_with(&file, &OpenOptions::default().with_size(size));
        assert_eq!(read.events, [event(10, 1, 7, 1)]);
        assert_eq!(read.info.size, Some(size));
    }
    // Of two devices each has its own rows.
    let frame = |source| {
        packet(
            FRAME,
            source,
            0,
            1,
            &[v3::frame([1, 2, 3, 4], 1, [1, 1], &[1])],
        )
    };
    for (other, offset) in [("DVS128", Some(121)), ("Camera", None)] {
        let mut file = v3::header_of_3_0(&["#Source 0: DAVIS240C", &format!("#Source 1: {other}")]);
        file.extend([frame(0), frame(1)].concat());
        file.extend(packet(POLARITY, 0, 0, 1, &[polarity(10, 1, 2, 1, true)]));
        let read = read_with(&file, &OpenOptions::default().with_stream("0"));
        assert_eq!(read.events, [event(10, 1, 177, 1)]);
        let offsets = |y| SideValues::U16(vec![y]);
        assert_eq!(read.column("frames", "y_offset"), &offsets(173));
        match offset {
            Some(y) => assert_eq!(read.column("frames_1", "y_offset"), &offsets(y)),
            None => assert!(read.losses()[0].0.starts_with("frames of other devices")),
        }
    }
}

#[test]
fn the_header_of_version_3_0_ends_where_no_line_begins() {
    let events = packet(POLARITY, 1, 0, 1, &[polarity(10, 1, 0, 1, true)]);
    let header = v3::header_of_3_0(DAVIS240);
    let expected = [event(10, 1, 179, 1)];
    assert_eq!(read(&[&header[..], &events].concat()).events, expected);
    // What ends it in AEDAT 3.1 may be there.
    let with_end = [&header[..], b"#!END-HEADER\r\n", &events].concat();
    assert_eq!(read(&with_end).events, expected);
    // A file of a header and nothing else cannot be told from one that was cut there.
    assert_eq!(read(&header).events, []);
    let cut = try_read(&header[..20], &OpenOptions::default()).err();
    assert_eq!(cut.unwrap().kind(), ErrorKind::InsufficientData);
}

#[test]
fn bytes_that_come_one_by_one_are_read_the_same() {
    let mut file = v3::header(DAVIS240);
    for t in 0..20 {
        file.extend(packet(POLARITY, 1, 0, 2, &[polarity(t, 1, 2, 1, true)]));
        file.extend(packet(SPECIAL, 1, 0, 1, &[special(t, 3)]));
    }
    let one = OneByte(std::io::Cursor::new(file.clone()));
    let one = read_from(one, &OpenOptions::default()).unwrap();
    let whole = read(&file);
    assert_eq!(one.events, whole.events);
    assert_eq!(one.side, whole.side);
    assert_eq!(one.report, whole.report);
}
