//! Whether standard output was there, and open for writing, when the process began.

#![allow(unsafe_code, reason = "what runs before the runtime has no safe form")]

use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);

/// The runtime opens `/dev/null` in place of standard streams that are closed, before `main`: so this looks before it.
/// It also takes no notice where one is not open for writing.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK: extern "C" fn() = look;

#[cfg(any(target_os = "linux", target_os = "macos"))]
extern "C" fn look() {
    use rustix::fs::{OFlags, fcntl_getfl};

    // SAFETY: its flags are asked for, which an open or a closed one both answer.
    let stdout = unsafe { std::os::fd::BorrowedFd::borrow_raw(1) };
    let takes = |flags: OFlags| flags & OFlags::ACCMODE != OFlags::RDONLY;
    let is_there = fcntl_getfl(stdout).is_ok_and(takes);
    CLOSED.store(!is_there, Ordering::Relaxed);
}

pub(crate) fn stdout_was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}
