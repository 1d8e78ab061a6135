//! A fence around the `parquet` crate, which panics at some damaged files.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is reading a file in such a way that a panic becomes an error. A panic hook
/// may then be silent:
///
/// ```
/// let speak = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |panic| {
///     if !evz_arrow::panic_is_caught() {
///         speak(panic);
///     }
/// }));
/// ```
pub fn panic_is_caught() -> bool {
    INSIDE.get()
}

/// What `work` returns, or what it said when it panicked. What it worked on must not be used again
/// then.
pub(crate) fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    INSIDE.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(false);
    result.map_err(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        format!("it makes no sense: {}", said.unwrap_or("a panic"))
    })
}
