//! Any bytes as a file, as they are and under right checksums: an error or some events, never a
//! panic; what recovery saves is whole.
#![no_main]

#[path = "../check.rs"]
mod check;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../mend.rs"]
mod mend;

use check::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    let mut mended = bytes.to_vec();
    mend::mend(&mut mended);
    check(&mended);
});
