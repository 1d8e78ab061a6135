//! Memory of large frames: the one module of this crate with `unsafe`.

use std::mem::MaybeUninit;

/// Values of less are not worth it: a large page of most systems, twice.
const MIN_BYTES: usize = 4 << 20;

/// So many values in memory of large pages, where the system has them: of a frame of some MB nearly every event
/// looks for another page of 4 kB, and the processor does not remember so many.
///
/// They are written, and not taken as zeros from the system: it hands those out when they are read, and once more,
/// at a much higher price, when they are written to.
pub(crate) fn written<T: Clone>(value: T, len: usize) -> Vec<T> {
    let mut values = Vec::with_capacity(len);
    prefer_large_pages(values.spare_capacity_mut());
    values.resize(len, std::hint::black_box(value));
    values
}

#[cfg(target_os = "linux")]
fn prefer_large_pages<T>(memory: &mut [MaybeUninit<T>]) {
    let bytes = size_of_val(memory);
    if bytes < MIN_BYTES {
        return;
    }
    let start = memory.as_mut_ptr() as usize;
    let first = start.next_multiple_of(PAGE);
    // SAFETY: it is a hint about whole pages within memory that is borrowed here, and changes nothing in it.
    unsafe {
        libc::madvise(
            first as *mut libc::c_void,
            start + bytes - first,
            libc::MADV_HUGEPAGE,
        );
    }
}

/// Where the hint has to begin: at a page, of which none is larger on the systems that know large ones.
#[cfg(target_os = "linux")]
const PAGE: usize = 1 << 16;

#[cfg(not(target_os = "linux"))]
fn prefer_large_pages<T>(_: &mut [MaybeUninit<T>]) {}
