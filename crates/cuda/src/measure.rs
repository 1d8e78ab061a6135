//! What a device does in a second, for benches: times of its own clock, and the rates that nothing
//! can pass.

use cudarc::driver::{result, sys::CUevent_flags};
use evz_core::{Columns, Result};

use crate::lane::{ERROR_BYTES, Lane};
use crate::memory::failed;
use crate::resident::Resident;
use crate::wanted::Wanted;

impl Lane {
    /// Does some work, and says how many seconds it took by the device's clock.
    ///
    /// # Errors
    /// What the work returns; or if the device keeps no time.
    pub fn time(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<f64> {
        self.bind()?;
        let event = || {
            let flags = Some(CUevent_flags::CU_EVENT_DEFAULT);
            self.shared
                .context
                .new_event(flags)
                .map_err(|e| failed("keep time", e))
        };
        let (start, end) = (event()?, event()?);
        start
            .record(&self.stream)
            .map_err(|e| failed("keep time", e))?;
        work(self)?;
        end.record(&self.stream)
            .map_err(|e| failed("keep time", e))?;
        let ms = start.elapsed_ms(&end).map_err(|e| failed("keep time", e))?;
        Ok(f64::from(ms) * 1e-3)
    }

    /// Has all events of chunks decoded to columns, and nothing more. A chunk that is damaged is
    /// not told of.
    ///
    /// # Errors
    /// If the columns do not fit the memory of the lane.
    pub fn decode_only(&mut self, resident: &Resident, columns: Columns) -> Result<()> {
        self.bind()?;
        let wanted = Wanted {
            t: columns.t,
            p: columns.p,
            keep: false,
            mirrored: false,
        };
        let n = resident.n_events;
        self.columns
            .reserve(wanted.columns_bytes(n) as usize, &self.stream)?;
        self.scratch
            .reserve(resident.scratch as usize, &self.stream)?;
        self.error.reserve(ERROR_BYTES, &self.stream)?;
        let mut to = wanted.columns(self.columns.at(), n);
        if !columns.x {
            to.x = 0;
        }
        if !columns.y {
            to.y = 0;
        }
        self.decode_copied(&resident.copied, to)
    }

    /// Has so many bytes copied from one place on the device to another.
    ///
    /// # Errors
    /// If there is no room for both.
    pub fn copy_on_device(&mut self, bytes: usize) -> Result<()> {
        self.bind()?;
        self.values.reserve(2 * bytes, &self.stream)?;
        let (to, from) = (self.values.at(), self.values.at() + bytes as u64);
        // SAFETY: both places have room, and they do not overlap.
        unsafe { result::memcpy_dtod_async(to, from, bytes, self.stream.cu_stream()) }
            .map_err(|e| failed("copy", e))
    }

    /// Has so many bytes copied from the device to pinned memory.
    ///
    /// # Errors
    /// If there is no room.
    pub fn copy_to_host(&mut self, bytes: usize) -> Result<()> {
        self.bind()?;
        self.back.reserve(bytes, &self.stream)?;
        self.values.reserve(bytes, &self.stream)?;
        self.values
            .read(0, &mut self.back.bytes()[..bytes], &self.stream)
    }

    /// Has so many bytes copied from pinned memory to the device.
    ///
    /// # Errors
    /// If there is no room.
    pub fn copy_to_device(&mut self, bytes: usize) -> Result<()> {
        self.bind()?;
        self.staging.reserve(bytes, &self.stream)?;
        self.values.reserve(bytes, &self.stream)?;
        self.values
            .write(0, &self.staging.bytes()[..bytes], &self.stream)
    }
}
