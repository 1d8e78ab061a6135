//! The GPUs of this process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use evz::cuda::{Gpu, GpuOptions};
use evz::{Error, Result};

static OPEN: Mutex<BTreeMap<usize, (u32, Gpu)>> = Mutex::new(BTreeMap::new());

/// The GPU of a number, opened once: to start one takes a third of a second.
pub(crate) fn gpu(number: usize) -> Result<Gpu> {
    let process = std::process::id();
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    match open.get(&number) {
        Some((opened_by, gpu)) if *opened_by == process => Ok(gpu.clone()),
        // CUDA cannot be used in a child of the process that started it.
        Some(_) => Err(Error::unsupported(
            "no GPU",
            "it was used before this process was forked; start workers by spawn or forkserver",
        )),
        None => {
            let opened = GpuOptions::default().with_device(number).open();
            let gpu = opened.map_err(|why| Error::unsupported("no GPU", why.to_string()))?;
            open.insert(number, (process, gpu.clone()));
            Ok(gpu)
        }
    }
}
