//! Any bytes as Arrow IPC, a stream or a file, and as the table of a side stream: an error or some
//! rows, never a panic.
#![no_main]

#[path = "../decode.rs"]
#[allow(dead_code, reason = "nothing is caught here")]
mod decode;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    decode::decode(bytes, true);
    decode::decode(&[b"ARROW1\0\0", bytes].concat(), false);
    if let Ok(batches) = evz_arrow::from_ipc(bytes)
        // A few bytes may be millions of rows, rightly so.
        && batches.iter().all(|batch| batch.num_rows() < 10_000)
    {
        let _ = evz_arrow::side_to_text(std::io::sink(), "fuzz", batches.into_iter().map(Ok));
    }
});
