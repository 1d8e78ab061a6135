//! Any bytes as a Parquet file: an error or some events, never a panic that is not caught: those that
//! are do not reach the hook that ends the fuzzer.
#![no_main]

#[path = "../decode.rs"]
mod decode;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The magic at both ends, so that what is between them is looked at.
    let file = [b"PAR1", bytes, b"PAR1"].concat();
    decode::decode(&file, bytes.first().is_some_and(|b| b & 1 == 1));
});
