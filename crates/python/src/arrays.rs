//! Memory that changes hands without a copy: ours to NumPy, NumPy's to Arrow.

use std::panic::RefUnwindSafe;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_buffer::Buffer;
use numpy::ndarray::ArrayView1;
use numpy::{Element, PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::memory::Block;

/// Owns the memory of an array, and gives it back when the array is gone.
#[pyclass(frozen, module = "evz._evz")]
struct Memory {
    _block: Block,
}

/// An array of the first `n` values of a block, which it owns.
pub(crate) fn array<T: Element + bytemuck::Pod>(
    py: Python<'_>,
    mut block: Block,
    n: usize,
) -> PyResult<Bound<'_, PyArray1<T>>> {
    let values = block.values::<T>(n).as_mut_ptr();
    let owner = Bound::new(py, Memory { _block: block })?;
    // SAFETY: `values` are `n` written values in the block, which `values` above has checked. The
    // block's memory stays where it is when the block moves, nothing else looks at it from here on,
    // and it is freed with the owner, which the array holds.
    Ok(unsafe {
        let view = ArrayView1::from_shape_ptr(n, values);
        PyArray1::borrow_from_array(&view, owner.into_any())
    })
}

/// Holds an array as long as Arrow looks at its memory.
struct Held {
    _array: Py<PyAny>,
}

// Nothing of it is looked at again.
impl RefUnwindSafe for Held {}

/// The memory of an array as a buffer of Arrow; none if it is not one piece.
pub(crate) fn buffer<T: Element>(array: &Bound<'_, PyArray1<T>>) -> Option<Buffer> {
    if !array.is_c_contiguous() {
        return None;
    }
    let bytes = array.len() * size_of::<T>();
    let start = NonNull::new(array.data().cast::<u8>())?;
    let held = Arc::new(Held {
        _array: array.clone().into_any().unbind(),
    });
    // SAFETY: `start` is where the `bytes` of the array begin, which stay where they are as long as it is
    // held. That nobody writes to them meanwhile is asked of who exports an array, as everywhere.
    Some(unsafe { Buffer::from_custom_allocation(start, bytes, held) })
}

/// Asks the system to back this memory by huge pages, where it does that on demand.
pub(crate) fn ask_for_huge_pages(words: &[u64]) {
    #[cfg(target_os = "linux")]
    // SAFETY: the range is memory of ours that begins at a page; the advice changes no value in it.
    unsafe {
        libc::madvise(
            words.as_ptr().cast_mut().cast(),
            size_of_val(words),
            libc::MADV_HUGEPAGE,
        );
    }
    #[cfg(not(target_os = "linux"))]
    let _ = words;
}
