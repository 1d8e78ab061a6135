//! How fast streams are read and written: `cargo bench -p evz-es`.

use std::io::Write;
use std::sync::{Arc, Mutex};

use divan::Bencher;
use divan::counter::ItemsCount;
use evz_core::{
    Event, EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output,
    SensorSize, StreamInfo, TimeBase,
};
use evz_es::{Encoding, EsSink};

fn main() {
    divan::main();
}

const EVENTS: usize = 1 << 20;

/// Made-up events, the same on every run, of which one in 64 stands behind an overflow byte.
fn events() -> EventBatch {
    let mut t = 3_811;
    (0..EVENTS)
        .map(|i| {
            t += if i % 64 == 0 { 130 } else { i as i64 % 3 };
            let (x, y, p) = ((i % 640) as u16, (i / 7 % 480) as u16, i as u8 & 1);
            Event { t, x, y, p }
        })
        .collect()
}

/// Bytes that can be looked at once they are written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn written(events: &EventBatch) -> Vec<u8> {
    let (width, height) = (640, 480);
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize { width, height });
    let shared = Shared::default();
    let out = Output::from_writer(shared.clone(), "-");
    let mut sink = Box::new(EsSink::create(out, &info, Encoding::Dvs).unwrap());
    sink.write_batch(events.as_slice()).unwrap();
    let _ = sink.finish(&Metadata::new()).unwrap();
    std::mem::take(&mut *shared.0.lock().unwrap())
}

#[divan::bench]
fn write(bencher: Bencher) {
    let events = events();
    let bench = bencher.counter(ItemsCount::new(EVENTS));
    bench.bench_local(|| written(&events).len());
}

#[divan::bench(args = ["dvs", "atis"])]
fn read(bencher: Bencher, kind: &str) {
    let mut bytes = written(&events());
    if kind == "atis" {
        // The same bytes: half of the events are threshold crossings then.
        bytes[15] = 2;
    }
    let mut batch = EventBatch::default();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| Input::from_bytes(bytes.clone(), "a.es"))
        .bench_local_values(|input| {
            let mut source = evz_es::open(input, &OpenOptions::new()).unwrap();
            let mut events = 0;
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
                events += batch.len();
            }
            events
        });
}
