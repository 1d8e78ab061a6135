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
    // The first byte says where the schema ends.
    let Some((len, rest)) = bytes.split_first() else {
        return;
    };
    let (schema, rows) = rest.split_at(rest.len().min(8 * usize::from(*len)));
    if let Ok(rows) = evz_table::from_ipc("fuzz", schema, rows, 0)
        // A few bytes may be millions of rows, rightly so.
        && rows.len() < 10_000
    {
        let out = Output::from_writer(std::io::sink(), "fuzz");
        let _ = evz_arrow::side_to_text(out, [Ok(rows)]);
    }
});
