//! Any bytes as a DAT file: an error or some events, never a panic; and what is written comes back.
#![no_main]

#[path = "../check.rs"]
mod check;

use evz_core::OpenOptions;
use evz_prophesee::Encoding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&told, file)) = bytes.split_first() else {
        return;
    };
    let mut options = OpenOptions::new();
    let encodings = [Encoding::Dat1, Encoding::Dat2];
    if let Some(&encoding) = encodings.get(usize::from(told & 3)) {
        options = options.with_encoding(encoding);
    }
    check::check(file, &options);
});
