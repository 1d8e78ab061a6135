//! What is written comes back, and what AEDAT 4 cannot hold is refused.

mod common;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use common::{event, read, try_read};
use evz_aedat::{Aedat4Sink, Compression};
use evz_core::{
    Event, EventBatch, EventSink, Metadata, OpenOptions, Output, Question, SensorSize, StreamInfo,
    TimeBase, Value,
};
use proptest::prelude::*;

/// Bytes that a sink was given.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn info(time_base: TimeBase) -> StreamInfo {
    StreamInfo::new(time_base).with_size(SensorSize {
        width: 1280,
        height: 720,
    })
}

/// Writes batches of so many events.
fn write(
    events: &[Event],
    batch_len: usize,
    compression: Compression,
    info: &StreamInfo,
) -> evz_core::Result<Vec<u8>> {
    let bytes = Bytes::default();
    let sink = Aedat4Sink::create(Output::from_writer(bytes.clone(), "b.aedat4"), info)?;
    let mut sink = Box::new(sink.with_compression(compression));
    for batch in events.chunks(batch_len) {
        let batch: EventBatch = batch.iter().copied().collect();
        sink.write_batch(batch.as_slice())?;
    }
    assert!(!sink.finish(&Metadata::new())?.has_losses());
    let bytes = bytes.0.lock().unwrap().clone();
    Ok(bytes)
}

fn refused(events: &[Event], base: TimeBase) -> String {
    let result = write(events, 10, Compression::Lz4, &info(base));
    result.expect_err("it is refused").to_string()
}

fn compressions() -> impl Strategy<Value = Compression> {
    prop_oneof![
        Just(Compression::None),
        Just(Compression::Lz4),
        Just(Compression::Zstd)
    ]
}

/// Events in order, as many as fill no packet or three.
fn recordings() -> impl Strategy<Value = Vec<Event>> {
    let gaps = prop_oneof![4 => 0..50i64, 1 => 0..1_000_000_000_000i64];
    let one = (gaps, 0..=0x7fffu16, 0..=0x7fffu16, 0..=1u8);
    let len = prop_oneof![Just(0), 1..40usize, 9_990..10_010usize, 25_000..31_000usize];
    (0..i64::MAX / 2, len)
        .prop_flat_map(move |(t, n)| (Just(t), prop::collection::vec(one.clone(), n)))
        .prop_map(|(mut t, all)| {
            all.into_iter()
                .map(|(gap, x, y, p)| {
                    t += gap;
                    event(t, x, y, p)
                })
                .collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_comes_back(
        events in recordings(),
        batch_len in prop_oneof![1..100usize, 5_000..40_000usize],
        compression in compressions(),
    ) {
        let info = info(TimeBase::MICROSECONDS);
        let back = read(&write(&events, batch_len, compression, &info).unwrap());
        prop_assert!(back.events == events);
        prop_assert_eq!(back.info.size, info.size);
        prop_assert_eq!(back.losses(), []);
    }
}

/// Offsets and lengths worked out by hand from the layout of flatbuffers.
#[test]
fn the_layout_is_that_of_the_description() {
    let bytes = write(
        &[event(7, 1, 2, 1), event(9, 3, 4, 0)],
        10,
        Compression::None,
        &info(TimeBase::MICROSECONDS),
    )
    .unwrap();
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let i64_at = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());

    assert_eq!(&bytes[..14], b"#!AER-DAT4.0\r\n");
    let header = 14;
    assert_eq!(&bytes[header + 8..header + 12], b"IOHE");
    let root = header + 4 + u32_at(header + 4);
    assert_eq!(root, header + 24);
    // Compression, the place of the data table, and the text.
    assert_eq!(u32_at(root + 4), 0);
    let table = i64_at(root + 8) as usize;
    let text = root + 16 + u32_at(root + 16);
    let xml = std::str::from_utf8(&bytes[text + 4..text + 4 + u32_at(text)]).unwrap();
    assert!(xml.starts_with("<dv version=\"2.0\">") && xml.ends_with("</dv>\n"));
    for said in [
        "sizeX\" type=\"int\">1280<",
        "sizeY\" type=\"int\">720<",
        "source\" type=\"string\">evz<",
    ] {
        assert!(xml.contains(said), "{said}");
    }

    // Stream 0, 64 bytes: up to the events, and two of 16.
    let packet = header + 4 + u32_at(header);
    assert_eq!([u32_at(packet), u32_at(packet + 4)], [0, 64]);
    let flat = packet + 8;
    assert_eq!(u32_at(flat), 60);
    assert_eq!(&bytes[flat + 8..flat + 12], b"EVTS");
    assert_eq!(u32_at(flat + 28), 2);
    let events = [
        7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 0, 0, 0, //
        9, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0,
    ];
    assert_eq!(&bytes[flat + 32..flat + 64], &events);

    assert_eq!(table, flat + 64);
    assert_eq!(table + 4 + u32_at(table), bytes.len());
    assert_eq!(&bytes[table + 8..table + 12], b"FTAB");
    // One row: it begins behind the head of the packet, which it repeats; two events from 7 to 9.
    let row = table + 48 + u32_at(table + 48);
    assert_eq!(row % 8, table % 8);
    assert_eq!([u32_at(row + 4), u32_at(row + 8)], [0, 64]);
    assert_eq!(
        [16, 24, 32, 40].map(|at| i64_at(row + at)),
        [flat as i64, 2, 7, 9]
    );
}

#[test]
fn the_camera_of_the_source_is_kept() {
    let mut info = info(TimeBase::MICROSECONDS);
    let camera = Value::from("<A & B>");
    info.metadata
        .insert("aedat.camera".to_owned(), camera.clone());
    let back = read(&write(&[event(1, 1, 1, 1)], 1, Compression::Lz4, &info).unwrap());
    assert_eq!(back.info.metadata["aedat.camera"], camera);
}

#[test]
fn times_become_microseconds() {
    let events = [event(2_000, 1, 1, 1), event(3_000, 1, 1, 1)];
    let times = |base: TimeBase| -> Vec<i64> {
        let bytes = write(&events, 10, Compression::None, &info(base)).unwrap();
        read(&bytes).events.iter().map(|e| e.t).collect()
    };
    assert_eq!(times(TimeBase::NANOSECONDS), [2, 3]);
    assert_eq!(times(TimeBase::MICROSECONDS), [2_000, 3_000]);
    assert_eq!(times(TimeBase::SECONDS), [2_000_000_000, 3_000_000_000]);
}

#[test]
fn what_does_not_fit_is_refused_with_the_way_out() {
    let us = TimeBase::MICROSECONDS;
    let good = event(5, 1, 1, 1);
    assert_eq!(
        refused(&[good, event(6, 0x8000, 7, 1)], us),
        "b.aedat4: event 1: it is at x 32768, y 7; AEDAT 4 keeps coordinates up to 32767; set roi, \
         or write .evz or Parquet"
    );
    assert!(refused(&[event(6, 7, 0x8000, 1)], us).contains("it is at x 7, y 32768"));
    assert_eq!(
        refused(&[good, event(4, 1, 1, 1)], us),
        "b.aedat4: event 1: it is at 4 us, the one before at 5 us; AEDAT 4 keeps events in the order \
         of their times; set on_unsorted to sort, or write .evz or Parquet"
    );
    // Over the end of a batch.
    let many: Vec<Event> = (0..25)
        .map(|i| event(if i == 20 { 3 } else { 100 + i }, 1, 1, 1))
        .collect();
    assert!(refused(&many, us).contains("event 20: it is at 3 us, the one before at 119 us"));
    assert!(
        refused(&[event(-1, 1, 1, 1)], us)
            .contains("event 0: it is at -1 us; AEDAT 4 has times from 1970")
    );
    assert!(refused(&[event(1_001, 1, 1, 1)], TimeBase::NANOSECONDS).contains("it is at 1001 ns"));
    assert!(refused(&[event(i64::MAX, 1, 1, 1)], TimeBase::SECONDS).contains("in 64 bits"));
    assert_eq!(
        refused(&[event(1, 1, 1, 2)], us),
        "a polarity of 2; it is 0 for OFF or 1 for ON"
    );

    let mut unknown = info(us);
    unknown.size = None;
    let error = write(&[], 1, Compression::Lz4, &unknown).err().unwrap();
    assert_eq!(error.question(), Some(Question::Size));
}

#[test]
fn columns_of_different_lengths_are_refused() {
    let mut batch: EventBatch = [event(1, 1, 1, 1)].into_iter().collect();
    batch.y.clear();
    let out = Output::from_writer(Bytes::default(), "b.aedat4");
    let mut sink = Aedat4Sink::create(out, &info(TimeBase::MICROSECONDS)).unwrap();
    let error = sink.write_batch(batch.as_slice()).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("columns of 1, 1, 0 and 1 events"),
        "{error}"
    );
}

#[test]
fn a_recording_without_events_is_one() {
    let bytes = write(&[], 1, Compression::Zstd, &info(TimeBase::MICROSECONDS)).unwrap();
    let back = try_read(&bytes, &OpenOptions::default()).unwrap();
    assert_eq!(back.events, []);
    assert_eq!(back.losses(), []);
    assert_eq!(back.notes(), [""; 0]);
}

#[test]
fn an_output_that_fails_is_an_error() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("full"))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let out = Output::from_writer(Full, "b.aedat4");
    let sink = Aedat4Sink::create(out, &info(TimeBase::MICROSECONDS));
    let error = Box::new(sink.unwrap())
        .finish(&Metadata::new())
        .err()
        .unwrap();
    assert_eq!(error.to_string(), "b.aedat4: cannot write");
}
