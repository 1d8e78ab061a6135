//! Rows of side streams that wait to be taken, and the names of the streams.

mod common;

use common::{
    event, try_read, v2, v3,
    v4::{self, File, NONE, Stream, ZSTD, stream},
};
use evz_core::{ErrorKind, EventBatch, EventSource, Input, Next, OpenOptions, Question, WayOut};

/// Bytes of rows that may wait.
const MAX_WAITING: usize = 16 << 20;

const FRAME_LEN: usize = 4_000_000;

/// Frames of 4 MB, each behind an event, or without any.
fn recording(compression: i32, frames: i64, has_events: bool) -> Vec<u8> {
    let streams = [stream(0, "EVTS", "events"), stream(1, "FRME", "frames")];
    let mut file = File::new(compression, &streams);
    for t in 0..frames {
        if has_events {
            file = file.events(0, &[event(t, 1, 1, 1)]);
        }
        file = file.packet(1, &v4::new_frame(t, 1, 0, [2_000, 2_000], &[7; FRAME_LEN]));
    }
    file.finish()
}

fn open(bytes: Vec<u8>) -> Box<dyn EventSource> {
    evz_aedat::open(Input::from_bytes(bytes, "-"), &OpenOptions::default()).unwrap()
}

/// Times of the events and of the frames, and the most bytes of rows that came at once.
fn read(bytes: Vec<u8>) -> (Vec<i64>, Vec<i64>, usize) {
    let mut source = open(bytes);
    let mut batch = EventBatch::default();
    let (mut events, mut frames, mut most) = (Vec::new(), Vec::new(), 0);
    loop {
        match source.read_batch(&mut batch).unwrap() {
            Next::Events(_) => events.extend(&batch.t),
            Next::Rows(rows) => {
                most = most.max(rows.bytes());
                frames.extend(rows.t);
            }
            Next::End(report) => {
                assert!(report.losses.is_empty());
                return (events, frames, most);
            }
        }
    }
}

#[test]
fn rows_are_bounded_and_none_is_dropped() {
    let all: Vec<i64> = (0..40).collect();
    for compression in [NONE, ZSTD] {
        for has_events in [true, false] {
            let (events, frames, most) = read(recording(compression, 40, has_events));
            assert_eq!(frames, all);
            assert_eq!(events, if has_events { &all[..] } else { &[] });
            // What is decoded at once may come on top.
            let limit = MAX_WAITING + (32 << 20) + FRAME_LEN;
            assert!(most <= limit, "{most}");
        }
    }
}

#[test]
fn older_versions_wait_too() {
    // Frames of 2 MB, and an event behind each tenth.
    let mut file = v3::header(&["#Source 1: DAVIS240C"]);
    for t in 0..100 {
        let frame = v3::frame([t; 4], 1, [1_000, 1_000], &vec![7; 1_000_000]);
        file.extend(v3::packet(v3::FRAME, 1, 0, 1, &[frame]));
        if t % 10 == 9 {
            let event = v3::polarity(t, 1, 1, 1, true);
            file.extend(v3::packet(v3::POLARITY, 1, 0, 1, &[event]));
        }
    }
    let (events, frames, most) = read(file);
    assert_eq!(frames, (0..100).collect::<Vec<i64>>());
    assert_eq!(events, (0..10).map(|i| 10 * i + 9).collect::<Vec<i64>>());
    assert!(most <= MAX_WAITING + 3_000_000, "{most}");
}

#[test]
fn names_are_known_at_the_start() {
    let other = Stream {
        source: "DVXplorer_2",
        ..stream(7, "IMUS", "imu")
    };
    let streams = [
        stream(0, "EVTS", "events"),
        stream(2, "FRME", "frames"),
        stream(3, "IMUS", "imu"),
        stream(5, "TRIG", "triggers"),
        stream(6, "TRIG", "more"),
        other,
    ];
    let names = |bytes: Vec<u8>| open(bytes).side_streams();
    assert_eq!(
        names(File::new(NONE, &streams).finish()),
        ["frames", "imu", "triggers", "triggers_6", "imu_7"]
    );
    assert_eq!(names(File::new(NONE, &streams[..1]).finish()), [""; 0]);
    assert_eq!(
        names(v3::header(&["#Source 1: DAVIS240C"])),
        ["frames", "imu", "triggers"]
    );
    let chip = |name| v2::header(Some(name));
    assert_eq!(names(chip("DVS128")), ["triggers"]);
    assert_eq!(names(chip("DAVIS240C")), ["imu", "triggers"]);
}

/// Two cameras; the second one's frames come first.
fn stereo() -> Vec<u8> {
    let right = |number, kind, name| Stream {
        source: "DVXplorer_2",
        ..stream(number, kind, name)
    };
    let streams = [
        stream(0, "EVTS", "left"),
        stream(1, "FRME", "frames"),
        right(4, "EVTS", "right"),
        right(5, "FRME", "frames"),
    ];
    File::new(NONE, &streams)
        .events(0, &[event(1, 1, 1, 1)])
        .events(4, &[event(2, 2, 2, 1)])
        .packet(5, &v4::new_frame(7, 1, 0, [1, 1], &[2]))
        .packet(1, &v4::new_frame(6, 1, 0, [1, 1], &[1]))
        .finish()
}

/// The frames of a camera do not come with the events of another; samples of a box beside them come with either.
#[test]
fn an_event_stream_that_is_told_comes_with_what_is_beside_it() {
    let of = |source, number, kind, name| Stream {
        source,
        ..stream(number, kind, name)
    };
    let streams = [
        of("A", 0, "EVTS", "left"),
        of("A", 1, "FRME", "frames"),
        of("B", 4, "EVTS", "right"),
        of("B", 5, "FRME", "frames"),
        of("box", 6, "IMUS", "imu"),
    ];
    let bytes = File::new(NONE, &streams)
        .events(0, &[event(1, 1, 1, 1)])
        .events(4, &[event(2, 2, 2, 1)])
        .packet(5, &v4::new_frame(7, 1, 0, [1, 1], &[2]))
        .packet(1, &v4::new_frame(6, 1, 0, [1, 1], &[1]))
        .packet(6, &v4::imu_packet(&[(3, [1.0; 10])]))
        .finish();
    for (name, t, own, others) in [
        (
            "left",
            1,
            6,
            "4 (\"right\" of B, 346x260), 5 (\"frames\" of B, 346x260)",
        ),
        (
            "right",
            2,
            7,
            "0 (\"left\" of A, 346x260), 1 (\"frames\" of A, 346x260)",
        ),
    ] {
        let read = try_read(&bytes, &OpenOptions::new().with_stream(name)).unwrap();
        assert_eq!(read.events.iter().map(|e| e.t).collect::<Vec<_>>(), [t]);
        assert_eq!(read.side("frames").t, [own]);
        assert_eq!(read.side("imu_6").t, [3]);
        assert_eq!(read.side.len(), 2);
        let left_out = format!("left out: 2 packets of other event streams: {others}");
        assert_eq!(read.notes(), [left_out]);
        assert_eq!(read.losses(), []);
    }
}

/// Which of several event streams they belong to, where one alone is of their camera.
#[test]
fn side_streams_say_whose_they_are() {
    let of = |source, number, kind, name| Stream {
        source,
        ..stream(number, kind, name)
    };
    let owner = |events: &[Stream], frames: Stream| {
        let streams = [events, &[frames]].concat();
        let bytes = File::new(NONE, &streams)
            .packet(9, &v4::new_frame(7, 1, 0, [1, 1], &[2]))
            .finish();
        let name = events[0].name;
        let read = try_read(&bytes, &OpenOptions::new().with_stream(name)).unwrap();
        read.side.first().map(|rows| rows.of)
    };
    let (a, b) = (of("A", 0, "EVTS", "first"), of("B", 4, "EVTS", "second"));
    assert_eq!(owner(&[a, b], of("A", 9, "FRME", "frames")), Some(Some(0)));
    assert_eq!(owner(&[b, a], of("B", 9, "FRME", "frames")), Some(Some(1)));
    assert_eq!(owner(&[a, b], of("box", 9, "FRME", "frames")), Some(None));
    assert_eq!(owner(&[a], of("A", 9, "FRME", "frames")), Some(None));
    // The event streams are in the order of their numbers. Those of a camera are beside its raw events and its filtered ones.
    let filtered = of("A", 5, "EVTS", "filtered");
    assert_eq!(
        owner(&[a, filtered, b], of("A", 9, "FRME", "frames")),
        Some(None)
    );
    assert_eq!(
        owner(&[filtered, a, b], of("A", 9, "FRME", "frames")),
        Some(None)
    );
}

#[test]
fn many_streams_are_not_all_listed() {
    let mut streams = vec![stream(0, "EVTS", "left")];
    let right = |number, kind, name| Stream {
        source: "B",
        ..stream(number, kind, name)
    };
    streams.extend((1..400).map(|number| right(number, "EVTS", "right")));
    let bytes = File::new(NONE, &streams)
        .events(0, &[event(1, 1, 1, 1)])
        .events(1, &[event(1, 1, 1, 1)])
        .finish();
    for told in [OpenOptions::new(), OpenOptions::new().with_stream("nobody")] {
        let error = try_read(&bytes, &told).err().unwrap().to_string();
        assert!(error.contains("others") && error.len() < 3_000, "{error}");
    }
    let read = try_read(&bytes, &OpenOptions::new().with_stream("0")).unwrap();
    let notes = read.notes();
    let [note] = &*notes else { panic!("{notes:?}") };
    assert!(note.contains("others") && note.len() < 3_000, "{note}");
}

#[test]
fn a_side_stream_can_be_named_as_the_stream() {
    let named = |name: &str| OpenOptions::new().with_stream(name);
    let of_one = File::new(
        NONE,
        &[stream(0, "EVTS", "events"), stream(1, "IMUS", "imu")],
    )
    .events(0, &[event(1, 1, 1, 1)])
    .packet(1, &v4::imu_packet(&[(3, [1.0; 10])]))
    .finish();
    let read = try_read(&of_one, &named("imu")).unwrap();
    assert_eq!(read.events, [event(1, 1, 1, 1)]);
    assert_eq!(read.side("imu").t, [3]);

    // Nobody has to say which events to leave alone.
    for name in ["frames", "frames_5"] {
        let read = try_read(&stereo(), &named(name)).unwrap();
        assert_eq!(read.events, []);
        assert_eq!(read.side("frames").t, [6]);
        assert_eq!(read.side("frames_5").t, [7]);
        assert_eq!(read.losses(), []);
        assert!(read.notes()[0].starts_with("left out: 2 packets of other event streams"));
    }

    let v3 = v3::header(&["#Source 0: DAVIS240C"]);
    let v2 = v2::header(Some("DAVIS240C"));
    for (bytes, good) in [
        (&v3, ["0", "imu", "frames_2"]),
        (&v2, ["0", "imu", "triggers"]),
    ] {
        for name in good {
            assert!(try_read(bytes, &named(name)).is_ok(), "{name}");
        }
    }
    for bytes in [&of_one, &stereo(), &v3, &v2] {
        let error = try_read(bytes, &named("nobody")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.question(), Some(Question::Stream));
    }
    let error = try_read(&stereo(), &named("imu")).err().unwrap();
    let accepted = ["0", "4", "frames", "frames_5"].map(str::to_owned).to_vec();
    assert_eq!(error.ways_out(), [WayOut::Tell(Question::Stream, accepted)]);
}
