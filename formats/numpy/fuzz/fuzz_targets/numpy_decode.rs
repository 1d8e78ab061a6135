//! Any bytes as an array and as an archive of arrays: an error or some events, never a panic.
#![no_main]

use evz_core::{ColumnOrder, EventBatch, EventSource, Input, OpenOptions, TimeUnit};
use evz_numpy::FORMATS;
use libfuzzer_sys::fuzz_target;

/// Events after which a small input is a bomb, which takes time and not memory.
const MAX_EVENTS: usize = 1 << 22;

fuzz_target!(|bytes: &[u8]| {
    decode(
        bytes,
        &OpenOptions::new().with_time_unit(TimeUnit::Microseconds),
    );
    decode(
        bytes,
        &OpenOptions::new().with_columns(ColumnOrder::TXYP.into()),
    );
});

/// Reads everything.
fn decode(bytes: &[u8], options: &OpenOptions) {
    let input = Input::from_bytes(bytes, "fuzz");
    for format in FORMATS {
        let _ = (format.probe)(&input.clues());
    }
    let Ok(mut source) = evz_numpy::open(input, options) else {
        return;
    };
    let (mut batch, mut total) = (EventBatch::default(), 0);
    while let Ok(n @ 1..) = source.read_batch(&mut batch) {
        assert_eq!(
            [n; 4],
            [batch.t.len(), batch.x.len(), batch.y.len(), batch.p.len()]
        );
        assert!(batch.p.iter().all(|p| *p <= 1));
        total += n;
        if total > MAX_EVENTS {
            break;
        }
    }
    let _ = source.report();
}
