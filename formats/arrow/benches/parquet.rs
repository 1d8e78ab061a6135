//! How fast tables are written and read: `cargo bench -p evz-arrow`.

use std::sync::{Arc, Mutex};

use divan::Bencher;
use divan::counter::ItemsCount;
use evz_arrow::{IpcSink, ParquetSink};
use evz_core::{
    Event, EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output, Result,
    StreamInfo, TimeBase,
};

fn main() {
    divan::main();
}

const EVENTS: usize = 1 << 20;

const KINDS: [&str; 2] = ["parquet", "ipc"];

/// Made-up events, the same on every run: bursts that move over 640x480.
fn events() -> EventBatch {
    let (mut state, mut t) = (1u64, 3_811);
    (0..EVENTS)
        .map(|i| {
            // Knuth's generator; the high bits are the random ones.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let random = state >> 33;
            t += i64::from(random.is_multiple_of(4));
            Event {
                t,
                x: ((i as u64 / 500 + random % 50) % 640) as u16,
                y: ((i as u64 / 900 + (random >> 8) % 50) % 480) as u16,
                p: (random >> 20) as u8 & 1,
            }
        })
        .collect()
}

/// Bytes that can be looked at once they are written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn write_to(kind: &str, events: &EventBatch) -> Result<Vec<u8>> {
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let shared = Shared::default();
    let out = Output::from_writer(shared.clone(), "-");
    let mut sink: Box<dyn EventSink> = match kind {
        "parquet" => Box::new(ParquetSink::create(out, &info)),
        _ => Box::new(IpcSink::create(out, &info)),
    };
    sink.write_batch(events.as_slice())?;
    let _ = sink.finish(&Metadata::new())?;
    Ok(std::mem::take(&mut *shared.0.lock().unwrap()))
}

#[divan::bench(args = KINDS)]
fn write(bencher: Bencher, kind: &str) {
    let events = events();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| write_to(kind, &events).unwrap().len());
}

#[divan::bench(args = KINDS)]
fn read(bencher: Bencher, kind: &str) {
    let bytes = write_to(kind, &events()).unwrap();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| Input::from_bytes(bytes.clone(), "-"))
        .bench_local_values(|input| {
            let mut source = evz_arrow::open(input, &OpenOptions::new()).unwrap();
            let (mut batch, mut n) = (EventBatch::default(), 0);
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
                n += batch.len();
            }
            n
        });
}
