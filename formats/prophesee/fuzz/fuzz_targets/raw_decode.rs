//! Any bytes as a RAW file: an error or some events, never a panic; and what is written comes back.
#![no_main]

#[path = "../check.rs"]
mod check;

use evz_core::{ErrorKind, Input, OpenOptions};
use evz_prophesee::{Encoding, WordOrder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&told, file)) = bytes.split_first() else {
        return;
    };
    let mut options = OpenOptions::new();
    let encodings = [Encoding::Evt2, Encoding::Evt21, Encoding::Evt3];
    if let Some(&encoding) = encodings.get(usize::from(told & 3)) {
        options = options.with_encoding(encoding);
    }
    match told >> 2 & 3 {
        0 => options = options.with_word_order(WordOrder::Little),
        1 => options = options.with_word_order(WordOrder::Legacy),
        _ => {}
    }
    // An order is refused of words that have none.
    let input = Input::from_bytes(file, "in");
    if evz_prophesee::open(input, &options).is_err_and(|e| e.kind() == ErrorKind::InvalidArgument) {
        options.word_order = None;
    }
    check::check(file, &options);
});
