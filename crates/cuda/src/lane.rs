//! One stream of the device, with memory of its own.

use std::sync::Arc;

use cudarc::driver::CudaStream;
use evz_core::Result;

use crate::memory::{Buffer, Pinned, failed};
use crate::shared::Shared;

/// A stream of work on the device: what one thread after the other asks of it is done in that
/// order. Several lanes, each used by a thread of its own, overlap copies, decoding and painting.
pub struct Lane {
    pub(crate) shared: Arc<Shared>,
    pub(crate) stream: Arc<CudaStream>,
    pub(crate) budget: u64,
    /// What goes to the device.
    pub(crate) staging: Pinned,
    /// What others fill.
    pub(crate) staged: Pinned,
    pub(crate) descs: Pinned,
    /// Frames that come back.
    pub(crate) back: Pinned,
    /// Chunks, as they are in the file.
    pub(crate) bytes: Buffer,
    /// What the kernels of `small` work in.
    pub(crate) scratch: Buffer,
    pub(crate) columns: Buffer,
    /// The events that count, next to each other, and how many there are of each block.
    pub(crate) kept: Buffer,
    pub(crate) counts: Buffer,
    pub(crate) error: Buffer,
    pub(crate) frames: Buffer,
    pub(crate) bin_ends: Buffer,
    /// Where the events of bins start.
    pub(crate) bin_starts: Buffer,
    /// Sums of a group of frames: all 0 between jobs, unless one failed.
    pub(crate) sums: Buffer,
    pub(crate) sums_are_zero: bool,
    pub(crate) values: Buffer,
    /// Frames on their way back, where they are mostly empty.
    pub(crate) packed: Buffer,
}

/// Bytes of the word that says which chunk is damaged, and how; with what keeps the next ones
/// aligned.
pub(crate) const ERROR_BYTES: usize = 64;

impl Lane {
    pub(crate) fn new(shared: Arc<Shared>, budget: u64) -> Result<Self> {
        let stream = shared
            .context
            .new_stream()
            .map_err(|e| failed("give a stream", e))?;
        let buffer = || Buffer::new(&shared.context);
        let pinned = || Pinned::new(&shared.context);
        // The error word is always there.
        let budget = budget.saturating_sub(ERROR_BYTES as u64);
        Ok(Self {
            budget,
            staging: pinned(),
            staged: pinned(),
            descs: pinned(),
            back: pinned(),
            bytes: buffer(),
            scratch: buffer(),
            columns: buffer(),
            kept: buffer(),
            counts: buffer(),
            error: buffer(),
            frames: buffer(),
            bin_ends: buffer(),
            bin_starts: buffer(),
            sums: buffer(),
            sums_are_zero: false,
            values: buffer(),
            packed: buffer(),
            stream,
            shared,
        })
    }

    /// Has the driver serve this thread.
    pub(crate) fn bind(&self) -> Result<()> {
        let bound = self.shared.context.bind_to_thread();
        bound.map_err(|e| failed("serve this thread", e))
    }

    /// Waits until the device has done what this lane asked for.
    pub(crate) fn wait(&self) -> Result<()> {
        self.stream
            .synchronize()
            .map_err(|e| failed("end its work", e))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // The device must be done before its memory goes.
        if self.shared.context.bind_to_thread().is_ok() {
            let _ = self.wait();
        }
    }
}
