//! The end of a process that is given no more memory.

#![allow(unsafe_code, reason = "an allocator is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

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

fn there(memory: *mut u8, bytes: usize) -> *mut u8 {
    if memory.is_null() {
        end(bytes);
    }
    memory
}

#[cold]
fn end(bytes: usize) -> ! {
    static ENDS: AtomicBool = AtomicBool::new(false);
    // Once: what follows may want memory itself.
    if !ENDS.swap(true, Ordering::Relaxed) {
        let _ = writeln!(
            std::io::stderr(),
            "evz: there is no memory for {bytes} bytes more; fewer --threads take less"
        );
        evz::remove_partial_files();
    }
    std::process::exit(1)
}
