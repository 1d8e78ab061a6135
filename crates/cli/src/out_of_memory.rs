//! The end of a process that is given no more memory.

#![allow(unsafe_code, reason = "an allocator is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Display;
use std::io::Write;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The memory of the system. Where there is none the process says so in a line, removes what it has begun to
/// write, and ends with 1; without this it would abort.
pub(crate) struct SystemOrEnd;

// SAFETY: all is as the system's allocator has it, but for what does not return.
unsafe impl GlobalAlloc for SystemOrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        there(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        there(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        there(unsafe { System.realloc(memory, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Has zstd, which is written in C and takes its memory past this allocator, end the process alike: its
/// bindings panic where it was given none.
pub(crate) fn end_for_zstd() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let what = panic.payload_as_str().unwrap_or_default();
        match what.starts_with("zstd returned null pointer") {
            true => end("zstd"),
            false => usual(panic),
        }
    }));
}

fn there(memory: *mut u8, bytes: usize) -> *mut u8 {
    if memory.is_null() {
        end(format_args!("{bytes} bytes more"));
    }
    memory
}

thread_local! {
    static ENDS_HERE: Cell<bool> = const { Cell::new(false) };
}

#[cold]
fn end(what: impl Display) -> ! {
    static ENDS: AtomicBool = AtomicBool::new(false);
    // What follows may want memory itself.
    if !ENDS_HERE.replace(true) {
        if ENDS.swap(true, Ordering::Relaxed) {
            // Another thread is at it, and ends this one too.
            std::thread::sleep(Duration::from_secs(5));
        } else {
            let _ = writeln!(
                std::io::stderr(),
                "evz: there is no memory for {what}; fewer --threads take less"
            );
            evz::remove_partial_files();
        }
    }
    std::process::exit(1)
}
