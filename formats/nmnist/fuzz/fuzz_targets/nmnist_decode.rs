//! Any bytes as a `.bin` file: an error or some events, never a panic, and none lost without a word.
#![no_main]

use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    decode(bytes, &OpenOptions::new());
    if bytes.is_empty() {
        return;
    }
    let nmnist = decode(bytes, &OpenOptions::new().with_encoding("nmnist"));
    let marks = bytes
        .as_chunks::<5>()
        .0
        .iter()
        .filter(|r| r[1] == 240)
        .count();
    assert_eq!(nmnist, Some(bytes.len() / 5 - marks));
    let cvpr2016 = decode(bytes, &OpenOptions::new().with_encoding("cvpr2016"));
    assert_eq!(cvpr2016, Some(bytes.len() / 8));
});

/// Reads everything; returns how many events there are.
fn decode(bytes: &[u8], options: &OpenOptions) -> Option<usize> {
    let input = Input::from_bytes(bytes, "fuzz.bin");
    (evz_nmnist::FORMATS[0].probe)(&input.clues());
    let mut source = evz_nmnist::open(input, options).ok()?;
    let (mut batch, mut total) = (EventBatch::default(), 0);
    while let Next::Events(n) = source.read_events(&mut batch).unwrap() {
        batch.as_slice().check().unwrap();
        total += n;
    }
    Some(total)
}
