//! Golden files of every format version: read by this reader, and described field by field in a
//! JSON beside each, so that any other reader can be tested with them.
//!
//! A file is written once, by this test, when the crate has its version and the file is absent;
//! afterwards it is only read.

mod common;

use std::path::{Path, PathBuf};

use common::{digest, sha256};
use evz_codec::{Codec, FAST, SMALL, SMALL_GPU};
use evz_core::{
    Clock, ClockKind, ColumnType, Event, EventBatch, ExtraColumn, Input, Metadata, OutputFile,
    Selection, SensorSize, SideColumn, SideRows, SideValues, StreamInfo, TimeBase, Value, Values,
};
use evz_file::wire::{SideDeclaration, StreamDeclaration};
use evz_file::{ReadOptions, WriteOptions, Writer, layout, verify};
use serde_json::json;

struct Case {
    name: &'static str,
    codec: &'static dyn Codec,
    time_base: TimeBase,
    size: Option<SensorSize>,
    chunk_events: u32,
    events: fn() -> EventBatch,
    side: bool,
    clock: Clock,
    /// What else the file has.
    more: More,
}

/// What makes records that few files have.
#[derive(Clone, Copy, PartialEq)]
enum More {
    Nothing,
    /// A second event stream.
    Stream,
    /// A side stream with a schema so long that the root must be folded into nodes.
    LongSchema,
    /// Further columns, one of each type.
    Columns,
    /// A checkpoint in the middle, and metadata too long for the root.
    Checkpoint,
}

const NONE: Clock = Clock {
    kind: ClockKind::Unknown,
    epoch: 0,
};

fn odd(numerator: u64, denominator: u64) -> TimeBase {
    TimeBase::new(numerator, denominator).unwrap()
}

fn cases() -> [Case; 18] {
    [
        Case {
            name: "no-events",
            codec: &FAST,
            time_base: TimeBase::MICROSECONDS,
            size: None,
            chunk_events: 100,
            events: EventBatch::default,
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "one-event",
            codec: &FAST,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 240,
                height: 180,
            }),
            chunk_events: 100,
            events: || {
                [Event {
                    t: 3_811,
                    x: 96,
                    y: 133,
                    p: 0,
                }]
                .into_iter()
                .collect()
            },
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "ten-events-ns-divisor",
            codec: &FAST,
            time_base: TimeBase::NANOSECONDS,
            size: Some(SensorSize {
                width: 240,
                height: 180,
            }),
            chunk_events: 100,
            events: || scene(10, |i| 1_589_163_147_368_868_000 + i * i * 1_000),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "two-chunks-side",
            codec: &FAST,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 640,
                height: 480,
            }),
            chunk_events: 1_500,
            events: || scene(2_600, |i| i / 3),
            side: true,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "unsorted",
            codec: &FAST,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 640,
                height: 480,
            }),
            chunk_events: 700,
            events: || scene(1_400, |i| (i * 7_919) % 1_013 - 300),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "extremes",
            codec: &FAST,
            time_base: TimeBase::MILLISECONDS,
            size: None,
            chunk_events: 300,
            events: || {
                let t = [
                    i64::MIN,
                    i64::MAX,
                    0,
                    -1,
                    1 << 40,
                    (1 << 40) + 3,
                    i64::MAX - 1,
                    0,
                ];
                let x = [0, u16::MAX, 1, u16::MAX - 1];
                (0..600)
                    .map(|i| Event {
                        t: t[i % 8].wrapping_add((i / 8) as i64),
                        x: x[i % 4],
                        y: x[(i + 1) % 3],
                        p: u8::from(i % 5 == 0),
                    })
                    .collect()
            },
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "gaps-and-bursts",
            codec: &FAST,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 1_280,
                height: 720,
            }),
            chunk_events: 65_536,
            events: || {
                scene(3_000, |i| {
                    i / 200 * 5_000_000_000 + i % 200 / 40 + i / 1_777 * 90_000
                })
            },
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "every-width",
            codec: &FAST,
            time_base: TimeBase::NANOSECONDS,
            size: None,
            chunk_events: 2_000,
            events: widths,
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "small-one-event",
            codec: &SMALL,
            time_base: TimeBase::MICROSECONDS,
            size: None,
            chunk_events: 100,
            events: || scene(1, |_| 77),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "small-bursts",
            codec: &SMALL,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 1_280,
                height: 720,
            }),
            chunk_events: 40_000,
            events: || noise(45_000, true),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "small-pixels",
            codec: &SMALL,
            time_base: TimeBase::NANOSECONDS,
            size: Some(SensorSize {
                width: 346,
                height: 260,
            }),
            chunk_events: 65_536,
            events: || noise(9_000, false),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "small-every-width",
            codec: &SMALL,
            time_base: TimeBase::NANOSECONDS,
            size: None,
            chunk_events: 2_000,
            events: widths,
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "small-gpu",
            codec: &SMALL_GPU,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 1_280,
                height: 720,
            }),
            chunk_events: 65_536,
            events: || noise(9_500, true),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "two-streams-unix",
            codec: &SMALL,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 640,
                height: 480,
            }),
            chunk_events: 900,
            events: || scene(2_000, |i| i / 3 - 70),
            side: true,
            clock: Clock {
                kind: ClockKind::Unix,
                epoch: 1_589_163_147_368_868,
            },
            more: More::Stream,
        },
        Case {
            name: "leaves-and-nodes-24-mhz",
            codec: &FAST,
            time_base: odd(1, 24_000_000),
            size: None,
            chunk_events: 1,
            events: || scene(300, |i| i * 5),
            side: false,
            clock: Clock {
                kind: ClockKind::Sensor,
                epoch: 0,
            },
            more: More::LongSchema,
        },
        Case {
            name: "checkpoint-third-of-a-second",
            codec: &FAST,
            time_base: odd(1, 3),
            size: None,
            chunk_events: 200,
            events: || scene(500, |i| i / 7),
            side: true,
            clock: Clock {
                kind: ClockKind::Gps,
                epoch: -9,
            },
            more: More::Checkpoint,
        },
        Case {
            name: "unsorted-leaves",
            codec: &SMALL,
            time_base: TimeBase::MICROSECONDS,
            size: None,
            chunk_events: 3,
            events: || scene(900, |i| (i * 7_919) % 1_013 - 300),
            side: false,
            clock: NONE,
            more: More::Nothing,
        },
        Case {
            name: "columns",
            codec: &FAST,
            time_base: TimeBase::MICROSECONDS,
            size: Some(SensorSize {
                width: 640,
                height: 480,
            }),
            chunk_events: 1_000,
            events: with_columns,
            side: false,
            clock: NONE,
            more: More::Columns,
        },
    ]
}

/// Mini-blocks of 256 events whose columns need ever more bits, in every mode, with a few values far
/// outside.
fn widths() -> EventBatch {
    let mut state = 1u64;
    let mut random = move |bits: u32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if bits == 0 {
            0
        } else {
            (state ^ state >> 29) >> (64 - bits)
        }
    };
    let t_bits = [
        0, 1, 3, 6, 10, 14, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 62, 63, 64,
    ];
    let (mut t, mut x, mut y) = (0i64, 0u16, 0u16);
    let mut events = EventBatch::default();
    for (i, bits) in t_bits.into_iter().enumerate() {
        let pixel_bits = i as u32 * 16 / 18;
        for k in 0..256 {
            let far = k % 37 == 5;
            let back = i % 3 == 1 && k % 2 == 1;
            let step = random(if far { (bits + 9).min(64) } else { bits }) as i64;
            t = if back {
                t.wrapping_sub(step / 2)
            } else {
                t.wrapping_add(step)
            };
            let r = random(if far { 16 } else { pixel_bits }) as u16;
            match i % 3 {
                0 => (x, y) = (40_000u16.wrapping_add(r), y ^ random(pixel_bits) as u16),
                1 => (x, y) = (x.wrapping_add(r).wrapping_sub(1 << pixel_bits >> 1), r),
                _ => (x, y) = (x ^ r, y.wrapping_add(random(pixel_bits) as u16)),
            }
            events.push(Event {
                t,
                x,
                y,
                p: random(1) as u8,
            });
        }
    }
    events
}

/// What sensors make: rows that are read out at once, or pixels that report one by one around a few
/// places, each polarity mostly that of its surroundings.
fn noise(n: usize, rows: bool) -> EventBatch {
    let mut state = 9u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) * below) >> 31
    };
    let (mut t, mut x, mut y) = (0, 0, 0);
    (0..n)
        .map(|i| {
            if rows {
                if random(9) == 0 {
                    y = (y ^ (1 << random(6)) ^ random(8)) % 720;
                    x = random(1_280);
                    t += random(40) * random(4) / 3;
                } else {
                    x = (x + 1 + random(4) * random(5)) % 1_280;
                }
            } else {
                let place = i as u64 / 3_000 + random(3);
                x = (place * 90 + random(40) + random(40)) % 346;
                y = (place * 50 + random(30) + random(30)) % 260;
                t += 1_000 * (random(12) + random(2) * random(60));
            }
            let likely = (x / 30 + y / 25) % 2;
            Event {
                t: t as i64,
                x: x as u16,
                y: y as u16,
                p: (likely ^ u64::from(random(12) == 0)) as u8,
            }
        })
        .collect()
}

/// Events that need every mode of a codec: rows, columns, jumps, runs of a polarity.
fn scene(n: i64, t: fn(i64) -> i64) -> EventBatch {
    (0..n)
        .map(|i| Event {
            t: t(i),
            x: match i / 256 % 3 {
                0 => (i % 640) as u16,
                1 => (300 + i * i % 17 - i % 90) as u16,
                _ => 120 + (i * 2_654_435_761 % 97) as u16 * u16::from(i % 50 == 0),
            },
            y: match i / 512 % 2 {
                0 => (i / 16 % 480) as u16,
                _ => ((i & 63) ^ (i >> 1 & 63)) as u16,
            },
            p: u8::from(i / 30 % 3 == 1),
        })
        .collect()
}

fn path(case: &Case) -> PathBuf {
    Path::new("fixtures/compat").join(format!("v0_2_0_{}.evz", case.name))
}

fn write(case: &Case, path: &Path) {
    let metadata = Metadata::from([
        (
            "source.format".to_owned(),
            Value::from("made for the tests"),
        ),
        ("a.bool".to_owned(), true.into()),
        ("a.float".to_owned(), Value::Float(-0.5)),
        ("an.int".to_owned(), (-3).into()),
        ("some.bytes".to_owned(), vec![0, 255, 10].into()),
    ]);
    let info = StreamInfo::new(case.time_base)
        .with_clock(case.clock)
        .with_size(case.size)
        .with_columns(columns(case))
        .with_metadata(metadata);
    let options = WriteOptions::new()
        .with_codec(case.codec)
        .with_chunk_events(case.chunk_events);
    let mut writer = options.create(path, &info).unwrap();
    let events = (case.events)();
    let base = case.time_base;
    if case.side {
        let rows = imu_rows(&[5, 9, 20]);
        let imu = writer.add_side_stream(side(&rows, base)).unwrap();
        for (t, times) in [(&[5, 9][..], (5, 9)), (&[20], (20, 20))] {
            let messages = evz_table::rows_to_ipc(&imu_rows(t), base).unwrap();
            writer
                .write_side_batch(imu, &messages, t.len() as u64, times)
                .unwrap();
        }
    }
    match case.more {
        More::Nothing | More::Columns => {}
        More::Stream => {
            let right = StreamDeclaration {
                name: "right".to_owned(),
                width: 346,
                height: 260,
                serial: "0042".to_owned(),
                clock_offset: -17,
                ..StreamDeclaration::default()
            };
            let right = writer.add_stream(right).unwrap();
            let some = scene(1_000, |i| i / 2);
            writer.write_events(right, some.as_slice()).unwrap();
            let imu = SideDeclaration {
                stream: Some(right),
                ..side(&imu_rows(&[]), base)
            };
            writer.add_side_stream(imu).unwrap();
        }
        More::LongSchema => {
            let long = SideColumn::new("long".repeat(12_500), SideValues::U8(Vec::new()));
            let rows = SideRows::new("long", vec![long]);
            writer.add_side_stream(side(&rows, base)).unwrap();
        }
        More::Checkpoint => {
            let half = events.as_slice().slice(0..events.len() / 2);
            writer.write_batch(half).unwrap();
            writer.checkpoint().unwrap();
            let long = Metadata::from([("long".to_owned(), vec![9; 9_000].into())]);
            let half = events.as_slice().slice(events.len() / 2..events.len());
            writer.write_batch(half).unwrap();
            finish(writer, long, path, &events);
            return;
        }
    }
    writer.write_batch(events.as_slice()).unwrap();
    finish(writer, Metadata::new(), path, &events);
}

/// The further columns of a file.
fn columns(case: &Case) -> Vec<ExtraColumn> {
    let column = |t: ColumnType| {
        ExtraColumn::new(format!("a.{t}"), t)
            .with_unit(if t == ColumnType::F64 { "mV" } else { "" })
            .with_description(if t == ColumnType::U8 { "made up" } else { "" })
    };
    match case.more {
        More::Columns => ColumnType::ALL.map(column).into(),
        _ => Vec::new(),
    }
}

/// Events with values of each type: labels, ramps, noise, and floats of every kind.
fn with_columns() -> EventBatch {
    let mut events = scene(1_300, |i| i / 2);
    let n = 0..events.len() as u64;
    let noise = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7;
    let floats = [
        f64::NAN,
        -0.0,
        f64::INFINITY,
        5e-324,
        f64::MIN,
        f64::from_bits(u64::MAX - 7),
    ];
    let float = |i: u64| match i % 97 {
        0 => floats[(i / 97 % 6) as usize],
        _ => i as f64 / 8.0,
    };
    let single = |i: u64| {
        if i == 5 {
            f32::from_bits(0x7fc0_0001)
        } else {
            (i % 300) as f32 * 0.1
        }
    };
    fn values<T: evz_core::ColumnValue>(values: impl Iterator<Item = T>) -> Values {
        Values::from_slice(&values.collect::<Vec<T>>())
    }
    events.extra = vec![
        values(n.clone().map(|i| i % 5 == 0)),
        values(n.clone().map(|i| (i % 3) as i8 - 1)),
        values(n.clone().map(|i| noise(i) as i16)),
        values(n.clone().map(|i| -(i as i32))),
        values(n.clone().map(|i| i64::MIN + i as i64)),
        values(n.clone().map(|i| (i / 100) as u8)),
        values(n.clone().map(|i| (i % 700) as u16)),
        values(n.clone().map(|i| noise(i) as u32 >> 20)),
        values(n.clone().map(noise)),
        values(n.clone().map(single)),
        values(n.map(float)),
    ];
    events
}

/// Samples of these times.
fn imu_rows(t: &[i64]) -> SideRows {
    let value = |t: &i64| *t as f32 / 8.0;
    let column = SideColumn::new("accel_x", SideValues::F32(t.iter().map(value).collect()));
    let mut rows = SideRows::new("imu", vec![column]);
    rows.t = t.to_vec();
    rows
}

fn side(rows: &SideRows, base: TimeBase) -> SideDeclaration {
    SideDeclaration {
        name: rows.stream.clone(),
        schema: evz_table::schema_to_ipc(rows, base).unwrap(),
        ..SideDeclaration::default()
    }
}

fn finish(writer: Writer<OutputFile>, mut closing: Metadata, path: &Path, events: &EventBatch) {
    closing.insert("an.int".to_owned(), 7.into());
    closing.insert(
        "a.list".to_owned(),
        Value::Json("[1, {\"b\": null}]".to_owned()),
    );
    writer.finish(&closing).unwrap();
    let mut json = json!({ "events": events.len(), "sha256": digest(events), "layout": layout(Input::open(path).unwrap()).unwrap() });
    if !events.extra.is_empty() {
        // Of each further column, its values as they are in memory, little-endian.
        let of = |values: &Values| sha256(values.as_slice().as_bytes());
        json["columns_sha256"] = events.extra.iter().map(of).collect();
    }
    std::fs::write(
        path.with_extension("json"),
        serde_json::to_string_pretty(&json).unwrap() + "\n",
    )
    .unwrap();
}

#[test]
fn golden_files_of_every_version_are_read() {
    for case in &cases() {
        let path = path(case);
        if !path.exists() && env!("CARGO_PKG_VERSION") == "0.2.0" {
            write(case, &path);
        }
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path.with_extension("json")).unwrap())
                .unwrap();
        assert_eq!(
            serde_json::to_value(layout(Input::open(&path).unwrap()).unwrap()).unwrap(),
            json["layout"],
            "{path:?}"
        );
        verify(Input::open(&path).unwrap()).unwrap();

        let reader = ReadOptions::new().open(&path).unwrap();
        let mut events = EventBatch::default();
        reader.read(&Selection::default(), &mut events).unwrap();
        assert_eq!(events, (case.events)(), "{path:?}");
        assert_eq!(reader.info().columns, columns(case));
        assert_eq!(json["sha256"], digest(&events));
        assert_eq!(reader.info().time_base, case.time_base);
        assert_eq!(reader.info().size, case.size);
        assert_eq!(reader.info().metadata["an.int"], 7.into());
        assert_eq!(
            reader.info().metadata["some.bytes"],
            vec![0, 255, 10].into()
        );
        assert_eq!(reader.info().clock, case.clock);
        let streams = 1 + usize::from(case.more == More::Stream);
        assert_eq!(reader.streams().len(), streams);
        let more = usize::from(matches!(case.more, More::Stream | More::LongSchema));
        assert_eq!(reader.side_streams().len(), usize::from(case.side) + more);
    }
}

#[test]
fn every_golden_file_is_listed() {
    let listed: Vec<PathBuf> = cases().iter().map(path).collect();
    for entry in std::fs::read_dir("fixtures/compat").unwrap() {
        let found = entry.unwrap().path();
        assert!(
            listed.contains(&found.with_extension("evz")),
            "{found:?} is in no test"
        );
    }
}

#[test]
fn a_damaged_golden_file_is_an_error_or_the_right_answer() {
    let read = |bytes: Vec<u8>| -> evz_core::Result<EventBatch> {
        let reader = ReadOptions::new().open_stream(std::io::Cursor::new(bytes))?;
        let mut events = EventBatch::default();
        reader.read(&Selection::default(), &mut events)?;
        Ok(events)
    };
    for case in cases()
        .iter()
        .filter(|c| ["one-event", "ten-events-ns-divisor"].contains(&c.name))
    {
        let bytes = std::fs::read(path(case)).unwrap();
        let events = (case.events)();
        assert_eq!(read(bytes.clone()).unwrap(), events);
        for cut in 0..bytes.len() {
            assert!(
                read(bytes[..cut].to_vec()).is_err(),
                "{} cut at {cut}",
                case.name
            );
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = read(damaged) {
                assert_eq!(read, events, "{} bit {bit}", case.name);
            }
        }
    }
}
