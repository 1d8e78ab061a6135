//! Recordings that are worked on side by side, as far as there is memory for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use evz_core::Result;

/// Does each job, on as many threads as there are, of which each works alone; of few jobs each gets several.
/// What becomes of each is told to `done` as it comes. They share the memory that may be taken: a job that
/// is refused some is done once more when the others have ended, one at a time, so that what becomes of it
/// hangs on the job alone.
pub(crate) fn side_by_side<J: Sync, T>(
    jobs: &[J],
    work: &(dyn Fn(&J) -> Result<T> + Sync),
    done: &(dyn Fn(&J, Result<T>) + Sync),
) {
    let next = AtomicUsize::new(0);
    let refused = Mutex::new(Vec::new());
    let beside_others = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            match work(job) {
                Err(error) if error.is_of_memory() => {
                    let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
                    refused.push(job);
                }
                outcome => done(job, outcome),
            }
        }
    };
    let threads = evz_core::parallel::threads();
    let workers = threads.min(jobs.len()).max(1);
    let each = threads / workers;
    on_threads(workers, each, &beside_others);
    let refused = refused.into_inner().unwrap_or_else(PoisonError::into_inner);
    // On no more threads than before: each may take memory.
    on_threads(1, each, &|| {
        refused.iter().for_each(|job| done(job, work(job)))
    });
}

/// Does work on so many threads, whose parallel work has so many each.
#[cfg(feature = "parallel")]
fn on_threads(workers: usize, each: usize, work: &(dyn Fn() + Sync)) {
    std::thread::scope(|scope| {
        let begun = (0..workers).take_while(|_| {
            let work = || evz_core::parallel::Pool::new(move || each).enter(work);
            let thread = std::thread::Builder::new().name("evz-folder".to_owned());
            thread.spawn_scoped(scope, work).is_ok()
        });
        // Where no thread can be started the jobs are done on this one.
        if begun.count() == 0 {
            work();
        }
    });
}

#[cfg(not(feature = "parallel"))]
fn on_threads(_: usize, _: usize, work: &(dyn Fn() + Sync)) {
    work();
}
