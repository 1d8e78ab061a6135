//! Memory on the device, and memory of the host that the device copies to and from on its own.

use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaStream, DriverError, result, sys};
use evz_core::{Error, Result};

use crate::driver::text;

/// An error of the driver while it does `what`.
pub(crate) fn failed(what: &str, error: DriverError) -> Error {
    let source = std::io::Error::other(text(error));
    Error::io("the GPU", format!("it did not {what}"), source)
}

/// Memory on the device, which grows where more is asked for. A stream that uses it must have ended
/// its work before it grows or goes.
pub(crate) struct Buffer {
    context: Arc<CudaContext>,
    at: sys::CUdeviceptr,
    len: usize,
}

impl Buffer {
    pub(crate) fn new(context: &Arc<CudaContext>) -> Self {
        Self {
            context: context.clone(),
            at: 0,
            len: 0,
        }
    }

    /// Makes room for so many bytes; what was there is lost if it grows.
    pub(crate) fn reserve(&mut self, len: usize, stream: &CudaStream) -> Result<()> {
        if len <= self.len {
            return Ok(());
        }
        self.free(stream)?;
        // SAFETY: nothing is read before it is written.
        self.at = unsafe { result::malloc_sync(len) }.map_err(|e| no_room(len, e))?;
        self.len = len;
        Ok(())
    }

    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Has bytes copied from pinned memory to `offset`. They must stay as they are until the stream
    /// has done so.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8], stream: &CudaStream) -> Result<()> {
        assert!(offset + bytes.len() <= self.len, "room was reserved");
        let at = self.at + offset as u64;
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: the memory has room for them; that they stay is the caller's.
        unsafe { result::memcpy_htod_async(at, bytes, stream.cu_stream()) }
            .map_err(|e| failed("take a copy", e))
    }

    /// Has bytes from `offset` on copied to memory of the host, which must not be looked at until the
    /// stream has done so.
    pub(crate) fn read(&self, offset: usize, bytes: &mut [u8], stream: &CudaStream) -> Result<()> {
        assert!(offset + bytes.len() <= self.len, "as much was reserved");
        let at = self.at + offset as u64;
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: the memory has as many; that nobody looks is the caller's.
        unsafe { result::memcpy_dtoh_async(bytes, at, stream.cu_stream()) }
            .map_err(|e| failed("give a copy", e))
    }

    /// Has bytes copied from the start of other memory of the device to `offset`.
    pub(crate) fn copy(
        &self,
        offset: usize,
        from: &Buffer,
        len: usize,
        stream: &CudaStream,
    ) -> Result<()> {
        assert!(
            offset + len <= self.len && len <= from.len,
            "room was reserved"
        );
        if len == 0 {
            return Ok(());
        }
        let at = self.at + offset as u64;
        // SAFETY: both have as many bytes, and are not the same memory.
        unsafe { result::memcpy_dtod_async(at, from.at, len, stream.cu_stream()) }
            .map_err(|e| failed("copy memory", e))
    }

    /// Has bytes of a range made 0.
    pub(crate) fn clear(&self, range: std::ops::Range<usize>, stream: &CudaStream) -> Result<()> {
        assert!(range.end <= self.len, "room was reserved");
        let at = self.at + range.start as u64;
        if range.is_empty() {
            return Ok(());
        }
        // SAFETY: the memory has the range.
        unsafe { result::memset_d8_async(at, 0, range.len(), stream.cu_stream()) }
            .map_err(|e| failed("clear memory", e))
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A stream of its own, in the context that it is of.
    pub(crate) fn new_stream(&self) -> Result<Arc<CudaStream>> {
        let bound = self.context.bind_to_thread();
        bound.map_err(|e| failed("serve this thread", e))?;
        let stream = self.context.new_stream();
        stream.map_err(|e| failed("give a stream", e))
    }

    /// Memory in the same context.
    pub(crate) fn beside(&self) -> Self {
        Self::new(&self.context)
    }

    /// Gives it back, once the stream has ended its work.
    pub(crate) fn free(&mut self, stream: &CudaStream) -> Result<()> {
        if self.len > 0 {
            stream
                .synchronize()
                .map_err(|e| failed("end its work", e))?;
            self.free_now();
        }
        Ok(())
    }

    fn free_now(&mut self) {
        if std::mem::take(&mut self.len) > 0 {
            // SAFETY: it was allocated, and nothing works on it any more. If the driver does not
            // free it, it is lost.
            let _ = unsafe { result::free_sync(self.at) };
        }
        self.at = 0;
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len > 0 && self.context.bind_to_thread().is_ok() {
            self.free_now();
        }
    }
}

fn no_room(len: usize, error: DriverError) -> Error {
    if error.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY {
        return Error::limit(
            "the GPU",
            format!("it has no {len} bytes left; close what else uses it, or allow less memory"),
        );
    }
    failed("give memory", error)
}

/// Pinned memory of the host.
pub(crate) struct Pinned {
    context: Arc<CudaContext>,
    at: *mut u8,
    len: usize,
}

// SAFETY: it is plain memory that one owner has; the driver does not care which thread frees it.
unsafe impl Send for Pinned {}

impl Pinned {
    pub(crate) fn new(context: &Arc<CudaContext>) -> Self {
        Self {
            context: context.clone(),
            at: std::ptr::null_mut(),
            len: 0,
        }
    }

    /// Makes room for so many bytes, as [`Buffer::reserve`].
    pub(crate) fn reserve(&mut self, len: usize, stream: &CudaStream) -> Result<()> {
        if len <= self.len {
            return Ok(());
        }
        stream
            .synchronize()
            .map_err(|e| failed("end its work", e))?;
        self.free();
        // SAFETY: it is written below, before anyone reads it.
        let at = unsafe { result::malloc_host(len, 0) }
            .map_err(|e| failed("give pinned memory", e))?
            .cast::<u8>();
        // SAFETY: `at` has `len` bytes, which are ours.
        unsafe { at.write_bytes(0, len) };
        (self.at, self.len) = (at, len);
        Ok(())
    }

    /// The bytes. No copy of the device to them may be under way.
    pub(crate) fn seen(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `at` has `len` bytes, all of which were written, and they are ours.
        unsafe { std::slice::from_raw_parts(self.at, self.len) }
    }

    /// The bytes, to be written to. No copy of the device to or from them may be under way.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: `at` has `len` bytes, all of which were written, and they are ours.
        unsafe { std::slice::from_raw_parts_mut(self.at, self.len) }
    }

    fn free(&mut self) {
        if std::mem::take(&mut self.len) > 0 {
            // SAFETY: it was allocated, and nothing works on it any more. If the driver does not
            // free it, it is lost.
            let _ = unsafe { result::free_host(self.at.cast()) };
        }
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if self.len > 0 && self.context.bind_to_thread().is_ok() {
            self.free();
        }
    }
}
