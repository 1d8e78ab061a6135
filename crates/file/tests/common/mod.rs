//! Recordings and files for the tests.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part"
)]

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

use evz_codec::{Codec, SMALL};
use evz_core::{
    ColumnType, Event, EventBatch, ExtraColumn, Input, Metadata, Output, Result, Selection,
    SensorSize, SideColumn, SideRows, SideValues, StreamInfo, TimeBase, Values,
};
use evz_file::wire::SideDeclaration;
use evz_file::{ReadOptions, Reader, RecoverReport, WriteOptions, recover_into, verify};

/// An output in memory, and what was written to it.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How times run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Rising,
    Tied,
    Backwards,
    Scrambled,
}

/// `n` events that look like a few bursts and some noise.
pub fn events(n: usize, times: Times, seed: u64) -> EventBatch {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut t = -500i64;
    (0..n)
        .map(|i| {
            let step = random(7) as i64;
            t = match times {
                Times::Rising => t + 1 + step,
                Times::Tied => t + i64::from(step == 0) * 10,
                Times::Backwards => t - step,
                Times::Scrambled => random(2_000) as i64 - 1_000,
            };
            let burst = (i / 50) as u64 * 37;
            Event {
                t,
                x: ((burst + random(12)) % 346) as u16,
                y: (random(4) * 65 + burst % 60) as u16,
                p: u8::from(random(3) == 0),
            }
        })
        .collect()
}

/// Gives events further columns of these types: labels, noise and runs by turns.
pub fn with_extra(events: &mut EventBatch, types: &[ColumnType], seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    events.extra.clear();
    for (i, column_type) in types.iter().enumerate() {
        let mut bytes = Vec::new();
        for event in 0..events.t.len() as u64 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let value = match i % 3 {
                _ if *column_type == ColumnType::Bool => state & 1,
                0 => state & 3,
                1 => state,
                _ => event / 10,
            };
            bytes.extend_from_slice(&value.to_le_bytes()[..column_type.size()]);
        }
        events
            .extra
            .push(Values::from_bytes(*column_type, bytes).unwrap());
    }
}

/// Columns of these types.
pub fn columns(types: &[ColumnType]) -> Vec<ExtraColumn> {
    let column = |(i, t): (usize, &ColumnType)| ExtraColumn::new(format!("c{i}"), *t);
    types.iter().enumerate().map(column).collect()
}

pub fn info() -> StreamInfo {
    StreamInfo::new(TimeBase::MICROSECONDS)
        .with_size(SensorSize {
            width: 346,
            height: 260,
        })
        .with_metadata(Metadata::from([(
            "source.format".to_owned(),
            "test".into(),
        )]))
}

/// Rows beside events, of these times, each with a number.
pub fn side_rows(t: &[i64]) -> SideRows {
    let n = SideValues::U8((0..t.len()).map(|n| n as u8).collect());
    SideRows {
        t: t.to_vec(),
        ..SideRows::new("imu", vec![SideColumn::new("n", n)])
    }
}

/// The same as a file has them.
pub fn side_messages(t: &[i64]) -> Vec<u8> {
    evz_table::rows_to_ipc(&side_rows(t), TimeBase::MICROSECONDS).unwrap()
}

/// How they are declared, under this name.
pub fn side(name: &str) -> SideDeclaration {
    SideDeclaration {
        name: name.to_owned(),
        schema: evz_table::schema_to_ipc(&side_rows(&[]), TimeBase::MICROSECONDS).unwrap(),
        ..SideDeclaration::default()
    }
}

/// The bytes of a file.
pub fn file(events: &EventBatch, chunk_events: u32) -> Vec<u8> {
    file_by(&SMALL, events, chunk_events)
}

/// The bytes of a file that a codec encodes.
pub fn file_by(codec: &'static dyn Codec, events: &EventBatch, chunk_events: u32) -> Vec<u8> {
    let options = WriteOptions::new()
        .with_codec(codec)
        .with_chunk_events(chunk_events);
    let types: Vec<ColumnType> = events.extra.iter().map(Values::column_type).collect();
    let info = info().with_columns(columns(&types));
    let mut writer = options.write_to(Vec::new(), &info).unwrap();
    writer.write_batch(events.as_slice()).unwrap();
    writer.finish_into(&Metadata::new()).unwrap().0
}

pub fn open(bytes: Vec<u8>) -> Result<Reader> {
    ReadOptions::new().open_stream(Cursor::new(bytes))
}

/// What `recover` saves of a file, which is whole, and what it says.
pub fn recovered(bytes: Vec<u8>) -> (Vec<u8>, RecoverReport) {
    let out = Shared::default();
    let input = Input::from_bytes(bytes, "damaged.evz");
    let output = Output::from_writer(out.clone(), "saved.evz");
    let report = recover_into(input, output, &Metadata::new()).unwrap();
    let saved = std::mem::take(&mut *out.0.lock().unwrap());
    verify(Input::from_bytes(saved.clone(), "saved.evz")).unwrap();
    (saved, report)
}

pub fn read(reader: &Reader, selection: &Selection) -> Result<EventBatch> {
    let mut batch = EventBatch::default();
    reader.read(selection, &mut batch)?;
    Ok(batch)
}

/// What a selection means, event by event.
pub fn expected(all: &EventBatch, s: &Selection) -> EventBatch {
    let kept: Vec<(usize, Event)> = all
        .iter()
        .enumerate()
        .filter(|(i, e)| {
            s.time
                .as_ref()
                .is_none_or(|r| r.start <= e.t && (e.t < r.end || r.end == i64::MAX))
                && s.events
                    .as_ref()
                    .is_none_or(|r| r.start <= *i as u64 && (*i as u64) < r.end)
                && s.roi.is_none_or(|r| {
                    (u32::from(r.x)..u32::from(r.x) + r.width).contains(&u32::from(e.x))
                        && (u32::from(r.y)..u32::from(r.y) + r.height).contains(&u32::from(e.y))
                })
                && s.polarity
                    .is_none_or(|p| (p == evz_core::Polarity::On) == (e.p == 1))
        })
        .collect();
    let mut wanted: EventBatch = kept.iter().map(|(_, e)| *e).collect();
    for values in &all.extra {
        let size = values.column_type().size();
        let bytes = values.as_slice().as_bytes();
        let kept = kept
            .iter()
            .flat_map(|(i, _)| &bytes[i * size..(i + 1) * size]);
        let kept = Values::from_bytes(values.column_type(), kept.copied().collect());
        wanted.extra.push(kept.unwrap());
    }
    wanted
}
