//! Any bytes as an array and as an archive of arrays: an error or some events, never a panic.
#![no_main]

use std::io::Cursor;

use evz_core::{EventBatch, EventSource, TimeBase};
use evz_numpy::Options;
use libfuzzer_sys::fuzz_target;

/// Events after which a small input is a bomb, which takes time and not memory.
const MAX_EVENTS: usize = 1 << 22;

fuzz_target!(|bytes: &[u8]| {
    decode(
        bytes,
        &Options::default().with_time_unit(TimeBase::MICROSECONDS),
    );
    decode(bytes, &Options::default().with_columns("txyp"));
});

/// Reads everything.
fn decode(bytes: &[u8], options: &Options) {
    let _ = (evz_numpy::probe_npy(bytes), evz_numpy::probe_npz(bytes));
    let reader = Cursor::new(bytes.to_vec());
    let Ok(mut source) = evz_numpy::from_reader(reader, "fuzz", options) else {
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
    source.report();
}
