//! A sink whose output is read while it is written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evz_core::{
    Error, EventSink, EventSlice, Metadata, Place, Report, Result, SideRows, StreamInfo,
};

/// Hands on what another sink was given, after a time at the latest, whether more comes or not: whoever
/// writes into it may be waiting for its input.
pub struct Flushing {
    shared: Arc<Shared>,
    keeps_columns: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// None once it is finished.
    sink: Option<Box<dyn EventSink>>,
    /// Whether it was given something since it was flushed.
    due: bool,
    failed: Option<Error>,
}

impl Flushing {
    /// Has the sink that `begin` gives flushed that often, where there is something to be. Where that fails, `end`
    /// is set, so that nobody waits for more to write; the error comes with the next call.
    ///
    /// # Errors
    /// If the system gives no thread; nothing is begun then. As `begin`.
    pub fn of(
        begin: impl FnOnce() -> Result<Box<dyn EventSink>>,
        every: Duration,
        end: Arc<AtomicBool>,
    ) -> Result<Self> {
        let state = State {
            sink: None,
            due: false,
            failed: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let (flushed, thread) = (shared.clone(), std::thread::Builder::new());
        let thread = thread.name("evz-flush".to_owned());
        // The thread waits until there is a sink, or none.
        let mut state = shared.lock();
        let started = thread.spawn(move || flushed.flush_every(every, &end));
        started.map_err(|e| Error::no_thread(Place::default(), &e))?;
        let sink = begin()?;
        let keeps_columns = sink.keeps_columns();
        state.sink = Some(sink);
        drop(state);
        Ok(Self {
            shared,
            keeps_columns,
        })
    }

    fn write<T>(&mut self, act: impl FnOnce(&mut dyn EventSink) -> Result<T>) -> Result<T> {
        let mut state = self.shared.lock();
        if let Some(error) = state.failed.take() {
            return Err(error);
        }
        state.due = true;
        act(&mut **state.sink.as_mut().expect("it is not finished"))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flush_every(&self, every: Duration, end: &AtomicBool) {
        let mut state = self.lock();
        loop {
            let is_open = |state: &mut State| state.sink.is_some();
            let waited = self.changed.wait_timeout_while(state, every, is_open);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            let due = std::mem::take(&mut state.due);
            let Some(sink) = &mut state.sink else {
                return;
            };
            if due && let Err(error) = sink.flush() {
                state.failed = Some(error);
                end.store(true, Ordering::Relaxed);
                return;
            }
        }
    }
}

impl Drop for Flushing {
    fn drop(&mut self) {
        self.shared.lock().sink = None;
        self.shared.changed.notify_all();
    }
}

impl EventSink for Flushing {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        self.write(|sink| sink.write_batch(events))
    }

    fn keeps_columns(&self) -> bool {
        self.keeps_columns
    }

    fn add_stream(&mut self, info: &StreamInfo) -> Result<Option<u16>> {
        self.write(|sink| sink.add_stream(info))
    }

    fn write_events(&mut self, stream: u16, events: EventSlice<'_>) -> Result<()> {
        self.write(|sink| sink.write_events(stream, events))
    }

    fn write_side(&mut self, rows: SideRows) -> Result<bool> {
        self.write(|sink| sink.write_side(rows))
    }

    fn flush(&mut self) -> Result<()> {
        self.write(|sink| sink.flush())
    }

    fn finish(self: Box<Self>, closing: &Metadata) -> Result<Report> {
        let mut state = self.shared.lock();
        if let Some(error) = state.failed.take() {
            return Err(error);
        }
        let sink = state.sink.take().expect("it is not finished");
        drop(state);
        sink.finish(closing)
    }
}
