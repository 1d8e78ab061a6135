//! The kernels, as the driver loads them.

use std::ffi::c_void;
use std::sync::Arc;

use cudarc::driver::sys::CUfunction_attribute;
use cudarc::driver::{CudaFunction, CudaModule, CudaStream, result};
use evz_core::Result;

use crate::driver::{NoGpu, refused};
use crate::layout::PAINT_THREADS;
use crate::memory::failed;

macro_rules! kernels {
    ($($name:ident),* $(,)?) => {
        /// Every entry point.
        pub(crate) struct Kernels {
            $(pub(crate) $name: CudaFunction,)*
        }

        impl Kernels {
            pub(crate) fn find(module: &Arc<CudaModule>) -> Result<Self, NoGpu> {
                Ok(Self {
                    $($name: module
                        .load_function(concat!("evz_", stringify!($name)))
                        .map_err(|e| refused("find a kernel", e))?,)*
                })
            }
        }
    };
}

kernels!(
    decode_fast,
    small_tables,
    small_frequencies,
    small_times,
    small_places,
    small_cells,
    check_times,
    bounds,
    span,
    clock,
    paint_signed,
    paint_counts,
    paint_histogram,
    paint_latest,
    paint_voxel,
    band_signed,
    band_counts,
    band_histogram,
    band_binary,
    band_latest,
    band_voxel,
    histogram_starts,
    voxel_starts,
    finish_signed,
    finish_counts,
    finish_binary,
    finish_latest,
    pack_halves,
    pack_words,
    keep_count,
    keep_scan,
    keep_write,
    mirror,
    check_layout,
);

impl Kernels {
    /// Lets the kernels that keep sums in shared memory have so many bytes of it a block.
    pub(crate) fn share(&self, bytes: u64) -> Result<(), NoGpu> {
        let most = CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        for kernel in [
            &self.band_signed,
            &self.band_counts,
            &self.band_histogram,
            &self.band_binary,
            &self.band_latest,
            &self.band_voxel,
        ] {
            kernel
                .set_attribute(most, bytes as i32)
                .map_err(|e| refused("let kernels share memory", e))?;
        }
        Ok(())
    }
}

/// The parameters of a launch, in their order: pointers to values that live until it returns.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$((&raw const $value).cast_mut().cast::<std::ffi::c_void>()),*]
    };
}
pub(crate) use params;

/// How many threads run a kernel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) blocks: u32,
    pub(crate) frames: u32,
    pub(crate) threads: u32,
    /// Bytes of shared memory of a block, besides what its kernel always has.
    pub(crate) shared: u32,
}

impl Grid {
    /// Blocks of the usual size.
    pub(crate) fn of(blocks: u32) -> Self {
        Self {
            blocks,
            frames: 1,
            threads: PAINT_THREADS,
            shared: 0,
        }
    }
}

/// Has a kernel run on a stream.
///
/// # Safety
/// The parameters are those of the kernel, and what they point to on the device has the sizes that
/// the kernel takes it to have, until the stream has done this work.
pub(crate) unsafe fn launch(
    stream: &CudaStream,
    kernel: &CudaFunction,
    grid: Grid,
    params: &mut [*mut c_void],
) -> Result<()> {
    // SAFETY: as the caller says; the driver copies the parameters before it returns.
    unsafe {
        result::launch_kernel(
            kernel.cu_function(),
            (grid.blocks, grid.frames, 1),
            (grid.threads, 1, 1),
            grid.shared,
            stream.cu_stream(),
            params,
        )
    }
    .map_err(|e| failed("start a kernel", e))
}
