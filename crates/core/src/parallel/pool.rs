//! Threads that a program owns.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, OnceLock};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads of its own, for a program that may fork: a child of it has none of the threads of rayon's
/// global pool, and who waits for these waits for ever. These are started anew in each process, when
/// the first work for them comes, and live as long as it.
pub struct Pool {
    n_threads: Box<dyn Fn() -> usize + Send + Sync>,
    first: OnceLock<Box<Running>>,
}

/// The threads of one process. Those of a parent are left alone in its child, locks included: another
/// thread may have held them when it forked.
struct Running {
    process: u32,
    n_threads: usize,
    pool: OnceLock<Option<&'static ThreadPool>>,
    of_child: OnceLock<Box<Running>>,
}

thread_local! {
    static ENTERED: RefCell<Option<Arc<Pool>>> = const { RefCell::new(None) };
}

/// Where work is done.
pub(super) enum Place {
    /// On the threads of the current rayon pool.
    Current,
    /// On those of another one.
    On(&'static ThreadPool),
    /// On the calling thread.
    Here,
}

impl Pool {
    /// So many threads as `n_threads` says in each process, at least one; with one, work is done on the
    /// calling thread.
    pub fn new(n_threads: impl Fn() -> usize + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            n_threads: Box::new(n_threads),
            first: OnceLock::new(),
        })
    }

    /// Does all parallel work of `work` on these threads.
    pub fn enter<R>(self: &Arc<Self>, work: impl FnOnce() -> R) -> R {
        struct Leave(Option<Arc<Pool>>);
        impl Drop for Leave {
            fn drop(&mut self) {
                ENTERED.set(self.0.take());
            }
        }
        let _leave = Leave(ENTERED.replace(Some(self.clone())));
        work()
    }

    /// Those of this process.
    fn running(&self) -> &Running {
        let process = std::process::id();
        let mut slot = &self.first;
        loop {
            let running = match slot.get() {
                Some(running) => running,
                None => {
                    // Before the lock: it may take any time.
                    let new = Box::new(Running::new(process, (self.n_threads)().max(1)));
                    slot.get_or_init(|| new)
                }
            };
            if running.process == process {
                return running;
            }
            slot = &running.of_child;
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Running {
    fn new(process: u32, n_threads: usize) -> Self {
        Self {
            process,
            n_threads,
            pool: OnceLock::new(),
            of_child: OnceLock::new(),
        }
    }

    fn place(&self) -> Place {
        if self.n_threads == 1 {
            return Place::Here;
        }
        let pool = self.pool.get_or_init(|| {
            let pool = ThreadPoolBuilder::new()
                .num_threads(self.n_threads)
                .thread_name(|i| format!("evz {i}"))
                .build();
            // Taken down by a child, it would wait for threads that are not there.
            pool.ok().map(|pool| &*Box::leak(Box::new(pool)))
        });
        pool.map_or(Place::Here, Place::On)
    }
}

/// The pool that was entered, if the calling thread is not of a pool itself.
fn entered() -> Option<Arc<Pool>> {
    match rayon::current_thread_index() {
        // Given out of its cell: who says how many threads there are may do anything.
        None => ENTERED.with_borrow(Clone::clone),
        Some(_) => None,
    }
}

/// Where work of the calling thread is done.
pub(super) fn place() -> Place {
    entered().map_or(Place::Current, |pool| pool.running().place())
}

/// Threads that work for the calling thread.
pub(super) fn n_threads() -> usize {
    entered().map_or_else(rayon::current_num_threads, |pool| pool.running().n_threads)
}

#[cfg(test)]
mod tests {
    use super::super::{InOrder, threads, try_map};
    use super::*;

    fn names(pool: &Arc<Pool>) -> Vec<String> {
        let name = || std::thread::current().name().unwrap_or_default().to_owned();
        pool.enter(|| {
            let mut jobs = InOrder::default();
            (0..20).for_each(|_| jobs.push(name));
            let mut names: Vec<String> = std::iter::from_fn(|| jobs.pop()).collect();
            names.extend(try_map(&[0; 20], |_| Ok::<_, ()>(name())).unwrap());
            names.sort();
            names.dedup();
            names
        })
    }

    #[test]
    fn work_is_done_on_its_own_threads() {
        let pool = Pool::new(|| 2);
        assert!(names(&pool).iter().all(|name| name.starts_with("evz ")));
        assert_eq!(pool.enter(threads), 2);
        let inside = || Pool::new(|| 5).enter(threads);
        assert_eq!(pool.enter(|| (inside(), threads())), (5, 2));
    }

    /// In a process of its own, in which no thread can be started: none has a stack as large as it is told.
    #[cfg(target_os = "linux")]
    #[test]
    fn where_no_thread_can_be_started_the_calling_one_works() {
        const STACK: (&str, &str) = ("RUST_MIN_STACK", "1125899906842624");
        if std::env::var(STACK.0).as_deref() != Ok(STACK.1) {
            let this = std::env::current_exe().unwrap();
            let name = "where_no_thread_can_be_started_the_calling_one_works";
            let child = std::process::Command::new(this)
                .args([name, "--nocapture"])
                .env(STACK.0, STACK.1)
                .output();
            let said = String::from_utf8(child.unwrap().stdout).unwrap();
            assert!(said.contains("1 passed"), "{said}");
            return;
        }
        assert!(std::thread::Builder::new().spawn(|| ()).is_err());
        let here = std::thread::current().name().unwrap_or_default().to_owned();
        assert_eq!(names(&Pool::new(|| 3)), [here]);
    }

    #[test]
    fn one_thread_is_the_calling_one() {
        let here = std::thread::current().name().unwrap_or_default().to_owned();
        assert_eq!(names(&Pool::new(|| 0)), [here]);
    }
}
