//! Files that `make.py` wrote with rosbags and mcap: every container, packing, type and encoding.

mod common;

use std::io::Read;

use common::{
    Recording, column, expected, file, mcap, mcap_chunk, mcap_record, mcap_records, of_mcap_chunk,
    open_as, read, read_all, read_topic, sized,
};
use evz_core::{
    ClockKind, ErrorKind, EventBatch, EventSource, Input, Next, OpenOptions, Question, SensorSize,
    SideValues, TimeBase, Value,
};

/// The stamp of the first message of all but the event topic.
const FIRST: i64 = 1_700_000_000_123_457_790;

const FILES: [&str; 11] = [
    "dvs.bag",
    "dvs_lz4.bag",
    "dvs_bz2.bag",
    "dvs_zstd.mcap",
    "dvs_lz4.mcap",
    "dvs_none.mcap",
    "dvs_plain.mcap",
    "dvs_bare.mcap",
    "dvs_ros1.mcap",
    "dvs.db3",
    "dvs_messages.db3",
];

#[test]
fn lists_of_events_in_every_container() {
    for name in FILES {
        let recording = read_all(file(name));
        assert!(recording.error.is_none());
        assert_eq!(recording.events, expected("dvs"), "{name}");
        assert_eq!(recording.losses(), [], "{name}");
        let info = &recording.info;
        assert_eq!(info.time_base, TimeBase::NANOSECONDS);
        assert_eq!(info.clock.kind, ClockKind::Unix);
        assert_eq!(
            info.size,
            Some(SensorSize {
                width: 20,
                height: 12
            })
        );
        assert_eq!(info.name, "");
        assert_eq!(info.metadata["source.topic"], "/dvs/events".into());
        assert_eq!(info.metadata["source.frame_id"], "camera".into());
        let unread = "topics that are not read: /chatter (std_msgs/String, 3 messages)";
        let mut notes = vec![unread.to_owned()];
        if name.ends_with("mcap") {
            let other = ["attachment", "record of metadata"];
            notes.extend(other.map(|what| format!("left out: 1 {what}")));
        }
        assert_eq!(recording.notes(), notes, "{name}");
    }
}

#[test]
fn what_is_beside_the_events_is_kept() {
    for name in FILES {
        let recording = read_all(file(name));
        let source = open_as(file(name), &OpenOptions::new()).unwrap();
        let mut names = source.side_streams();
        names.sort();
        let expected = [
            "compressed_frames",
            "frames",
            "frames_dvs_image_color",
            "imu",
        ];
        // Whichever picture comes first has the plain name.
        let expected_too = ["compressed_frames", "frames", "frames_dvs_image_raw", "imu"];
        assert!(names == expected || names == expected_too, "{names:?}");
        let (grey, colour) = match names == expected {
            true => ("frames", "frames_dvs_image_color"),
            false => ("frames_dvs_image_raw", "frames"),
        };
        check_imu(&recording);
        let row = |i: u8| [0, 1, 2, 3].map(|x| 6 * i + x);
        let pixels = |first: u8| {
            [row(0), row(1), row(2)]
                .concat()
                .iter()
                .map(|p| p + first)
                .collect()
        };
        assert_eq!(recording.side[grey].t, [FIRST, FIRST + 1_000_003]);
        let grey = |name| column(&recording, grey, name);
        assert_eq!(
            grey("pixels"),
            &SideValues::Bytes(vec![pixels(0), pixels(1)])
        );
        assert_eq!(grey("format"), &SideValues::U8(vec![0, 0]));
        assert_eq!(grey("width"), &SideValues::U16(vec![4, 4]));
        assert_eq!(grey("height"), &SideValues::U16(vec![3, 3]));
        // Red, green and blue in the message, blue first in the rows.
        let colour = |name| column(&recording, colour, name);
        let SideValues::Bytes(pixels) = colour("pixels") else {
            panic!()
        };
        assert_eq!(pixels[0][..6], [2, 1, 0, 5, 4, 3]);
        assert_eq!(colour("format"), &SideValues::U8(vec![16, 16]));
        assert_eq!(
            colour("encoding"),
            &SideValues::Bytes(vec![b"rgb8".to_vec(); 2])
        );
        let compressed = |name| column(&recording, "compressed_frames", name);
        let data = SideValues::Bytes(vec![b"\xff\xd8 not a picture".to_vec()]);
        assert_eq!(compressed("data"), &data);
        let camera = &recording.closing["source.camera_info"];
        let Value::Json(camera) = camera else {
            panic!()
        };
        let camera: serde_json::Value = serde_json::from_str(camera).unwrap();
        let camera = &camera["/dvs/camera_info"];
        assert_eq!(camera["distortion_model"], "plumb_bob");
        assert_eq!(camera["d"].as_array().unwrap().len(), 5);
        assert_eq!(camera["p"][11], 11.0 / 3.0);
        assert_eq!(camera["roi"]["do_rectify"], true);
    }
}

fn check_imu(recording: &Recording) {
    let t: Vec<i64> = (0..5).map(|i| FIRST + i * 500_001).collect();
    assert_eq!(recording.side["imu"].t, t);
    let value = |at: usize| (0..5).map(|i| at as f64 / 7.0 + f64::from(i)).collect();
    for (at, name) in [
        (0, "orientation_x"),
        (6, "angular_velocity_z"),
        (9, "linear_acceleration_z"),
    ] {
        assert_eq!(
            column(recording, "imu", name),
            &SideValues::F64(value(at)),
            "{name}"
        );
    }
    let Value::Json(imu) = &recording.closing["source.imu"] else {
        panic!()
    };
    let imu: serde_json::Value = serde_json::from_str(imu).unwrap();
    assert_eq!(
        (&imu["topic"], &imu["frame_id"]),
        (&"/dvs/imu".into(), &"imu".into())
    );
    let expected: Vec<f64> = (0..9).map(|i| f64::from(i) * 0.5 + 1.0).collect();
    assert_eq!(
        imu["covariances"]["angular_velocity"],
        serde_json::json!(expected)
    );
}

/// Of what is the same in every message, the first is kept, and it is said where others differ.
#[test]
fn covariances_that_change_are_counted() {
    let mut bytes = file("dvs.bag");
    // The eighth of the angular velocity in the second sample; the accelerations have one, too.
    let number = 4.5f64.to_le_bytes();
    let found = bytes.windows(8).enumerate().filter(|(_, w)| *w == number);
    let at = found.map(|(at, _)| at).nth(2).unwrap();
    bytes[at..at + 8].copy_from_slice(&f64::NAN.to_le_bytes());
    let recording = read_all(bytes);
    let what = "covariances of imu that differ from the first, which alone are kept";
    assert_eq!(recording.losses(), [(what, 1)]);
    assert_eq!(recording.side["imu"].t.len(), 5);
}

#[test]
fn several_topics_are_asked_for_and_given() {
    let options = OpenOptions::new();
    let error = open_as(file("stereo.bag"), &options).err().unwrap();
    assert_eq!(error.question(), Some(Question::Stream));
    assert_eq!(
        error.to_string(),
        "a.bag: it has 2 topics with events; set stream to /rig/left/events or /rig/right/events"
    );
    let left = read_topic(file("stereo.bag"), "/rig/left/events");
    assert_eq!(left.events, expected("left"));
    assert_eq!(left.info.name, "/rig/left/events");
    // Five seconds after 1970 is no time of a recording.
    assert_eq!(left.info.clock.kind, ClockKind::Unknown);
    assert_eq!(
        read_topic(file("stereo.bag"), "1").events,
        expected("right")
    );
    let unread = "topics that are not read: /rig/right/imu (sensor_msgs/Imu, 3 messages), \
                  /rig/right/events (prophesee_event_msgs/EventArray, 5 messages)";
    assert_eq!(left.notes(), [unread]);
    let error = open_as(file("stereo.bag"), &options.clone().with_stream("/up"))
        .err()
        .unwrap();
    assert_eq!(error.question(), Some(Question::Stream));
    // For the rows of a side stream no events need to be chosen.
    let imu = read_topic(file("stereo.bag"), "imu");
    assert_eq!((imu.events.len(), imu.side["imu"].t.len()), (0, 2));

    for none in ["imu_rig", "imu_foo", "frames"] {
        for name in ["stereo.bag", "dvs_none.mcap"] {
            let told = options.clone().with_stream(none);
            let opened = open_as(file(name), &told);
            match (name, none) {
                ("dvs_none.mcap", "frames") => assert!(opened.is_ok()),
                _ => assert_eq!(
                    opened.err().unwrap().kind(),
                    ErrorKind::InvalidArgument,
                    "{name} {none}"
                ),
            }
        }
    }

    let input = Input::from_bytes(file("stereo.bag"), "a.bag");
    let sources = evz_ros::open_streams(input, &options).unwrap();
    let recordings: Vec<Recording> = sources.into_iter().map(read).collect();
    for (recording, (side, rows)) in recordings.iter().zip([("left", 2), ("right", 3)]) {
        assert_eq!(recording.events, expected(side));
        assert_eq!(recording.info.name, format!("/rig/{side}/events"));
        assert_eq!(recording.side["imu"].t.len(), rows);
        assert_eq!(recording.notes(), [""; 0]);
        assert_eq!(recording.losses(), []);
    }
    // What is of another camera does not come with what is told, nor has it the name of its own.
    let right = read_topic(file("stereo.bag"), "/rig/right/events");
    assert_eq!(right.side.keys().collect::<Vec<_>>(), ["imu"]);
    assert_eq!(right.side["imu"].t.len(), 3);
    assert_eq!(right.side["imu"].of, Some(1));
    assert!(right.notes()[0].contains("/rig/left/imu"));
    // What is of none comes too; its own samples have the plain name, wherever they stand.
    let right = read_topic(file("box.bag"), "/right/events");
    let rows = |name: &str| (right.side[name].t.len(), right.side[name].of);
    assert_eq!((rows("imu"), rows("imu_imu")), ((3, Some(1)), (4, None)));
    // Where all are read it comes once, with the first.
    let sources =
        evz_ros::open_streams(Input::from_bytes(file("box.bag"), "a.bag"), &options).unwrap();
    let beside = sources.into_iter().map(|source| {
        let side = read(source).side;
        let imu = side.iter().map(|(name, rows)| (name.clone(), rows.t.len()));
        imu.collect::<Vec<_>>()
    });
    assert_eq!(
        beside.collect::<Vec<_>>(),
        [4, 3].map(|rows| vec![("imu".to_owned(), rows)])
    );

    let input = Input::from_bytes(file("dvs.bag"), "a.bag");
    assert_eq!(evz_ros::open_streams(input, &options).unwrap().len(), 1);
}

/// The state of EVT3 goes over from packet to packet, and its clock is that of the sensor.
#[test]
fn evt3() {
    let recording = read_all(file("evt3.bag"));
    assert_eq!(recording.events, expected("evt3"));
    assert_eq!(recording.info.time_base, TimeBase::MICROSECONDS);
    assert_eq!(recording.info.clock.kind, ClockKind::Sensor);
    let t = &recording.events.t;
    assert_eq!(recording.side["triggers"].t, [t[39], t[79], t[119]]);
    assert_eq!(
        column(&recording, "triggers", "id"),
        &SideValues::U8(vec![3; 3])
    );
    // The first stamp and the first event stand for one moment.
    let moved = t[0] + 2_500;
    assert_eq!(recording.side["imu"].t, [moved, moved + 500, moved + 1_000]);
    let stamps = [0, 1, 2].map(|i| 1_700_000_000_125_956_789 + i * 500_001);
    assert_eq!(
        column(&recording, "imu", "stamp"),
        &SideValues::I64(stamps.to_vec())
    );
    assert_eq!(recording.losses(), []);
    let notes = recording.notes();
    let missing = "packets that are missing by their numbers: 1, in 1 places";
    assert!(notes.iter().any(|note| note == missing), "{notes:?}");
    assert!(
        notes
            .iter()
            .any(|note| note.contains("started again 1 time ")),
        "{notes:?}"
    );
}

#[test]
fn mono_and_triggers() {
    let recording = read_all(file("mono.bag"));
    assert_eq!(recording.events, expected("mono"));
    assert_eq!(recording.info.clock.kind, ClockKind::Sensor);
    assert_eq!(
        recording.info.metadata["source.type"],
        "event_array_msgs/EventArray".into()
    );
    assert_eq!(
        recording.side["triggers"].t,
        [40_000_000_500, 40_008_999_000]
    );
    let rising = SideValues::Bool(vec![true, false]);
    assert_eq!(column(&recording, "triggers", "polarity"), &rising);
}

#[test]
fn libcaer() {
    let plain = read_topic(file("libcaer.mcap"), "/a/events");
    assert_eq!(plain.events, expected("libcaer"));
    assert_eq!(plain.info.clock.kind, ClockKind::Unix);
    let packed = read_topic(file("libcaer.mcap"), "/b/events");
    assert_eq!(packed.events, expected("libcaer_cmp"));
    assert_eq!(packed.losses(), []);
}

#[test]
fn a_database_with_long_rows_and_one_that_is_packed() {
    let recording = read_all(file("long.db3"));
    assert_eq!(recording.events, expected("long"));
    assert_eq!(recording.losses(), []);
    let packed = Input::from_bytes(file("dvs.db3.zstd"), "a.db3.zstd");
    let recording = read(evz_ros::open(packed.unpacked().unwrap(), &OpenOptions::new()).unwrap());
    assert_eq!(recording.events, expected("dvs"));
    assert_eq!(recording.info.metadata["source.format"], "db3".into());
    // Some other database.
    let other = replaced(&file("dvs.db3"), b"topics", b"people");
    let error = open_as(other, &OpenOptions::new())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("without the tables topics and messages"),
        "{error}"
    );
}

#[test]
fn what_has_no_events_says_what_it_has() {
    // The type of the events is another one, of the same length.
    let bag = file("dvs.bag");
    let bag = replaced(&bag, b"dvs_msgs/EventArray", b"my_robot/EventArray");
    let error = open_as(bag, &OpenOptions::new()).err().unwrap().to_string();
    assert!(error.contains("no topic with events; it has"), "{error}");
    assert!(
        error.contains("/dvs/events (my_robot/EventArray)"),
        "{error}"
    );
    assert!(error.contains("/dvs/imu (sensor_msgs/Imu)"), "{error}");
}

#[test]
fn other_versions_and_encodings_are_refused_by_name() {
    let refused = |bytes: Vec<u8>| {
        open_as(bytes, &OpenOptions::new())
            .err()
            .unwrap()
            .to_string()
    };
    let old = replaced(&file("dvs.bag"), b"#ROSBAG V2.0", b"#ROSBAG V1.2");
    let error = refused(old);
    assert!(error.contains("version 1.2"), "{error}");
    let other = replaced(&file("mono.bag"), b"mono", b"huff");
    let error = refused(other);
    assert!(
        error.contains(r#"encoded as "huff", and only evt3, mono,"#),
        "{error}"
    );
    let error = refused(b"#ROSBAG".to_vec());
    assert!(error.contains("ends within its first line"), "{error}");
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let (mut out, mut at) = (bytes.to_vec(), 0);
    while at + from.len() <= out.len() {
        if out[at..].starts_with(from) {
            out[at..at + to.len()].copy_from_slice(to);
        }
        at += 1;
    }
    out
}

/// Big messages come in batches, and batches do not depend on the number of threads.
#[test]
fn a_bag_without_its_index_is_walked_through() {
    let whole = file("dvs_lz4.bag");
    let index = whole.windows(10).position(|w| w == b"index_pos=").unwrap() + 10;
    let mut unfinished = whole.clone();
    let at = u64::from_le_bytes(whole[index..index + 8].try_into().unwrap());
    unfinished[index..index + 8].fill(0);
    unfinished.truncate(at as usize);
    let recording = read_all(unfinished);
    assert_eq!(recording.events, expected("dvs"));
    assert_eq!(recording.losses(), []);
    let note = "the file ends without its index: it was cut, or is being written";
    assert!(recording.notes().iter().any(|n| n == note));
    // An index that leads elsewhere is none.
    for wrong in [13, 4_200, at - 1, at + 1, u64::MAX] {
        let mut bytes = whole.clone();
        bytes[index..index + 8].copy_from_slice(&wrong.to_le_bytes());
        assert_eq!(read_all(bytes).events, expected("dvs"), "{wrong}");
    }
}

/// Records of MCAP with each message packed as rosbag2 does it by `--compression-mode message`.
fn with_packed_messages(records: &[u8]) -> Vec<u8> {
    /// The opcode and the length, and what stands before the data of a message.
    const HEAD: usize = 9 + 22;
    let records = mcap_records(records).into_iter();
    let records = records.map(|(opcode, record)| match opcode {
        5 => {
            let packed = zstd::encode_all(&record[HEAD..], 3).unwrap();
            mcap_record(5, &[&record[9..HEAD], &packed].concat())
        }
        _ => record.to_vec(),
    });
    records.collect::<Vec<_>>().concat()
}

/// The same file with its messages packed: in chunks that are packed themselves or not, with a checksum and
/// without, and outside of chunks.
fn packed_messages(name: &str) -> [Vec<u8>; 4] {
    let bytes = file(name);
    let records = mcap_records(&bytes[8..bytes.len() - 8]).into_iter();
    let chunks = records.filter(|(opcode, _)| *opcode == 6);
    let chunks: Vec<Vec<u8>> = chunks
        .map(|(_, chunk)| with_packed_messages(&of_mcap_chunk(chunk)))
        .collect();
    let of = |packing, has_crc| -> Vec<u8> {
        let chunks = chunks
            .iter()
            .map(|chunk| mcap_chunk(chunk, packing, has_crc));
        mcap(&chunks.collect::<Vec<_>>().concat())
    };
    [
        mcap(&chunks.concat()),
        of("", false),
        of("", true),
        of("zstd", true),
    ]
}

#[test]
fn messages_that_are_packed_for_themselves() {
    let bare = read_all(file("dvs_bare.mcap"));
    for bytes in packed_messages("dvs_bare.mcap") {
        let recording = read_all(bytes);
        assert_eq!(recording.events, expected("dvs"));
        assert_eq!(recording.side, bare.side);
        assert_eq!(recording.losses(), []);
        assert_eq!(recording.info.size, bare.info.size);
    }
    for bytes in packed_messages("libcaer.mcap") {
        let packed = read_topic(bytes, "/b/events");
        assert_eq!(packed.events, expected("libcaer_cmp"));
        assert_eq!(packed.losses(), []);
    }
    // One that is damaged is counted, and the others come.
    let [bytes, ..] = packed_messages("dvs_bare.mcap");
    let frames = bytes.windows(4).enumerate();
    let frames = frames.filter(|(_, w)| *w == b"\x28\xb5\x2f\xfd");
    let mut lost = 0;
    for (frame, _) in frames {
        let mut damaged = bytes.clone();
        damaged[frame + 4..frame + 8].fill(0xff);
        let recording = read_all(damaged);
        let n = bare.events.len() - recording.events.len();
        let what = "messages of /dvs/events that cannot be read";
        assert!(n == 0 || recording.losses() == [(what, 1)]);
        lost += n;
    }
    assert_eq!(lost, bare.events.len());
}

/// What an index has of a batch gives that batch, as windows are read by it.
#[test]
fn parts_of_messages_that_are_packed_for_themselves() {
    let open_parts = evz_ros::FORMATS
        .iter()
        .find(|format| format.name == "mcap")
        .and_then(|format| format.open_parts)
        .unwrap();
    for (name, topic) in [
        ("dvs_bare.mcap", "/dvs/events"),
        ("libcaer.mcap", "/a/events"),
        ("libcaer.mcap", "/b/events"),
    ] {
        for (kind, bytes) in packed_messages(name).into_iter().enumerate() {
            let options = OpenOptions::new().with_stream(topic);
            let parts = open_parts(Input::from_bytes(bytes.clone(), "a.mcap"), &options).unwrap();
            let mut source = open_as(bytes, &options.clone().with_small_parts()).unwrap();
            let (mut batch, mut again) = (EventBatch::default(), EventBatch::default());
            let mut n = 0;
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
                n += batch.len();
                let part = source.part();
                // What is packed twice has none.
                assert_eq!(part.is_some(), kind < 3, "{name} {kind}");
                if let Some(part) = part {
                    parts.read_part(&part, &mut again).unwrap();
                    assert_eq!(again, batch, "{name} {kind}");
                }
            }
            assert!(n >= 95, "{name} {kind}: {n}");
        }
    }
}

/// In a chunk that is packed itself they may become as much as a chunk may, together.
#[test]
fn messages_that_are_packed_twice_are_bounded() {
    let message = |bytes: usize| {
        let packed = zstd::encode_all(std::io::repeat(0).take(bytes as u64), 1).unwrap();
        mcap_record(5, &[&[0; 22][..], &packed].concat())
    };
    let declared = declared(std::iter::once((
        "/dvs/events".to_owned(),
        "dvs_msgs/msg/EventArray",
    )));
    let messages = [message(130 << 20), message(130 << 20)].concat();
    let bytes = mcap(&[declared, mcap_chunk(&messages, "zstd", true)].concat());
    let losses = read_all(bytes).report.losses;
    let [loss] = &*losses else {
        panic!("{losses:?}")
    };
    assert_eq!(loss.count, 2);
    assert!(
        loss.examples[0].ends_with("it is in big-endian CDR, which is not read"),
        "{loss:?}"
    );
    assert!(
        loss.examples[1].ends_with("it unpacks to more bytes than it may"),
        "{loss:?}"
    );
}

/// A file that declares topics of these types, and has no messages.
fn declares(topics: impl Iterator<Item = (String, &'static str)>) -> Vec<u8> {
    mcap(&declared(topics))
}

fn declared(topics: impl Iterator<Item = (String, &'static str)>) -> Vec<u8> {
    let types = ["dvs_msgs/msg/EventArray", "sensor_msgs/msg/Imu"];
    let mut records = Vec::new();
    for (id, name) in (1u16..).zip(types) {
        let empty = sized(b"");
        let schema = [
            &id.to_le_bytes()[..],
            &sized(name.as_bytes()),
            &empty,
            &empty,
        ]
        .concat();
        records.extend(mcap_record(3, &schema));
    }
    for (id, (topic, name)) in (0u16..).zip(topics) {
        let schema = 1 + types.iter().position(|known| *known == name).unwrap() as u16;
        let channel = [
            &[id.to_le_bytes(), schema.to_le_bytes()].concat()[..],
            &sized(topic.as_bytes()),
            &sized(b"cdr"),
            &sized(b""),
        ];
        records.extend(mcap_record(4, &channel.concat()));
    }
    records
}

#[test]
fn many_topics_with_events_are_not_opened_at_once() {
    let topics = (0..20_000).map(|i| (format!("/rig/{i}/events"), "dvs_msgs/msg/EventArray"));
    let bytes = declares(topics);
    let options = OpenOptions::new();
    let input = Input::from_bytes(bytes.clone(), "a.mcap");
    let error = evz_ros::open_streams(input, &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(error.question(), Some(Question::Stream));
    let error = error.to_string();
    let what =
        "a.mcap: it has 20000 topics with events, and at most 64 are read at once; set stream";
    assert!(error.starts_with(what) && error.len() < 3_000, "{error}");
    let one = read_topic(bytes, "/rig/19999/events");
    assert_eq!(
        (one.info.name.as_str(), one.events.len()),
        ("/rig/19999/events", 0)
    );
}

/// Each of many topics gets a name and an event stream, however alike they are.
#[test]
fn many_topics_beside_many_with_events() {
    let events = (0..64).map(|i| (format!("/rig/{i}/events"), "dvs_msgs/msg/EventArray"));
    // They differ in where there are slashes and where there are underscores.
    let imu = (0..20_000).map(|i| {
        let parts = (0..15).map(|bit| if i >> bit & 1 == 0 { "/a" } else { "_a" });
        let topic = format!("/imu{}", parts.collect::<String>());
        (topic, "sensor_msgs/msg/Imu")
    });
    let input = Input::from_bytes(declares(events.chain(imu)), "a.mcap");
    let sources = evz_ros::open_streams(input, &OpenOptions::new()).unwrap();
    let mut names = sources.iter().map(|source| source.side_streams());
    let of_first: std::collections::BTreeSet<String> = names.next().unwrap().into_iter().collect();
    assert_eq!(of_first.len(), 20_000);
    assert!(of_first.iter().all(|name| name.starts_with("imu")));
    assert_eq!(names.flatten().count(), 0);
    assert_eq!(sources.len(), 64);
}
