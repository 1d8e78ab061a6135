//! How fast words are read and written: `cargo bench -p evz-prophesee`.

use std::io::Write;
use std::sync::{Arc, Mutex};

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use evz_core::{
    Event, EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output,
    SensorSize, StreamInfo, TimeBase,
};
use evz_prophesee::{Encoding, PropheseeSink};

fn main() {
    divan::main();
}

const EVENTS: u64 = 1_000_000;

const WRITTEN: [Encoding; 4] = [
    Encoding::Evt2,
    Encoding::Evt3,
    Encoding::Evt4,
    Encoding::Dat2,
];

/// Made-up events, the same on every run: one in eight begins a short run along its row.
fn made_up() -> EventBatch {
    let (mut state, mut t) = (1u64, 3811);
    let mut batch = EventBatch::with_capacity(EVENTS as usize);
    while (batch.len() as u64) < EVENTS {
        // Knuth's generator; the high bits are the random ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let random = state >> 33;
        t += (random % 4) as i64;
        let run = if random & 0x700 == 0 { 6 } else { 1 };
        for i in 0..run {
            batch.push(Event {
                t,
                x: ((random >> 2) % 1270 + i) as u16,
                y: ((random >> 13) % 720) as u16,
                p: (random >> 23 & 1) as u8,
            });
        }
    }
    batch
}

fn info() -> StreamInfo {
    StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize {
        width: 1280,
        height: 720,
    })
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn write(events: &EventBatch, encoding: Encoding, out: impl Write + Send + 'static) {
    let out = Output::from_writer(out, "out");
    let mut sink = Box::new(PropheseeSink::create(out, encoding, &info()).unwrap());
    for start in (0..events.len()).step_by(32 * 1024) {
        let end = events.len().min(start + 32 * 1024);
        sink.write_batch(events.as_slice().slice(start..end))
            .unwrap();
    }
    let _ = sink.finish(&Metadata::new()).unwrap();
}

#[divan::bench(args = WRITTEN)]
fn read(bencher: Bencher<'_, '_>, encoding: Encoding) {
    let (memory, events) = (Memory::default(), made_up());
    write(&events, encoding, memory.clone());
    let file = std::mem::take(&mut *memory.0.lock().unwrap());
    let mut batch = EventBatch::default();
    bencher
        .counter(ItemsCount::new(events.len()))
        .counter(BytesCount::new(file.len()))
        .with_inputs(|| Input::from_bytes(&file[..], "in"))
        .bench_local_values(|file| {
            let mut source = evz_prophesee::open(file, &OpenOptions::new()).unwrap();
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {}
        });
}

#[divan::bench(name = "write", args = WRITTEN)]
fn write_out(bencher: Bencher<'_, '_>, encoding: Encoding) {
    let events = made_up();
    bencher
        .counter(ItemsCount::new(events.len()))
        .bench_local(|| write(&events, encoding, std::io::sink()));
}
