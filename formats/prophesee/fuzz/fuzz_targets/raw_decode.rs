//! Any bytes as a RAW file: an error or some events, never a panic; and what is written comes back.
#![no_main]

#[path = "../check.rs"]
mod check;

use evz_prophesee::{Encoding, Options, WordOrder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&told, file)) = bytes.split_first() else {
        return;
    };
    let mut options = Options::default();
    let encodings = [Encoding::Evt2, Encoding::Evt21, Encoding::Evt3];
    if let Some(&encoding) = encodings.get(usize::from(told & 3)) {
        options = options.with_encoding(encoding);
    }
    match told >> 2 & 3 {
        0 => options = options.with_word_order(WordOrder::Little),
        1 => options = options.with_word_order(WordOrder::Legacy),
        _ => {}
    }
    check::check(file, &options);
});
