//! The same work on the calling thread, for where there are no others.

use std::collections::VecDeque;

/// One.
pub fn threads() -> usize {
    1
}

/// What `work` makes of each item, in their order.
///
/// # Errors
/// If `work` fails for one.
pub fn try_map<T, R, E>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync + Send,
) -> Result<Vec<R>, E> {
    items.iter().map(work).collect()
}

/// Works on each item.
///
/// # Errors
/// As [`try_map`].
pub fn try_each<T, E>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    items.into_iter().try_for_each(work)
}

/// Changes each item, which comes with its number.
///
/// # Errors
/// As [`try_map`].
pub fn try_each_mut<T, E>(
    items: &mut [T],
    work: impl Fn(usize, &mut T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    (items.iter_mut().enumerate()).try_for_each(|(i, item)| work(i, item))
}

/// Jobs whose results come out in the order in which the jobs went in; here each is done at once.
#[derive(Debug)]
pub struct InOrder<T>(VecDeque<T>);

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Send + 'static> InOrder<T> {
    /// Jobs whose results were not taken yet.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no such job.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does a job.
    pub fn push(&mut self, job: impl FnOnce() -> T + Send + 'static) {
        self.0.push_back(job());
    }

    /// Takes the result of the oldest job; none if there is no job.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop_front()
    }
}
