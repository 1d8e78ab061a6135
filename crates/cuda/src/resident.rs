//! Chunks that are on the device.

use crate::memory::Buffer;

/// Chunks that were copied, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copied {
    /// Address of the payloads.
    pub(crate) bytes: u64,
    /// Address of the descriptors.
    pub(crate) descs: u64,
    /// How many chunks there are.
    pub(crate) chunks: u32,
    /// Events of the longest chunk of each codec, if it has any.
    pub(crate) fast: Option<u32>,
    pub(crate) small: Option<u32>,
    /// The same of the chunks of `small` by how polarities are told: by the event before, by cells.
    pub(crate) by_before: Option<u32>,
    pub(crate) by_cells: Option<u32>,
}

/// Chunks that stay on the device: jobs and measurements with them do not wait for copies.
pub struct Resident {
    pub(crate) _bytes: Buffer,
    pub(crate) copied: Copied,
    pub(crate) n_events: u64,
    pub(crate) scratch: u64,
}

impl Resident {
    /// Events in them.
    pub fn n_events(&self) -> u64 {
        self.n_events
    }
}
