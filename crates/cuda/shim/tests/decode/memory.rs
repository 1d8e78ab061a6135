//! Memory as a device gives it: aligned for any vector, and not a byte longer than asked for, so that
//! a sanitizer sees what reaches beyond.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

const ALIGN: usize = 64;

pub(crate) struct Memory<T> {
    start: NonNull<T>,
    len: usize,
}

impl<T: Copy> Memory<T> {
    pub(crate) fn from_slice(values: &[T]) -> Self {
        let layout = Self::layout(values.len());
        let start = if layout.size() == 0 {
            NonNull::dangling()
        } else {
            // SAFETY: the layout is not empty.
            let start = unsafe { alloc(layout) }.cast::<T>();
            NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout))
        };
        // SAFETY: the memory is as long as the values, and new.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len()) };
        Self {
            start,
            len: values.len(),
        }
    }

    pub(crate) fn filled(len: usize, value: T) -> Self {
        Self::from_slice(&vec![value; len])
    }
}

impl<T> Memory<T> {
    fn layout(len: usize) -> Layout {
        let layout = Layout::array::<T>(len).and_then(|layout| layout.align_to(ALIGN));
        layout.expect("tests need little")
    }
}

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Self::layout(self.len);
        if layout.size() > 0 {
            // SAFETY: it was allocated with this layout.
            unsafe { dealloc(self.start.as_ptr().cast(), layout) };
        }
    }
}

impl<T> Deref for Memory<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: so many values were written here, and there is no other reference that writes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for Memory<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}
