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
    let encoding = match (told & 3, told >> 4 & 1) {
        (0, _) => Some(Encoding::Evt2),
        (1, _) => Some(Encoding::Evt21),
        (2, _) => Some(Encoding::Evt3),
        (_, 0) => Some(Encoding::Evt4),
        _ => None,
    };
    if let Some(encoding) = encoding {
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
