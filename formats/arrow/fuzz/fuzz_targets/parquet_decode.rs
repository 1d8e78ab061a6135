//! Any bytes as a Parquet file: an error or some events, never a panic that is not caught.
#![no_main]

#[path = "../decode.rs"]
mod decode;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: decode::fence(),
    |bytes: &[u8]| {
        // The magic at both ends, so that what is between them is looked at.
        let file = [b"PAR1", bytes, b"PAR1"].concat();
        decode::decode(&file, bytes.first().is_some_and(|b| b & 1 == 1));
    }
);
