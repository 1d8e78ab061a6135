//! What a run may take is one sum for all of it, so this stands in a process of its own.

use evz_core::{DEFAULT_MAX_MEMORY, Memory, Place, Question};

#[test]
fn what_is_left_is_given() {
    let take = |bytes| Memory::take(bytes, "a page", Place::file("a"));
    let first = take(DEFAULT_MAX_MEMORY / 4 * 3).unwrap();
    let error = take(DEFAULT_MAX_MEMORY / 2).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a: a page takes 512MiB beside 768MiB that are taken, and 1GiB may be taken in all; \
         set max_memory to 2GiB"
    );
    assert_eq!(error.question(), Some(Question::MaxMemory));
    drop(first);
    let _all = take(DEFAULT_MAX_MEMORY).unwrap();
}
