//! Side streams that are written as AEDAT 4.

mod common;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use common::{Recording, event, read};
use evz_aedat::{Aedat4Sink, Compression};
use evz_core::{
    Event, EventBatch, EventSink, LossKind, Metadata, Output, Report, SensorSize, SideColumn,
    SideRows, SideValues, StreamInfo, TimeBase,
};
use proptest::prelude::*;

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

/// What a sink made of rows and then of events.
struct Written {
    bytes: Vec<u8>,
    /// Which of the rows had a place.
    taken: Vec<bool>,
    report: Report,
}

impl Written {
    fn read(&self) -> Recording {
        let read = read(&self.bytes);
        assert_eq!(read.losses(), []);
        assert_eq!(read.notes(), [""; 0]);
        read
    }

    fn losses(&self) -> Vec<(LossKind, &str, u64)> {
        let losses = self.report.losses.iter();
        losses.map(|l| (l.kind, &*l.what, l.count)).collect()
    }
}

fn write(rows: &[SideRows], events: &[Event], compression: Compression) -> Written {
    write_in(TimeBase::MICROSECONDS, rows, events, compression)
}

fn write_in(
    time_base: TimeBase,
    rows: &[SideRows],
    events: &[Event],
    compression: Compression,
) -> Written {
    let bytes = Bytes::default();
    let size = SensorSize {
        width: 346,
        height: 260,
    };
    let info = StreamInfo::new(time_base).with_size(size);
    let out = Output::from_writer(bytes.clone(), "b.aedat4");
    let sink = Aedat4Sink::create(out, &info).unwrap();
    let mut sink = Box::new(sink.with_compression(compression));
    let taken = rows.iter().map(|r| sink.write_side(r.clone()).unwrap());
    let taken = taken.collect();
    let events: EventBatch = events.iter().copied().collect();
    sink.write_batch(events.as_slice()).unwrap();
    let report = sink.finish(&Metadata::new()).unwrap();
    let bytes = bytes.0.lock().unwrap().clone();
    Written {
        bytes,
        taken,
        report,
    }
}

fn rows(stream: &str, t: &[i64], columns: Vec<(&str, SideValues)>) -> SideRows {
    let columns = columns.into_iter();
    let columns = columns.map(|(name, values)| SideColumn::new(name, values));
    let mut rows = SideRows::new(stream, columns.collect());
    rows.t = t.to_vec();
    rows
}

fn triggers(t: &[i64], sources: &[u8]) -> SideRows {
    let source = ("source", SideValues::U8(sources.to_vec()));
    rows("triggers", t, vec![source])
}

const IMU: [&str; 10] = [
    "temperature",
    "accel_x",
    "accel_y",
    "accel_z",
    "gyro_x",
    "gyro_y",
    "gyro_z",
    "magnetometer_x",
    "magnetometer_y",
    "magnetometer_z",
];

fn imu(t: &[i64]) -> SideRows {
    let column = |c: usize| (0..t.len()).map(|i| (i * 10 + c) as f32 / 3.0).collect();
    let columns = (0..10).map(|c| (IMU[c], SideValues::F32(column(c))));
    rows("imu", t, columns.collect())
}

/// A grey frame with every column told.
fn frame(t: i64, size: [u16; 2], format: u8, pixels: &[u8]) -> SideRows {
    let time = |t| SideValues::I64(vec![t]);
    let columns = vec![
        ("frame_begin", time(t - 3)),
        ("frame_end", time(t + 9)),
        ("exposure_begin", time(t)),
        ("exposure_end", time(t + 5)),
        ("format", SideValues::U8(vec![format])),
        ("width", SideValues::U16(vec![size[0]])),
        ("height", SideValues::U16(vec![size[1]])),
        ("x_offset", SideValues::U16(vec![3])),
        ("y_offset", SideValues::U16(vec![4])),
        ("source", SideValues::U8(vec![2])),
        ("pixels", SideValues::Bytes(vec![pixels.to_vec()])),
    ];
    rows("frames", &[t], columns)
}

const COMPRESSIONS: [Compression; 3] = [Compression::None, Compression::Lz4, Compression::Zstd];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever part of a packet each batch of rows fills, and in whatever order their times are.
    #[test]
    fn rows_come_back_in_their_order(
        lens in prop::collection::vec(0..250usize, 1..5),
        seed in 0..1_000i64,
        compression in prop::sample::select(&COMPRESSIONS),
    ) {
        let times = |n: usize| -> Vec<i64> {
            (0..n as i64).map(|i| 1_000 + (i * seed) % 997).collect()
        };
        let mut all = Vec::new();
        for &n in &lens {
            let t = times(n);
            let sources: Vec<u8> = t.iter().map(|t| (t % 10) as u8).collect();
            all.extend([imu(&t), triggers(&t, &sources)]);
            let pixels = vec![n as u8; 6];
            all.push(frame(1_000 + n as i64, [2, 3], 0, &pixels));
        }
        let written = write(&all, &[event(1, 1, 1, 1)], compression);
        prop_assert_eq!(&written.report, &Report::default());
        let back = written.read();
        for name in ["frames", "imu", "triggers"] {
            let mut expected = SideRows::new(name, Vec::new());
            for part in all.iter().filter(|rows| rows.stream == name) {
                match expected.is_empty() {
                    true => expected = part.clone(),
                    false => prop_assert!(expected.append(part.clone())),
                }
            }
            if !expected.is_empty() {
                prop_assert_eq!(back.side(name), &expected);
            }
        }
    }
}

/// What the columns are in the file, by the reader that dv-processing was held against.
#[test]
fn frames_of_every_format_come_back() {
    let frames = [
        frame(10, [2, 3], 0, &[1, 2, 3, 4, 5, 6]),
        frame(30, [1, 2], 2, &[1, 2, 3, 4]),
        frame(20, [1, 1], 16, &[1, 2, 3]),
        frame(40, [0, 0], 0, &[]),
    ];
    for compression in COMPRESSIONS {
        let written = write(&frames, &[], compression);
        assert_eq!(written.taken, [true; 4]);
        let mut all = frames[0].clone();
        frames[1..]
            .iter()
            .for_each(|f| assert!(all.append(f.clone())));
        assert_eq!(written.read().side("frames"), &all);
    }
}

#[test]
fn the_header_lists_the_streams_that_have_rows() {
    let names = |rows: &[SideRows]| {
        let written = write(rows, &[event(1, 1, 1, 1)], Compression::None);
        let input = evz_core::Input::from_bytes(written.bytes, "-");
        let source = evz_aedat::open(input, &evz_core::OpenOptions::new()).unwrap();
        source.side_streams()
    };
    assert_eq!(names(&[]), [""; 0]);
    assert_eq!(names(&[triggers(&[], &[])]), [""; 0]);
    assert_eq!(names(&[triggers(&[1], &[1])]), ["triggers"]);
    let all = [triggers(&[1], &[1]), imu(&[1]), frame(9, [1, 1], 0, &[1])];
    assert_eq!(names(&all), ["frames", "imu", "triggers"]);
}

/// By the layout of flatbuffers: the table lists every packet, with its stream, its place, its length
/// and its times.
#[test]
fn the_data_table_lists_the_packets_of_every_stream() {
    let all = [triggers(&[8, 5], &[1, 2]), frame(9, [1, 1], 0, &[1])];
    let bytes = write(&all, &[event(7, 1, 1, 1)], Compression::None).bytes;
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let i64_at = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let header_root = 14 + 4 + u32_at(14 + 4);
    let table = i64_at(header_root + 8) as usize;
    let mut packet = 14 + 4 + u32_at(14);
    let n = u32_at(table + 44);
    let mut found = Vec::new();
    for i in 0..n {
        let offset = table + 48 + 4 * i;
        let row = offset + u32_at(offset);
        assert_eq!(
            [u32_at(row + 4), u32_at(row + 8)],
            [u32_at(packet), u32_at(packet + 4)]
        );
        assert_eq!(i64_at(row + 16) as usize, packet + 8);
        found.push((u32_at(packet), [24, 32, 40].map(|at| i64_at(row + at))));
        packet += 8 + u32_at(packet + 4);
    }
    assert_eq!(packet, table);
    assert_eq!(found, [(1, [1, 9, 9]), (0, [1, 7, 7]), (3, [2, 5, 8])]);
}

#[test]
fn what_rows_do_not_tell_is_neutral() {
    let bare = rows(
        "frames",
        &[7],
        vec![
            ("width", SideValues::U16(vec![2])),
            ("height", SideValues::U16(vec![1])),
            ("pixels", SideValues::Bytes(vec![vec![1, 2]])),
        ],
    );
    let gyro = rows("imu", &[8], vec![("gyro_y", SideValues::F32(vec![1.5]))]);
    let written = write(&[bare, gyro], &[], Compression::Lz4);
    assert_eq!(written.report, Report::default());
    let back = written.read();
    for time in ["frame_begin", "frame_end", "exposure_begin", "exposure_end"] {
        assert_eq!(
            back.column("frames", time),
            &SideValues::I64(vec![7]),
            "{time}"
        );
    }
    assert_eq!(back.column("frames", "format"), &SideValues::U8(vec![0]));
    assert_eq!(back.column("imu", "gyro_y"), &SideValues::F32(vec![1.5]));
    assert_eq!(back.column("imu", "gyro_x"), &SideValues::F32(vec![0.0]));
}

#[test]
fn other_streams_have_no_place() {
    let polarity = vec![("polarity", SideValues::Bool(vec![true]))];
    let sizes = vec![("width", SideValues::U16(vec![1]))];
    let others = [
        rows("audio", &[1], vec![("level", SideValues::F32(vec![1.0]))]),
        imu(&[1]),
        // Its name would be that of a second camera.
        SideRows {
            stream: "imu_7".to_owned(),
            ..imu(&[1])
        },
        // Prophesee's do not say what a trigger of iniVation says.
        rows("triggers", &[1], polarity),
        rows("frames", &[1], sizes),
        rows("imu", &[1], vec![("accel_x", SideValues::I64(vec![1]))]),
    ];
    let written = write(&others, &[], Compression::Lz4);
    assert_eq!(written.taken, [false, true, false, false, false, false]);
    assert_eq!(written.read().side_names(), ["imu"]);
    // Who gave them counts them.
    assert_eq!(written.report, Report::default());
}

#[test]
fn what_does_not_fit_is_counted() {
    let mut gains = triggers(&[1], &[1]);
    gains
        .columns
        .push(SideColumn::new("gain", SideValues::F32(vec![1.0])));
    let all = [
        gains.clone(),
        gains,
        triggers(&[5, -5, 6], &[1, 1, 1]),
        frame(9, [2, 2], 0, &[1, 2, 3]),
        frame(9, [40_000, 0], 0, &[]),
    ];
    let written = write(&all, &[], Compression::Lz4);
    assert_eq!(written.taken, [true; 5]);
    assert_eq!(
        written.losses(),
        [
            (
                LossKind::SideStreams,
                "rows of side streams that AEDAT 4 cannot hold",
                3
            ),
            (
                LossKind::Columns,
                "columns of side streams that AEDAT 4 has no place for",
                1
            )
        ]
    );
    let [rows, columns] = &written.report.losses[..] else {
        panic!("{:?}", written.report);
    };
    assert_eq!(
        rows.examples[1],
        "frames: 3 bytes of pixels are not those of 2x2 in the format 0"
    );
    assert_eq!(columns.examples, ["triggers.gain"]);
    let back = written.read();
    assert_eq!(back.side("triggers").t, [1, 1, 5, 6]);
    assert_eq!(back.side_names(), ["triggers"]);
}

#[test]
fn times_become_microseconds() {
    let all = [
        triggers(&[2_000, 2_001], &[1, 1]),
        frame(9_000, [1, 1], 0, &[1]),
    ];
    let written = write_in(TimeBase::NANOSECONDS, &all, &[], Compression::Lz4);
    let back = written.read();
    assert_eq!(back.side("triggers").t, [2]);
    // Its frame began 3 ns before.
    assert_eq!(written.losses()[0].2, 2);
    assert!(written.report.losses[0].examples[0].contains("it is at 2001 ns"));
}
