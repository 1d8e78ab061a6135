//! Work on all cores whose results leave in the order in which it came.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use super::pool::{Place, place};

/// Jobs on the threads of the current pool; their results come out in the order in which the
/// jobs went in, whichever is done first.
#[derive(Debug)]
pub struct InOrder<T> {
    jobs: VecDeque<Receiver<T>>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self {
            jobs: VecDeque::new(),
        }
    }
}

impl<T: Send + 'static> InOrder<T> {
    /// Jobs whose results were not taken yet.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Whether there is no such job.
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Starts a job.
    pub fn push(&mut self, job: impl FnOnce() -> T + Send + 'static) {
        let (done, result) = sync_channel(1);
        let job = move || {
            // Nobody waits for the result if this was dropped.
            let _ = done.send(job());
        };
        match place() {
            Place::Current => rayon::spawn(job),
            Place::On(pool) => pool.spawn(job),
            Place::Here => job(),
        }
        self.jobs.push_back(result);
    }

    /// Waits for the oldest job and takes its result; none if there is no job.
    ///
    /// # Panics
    /// If the job panicked.
    pub fn pop(&mut self) -> Option<T> {
        let job = self.jobs.pop_front()?;
        loop {
            match job.try_recv() {
                Ok(result) => return Some(result),
                Err(TryRecvError::Disconnected) => panic!("a job panicked"),
                Err(TryRecvError::Empty) => {}
            }
            // A thread of the pool must not sleep while it waits for the pool: it takes other jobs.
            if rayon::yield_now().is_none() {
                return Some(job.recv().expect("a job does not panic"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares() {
        let mut jobs = InOrder::default();
        (0..100u64).for_each(|i| jobs.push(move || (0..i % 7 * 1_000).fold(i * i, |n, _| n)));
        assert_eq!(jobs.len(), 100);
        let results: Vec<u64> = std::iter::from_fn(|| jobs.pop()).collect();
        assert_eq!(results, (0..100).map(|i| i * i).collect::<Vec<_>>());
    }

    #[test]
    fn results_come_in_order_inside_the_pool_and_outside() {
        squares();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        pool.install(squares);
    }
}
