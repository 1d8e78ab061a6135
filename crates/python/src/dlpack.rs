//! Arrays of a GPU for others, by [DLPack](https://dmlc.github.io/dlpack/latest/c_api.html).

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use evz::cuda::DeviceArray;
use evz::render::ValueType;
use pyo3::ffi;
use pyo3::prelude::*;

const CUDA: i32 = 2;
const PLAIN: &CStr = c"dltensor";
const VERSIONED: &CStr = c"dltensor_versioned";

/// `DLTensor`, with the device and the type of its values.
#[repr(C)]
struct Tensor {
    data: *mut c_void,
    device_type: i32,
    device_id: i32,
    n_dims: i32,
    type_code: u8,
    type_bits: u8,
    type_lanes: u16,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

/// `DLManagedTensor`.
#[repr(C)]
struct Plain {
    tensor: Tensor,
    held: *mut Held,
    delete: unsafe extern "C" fn(*mut Plain),
}

/// `DLManagedTensorVersioned`.
#[repr(C)]
struct Versioned {
    major: u32,
    minor: u32,
    held: *mut Held,
    delete: unsafe extern "C" fn(*mut Versioned),
    flags: u64,
    tensor: Tensor,
}

/// What a tensor points into.
struct Held {
    shape: Vec<i64>,
    strides: Vec<i64>,
    _array: Arc<DeviceArray>,
}

/// What of an array is given.
pub(crate) struct View {
    pub(crate) array: Arc<DeviceArray>,
    /// Bytes before its first value.
    pub(crate) offset: u64,
    pub(crate) shape: Vec<usize>,
    /// In values.
    pub(crate) strides: Vec<usize>,
}

/// A capsule that whoever takes it has the view from.
pub(crate) fn capsule(py: Python<'_>, view: View, versioned: bool) -> PyResult<Py<PyAny>> {
    let numbers = |list: Vec<usize>| list.into_iter().map(|n| n as i64).collect();
    let (data, device) = (view.array.address() + view.offset, view.array.device());
    let (type_code, type_bits) = match view.array.value_type() {
        ValueType::I16 => (0, 16),
        ValueType::U16 => (1, 16),
        ValueType::F32 => (2, 32),
    };
    let held = Box::into_raw(Box::new(Held {
        shape: numbers(view.shape),
        strides: numbers(view.strides),
        _array: view.array,
    }));
    // SAFETY: it was just made, and nobody else has it yet.
    let lists = unsafe { &mut *held };
    let tensor = Tensor {
        data: data as *mut c_void,
        device_type: CUDA,
        device_id: device as i32,
        n_dims: lists.shape.len() as i32,
        type_code,
        type_bits,
        type_lanes: 1,
        shape: lists.shape.as_mut_ptr(),
        strides: lists.strides.as_mut_ptr(),
        byte_offset: 0,
    };
    let made = if versioned {
        let managed = Box::into_raw(Box::new(Versioned {
            major: 1,
            minor: 0,
            held,
            delete: delete_versioned,
            flags: 0,
            tensor,
        }));
        // SAFETY: the pointer is not null, and the name lives for ever.
        unsafe { ffi::PyCapsule_New(managed.cast(), VERSIONED.as_ptr(), Some(drop_versioned)) }
    } else {
        let managed = Box::into_raw(Box::new(Plain {
            tensor,
            held,
            delete: delete_plain,
        }));
        // SAFETY: the pointer is not null, and the name lives for ever.
        unsafe { ffi::PyCapsule_New(managed.cast(), PLAIN.as_ptr(), Some(drop_plain)) }
    };
    // SAFETY: it is a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, made).map(Bound::unbind) }
}

/// # Safety
/// `managed` is one that [`capsule`] made, and is not used again.
unsafe extern "C" fn delete_plain(managed: *mut Plain) {
    // SAFETY: both were boxed by `capsule`, and are the caller's to drop.
    unsafe {
        let managed = Box::from_raw(managed);
        drop(Box::from_raw(managed.held));
    }
}

/// # Safety
/// As [`delete_plain`].
unsafe extern "C" fn delete_versioned(managed: *mut Versioned) {
    // SAFETY: both were boxed by `capsule`, and are the caller's to drop.
    unsafe {
        let managed = Box::from_raw(managed);
        drop(Box::from_raw(managed.held));
    }
}

/// # Safety
/// `capsule` is one that [`capsule`] made; Python calls this when it goes.
unsafe extern "C" fn drop_plain(capsule: *mut ffi::PyObject) {
    // SAFETY: whoever took the tensor gave the capsule another name, and deletes it himself.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, PLAIN.as_ptr()) == 1 {
            delete_plain(ffi::PyCapsule_GetPointer(capsule, PLAIN.as_ptr()).cast());
        }
    }
}

/// # Safety
/// As [`drop_plain`].
unsafe extern "C" fn drop_versioned(capsule: *mut ffi::PyObject) {
    // SAFETY: whoever took the tensor gave the capsule another name, and deletes it himself.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, VERSIONED.as_ptr()) == 1 {
            delete_versioned(ffi::PyCapsule_GetPointer(capsule, VERSIONED.as_ptr()).cast());
        }
    }
}
