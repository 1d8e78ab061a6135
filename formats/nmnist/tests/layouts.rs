//! Files built by hand from the descriptions of the layouts.

mod common;

use common::{MARK, cvpr2016, nmnist, open, probe, read, read_as, some};
use evz_core::{
    ErrorKind, Input, Note, OpenOptions, Question, SensorSize, TimeBase, Value, WayOut,
};

const SIZE: fn(u32, u32) -> Option<SensorSize> = |width, height| Some(SensorSize { width, height });

#[test]
fn bits_of_nmnist() {
    let rows = [(0, 0, 0, 0), (0x7f_ffff, 255, 239, 1), (0x01_0203, 4, 5, 0)];
    let recording = read_as("nmnist", rows.map(nmnist).concat());
    assert_eq!(recording.rows(), rows);
    assert_eq!(recording.info.time_base, TimeBase::MICROSECONDS);
    assert_eq!(recording.losses(), []);
}

#[test]
fn bits_of_cvpr2016() {
    let rows = [
        (0, 0, 0, 0),
        (0x0403_0201, 5, 6, 1),
        (u32::MAX.into(), 511, 255, 1),
    ];
    let recording = read_as("cvpr2016", rows.map(cvpr2016).concat());
    assert_eq!(recording.rows(), rows);
    assert_eq!(recording.losses(), []);
}

#[test]
fn marks_add_to_what_follows() {
    let at = |t| nmnist((t, 1, 2, 1));
    let bytes = [at(8_190), MARK, at(4), at(5), MARK, MARK, at(6), MARK].concat();
    let recording = read_as("nmnist", bytes);
    assert_eq!(
        recording.events.t,
        [8_190, 8_192 + 4, 8_192 + 5, 3 * 8_192 + 6]
    );
    let (times, bits) = (4, 13);
    assert_eq!(recording.report.notes, [Note::ClockWrapped { times, bits }]);
}

#[test]
fn blocks_of_marks_alone_are_not_the_end() {
    const MARKS: usize = 200_000;
    let bytes = [MARK.repeat(MARKS), nmnist((5, 1, 2, 0)).to_vec()].concat();
    let recording = read_as("nmnist", bytes);
    assert_eq!(recording.rows(), [(MARKS as i64 * 8_192 + 5, 1, 2, 0)]);
}

#[test]
fn layouts_are_found() {
    let ncaltech: Vec<u8> = some(700, 200, 170).into_iter().flat_map(nmnist).collect();
    let small: Vec<u8> = some(700, 34, 34).into_iter().flat_map(nmnist).collect();
    let cvpr: Vec<u8> = some(700, 128, 128).into_iter().flat_map(cvpr2016).collect();
    let davis: Vec<u8> = some(700, 240, 180).into_iter().flat_map(cvpr2016).collect();
    for (bytes, encoding, size) in [
        (ncaltech, "nmnist", None),
        (small, "nmnist", SIZE(34, 34)),
        (cvpr, "cvpr2016", SIZE(128, 128)),
        (davis, "cvpr2016", None),
    ] {
        assert_eq!(probe("a.bin", &bytes), Some(100));
        assert_eq!(probe("folder/A.BIN.gz", &bytes), Some(100));
        assert_eq!(probe("a.dat", &bytes), None);
        let found = read(open(bytes.clone()).unwrap());
        assert_eq!(found.events, read_as(encoding, bytes).events);
        assert_eq!(found.events.len(), 700);
        assert_eq!(found.info.size, size);
        let format = &found.info.metadata["source.format"];
        assert_eq!(format, &Value::from(format!("bin {encoding}")));
        let [layout, sensor] = &found.report.inferred[..] else {
            panic!("{:?}", found.report);
        };
        assert!(layout.contains(encoding), "{layout}");
        let said = size.map_or("unknown".to_owned(), |size| size.to_string());
        assert!(sensor.contains(&said), "{sensor}");
    }
}

#[test]
fn what_is_told_is_not_inferred() {
    let options = OpenOptions::new()
        .with_encoding("nmnist")
        .with_size(SIZE(30, 40).unwrap());
    let bytes = [nmnist((1, 30, 2, 0)), nmnist((2, 3, 4, 1))].concat();
    let source = evz_nmnist::open(Input::from_bytes(bytes, "a.bin"), &options).unwrap();
    let recording = read(source);
    assert_eq!(recording.info.size, options.size);
    assert_eq!(recording.report.inferred, [""; 0]);
    let said = "1 event lies beyond the sensor of 30x40: x reaches 30, y reaches 4";
    assert_eq!(recording.notes(), [said]);
}

#[test]
fn oddities_are_said() {
    let bytes = [nmnist((9, 1, 2, 0)), nmnist((5, 3, 250, 1))].concat();
    let recording = read_as("nmnist", bytes);
    assert_eq!(
        recording.notes(),
        [
            "times run backwards once, in event 1",
            "1 event lies beyond the sensor of 304x240: x reaches 3, y reaches 250",
        ]
    );
    let recording = read_as("cvpr2016", [1, 0, 0, 0, 0, 0, 4, 0]);
    assert_eq!(recording.rows(), [(1, 0, 0, 0)]);
    let said = "1 events have bits set that cvpr2016 leaves empty";
    assert_eq!(recording.notes(), [said]);
}

/// Which encodings are asked for, only those whose events these may be, and why.
fn doubt(bytes: &[u8], encodings: &[&str]) -> (ErrorKind, String) {
    let Err(error) = open(bytes) else {
        panic!("opened");
    };
    let encodings: Vec<String> = encodings.iter().map(|e| (*e).to_owned()).collect();
    let asked = (!encodings.is_empty()).then_some(WayOut::Tell(Question::Encoding, encodings));
    assert_eq!(error.ways_out(), asked.as_slice());
    (error.kind(), error.to_string())
}

#[test]
fn doubts_are_asked_about() {
    // Five records of 64 bits are eight of 40 bits.
    let both = [0; 40];
    assert_eq!(probe("a.bin", &both), Some(100));
    let (kind, text) = doubt(&both, &["nmnist", "cvpr2016"]);
    assert_eq!(kind, ErrorKind::Ambiguous);
    let said = "a.bin: its bytes are events of N-MNIST and of CVPR 2016 alike; \
                set encoding to nmnist or cvpr2016";
    assert_eq!(text, said);
    assert_eq!(read_as("nmnist", both).rows(), [(0, 0, 0, 0); 8]);
    assert_eq!(read_as("cvpr2016", both).rows(), [(0, 0, 0, 0); 5]);
    assert_eq!(probe("a.bin", b""), None);
    let Err(empty) = open(*b"") else {
        panic!("opened");
    };
    assert_eq!(empty.kind(), ErrorKind::InsufficientData);

    let events: Vec<u8> = some(700, 200, 170).into_iter().flat_map(nmnist).collect();
    let (kind, text) = doubt(&events[1..], &["nmnist"]);
    assert_eq!(kind, ErrorKind::Unsupported);
    assert!(
        text.contains("as nmnist its length, 3499, is no multiple of 5"),
        "{text}"
    );
    let cut = &events[..events.len() - 2];
    assert_eq!(probe("a.bin", cut), Some(30), "only the length is odd");
    doubt(cut, &["nmnist"]);

    for (what, bytes) in [
        ("text", "0.003811 96 133 0\n".repeat(40).into_bytes()),
        ("zeros", vec![0; 4_000]),
        ("marks", vec![240; 4_000]),
        (
            "floats",
            (0..500).flat_map(|i| (i as f32).to_le_bytes()).collect(),
        ),
        ("gzip", [&[0x1f, 0x8b, 8, 0][..], &[7; 96]].concat()),
    ] {
        assert_eq!(probe("a.bin", &bytes), None, "{what}");
        let (kind, text) = doubt(&bytes, &[]);
        assert_eq!(kind, ErrorKind::Unsupported, "{what}");
        assert!(text.starts_with("a.bin: it has no header"), "{text}");
    }
}

#[test]
fn unknown_encodings_are_named() {
    let options = OpenOptions::new().with_encoding("evt3");
    let Err(error) = evz_nmnist::open(Input::from_bytes([0; 5], "a.bin"), &options) else {
        panic!("opened");
    };
    assert_eq!(
        error.to_string(),
        "no encoding \"evt3\" of .bin is read; set encoding to nmnist or cvpr2016"
    );
}
