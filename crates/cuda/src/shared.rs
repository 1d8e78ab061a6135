//! What all lanes of a GPU use.

use std::sync::Arc;

use cudarc::driver::CudaContext;

use crate::kernels::Kernels;

/// The device, its kernels and what it says of itself.
pub(crate) struct Shared {
    pub(crate) kernels: Kernels,
    /// What code they are.
    pub(crate) code: &'static str,
    pub(crate) name: String,
    pub(crate) memory: u64,
    /// Bytes of the second cache.
    pub(crate) l2: u64,
    /// Bytes of shared memory that a block may have.
    pub(crate) shared: u64,
    pub(crate) processors: u64,
    pub(crate) context: Arc<CudaContext>,
}
