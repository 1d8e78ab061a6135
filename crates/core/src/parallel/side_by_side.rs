//! Items worked on side by side.

use rayon::prelude::*;

use super::pool::{Place, n_threads, place};

/// Threads that work side by side.
pub fn threads() -> usize {
    n_threads()
}

/// What `work` makes of each item, in their order.
///
/// # Errors
/// If `work` fails for one; the others may or may not have been worked on.
pub fn try_map<T, R, E>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync + Send,
) -> Result<Vec<R>, E>
where
    T: Sync,
    R: Send,
    E: Send,
{
    let all = || items.par_iter().map(&work).collect();
    match place() {
        Place::Current => all(),
        Place::On(pool) => pool.install(all),
        Place::Here => items.iter().map(work).collect(),
    }
}

/// Works on each item.
///
/// # Errors
/// As [`try_map`].
pub fn try_each<T, E>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E>
where
    T: Send,
    E: Send,
{
    match place() {
        Place::Current => items.into_par_iter().try_for_each(work),
        Place::On(pool) => pool.install(|| items.into_par_iter().try_for_each(work)),
        Place::Here => items.into_iter().try_for_each(work),
    }
}

/// Changes each item, which comes with its number.
///
/// # Errors
/// As [`try_map`].
pub fn try_each_mut<T, E>(
    items: &mut [T],
    work: impl Fn(usize, &mut T) -> Result<(), E> + Sync + Send,
) -> Result<(), E>
where
    T: Send,
    E: Send,
{
    let all =
        |items: &mut [T]| (items.par_iter_mut().enumerate()).try_for_each(|(i, t)| work(i, t));
    match place() {
        Place::Current => all(items),
        Place::On(pool) => pool.install(|| all(items)),
        Place::Here => (items.iter_mut().enumerate()).try_for_each(|(i, t)| work(i, t)),
    }
}
