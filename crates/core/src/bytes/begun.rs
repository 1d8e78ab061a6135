//! What this process has begun to write and would take away again.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static BEGUN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file or a folder that [`remove_partial_files`] knows as long as this lives.
#[derive(Debug)]
pub(super) struct Begun(PathBuf);

impl Begun {
    pub(super) fn new(path: PathBuf) -> Self {
        begun().push(path.clone());
        Self(path)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        begun().retain(|path| *path != self.0);
    }
}

/// Removes what this process has begun to write and not finished, and its temporary folders: for who is
/// about to end it.
pub fn remove_partial_files() {
    // Who holds them may be the thread that asks, where it is given no more memory.
    for _ in 0..100 {
        if let Ok(begun) = BEGUN.try_lock() {
            for path in &*begun {
                // What cannot be removed stays under its temporary name.
                let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn begun() -> MutexGuard<'static, Vec<PathBuf>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}
