//! A GPU that can be used.

use std::sync::Arc;

use cudarc::driver::{CudaStream, sys::CUdevice_attribute};
use evz_core::Result;

use crate::code::Code;
use crate::driver::{self, NoGpu, refused};
use crate::kernels::{Grid, Kernels, launch, params};
use crate::lane::Lane;
use crate::layout::{SAMPLE, Sample, expected};
use crate::memory::{Buffer, Pinned, failed};
use crate::self_test;
use crate::shared::Shared;

/// Memory on the device that all lanes together take at most: half of a card of 8 GiB.
pub const DEFAULT_MAX_DEVICE_BYTES: u64 = 4 << 30;

/// Which GPU, and how much of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GpuOptions {
    /// Its number, as the driver counts.
    pub device: usize,
    /// Bytes of its memory that all lanes together take at most.
    pub max_device_bytes: u64,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self {
            device: 0,
            max_device_bytes: DEFAULT_MAX_DEVICE_BYTES,
        }
    }
}

impl GpuOptions {
    /// This one of several.
    pub fn with_device(mut self, device: usize) -> Self {
        self.device = device;
        self
    }

    /// At most so many bytes of its memory.
    pub fn with_max_device_bytes(mut self, bytes: u64) -> Self {
        self.max_device_bytes = bytes;
        self
    }

    /// Looks for the GPU, loads the kernels, and has them decode what is known, which takes some
    /// milliseconds. It never panics, and takes no longer than a look for a file where no driver is
    /// installed.
    ///
    /// # Errors
    /// If it cannot be used, and why.
    pub fn open(self) -> Result<Gpu, NoGpu> {
        let context = driver::context(self.device)?;
        let ask = |attribute| context.attribute(attribute).unwrap_or(0).max(0) as u64;
        let code = Code::load(&context)?;
        let kernels = Kernels::find(&code.module)?;
        let shared_bytes =
            ask(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        kernels.share(shared_bytes)?;
        let shared = Arc::new(Shared {
            kernels,
            shared: shared_bytes,
            code: code.name,
            name: context.name().map_err(|e| refused("name the GPU", e))?,
            memory: context.total_mem().unwrap_or(0) as u64,
            l2: ask(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE),
            processors: ask(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT).max(1),
            context,
        });
        check_layout(&shared).map_err(|what| NoGpu::Refused { what })?;
        self_test::check(&shared)?;
        Ok(Gpu {
            shared,
            max_device_bytes: self.max_device_bytes,
        })
    }
}

/// A GPU with its kernels loaded.
#[derive(Clone)]
pub struct Gpu {
    shared: Arc<Shared>,
    max_device_bytes: u64,
}

impl Gpu {
    /// What the driver calls it.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// What it runs: code for an architecture, such as `sm_90`, or `PTX`, which its driver compiled.
    pub fn code(&self) -> &str {
        self.shared.code
    }

    /// Bytes of its memory.
    pub fn memory(&self) -> u64 {
        self.shared.memory
    }

    /// `n` lanes, to be used by a thread each: while one copies, another decodes, and a third
    /// paints. Three and more keep a GPU busy.
    ///
    /// # Errors
    /// If the driver gives no stream.
    pub fn lanes(&self, n: usize) -> Result<Vec<Lane>> {
        let bytes = self.max_device_bytes / n.max(1) as u64;
        (0..n)
            .map(|_| Lane::new(self.shared.clone(), bytes))
            .collect()
    }
}

/// Has the kernels say what they take structures and constants for.
fn check_layout(shared: &Shared) -> Result<(), String> {
    let stream = shared.context.new_stream().map_err(driver::text)?;
    let found = read_back(shared, &stream).map_err(|e| self_test::words(&e))?;
    let expected = expected();
    match found.iter().zip(&expected).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(k) => Err(format!(
            "the kernels were built for another version of evz: field {k} of their structures is \
             {}, not {}; run crates/cuda/tools/build_ptx and build evz again",
            found[k], expected[k]
        )),
    }
}

fn read_back(shared: &Shared, stream: &CudaStream) -> Result<Vec<u64>> {
    let len = expected().len() * 8;
    let (mut out, mut held) = (Buffer::new(&shared.context), Pinned::new(&shared.context));
    out.reserve(len, stream)?;
    held.reserve(len, stream)?;
    let Sample {
        chunk,
        columns,
        filter,
        frame,
        canvas,
    } = SAMPLE;
    let grid = Grid {
        blocks: 1,
        frames: 1,
        threads: 1,
        shared: 0,
    };
    let at = out.at();
    // SAFETY: the kernel takes these five by value and writes as many numbers as are expected.
    unsafe {
        let mut params = params![chunk, columns, filter, frame, canvas, at];
        launch(stream, &shared.kernels.check_layout, grid, &mut params)?;
    }
    out.read(0, &mut held.bytes()[..len], stream)?;
    stream
        .synchronize()
        .map_err(|e| failed("run a kernel", e))?;
    Ok(held
        .bytes()
        .chunks_exact(8)
        .map(|b| u64::from_ne_bytes(b.try_into().expect("8 bytes")))
        .collect())
}
