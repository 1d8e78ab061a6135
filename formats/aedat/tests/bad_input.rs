//! AEDAT 4 that is damaged, cut, or made to do harm. Versions of the public readers that get one
//! wrong stand beside it; they were run on the same bytes.

mod common;

use common::{
    event, read, try_read,
    v4::{self, File, LZ4, NONE, Stream, ZSTD, stream},
};
use evz_core::{ErrorKind, Event, Input, Next, OpenOptions, Question};
use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};

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

/// dv-processing 2.0.4, faery 0.7.1, evlib 0.13.2 and eventcv 1.0.8 give no event of the last packet.
#[test]
fn of_a_packet_cut_short_the_first_events_are_read() {
    let whole = File::new(NONE, &streams()).events(0, &first());
    let start = whole.bytes.len();
    let events: Vec<Event> = (0..100).map(|i| event(T + i, i as u16, 0, 1)).collect();
    let bytes = whole.events(0, &events).bytes;
    // The head, and 64 bytes up to the first event.
    for (left, n) in [(3, 0), (20, 0), (8 + 48, 0), (8 + 48 + 16 * 40 + 7, 40)] {
        let read = read(&bytes[..start + left]);
        assert_eq!(read.events, [&first()[..], &events[..n]].concat());
        let losses = read.losses();
        match left {
            3 => assert_eq!(losses, [("bytes behind the last whole packet", 3)]),
            20 => assert_eq!(losses, [("packets cut short by the end of the file", 1)]),
            _ => {
                let lost = ("events cut off at the end", 100 - n as u64);
                assert_eq!(
                    losses,
                    [("packets cut short by the end of the file", 1), lost]
                );
            }
        }
    }

    // Of LZ4 whole blocks are left.
    let many: Vec<Event> = (0..20_000)
        .map(|i| event(T + i * 13 % 89, i as u16 % 346, 0, 1))
        .collect();
    let info = FrameInfo::new().block_size(BlockSize::Max64KB);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    std::io::Write::write_all(&mut encoder, &v4::event_packet(&many)).unwrap();
    let packed = encoder.finish().unwrap();
    let mut file = File::new(LZ4, &streams());
    file.raw(0, packed.len() as u32, &packed);
    let cut = read(&file.bytes[..file.bytes.len() - 10]);
    // Four blocks of the five, less the 48 bytes before the first event.
    let n = (4 * 65_536 - 48) / 16;
    assert!(cut.events == many[..n]);
    let lost = ("events cut off at the end", (many.len() - n) as u64);
    assert_eq!(cut.losses()[1], lost);
}

#[test]
fn a_cut_in_a_stream_that_is_left_out_is_told() {
    let other = stream(4, "EVTS", "others");
    let file = File::new(LZ4, &[streams()[0], other]).events(0, &first());
    let bytes = file.events(4, &second()).bytes;
    let options = OpenOptions::default().with_stream("0");
    let read = try_read(&bytes[..bytes.len() - 3], &options).unwrap();
    assert_eq!(read.events, first());
    assert_eq!(
        read.losses(),
        [("packets cut short by the end of the file", 1)]
    );
}

#[test]
fn damaged_packets_are_counted_and_the_others_read() {
    let damaged: [(&str, Vec<u8>); 6] = [
        (
            "its LZ4 frame ends too early",
            v4::pack(LZ4, &v4::event_packet(&all()))[..30].into(),
        ),
        ("it is no LZ4 frame", b"no frame at all".into()),
        ("it is empty", v4::pack(LZ4, &[])),
        (
            "it has fewer bytes than it claims",
            v4::pack(LZ4, &[200, 0, 0, 0, 1, 2]),
        ),
        // A root far outside, and a vector of 4 billion events.
        ("an offset in it leads outside", {
            let mut flat = v4::event_packet(&all());
            flat[4..8].copy_from_slice(&0x7fff_fff0u32.to_le_bytes());
            v4::pack(LZ4, &flat)
        }),
        ("it claims more events than it has", {
            let mut flat = v4::event_packet(&all());
            let at = flat
                .windows(8)
                .position(|w| w == [0, 0, 0, 0, 3, 0, 0, 0])
                .unwrap()
                + 4;
            flat[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
            v4::pack(LZ4, &flat)
        }),
    ];
    for (what, body) in damaged {
        let mut file = File::new(LZ4, &streams()).events(0, &first());
        let at = file.bytes.len();
        file.raw(0, body.len() as u32, &body);
        let read = read(&file.events(0, &second()).finish());
        assert_eq!(read.events, all(), "{what}");
        assert_eq!(read.losses(), [("damaged packets", 1)], "{what}");
        let example = format!("a.aedat: packet of stream 0 at byte {at}: {what}");
        assert_eq!(read.report.losses[0].examples, [example]);
    }
}

#[test]
fn frames_that_make_no_sense_do_not_stop_the_events() {
    let frames = [
        v4::new_frame(T, 1, 0, [2, 2], &[1, 2, 3]),
        v4::new_frame(T, 1, 0, [-2, 2], &[1, 2, 3]),
        v4::new_frame(T, 1, 0, [i16::MAX, i16::MAX], &[]),
    ];
    for frame in frames {
        let file = File::new(LZ4, &streams())
            .events(0, &first())
            .packet(1, &frame)
            .events(0, &second());
        let read = read(&file.finish());
        assert_eq!(read.events, all());
        assert_eq!(read.losses(), [("damaged packets", 1)]);
        assert_eq!(read.side_names(), [""; 0]);
    }
}

#[test]
fn negative_coordinates_are_counted() {
    let events = [
        event(T, 5, 5, 1),
        event(T, 0xffff, 5, 1),
        event(T, 5, 0x8000, 1),
        event(T, 6, 6, 1),
    ];
    let read = read(
        &File::new(LZ4, &streams())
            .events(0, &events)
            .events(0, &first())
            .finish(),
    );
    assert_eq!(
        read.events,
        [&[event(T, 5, 5, 1), event(T, 6, 6, 1)][..], &first()].concat()
    );
    assert_eq!(read.losses(), [("events with negative coordinates", 2)]);
}

#[test]
fn a_packet_that_claims_4_gib_ends_the_reading() {
    for size in [u32::MAX, 0x7fff_ffff, (256 << 20) + 1] {
        let mut file = File::new(LZ4, &streams()).events(0, &first());
        let at = file.bytes.len();
        file.raw(0, size, &[0; 50]);
        let read = read(&file.bytes);
        assert_eq!(read.events, first());
        assert_eq!(read.losses(), [("bytes from a damaged packet on", 58)]);
        let example = format!(
            "a.aedat: packet at byte {at}: it claims {size} bytes; at most 268435456 are read"
        );
        assert_eq!(read.report.losses[0].examples, [example]);
    }
    // A claim within the limit is one of bytes that are missing.
    let mut file = File::new(LZ4, &streams()).events(0, &first());
    file.raw(0, 200 << 20, &[0; 50]);
    let read = read(&file.bytes);
    assert_eq!(read.events, first());
    assert_eq!(
        read.losses(),
        [("packets cut short by the end of the file", 1)]
    );
}

/// A gigabyte of zeros in a kilobyte or a few million.
#[test]
fn bombs_are_counted() {
    let gigabyte = || std::io::Read::take(std::io::repeat(0), 1 << 30);
    let mut lz4 = FrameEncoder::new(Vec::new());
    std::io::copy(&mut gigabyte(), &mut lz4).unwrap();
    let lz4 = lz4.finish().unwrap();
    let zstd = zstd::encode_all(gigabyte(), 1).unwrap();
    for (compression, bomb) in [(LZ4, lz4), (ZSTD, zstd)] {
        let mut file = File::new(compression, &streams()).events(0, &first());
        file.raw(0, bomb.len() as u32, &bomb);
        let read = read(&file.events(0, &second()).finish());
        assert_eq!(read.events, all());
        assert_eq!(read.losses(), [("damaged packets", 1)]);
        assert!(
            read.said()
                .contains("it unpacks to more than any packet has"),
            "{}",
            read.said()
        );
    }
}

#[test]
fn many_offsets_to_one_table_are_not_believed() {
    // Four million rows of 48 bytes that all are the same one.
    let n = 4_000_000u32;
    let mut flat = vec![0; 16];
    flat[4..8].copy_from_slice(&12u32.to_le_bytes());
    flat[8..12].copy_from_slice(b"IMUS");
    // The table and its vtable, then the vector, then the row, which has no fields.
    flat.extend([248, 255, 255, 255, 12, 0, 0, 0, 6, 0, 8, 0, 4, 0, 0, 0]);
    flat.extend(n.to_le_bytes());
    for i in 0..n {
        flat.extend((4 * (n - i)).to_le_bytes());
    }
    flat.extend([252, 255, 255, 255, 4, 0, 4, 0]);
    let size = flat.len() as u32 - 4;
    flat[..4].copy_from_slice(&size.to_le_bytes());
    let read = read(
        &File::new(ZSTD, &streams())
            .events(0, &first())
            .packet(2, &flat)
            .finish(),
    );
    assert_eq!(read.events, first());
    assert!(
        read.said().contains("it has more elements than are read"),
        "{}",
        read.said()
    );
}

#[test]
fn what_has_nothing_whole_is_an_error() {
    let mut file = File::new(LZ4, &streams());
    file.raw(0, 10, b"0123456789");
    let at = file.bytes.len() - 18;
    let error = try_read(&file.bytes, &OpenOptions::default())
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "a.aedat: packet of stream 0 at byte {at}: it is no LZ4 frame; nothing in it can be read"
        )
    );
    // A recording without a packet is none of damage.
    let empty = read(&File::new(LZ4, &streams()).finish());
    assert_eq!(empty.events, []);
    assert_eq!(empty.losses(), []);
}

#[test]
fn headers_that_make_no_sense_are_refused() {
    let whole = File::new(LZ4, &streams()).bytes;
    let error = |bytes: &[u8]| {
        let error = try_read(bytes, &OpenOptions::default()).err();
        error.expect("an error").to_string()
    };
    assert_eq!(error(&[]), "a.aedat: it is empty: there are no events");
    assert_eq!(
        error(&whole[..20]),
        "a.aedat: byte 20: it ends within its header"
    );
    let mut large = whole.clone();
    large[14..18].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(
        error(&large).contains("a header of 4294967295 bytes"),
        "{}",
        error(&large)
    );
    assert!(error(&File::new(9, &streams()).bytes).contains("compression 9 is none of those"));
    assert!(error(b"0.001 1 2 1\n").contains("it does not begin with #!AER-DAT"));
    assert!(error(b"#!AER-DAT5.0\r\n").contains("AEDAT 5.0 is not read"));
}

#[test]
fn errors_of_the_system_come_after_the_events() {
    struct Fails(std::io::Cursor<Vec<u8>>);
    impl std::io::Read for Fails {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::ErrorKind::NotConnected.into()),
                n => Ok(n),
            }
        }
    }
    let file = File::new(NONE, &streams()).events(0, &first());
    // The first 64 KiB are read before it is known what they are.
    let frame = v4::new_frame(T, 1, 0, [1_000, 100], &[0; 100_000]);
    let bytes = file.events(0, &second()).packet(1, &frame).bytes;
    assert!(bytes.len() > 64 << 10);
    let reader = Fails(std::io::Cursor::new(bytes));
    let mut source = common::open_reader(reader, &OpenOptions::default()).unwrap();
    let mut batch = evz_core::EventBatch::default();
    let mut n = 0;
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(more)) => n += more,
            Ok(Next::Rows(_)) => {}
            Ok(Next::End(_)) => panic!("the end"),
            Err(error) => break error,
        }
    };
    assert_eq!(n, 3);
    assert_eq!(error.to_string(), "a.aedat: cannot read");
    assert!(matches!(
        source.read_batch(&mut batch).unwrap(),
        Next::End(_)
    ));
}

/// Recordings have a handful of streams; what is done for each packet does not depend on how many.
#[test]
fn a_header_of_many_streams() {
    let streams = |n| -> Vec<Stream> {
        let side = (1..n).map(|number| stream(number, "IMUS", "imu"));
        std::iter::once(stream(0, "EVTS", "events"))
            .chain(side)
            .collect()
    };
    let file = |n| {
        let mut file = File::new(NONE, &streams(n)).events(0, &first());
        for _ in 0..2_000 {
            file.raw(n - 1, 0, &[]);
        }
        file.events(0, &second()).finish()
    };
    let recording = read(&file(1024));
    assert_eq!(recording.events, all());
    assert_eq!(recording.losses(), [("damaged packets", 2_000)]);
    let error = try_read(&file(1025), &OpenOptions::default())
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    let what = "a.aedat: header: it lists more than 1024 streams";
    assert!(error.to_string().starts_with(what), "{error}");
}

/// Each of the sources keeps the header.
#[test]
fn many_event_streams_are_not_opened_at_once() {
    let streams: Vec<Stream> = (0..1000).map(|n| stream(n, "EVTS", "events")).collect();
    let bytes = File::new(NONE, &streams).events(999, &first()).finish();
    let input = Input::from_bytes(bytes.clone(), "a.aedat");
    let error = evz_aedat::open_streams(input, &OpenOptions::default())
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(error.question(), Some(Question::Stream));
    assert!(error.to_string().contains("1000 event streams"), "{error}");
    let told = OpenOptions::default().with_stream("events_999");
    assert_eq!(try_read(&bytes, &told).unwrap().events, first());
}
