//! Streams built by hand from the specification.

mod common;

use common::{read, read_all, refused, stream};
use evz_core::{
    Clues, ErrorKind, Input, OpenOptions, Question, SensorSize, TimeBase, Value, Values,
};

#[test]
fn bytes_of_dvs() {
    let bytes = [
        // ON after 3 us, in the row at the bottom.
        &[3 << 1 | 1, 9, 0, 0, 0][..],
        // OFF at the same time, in the row at the top.
        &[0, 1, 0, 7, 0],
        // A reset, two overflows, and 126 us: the longest time of an event.
        &[0xfe, 0xff, 0xff, 126 << 1, 2, 0, 3, 0],
    ];
    let recording = read_all(stream(1, &bytes.concat()));
    assert_eq!(
        recording.rows(),
        [(3, 9, 7, 1), (3, 1, 0, 0), (3 + 3 * 127 - 1, 2, 4, 0)]
    );
    let info = &recording.info;
    assert_eq!(info.time_base, TimeBase::MICROSECONDS);
    let (width, height) = (10, 8);
    assert_eq!(info.size, Some(SensorSize { width, height }));
    assert_eq!(info.metadata["source.format"], Value::from("es 2.0.0 dvs"));
    assert_eq!(recording.notes(), ["left out: 1 reset byte"]);
    assert_eq!(recording.losses(), []);
    let [rows] = &recording.report.inferred[..] else {
        panic!("{:?}", recording.report);
    };
    assert!(rows.contains("bottom"), "{rows}");
}

#[test]
fn bytes_of_atis() {
    let bytes = [
        &[5 << 2 | 2, 1, 0, 0, 0][..],
        // The first and the second half of an exposure measurement.
        &[4 << 2 | 1, 1, 0, 0, 0],
        &[2 << 2 | 3, 1, 0, 0, 0],
        // A reset, and overflows of 1, 2 and 3 times 63 us.
        &[0xfc, 0xfd, 0xfe, 0xff, 62 << 2, 1, 0, 1, 0],
    ];
    let recording = read_all(stream(2, &bytes.concat()));
    assert_eq!(
        recording.rows(),
        [(5, 1, 7, 1), (11 + 6 * 63 + 62, 1, 6, 0)]
    );
    let crossings = [(9, vec![1, 0, 7, 0, 0]), (11, vec![1, 0, 7, 0, 1])];
    assert_eq!(recording.side, crossings);
    assert_eq!(recording.notes(), ["left out: 1 reset byte"]);
    assert_eq!(recording.losses(), []);
}

#[test]
fn bytes_of_colour() {
    let bytes = [
        // After the longest time of an event, in the row at the bottom.
        &[253, 9, 0, 0, 0, 255, 0, 7][..],
        // A reset, two overflows, and an event whose colour looks like those.
        &[0xfe, 0xff, 0xff, 1, 0, 0, 7, 0, 0xfe, 0xff, 0xff],
    ];
    let recording = read_all(stream(4, &bytes.concat()));
    assert_eq!(recording.rows(), [(253, 9, 7, 1), (254 * 3, 0, 0, 1)]);
    let values = [[255u8, 0xfe], [0, 0xff], [7, 0xff]].map(|v| Values::from_slice(&v));
    assert_eq!(recording.events.extra, values);
    let said = "events of colour have no polarity: p is 1 for all of them";
    assert_eq!(recording.notes(), [said, "left out: 1 reset byte"]);
    assert_eq!(recording.losses(), []);
}

/// A stream of generic events, which has no size of a sensor.
fn generic(bytes: &[u8]) -> Vec<u8> {
    [b"Event Stream\x02\x00\x00\x00", bytes].concat()
}

#[test]
fn bytes_of_generic_events() {
    let long = vec![0xff; 300];
    let bytes = [
        &[3, 2 << 1, 0xfe, 0xff][..],
        // A reset, two overflows, and an event without data.
        &[0xfe, 0xff, 0xff, 0, 0],
        // 300 = 2 * 128 + 44 data bytes, in more size bytes than are needed.
        &[1, 44 << 1 | 1, 2 << 1 | 1, 1, 0],
        &long,
    ];
    let recording = read_all(generic(&bytes.concat()));
    assert!(recording.events.is_empty());
    let (second, third) = (3 + 2 * 254, 4 + 2 * 254);
    let expected = [(3, vec![0xfe, 0xff]), (second, vec![]), (third, long)];
    assert_eq!(recording.side, expected);
    assert_eq!(recording.notes(), ["left out: 1 reset byte"]);
    assert_eq!(recording.losses(), []);
    let format = &recording.info.metadata["source.format"];
    assert_eq!(*format, Value::from("es 2.0.0 generic"));

    let empty = read_all(generic(&[]));
    assert!(empty.side.is_empty() && empty.losses().is_empty());
}

/// Rows come block by block, and those of data longer than a block.
#[test]
fn generic_events_of_many_blocks() {
    let data = |i: usize| vec![i as u8; if i == 7 { 1_000_000 } else { i % 5 }];
    let (mut bytes, mut expected) = (Vec::new(), Vec::new());
    for i in 0..200_000 {
        let data = data(i);
        let len = data.len();
        bytes.extend([
            1,
            (len << 1) as u8 | 1,
            (len >> 7 << 1) as u8 | 1,
            (len >> 14 << 1) as u8,
        ]);
        bytes.extend_from_slice(&data);
        expected.push((i as i64 + 1, data));
    }
    let recording = read_all(generic(&bytes));
    assert!(recording.side == expected);
    assert_eq!(recording.losses(), []);
}

#[test]
fn generic_events_that_are_too_long() {
    let whole = [3, 2 << 1, 7, 8];
    for (bytes, said) in [
        (
            &[1, 0xff, 0xff, 0xff, 0xff, 0][..],
            "an event of more than 67108864 bytes",
        ),
        (
            &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1][..],
            "whose size takes more",
        ),
    ] {
        let recording = read_all(generic(&[&whole, bytes].concat()));
        assert_eq!(recording.side, [(3, vec![7, 8])]);
        let error = recording.error.unwrap();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert!(error.to_string().starts_with("a.es: byte 20: "), "{error}");
        assert!(error.what().contains(said), "{error}");
    }
}

#[test]
fn events_beyond_the_sensor_are_counted() {
    let bytes = [[2, 0, 0, 8, 0], [2, 10, 0, 0, 0], [2, 9, 0, 0, 0]].concat();
    let recording = read_all(stream(1, &bytes));
    assert_eq!(recording.rows(), [(3, 9, 7, 0)]);
    assert_eq!(recording.losses(), [("events beyond the sensor", 2)]);
    assert_eq!(recording.report.losses[0].examples, ["a.es: byte 20"]);

    let size = |width, height| SensorSize { width, height };
    let told = |size| {
        let options = OpenOptions::new().with_size(size);
        evz_es::open(Input::from_bytes(stream(1, &bytes), "a.es"), &options)
    };
    let recording = read(told(size(11, 9)).unwrap());
    assert_eq!(
        recording.rows(),
        [(1, 0, 0, 0), (2, 10, 8, 0), (3, 9, 8, 0)]
    );
    assert_eq!(recording.info.size, Some(size(11, 9)));
    let Err(error) = told(size(10, 65_536)) else {
        panic!("opened");
    };
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn blocks_without_events_are_not_the_end() {
    let mut bytes = vec![0xff; 1_000_000];
    bytes.extend([0xfd, 1, 0, 2, 0]);
    let recording = read_all(stream(1, &bytes));
    assert_eq!(recording.rows(), [(127 * 1_000_000 + 126, 1, 5, 1)]);
    assert_eq!(recording.losses(), []);
}

#[test]
fn other_streams_say_what_they_hold() {
    let error = refused(stream(3, &[1, 2, 3]));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = "a.es: it holds events of an Asynchronous & Modular Display: t, x, y and a stage, no \
                polarity; read it with event_stream of Python";
    assert_eq!(error.to_string(), text);
    let error = refused(stream(5, &[]));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("type 5"), "{error}");
}

#[test]
fn other_headers() {
    let with = |at: usize, byte: u8| {
        let mut bytes = stream(1, &[2, 1, 0, 2, 0]);
        bytes[at] = byte;
        bytes
    };
    assert_eq!(refused(with(12, 1)).kind(), ErrorKind::Unsupported);
    let later = read_all(with(13, 1));
    assert_eq!(later.rows(), [(1, 1, 5, 0)]);
    assert_eq!(later.notes(), ["version 2.1.0 is read as 2.0"]);

    let flat = refused(with(18, 0));
    assert_eq!(flat.kind(), ErrorKind::Corrupt);
    assert_eq!(flat.question(), Some(Question::Size));
    let (width, height) = (2, 3);
    let options = OpenOptions::new().with_size(SensorSize { width, height });
    let told = evz_es::open(Input::from_bytes(with(18, 0), "a.es"), &options);
    assert_eq!(read(told.unwrap()).rows(), [(1, 1, 0, 0)]);

    for len in 0..20 {
        let kind = refused(&stream(1, &[])[..len]).kind();
        assert_eq!(kind, ErrorKind::InsufficientData, "{len}");
    }
    assert_eq!(refused(*b"t x y p").kind(), ErrorKind::Unsupported);
}

#[test]
fn recognised_by_its_first_bytes() {
    let probe = |head: &[u8]| {
        let (len, name) = (None, "standard input");
        (evz_es::FORMATS[0].probe)(&Clues { head, len, name })
    };
    assert_eq!(probe(&stream(1, &[])), Some(255));
    assert_eq!(probe(b"Event Streak"), None);
    assert_eq!(probe(b""), None);
}
