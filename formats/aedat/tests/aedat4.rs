//! AEDAT 4: files put together by hand. Versions of the public readers that get one wrong stand
//! beside it; they were run on the same bytes.

mod common;

use common::{
    event, flat, read, read_from, read_streams, read_with, try_read,
    v4::{self, File, LZ4, LZ4_HIGH, NONE, Stream, ZSTD, ZSTD_HIGH, stream},
};
use evz_core::{ErrorKind, Event, OpenOptions, SensorSize, SideValues, TimeBase};
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

/// Microseconds since 1970.
const T: i64 = 1_600_000_000_000_000;

fn streams() -> [Stream; 4] {
    [
        stream(0, "EVTS", "events"),
        stream(1, "FRME", "frames"),
        stream(2, "IMUS", "imu"),
        stream(3, "TRIG", "triggers"),
    ]
}

fn first() -> Vec<Event> {
    vec![event(T, 1, 2, 1), event(T + 5, 345, 259, 0)]
}

fn second() -> Vec<Event> {
    vec![event(T + 10, 7, 8, 1)]
}

fn all() -> Vec<Event> {
    [first(), second()].concat()
}

/// Events with a packet of every other kind between them.
fn mixed(compression: i32) -> File {
    let imu = [(T + 7, [20.0, 0.1, -1.0, 0.25, 1.5, 2.5, 3.5, 0.0, 0.0, 4.5])];
    File::new(compression, &streams())
        .events(0, &first())
        .packet(
            1,
            &v4::old_frame(
                [T + 6, T + 1, T + 9, T + 4, T + 8],
                0,
                [2, 3],
                &[1, 2, 3, 4, 5, 6],
            ),
        )
        .packet(2, &v4::imu_packet(&imu))
        .packet(3, &v4::trigger_packet(&[(T + 7, 1), (T + 8, 2)]))
        .events(0, &second())
}

/// evlib 0.13.2 reads no Zstandard; evutils 0.3.18 stops at the first packet that has no events.
#[test]
fn events_are_read_whatever_stands_between_them_in_every_compression() {
    for compression in [NONE, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH] {
        let read = read(&mixed(compression).finish());
        assert_eq!(read.events, all(), "{compression}");
        assert_eq!(read.losses(), []);
        assert_eq!(read.notes(), [""; 0]);
        assert_eq!(read.info.time_base, TimeBase::MICROSECONDS);
        let size = SensorSize {
            width: 346,
            height: 260,
        };
        assert_eq!(read.info.size, Some(size));
        assert_eq!(
            read.info.metadata["aedat.camera"].as_text(),
            Some("DAVIS346_1")
        );
        let header = read.info.metadata["source.header"].as_bytes().unwrap();
        assert_eq!(header, v4::xml(&streams()).as_bytes());
    }
    let said = read(&mixed(LZ4_HIGH).finish()).report.inferred;
    assert_eq!(
        said,
        [
            "read as: AEDAT 4.0, compression LZ4, event stream 0 (\"events\" of DAVIS346_1, 346x260), \
          microseconds"
        ]
    );
}

#[test]
fn side_streams_are_kept() {
    let read = read(&mixed(LZ4).finish());
    assert_eq!(read.side_names(), ["frames", "imu", "triggers"]);
    let values = |stream: &str| -> Vec<(&str, &SideValues)> {
        let columns = &read.side(stream).columns;
        columns
            .iter()
            .map(|c| (c.name.as_str(), &c.values))
            .collect()
    };

    // dv-processing 2.0.4 gives a frame the time at which its exposure began.
    assert_eq!(read.side("frames").t, [T + 4]);
    assert_eq!(
        values("frames"),
        [
            ("frame_begin", &SideValues::I64(vec![T + 1])),
            ("frame_end", &SideValues::I64(vec![T + 9])),
            ("exposure_begin", &SideValues::I64(vec![T + 4])),
            ("exposure_end", &SideValues::I64(vec![T + 8])),
            ("format", &SideValues::U8(vec![0])),
            ("width", &SideValues::U16(vec![2])),
            ("height", &SideValues::U16(vec![3])),
            ("x_offset", &SideValues::U16(vec![3])),
            ("y_offset", &SideValues::U16(vec![4])),
            ("source", &SideValues::U8(vec![0])),
            ("pixels", &SideValues::Bytes(vec![vec![1, 2, 3, 4, 5, 6]])),
        ]
    );

    assert_eq!(read.side("imu").t, [T + 7]);
    let one = |v: f32| SideValues::F32(vec![v]);
    assert_eq!(
        values("imu"),
        [
            ("temperature", &one(20.0)),
            ("accel_x", &one(0.1)),
            ("accel_y", &one(-1.0)),
            ("accel_z", &one(0.25)),
            ("gyro_x", &one(1.5)),
            ("gyro_y", &one(2.5)),
            ("gyro_z", &one(3.5)),
            ("magnetometer_x", &one(0.0)),
            ("magnetometer_y", &one(0.0)),
            ("magnetometer_z", &one(4.5)),
        ]
    );

    assert_eq!(read.side("triggers").t, [T + 7, T + 8]);
    assert_eq!(
        values("triggers"),
        [("source", &SideValues::U8(vec![1, 2]))]
    );
}

#[test]
fn frames_of_every_age_and_format_are_kept() {
    let file = File::new(LZ4, &streams())
        .packet(1, &v4::new_frame(T + 6, 500, 1, [2, 1], &[1, 2]))
        // Gray of 16 bits, and blue, green, red of 8: OpenCV's 2 and 16.
        .packet(
            1,
            &v4::old_frame([T + 20, 0, 0, 0, 0], 2, [1, 2], &[1, 2, 3, 4]),
        )
        .packet(
            1,
            &v4::old_frame([T + 30, 0, 0, 0, 0], 16, [1, 1], &[1, 2, 3]),
        )
        .events(0, &first());
    let read = read(&file.finish());
    assert_eq!(read.events, first());
    assert_eq!(read.side("frames").t, [T + 6, T + 20, T + 30]);
    let times = |v: [i64; 3]| SideValues::I64(v.into());
    assert_eq!(
        read.column("frames", "exposure_begin"),
        &times([T + 6, T + 20, T + 30])
    );
    assert_eq!(
        read.column("frames", "exposure_end"),
        &times([T + 506, T + 20, T + 30])
    );
    assert_eq!(
        read.column("frames", "frame_begin"),
        &times([T + 6, T + 20, T + 30])
    );
    assert_eq!(
        read.column("frames", "source"),
        &SideValues::U8(vec![1, 0, 0])
    );
    assert_eq!(
        read.column("frames", "format"),
        &SideValues::U8(vec![0, 2, 16])
    );
    assert_eq!(
        read.column("frames", "pixels"),
        &SideValues::Bytes(vec![vec![1, 2], vec![1, 2, 3, 4], vec![1, 2, 3]])
    );
}

/// dv-processing 2.0.4 and faery 0.7.1 refuse the second file.
#[test]
fn without_a_data_table_the_packets_are_walked() {
    let never_written = mixed(LZ4).bytes;
    let read_one = read(&never_written);
    assert_eq!(read_one.events, all());
    assert_eq!(read_one.losses(), []);
    assert!(read_one.notes()[0].starts_with("it has no data table, as after a crash"));

    let mut cut_off = mixed(LZ4);
    let len = cut_off.bytes.len();
    cut_off.set_table(len as i64 + 1_000);
    let read_two = read(&cut_off.bytes);
    assert_eq!(read_two.events, all());
    assert_eq!(
        read_two.losses(),
        [("bytes missing before the data table", 1_000)]
    );

    // Nonsense: in the header, and in a packet.
    for position in [3, len as i64 - 5] {
        let mut file = mixed(LZ4);
        file.set_table(position);
        let read = read(&file.bytes);
        assert_eq!(read.events, all());
        assert_eq!(read.losses(), []);
        let note = format!("its data table is said to be at byte {position}, ");
        assert!(read.notes()[0].starts_with(&note), "{}", read.said());
    }
}

/// dv-processing 2.0.4 and faery 0.7.1 give the first stream and say nothing, evlib 0.13.2 puts the
/// events of both into one.
#[test]
fn of_two_event_streams_one_must_be_chosen() {
    let left = stream(0, "EVTS", "left");
    let right = Stream {
        source: "DVXplorer_2",
        size: Some((640, 480)),
        ..stream(4, "EVTS", "right")
    };
    let frames = Stream {
        source: "DVXplorer_2",
        ..stream(5, "FRME", "frames")
    };
    let others = vec![event(T + 3, 600, 400, 1)];
    let file = File::new(LZ4, &[left, stream(1, "FRME", "frames"), right, frames])
        .events(0, &first())
        .events(4, &others)
        .packet(1, &v4::new_frame(T + 6, 1, 0, [1, 1], &[1]))
        .packet(5, &v4::new_frame(T + 7, 1, 0, [1, 1], &[2]))
        .events(0, &second())
        .finish();

    let error = try_read(&file, &OpenOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(
        error.to_string(),
        "a.aedat: it has 2 event streams: 0 (\"left\" of DAVIS346_1, 346x260), 4 (\"right\" of \
         DVXplorer_2, 640x480); set stream to 0 or 4"
    );

    for name in ["0", "left"] {
        let read = read_with(&file, &OpenOptions::default().with_stream(name));
        assert_eq!(read.events, all());
        assert_eq!(read.info.size.unwrap().width, 346);
        assert_eq!(read.losses(), []);
        let note = "left out: 2 packets of other event streams: 4 (\"right\" of DVXplorer_2, \
                    640x480), 5 (\"frames\" of DVXplorer_2, 346x260)";
        assert_eq!(read.notes(), [note]);
        // The frames of the other camera are left to it.
        assert_eq!(read.side("frames").t, [T + 6]);
        assert_eq!(read.side.len(), 1);
    }
    for name in ["4", "right"] {
        let read = read_with(&file, &OpenOptions::default().with_stream(name));
        assert_eq!(read.events, others);
        assert_eq!(read.info.size.unwrap().width, 640);
        assert_eq!(read.side("frames").t, [T + 7]);
        assert_eq!(read.side.len(), 1);
    }
    let error = try_read(&file, &OpenOptions::default().with_stream("1")).err();
    let error = error.unwrap().to_string();
    assert!(
        error.contains("no stream \"1\"; of events it has 0 (\"left\""),
        "{error}"
    );

    // Or all: each with the frames of its own camera, which so come once.
    let [left, right] = &read_streams(&file)[..] else {
        panic!("two event streams");
    };
    assert_eq!((&left.events, &right.events), (&all(), &others));
    assert_eq!(
        (left.info.name.as_str(), left.info.serial.as_str()),
        ("left", "1")
    );
    assert_eq!(
        (right.info.name.as_str(), right.info.serial.as_str()),
        ("right", "2")
    );
    assert_eq!((left.side("frames").t[..].len(), left.side.len()), (1, 1));
    assert_eq!((right.side("frames").t[..].len(), right.side.len()), (1, 1));
    assert_eq!(right.side("frames").t, [T + 7]);
    for stream in [left, right] {
        assert!(stream.notes().is_empty() && stream.losses().is_empty());
    }
}

/// What belongs to no camera of events, or is not listed, comes with the first stream and once.
#[test]
fn what_is_of_no_event_stream_comes_once() {
    let streams = [
        stream(0, "EVTS", "events"),
        Stream {
            source: "B_2",
            ..stream(1, "EVTS", "events")
        },
        Stream {
            source: "C_3",
            ..stream(2, "TRIG", "triggers")
        },
    ];
    let file = File::new(LZ4, &streams)
        .events(0, &first())
        .events(1, &second())
        .packet(2, &v4::trigger_packet(&[(T + 1, 2)]))
        .packet(7, &v4::imu_packet(&[(T + 2, [0.0; 10])]))
        .events(8, &first())
        .finish();
    let [one, other] = &read_streams(&file)[..] else {
        panic!("two event streams");
    };
    // Both are called events: they go by their cameras.
    assert_eq!(
        (one.info.name.as_str(), other.info.name.as_str()),
        ("DAVIS346_1", "B_2")
    );
    assert_eq!((&one.events, &other.events), (&first(), &second()));
    assert_eq!(one.side.len(), 2);
    assert_eq!(one.side("imu_7").t, [T + 2]);
    let what = "events of streams that the header does not list";
    assert_eq!(one.losses(), [(what, first().len() as u64)]);
    assert!(other.side.is_empty() && other.losses().is_empty());
    for name in ["B_2", "1"] {
        let read = read_with(&file, &OpenOptions::default().with_stream(name));
        assert_eq!(read.events, second(), "{name}");
    }
    // One event stream is one, and has no name.
    let one = File::new(LZ4, &streams[..1]).events(0, &first()).finish();
    let read = read_streams(&one);
    assert_eq!((read.len(), read[0].info.name.as_str()), (1, ""));
}

/// faery 0.7.1 refuses all of these files.
#[test]
fn what_is_not_known_is_counted() {
    let empty = flat::table(&[flat::Field::Child(flat::vector(0, &[]))]);
    let boxes = flat::finish(&empty, b"BBOX");
    let listed = File::new(LZ4, &[streams()[0], stream(5, "BBOX", "boxes")])
        .events(0, &first())
        .packet(5, &boxes)
        .events(0, &second());
    let unlisted = File::new(LZ4, &streams())
        .events(0, &first())
        .packet(9, &boxes)
        .events(0, &second());
    for file in [listed, unlisted] {
        let read = read(&file.finish());
        assert_eq!(read.events, all());
        assert_eq!(read.losses(), [("packets of a kind that is not read", 1)]);
        assert!(read.said().contains(": kind BBOX"), "{}", read.said());
    }
    let events_of_nobody = File::new(LZ4, &streams())
        .events(0, &first())
        .events(9, &all())
        .events(0, &second());
    let read = read(&events_of_nobody.finish());
    assert_eq!(read.events, all());
    assert_eq!(
        read.losses(),
        [("events of streams that the header does not list", 3)]
    );
}

#[test]
fn packets_tell_what_they_are_where_the_header_does_not() {
    for xml in ["", "<dv", "<dv version=\"2.0\"></dv>", "\u{0}\u{1}"] {
        let file = File::with_xml(LZ4, xml)
            .packet(7, &v4::trigger_packet(&[(T, 1)]))
            .events(3, &first())
            .events(4, &[event(T, 5, 5, 1)])
            .events(3, &second())
            .finish();
        let read = read(&file);
        assert_eq!(read.events, all(), "{xml}");
        assert_eq!(read.info.size, None);
        assert_eq!(read.side("triggers_7").t, [T]);
        assert_eq!(
            read.losses(),
            [("events of streams that the header does not list", 1)]
        );
        let other = read_with(&file, &OpenOptions::default().with_stream("4"));
        assert_eq!(other.events, [event(T, 5, 5, 1)]);
    }
    // Of one that is damaged, what comes before the damage counts.
    let xml = v4::xml(&streams());
    let cut = &xml[..xml.find("<node name=\"2\"").unwrap()];
    let read = read(&File::with_xml(NONE, cut).events(0, &first()).finish());
    assert_eq!(read.events, first());
    assert_eq!(read.info.size.unwrap().height, 260);
}

#[test]
fn texts_in_the_header_are_unescaped() {
    let source = Stream {
        source: "a &lt;b&gt; &amp; &#99;",
        ..streams()[0]
    };
    let read = read(&File::new(NONE, &[source]).events(0, &first()).finish());
    assert_eq!(
        read.info.metadata["aedat.camera"].as_text(),
        Some("a <b> & c")
    );
}

#[test]
fn the_size_can_be_told() {
    let size = SensorSize {
        width: 100,
        height: 100,
    };
    let options = OpenOptions::default().with_size(size);
    let read = read_with(&mixed(LZ4).finish(), &options);
    assert_eq!(read.info.size, Some(size));
    assert_eq!(read.events, all());
    assert_eq!(
        read.notes(),
        ["1 event lies beyond the sensor of 100x100: x reaches 345, y reaches 259"]
    );
}

/// faery 0.7.1 sets late times to the latest, evlib 0.13.2 sorts; neither says so.
#[test]
fn order_and_times_are_kept_as_they_are() {
    let events = [event(10, 1, 1, 1), event(5, 2, 2, 0), event(-3, 3, 3, 1)];
    let in_one = File::new(LZ4, &streams()).events(0, &events);
    let in_two = File::new(LZ4, &streams())
        .events(0, &events[..1])
        .events(0, &events[1..]);
    for file in [in_one, in_two] {
        let read = read(&file.finish());
        assert_eq!(read.events, events);
        assert_eq!(
            read.notes(),
            ["times run backwards 2 times, first in event 1"]
        );
    }
}

#[test]
fn every_frame_of_lz4_is_unpacked() {
    let events: Vec<Event> = (0..30_000)
        .map(|i| {
            event(
                T + i * i % 77,
                (i % 346) as u16,
                (i * 7 % 260) as u16,
                (i % 2) as u8,
            )
        })
        .collect();
    let raw = v4::event_packet(&events);
    for mode in [BlockMode::Independent, BlockMode::Linked] {
        for size in [BlockSize::Max64KB, BlockSize::Max256KB, BlockSize::Max4MB] {
            for sums in [false, true] {
                let info = FrameInfo::new()
                    .block_mode(mode)
                    .block_size(size)
                    .block_checksums(sums)
                    .content_checksum(sums)
                    .content_size(sums.then_some(raw.len() as u64));
                let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
                std::io::Write::write_all(&mut encoder, &raw).unwrap();
                let packed = encoder.finish().unwrap();
                let mut file = File::new(LZ4, &streams());
                file.raw(0, packed.len() as u32, &packed);
                let read = read(&file.bytes);
                assert!(read.events == events, "{mode:?} {size:?} {sums}");
                assert_eq!(read.losses(), []);
            }
        }
    }
}

#[test]
fn a_packet_is_what_it_says_whatever_the_header_says() {
    let file = File::new(LZ4, &streams())
        .packet(1, &v4::new_frame(T, 1, 0, [1, 1], &[1]))
        .packet(1, &v4::trigger_packet(&[(T, 1)]))
        .packet(0, &v4::trigger_packet(&[(T, 2)]))
        .events(0, &first());
    let read = read(&file.finish());
    assert_eq!(read.events, first());
    assert_eq!(read.side_names(), ["frames", "triggers_1", "triggers_0"]);
    assert_eq!(read.losses(), []);
}

#[test]
fn bytes_that_come_one_by_one_are_read_the_same() {
    let bytes = mixed(LZ4).finish();
    let one = common::OneByte(std::io::Cursor::new(bytes.clone()));
    let one = read_from(one, &OpenOptions::default()).unwrap();
    let whole = read(&bytes);
    assert_eq!(one.events, whole.events);
    assert_eq!(one.side, whole.side);
    assert_eq!(one.report, whole.report);
}
