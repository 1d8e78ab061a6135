//! What both targets do with any bytes: open them as a table of events and read it to its end.

use std::io::Cursor;

use evz_arrow::Options;
use evz_core::{EventBatch, EventSource, TimeBase};

/// Reads everything; where `told`, in microseconds.
pub fn decode(bytes: &[u8], told: bool) {
    let mut options = Options::default();
    if told {
        options = options.with_time_unit(TimeBase::MICROSECONDS);
    }
    let _ = evz_arrow::probe(bytes);
    let reader = Cursor::new(bytes.to_vec());
    let Ok(mut source) = evz_arrow::from_reader(reader, "fuzz", &options) else {
        return;
    };
    let mut batch = EventBatch::default();
    while let Ok(n @ 1..) = source.read_batch(&mut batch) {
        assert_eq!(
            [n; 4],
            [batch.t.len(), batch.x.len(), batch.y.len(), batch.p.len()]
        );
        assert!(batch.p.iter().all(|p| *p <= 1));
    }
    source.report();
    source.closing_metadata();
}

/// Lets panics pass that become errors.
pub fn fence() {
    std::panic::set_hook(Box::new(|panic| {
        if !evz_arrow::panic_is_caught() {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}
