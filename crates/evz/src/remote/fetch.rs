//! Bytes that were asked for, and those who wait for them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use object_store::ObjectMeta;

use super::failure::Failure;

/// Bytes, once they are there.
pub(super) type Fetched = Result<Arc<Answer>, Failure>;

/// Bytes of a file, and what the server says of it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) meta: ObjectMeta,
    pub(super) bytes: Vec<u8>,
}

/// Bytes that were asked for; any number of threads may wait for them.
#[derive(Debug, Default)]
pub(super) struct Fetch {
    fetched: Mutex<Option<Fetched>>,
    done: Condvar,
}

impl Fetch {
    pub(super) fn wait(&self) -> Fetched {
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(fetched) = &*fetched {
                return fetched.clone();
            }
            let woken = self.done.wait(fetched);
            fetched = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn set(&self, value: Fetched) {
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.get_or_insert(value);
        self.done.notify_all();
    }
}

/// The duty to end a [`Fetch`]: dropped without an answer, it fails, so that nobody waits for ever.
#[derive(Debug)]
pub(super) struct Promise(Arc<Fetch>);

impl Promise {
    pub(super) fn new() -> (Self, Arc<Fetch>) {
        let fetch = Arc::new(Fetch::default());
        (Self(fetch.clone()), fetch)
    }

    pub(super) fn keep(self, fetched: Result<Answer, Failure>) {
        self.0.set(fetched.map(Arc::new));
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.0.set(Err(Failure::given_up()));
    }
}
