//! The threads that work is done on: never those of rayon's global pool, which are dead in a child of
//! fork.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use evz::parallel::Pool;
use pyo3::prelude::*;

static DEFAULT: LazyLock<Arc<Pool>> = LazyLock::new(|| Pool::new(default_threads));
static OF_NUMBER: Mutex<BTreeMap<usize, Arc<Pool>>> = Mutex::new(BTreeMap::new());

/// The most threads that a pool may have.
const MOST: usize = 1024;

/// The pool of so many threads.
pub(crate) fn pool(threads: Option<usize>) -> evz::Result<Arc<Pool>> {
    let Some(threads) = threads else {
        return Ok(DEFAULT.clone());
    };
    if !(1..=MOST).contains(&threads) {
        let what = format!("threads={threads}; it is from 1 to {MOST}");
        return Err(evz::Error::invalid(what));
    }
    let mut pools = OF_NUMBER.lock().unwrap_or_else(PoisonError::into_inner);
    let pool = pools
        .entry(threads)
        .or_insert_with(|| Pool::new(move || threads));
    Ok(pool.clone())
}

/// One a core; in a worker of `multiprocessing`, such as those of a `DataLoader`, one: there is a
/// worker a core.
fn default_threads() -> usize {
    match Python::attach(is_worker) {
        Ok(true) => 1,
        _ => std::thread::available_parallelism().map_or(1, NonZero::get),
    }
}

fn is_worker(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let process = modules.call_method1("get", ("multiprocessing.process",))?;
    match process.is_none() {
        true => Ok(false),
        false => Ok(!process.call_method0("parent_process")?.is_none()),
    }
}
