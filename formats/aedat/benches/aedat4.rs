//! How fast AEDAT 4 is read and written: `cargo bench -p evz-aedat`.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use evz_aedat::{Aedat4Sink, Compression};
use evz_core::{
    Event, EventBatch, EventSink, Input, Metadata, Next, OpenOptions, Output, Report, SensorSize,
    StreamInfo, TimeBase,
};

fn main() {
    divan::main();
}

const EVENTS: u64 = 1_000_000;

const COMPRESSIONS: [Compression; 3] = [Compression::None, Compression::Lz4, Compression::Zstd];

/// Made-up events, the same on every run: an edge of 1280x720 that moves, and noise.
fn made_up() -> EventBatch {
    let (mut state, mut t) = (1u64, 1_600_000_000_000_000);
    (0..EVENTS)
        .map(|i| {
            // Knuth's generator; the high bits are the random ones.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let random = state >> 33;
            t += (random % 3) as i64;
            let is_noise = random & 0x700 == 0;
            let spread = if is_noise { 1280 } else { 40 };
            Event {
                t,
                x: ((i / 5_000 + (random >> 12) % spread) % 1280) as u16,
                y: ((random >> 20) % 720) as u16,
                p: (random >> 11 & 1) as u8,
            }
        })
        .collect()
}

fn info() -> StreamInfo {
    StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize {
        width: 1280,
        height: 720,
    })
}

fn write(
    events: &EventBatch,
    out: impl Write + Send + 'static,
    compression: Compression,
) -> Report {
    let sink = Aedat4Sink::create(Output::from_writer(out, "-"), &info()).unwrap();
    let mut sink = Box::new(sink.with_compression(compression));
    sink.write_batch(events.as_slice()).unwrap();
    sink.finish(&Metadata::new()).unwrap()
}

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

#[divan::bench(args = COMPRESSIONS)]
fn read(bencher: Bencher, compression: Compression) {
    let out = Bytes::default();
    assert!(!write(&made_up(), out.clone(), compression).has_losses());
    let file = out.0.lock().unwrap().clone();
    bencher
        .counter(BytesCount::new(file.len()))
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| Input::from_bytes(file.clone(), "-"))
        .bench_local_values(|input| {
            let mut source = evz_aedat::open(input, &OpenOptions::new()).unwrap();
            let mut batch = EventBatch::default();
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {}
            source.report()
        });
}

#[divan::bench(name = "write", args = COMPRESSIONS)]
fn write_all(bencher: Bencher, compression: Compression) {
    let events = made_up();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| write(&events, std::io::sink(), compression));
}
