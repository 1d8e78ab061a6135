//! Ctrl-C while a recording is read from front to back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use evz::{Error, EventBatch, EventSource, Next, Progress, Result, StreamInfo};
use pyo3::prelude::*;

/// How often Python is asked whether a signal has come.
const EVERY: Duration = Duration::from_millis(50);

/// What Python raised while something of ours ran, and whom it is told how far that has come.
#[derive(Clone, Default)]
pub(crate) struct Raised {
    error: Arc<Mutex<Option<PyErr>>>,
    progress: Option<Arc<Py<PyAny>>>,
}

impl Raised {
    /// With a function that is called with what is done and what there is to do, or None.
    pub(crate) fn with_progress(progress: Option<Py<PyAny>>) -> Self {
        Self {
            progress: progress.map(Arc::new),
            ..Self::default()
        }
    }

    /// Lets Python handle signals, and tells it how far the work has come.
    fn ask(&self, progress: Option<Progress>) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            if let (Some(tell), Some(progress)) = (&self.progress, progress) {
                tell.call1(py, (progress.done, progress.total))?;
            }
            Ok(())
        })
    }

    /// The result, or what was raised meanwhile, which then is why there is none.
    pub(crate) fn or<T>(&self, result: Result<T>) -> PyResult<Result<T>> {
        match self.lock().take() {
            Some(error) => Err(error),
            None => Ok(result),
        }
    }

    /// Keeps what was raised, and says that it is time to stop.
    pub(crate) fn keep(&self, error: PyErr) -> Error {
        *self.lock() = Some(error);
        Error::invalid("interrupted")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<PyErr>> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A source that ends in an error once a signal has come whose handler raises.
pub(crate) struct Interruptible<S> {
    source: S,
    raised: Raised,
    asked: Instant,
}

impl<S: EventSource> Interruptible<S> {
    pub(crate) fn new(source: S, raised: Raised) -> Self {
        Self {
            source,
            raised,
            asked: Instant::now(),
        }
    }
}

impl<S: EventSource> EventSource for Interruptible<S> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if self.asked.elapsed() >= EVERY {
            self.asked = Instant::now();
            if let Err(error) = self.raised.ask(self.source.progress()) {
                return Err(self.raised.keep(error));
            }
        }
        self.source.read_batch(batch)
    }

    fn inner(&self) -> Option<&dyn EventSource> {
        Some(&self.source)
    }

    fn inner_mut(&mut self) -> Option<&mut dyn EventSource> {
        Some(&mut self.source)
    }
}
