//! Any bytes as an array and as an archive of arrays: an error or some events, never a panic.
#![no_main]

use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions, TimeUnit};
use evz_numpy::FORMATS;
use libfuzzer_sys::fuzz_target;

/// Events after which a small input is a bomb, which takes time and not memory.
const MAX_EVENTS: usize = 1 << 22;

fuzz_target!(|bytes: &[u8]| {
    decode(
        bytes,
        &OpenOptions::new().with_time_unit(TimeUnit::Microseconds),
    );
    for told in ["txyp", "x,y,label:u8,-,t,p,weight"] {
        let columns = told.parse().expect("a list of columns");
        decode(bytes, &OpenOptions::new().with_columns(columns));
    }
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
    while let Ok(Next::Events(n)) = source.read_events(&mut batch) {
        assert_eq!(n, batch.t.len());
        assert!(batch.as_slice().check().is_ok());
        assert_eq!(batch.extra.len(), source.info().columns.len());
        total += n;
        if total > MAX_EVENTS {
            break;
        }
    }
}
