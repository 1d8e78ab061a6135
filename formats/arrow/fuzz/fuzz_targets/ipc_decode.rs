//! Any bytes as Arrow IPC, a stream or a file, and as the table of a side stream: an error or some
//! rows, never a panic.
#![no_main]

#[path = "../decode.rs"]
mod decode;

use evz_core::Output;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    decode::decode(bytes, true);
    decode::decode(&[b"ARROW1\0\0", bytes].concat(), false);
    if let Ok(rows) = evz_table::from_ipc("fuzz", bytes)
        // A few bytes may be millions of rows, rightly so.
        && rows.len() < 10_000
    {
        let out = Output::from_writer(std::io::sink(), "fuzz");
        let _ = evz_arrow::side_to_text(out, [Ok(rows)]);
    }
});
