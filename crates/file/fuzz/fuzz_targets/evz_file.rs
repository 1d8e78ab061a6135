//! Any bytes as a file, as they are and under right checksums: an error or some events, never a
//! panic; what recovery saves is whole.
#![no_main]

#[path = "../mend.rs"]
mod mend;

use std::io::Write;
use std::sync::{Arc, Mutex};

use evz_core::{EventBatch, EventIndex, EventSource, Input, Metadata, Next, Output, Polarity, Roi, Selection};
use evz_file::{ReadOptions, layout, recover_into, verify};
use libfuzzer_sys::fuzz_target;

/// Events after which a small input is a bomb, which takes time and not memory.
const MAX_EVENTS: u64 = 1 << 22;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    let mut mended = bytes.to_vec();
    mend::mend(&mut mended);
    check(&mended);
});

fn check(bytes: &[u8]) {
    let input = || Input::from_bytes(bytes, "fuzz");
    if let Ok(reader) = ReadOptions::new().open_input(input()) {
        let _ = (reader.activity(16), reader.profiles(), EventIndex::report(&reader));
        if reader.n_events() <= MAX_EVENTS {
            read(&reader);
        }
        for (name, _) in EventIndex::side_streams(&reader).unwrap_or_default() {
            if let Ok(parts) = reader.side_rows(&name, None) {
                parts.take(100).for_each(|rows| drop(rows));
            }
        }
    }
    let whole = verify(input());
    let _ = layout(input());
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), "recovered");
    if let Ok(report) = recover_into(input(), output, &Metadata::new()) {
        let saved = std::mem::take(&mut *out.0.lock().unwrap());
        let found = verify(Input::from_bytes(saved, "recovered")).expect("what was saved is whole");
        assert_eq!(found.events, report.saved.events);
        if let Ok(whole) = whole {
            assert_eq!(found.events, whole.events, "something whole was lost");
        }
    }
}

fn read(reader: &evz_file::Reader) {
    let mut all = EventBatch::default();
    let whole = reader.read(&Selection::default(), &mut all);
    if whole.is_ok() {
        assert_eq!(all.len() as u64, reader.n_events());
    }
    let span = reader.summary().span;
    let middle = span.t_min / 2 + span.t_max / 2;
    let n = reader.n_events();
    let roi = Roi {
        x: 3,
        y: 5,
        width: 40,
        height: 30,
    };
    for selection in [
        Selection::default().with_time(span.t_min..middle),
        Selection::default().with_time(middle..i64::MAX),
        Selection::default().with_events(n / 3..n / 2),
        Selection::default().with_roi(roi).with_polarity(Polarity::On),
    ] {
        let mut batch = EventBatch::default();
        if reader.read(&selection, &mut batch).is_ok() {
            assert!(batch.p.iter().all(|p| *p <= 1));
        }
    }
    let _ = reader.events_before(middle);
    let mut source = reader.source(&Selection::default());
    let (mut batch, mut total) = (EventBatch::default(), 0);
    while let Ok(Next::Events(read)) = source.read_events(&mut batch) {
        total += read;
    }
    assert!(total as u64 <= n);
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
