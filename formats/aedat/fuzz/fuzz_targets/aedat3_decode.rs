//! Any bytes behind the first line of AEDAT 3.1 and of AEDAT 3.0: an error or some events, never a panic;
//! and the same when they come one by one.
#![no_main]

#[path = "../read.rs"]
mod read;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    read::read("#!AER-DAT3.1", bytes);
    read::read("#!AER-DAT3.0", bytes);
});
