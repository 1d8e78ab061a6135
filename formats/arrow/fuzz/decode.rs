//! What both targets do with any bytes: open them as a table of events and read it to its end.

use evz_arrow::FORMATS;
use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions, TimeUnit};

/// Reads everything; where `told`, in microseconds.
pub fn decode(bytes: &[u8], told: bool) {
    let mut options = OpenOptions::new();
    if told {
        options = options.with_time_unit(TimeUnit::Microseconds);
    }
    let input = Input::from_bytes(bytes, "fuzz");
    for format in FORMATS {
        let _ = (format.probe)(&input.clues());
    }
    let Ok(mut source) = evz_arrow::open(input, &options) else {
        return;
    };
    let mut batch = EventBatch::default();
    while let Ok(Next::Events(n)) = source.read_events(&mut batch) {
        assert_eq!(
            [n; 4],
            [batch.t.len(), batch.x.len(), batch.y.len(), batch.p.len()]
        );
        assert!(batch.p.iter().all(|p| *p <= 1));
    }
    source.closing_metadata();
}
