//! A fence around the `parquet` crate, which panics at some damaged files.

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// What `work` returns, or what it said when it panicked. What it worked on must not be used again
/// then.
///
/// The first call puts a panic hook before the one that is there, which is silent for panics that
/// become errors here and hands on all others. Who sets a hook later hears of both kinds.
pub(crate) fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let speak = take_hook();
        set_hook(Box::new(move |panic| {
            if !INSIDE.get() {
                speak(panic);
            }
        }));
    });
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

/// The same as one result, with what the crate says went wrong on one line.
pub(crate) fn flat<T, E: Display>(result: Result<Result<T, E>, String>) -> Result<T, String> {
    let result = result.and_then(|inner| inner.map_err(|e| e.to_string()));
    result.map_err(|e| e.lines().collect::<Vec<_>>().join(" "))
}
