//! Values as the bytes that they are in memory.

use crate::layout::{ChunkDesc, FrameDesc};

/// Numbers, or structures of numbers without gaps, that are written as they lie in memory.
pub(crate) trait Plain: Copy {}
impl Plain for u16 {}
impl Plain for i64 {}
impl Plain for ChunkDesc {}
impl Plain for FrameDesc {}

/// Writes values to the first bytes of memory that has room for them.
pub(crate) fn write_all<T: Plain>(bytes: &mut [u8], values: &[T]) {
    let len = size_of_val(values);
    assert!(len <= bytes.len(), "room was reserved");
    // SAFETY: `values` has `len` bytes without gaps; the places do not overlap, since one of them
    // is borrowed to be written to.
    unsafe { std::ptr::copy_nonoverlapping(values.as_ptr().cast(), bytes.as_mut_ptr(), len) }
}

/// The same back.
pub(crate) fn read_all<T: Plain>(bytes: &[u8], values: &mut [T]) {
    let len = size_of_val(values);
    assert!(len <= bytes.len(), "as many were copied");
    // SAFETY: any bytes make a number; `values` has `len` bytes, and is borrowed to be written to.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), values.as_mut_ptr().cast(), len) }
}
