//! Which files are being read, so that none of them is replaced by what is made of it.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What tells a file from every other: its device and its number there.
type Id = (u64, u64);

/// How many read each.
static READ: Mutex<BTreeMap<Id, usize>> = Mutex::new(BTreeMap::new());

/// A file that is being read as long as this lives.
#[derive(Debug)]
pub(super) struct BeingRead(Option<Id>);

impl BeingRead {
    pub(super) fn new(file: &Metadata) -> Self {
        let id = id(file);
        if let Some(id) = id {
            *read().entry(id).or_default() += 1;
        }
        Self(id)
    }

    /// Whether somebody in this process reads this file. Where the system does not tell files apart,
    /// nobody does.
    #[cfg(feature = "files")]
    pub(super) fn is(file: &Metadata) -> bool {
        id(file).is_some_and(|id| read().contains_key(&id))
    }
}

impl Drop for BeingRead {
    fn drop(&mut self) {
        let Some(id) = self.0 else { return };
        let mut read = read();
        if let Some(readers) = read.get_mut(&id) {
            *readers -= 1;
            if *readers == 0 {
                read.remove(&id);
            }
        }
    }
}

fn read() -> MutexGuard<'static, BTreeMap<Id, usize>> {
    READ.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn id(file: &Metadata) -> Option<Id> {
    use std::os::unix::fs::MetadataExt;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn id(_: &Metadata) -> Option<Id> {
    None
}
