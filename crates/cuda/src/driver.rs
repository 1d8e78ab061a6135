//! The driver, found when the program runs.

use std::fmt;
use std::sync::Arc;

use cudarc::driver::{CudaContext, DriverError, sys};

/// Why there is no GPU to use, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoGpu {
    /// The driver is not installed.
    NoDriver,
    /// The driver lacks a function.
    OldDriver {
        /// The first that it lacks.
        lacks: &'static str,
    },
    /// There is no such device.
    NoDevice {
        /// The number asked for.
        device: usize,
        /// How many there are.
        found: usize,
    },
    /// It decodes what is known wrongly.
    WrongResults {
        /// Which profile.
        profile: &'static str,
        /// The GPU, its driver, and the code that it ran.
        gpu: String,
        /// What is wrong.
        how: String,
    },
    /// The driver refused.
    Refused {
        /// What was tried, and what it said.
        what: String,
    },
}

impl fmt::Display for NoGpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDriver => write!(f, "no NVIDIA driver library (libcuda.so.1) on this machine"),
            Self::OldDriver { lacks } => write!(
                f,
                "the NVIDIA driver is too old or broken: it has no {lacks}; 525 or later is needed"
            ),
            Self::NoDevice { found: 0, .. } => write!(f, "the NVIDIA driver finds no GPU"),
            Self::NoDevice { device, found } => write!(
                f,
                "there is no GPU {device}; the NVIDIA driver finds {found}, counted from 0"
            ),
            Self::WrongResults { profile, gpu, how } => write!(
                f,
                "this GPU ({gpu}) decodes the profile {profile} wrongly: {how}; another driver may \
                 settle it, the CPU does (--device cpu); please report it"
            ),
            Self::Refused { what } => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for NoGpu {}

/// Every function of the driver that is called, here or by the library in between: that one panics
/// where a function is missing, so all are looked for before the first is called.
const FUNCTIONS: [&str; 38] = [
    "cuInit",
    "cuDeviceGet",
    "cuDeviceGetCount",
    "cuDeviceGetName",
    "cuDeviceGetAttribute",
    "cuDeviceTotalMem_v2",
    "cuDriverGetVersion",
    "cuDevicePrimaryCtxRetain",
    "cuDevicePrimaryCtxRelease_v2",
    "cuCtxSetCurrent",
    "cuCtxGetCurrent",
    "cuCtxSynchronize",
    "cuModuleLoadData",
    "cuModuleUnload",
    "cuModuleGetFunction",
    "cuMemAlloc_v2",
    "cuMemFree_v2",
    "cuMemHostAlloc",
    "cuMemFreeHost",
    "cuMemGetInfo_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuMemcpyDtoDAsync_v2",
    "cuMemsetD8Async",
    "cuStreamCreate",
    "cuStreamSynchronize",
    "cuStreamDestroy_v2",
    "cuStreamWaitEvent",
    "cuEventCreate",
    "cuEventRecord",
    "cuEventSynchronize",
    "cuEventElapsedTime",
    "cuEventQuery",
    "cuEventDestroy_v2",
    "cuFuncSetAttribute",
    "cuLaunchKernel",
    "cuGetErrorName",
    "cuGetErrorString",
];

/// The context of a device.
pub(crate) fn context(device: usize) -> Result<Arc<CudaContext>, NoGpu> {
    // SAFETY: loading the driver runs its constructors, as any program that uses it does.
    if !unsafe { sys::is_culib_present() } {
        return Err(NoGpu::NoDriver);
    }
    for name in FUNCTIONS {
        // SAFETY: the library is there, as was just seen; the function is looked for, not called.
        let found = unsafe {
            sys::culib()
                .get::<unsafe extern "C" fn()>(name.as_bytes())
                .is_ok()
        };
        if !found {
            return Err(NoGpu::OldDriver { lacks: name });
        }
    }
    let found = match CudaContext::device_count() {
        Ok(n) => usize::try_from(n).unwrap_or(0),
        Err(DriverError(sys::CUresult::CUDA_ERROR_NO_DEVICE)) => 0,
        Err(error) => return Err(refused("start", error)),
    };
    if device >= found {
        return Err(NoGpu::NoDevice { device, found });
    }
    let context = CudaContext::new(device).map_err(|e| refused("use the GPU", e))?;
    // SAFETY: what is used on more than one stream is put in order by waiting for the streams;
    // no slices of the library are used, which are what it tracks.
    unsafe { context.disable_event_tracking() };
    Ok(context)
}

/// Which CUDA the driver is of.
pub(crate) fn version() -> String {
    let mut number = 0;
    // SAFETY: the function is there, as `context` has seen, and writes one number.
    let asked = unsafe { sys::cuDriverGetVersion(&mut number) }.result();
    match asked {
        Ok(()) => format!("CUDA {}.{}", number / 1000, number % 1000 / 10),
        Err(error) => text(error),
    }
}

pub(crate) fn refused(what: &str, error: DriverError) -> NoGpu {
    NoGpu::Refused {
        what: format!("the NVIDIA driver does not {what}: {}", text(error)),
    }
}

/// What the driver says of an error.
pub(crate) fn text(error: DriverError) -> String {
    match error.error_string() {
        Ok(text) => format!("{} ({})", text.to_string_lossy(), error.0 as u32),
        Err(_) => format!("error {}", error.0 as u32),
    }
}
