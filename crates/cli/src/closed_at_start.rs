//! Whether standard output was there when the process began.

#![allow(unsafe_code, reason = "what runs before the runtime has no safe form")]

use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);

/// The runtime opens `/dev/null` in place of standard streams that are closed, before `main`: so this looks before it.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK: extern "C" fn() = look;

#[cfg(any(target_os = "linux", target_os = "macos"))]
extern "C" fn look() {
    // SAFETY: its flags are asked for, which an open or a closed one both answer.
    let stdout = unsafe { std::os::fd::BorrowedFd::borrow_raw(1) };
    let closed = rustix::io::fcntl_getfd(stdout).is_err();
    CLOSED.store(closed, Ordering::Relaxed);
}

pub(crate) fn stdout_was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}
