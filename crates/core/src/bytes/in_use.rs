//! Which files are read and written, so that none of them is replaced by another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::Path;
#[cfg(feature = "files")]
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(feature = "files")]
use crate::{Error, Result};

/// What tells a file from every other: its device and its number there.
type Id = (u64, u64);

static FILES: Mutex<Files> = Mutex::new(Files {
    readers: BTreeMap::new(),
    runs: 0,
    read: BTreeSet::new(),
    #[cfg(feature = "files")]
    written: BTreeSet::new(),
});

struct Files {
    /// How many read each.
    readers: BTreeMap<Id, usize>,
    /// How many [`OneRun`]s there are.
    runs: usize,
    /// What was read in these runs.
    read: BTreeSet<Id>,
    /// What is written in these runs.
    #[cfg(feature = "files")]
    written: BTreeSet<PathBuf>,
}

/// As long as this lives, what this process has read and written stays known, and no output replaces it: for
/// a command, whose files are all one matter. Without it that ends with each reader, and of what is written
/// nothing is known.
#[derive(Debug)]
pub struct OneRun(());

impl OneRun {
    /// Begins a run.
    pub fn begin() -> Self {
        files().runs += 1;
        Self(())
    }

    /// Takes a file for one that is read in this run, before it is: an output that is begun earlier is not to
    /// replace it.
    pub fn reads(file: &Path) {
        // What is not there is nothing to be replaced.
        if let Ok(file) = file.metadata() {
            drop(BeingRead::new(&file));
        }
    }
}

impl Drop for OneRun {
    fn drop(&mut self) {
        let mut files = files();
        files.runs -= 1;
        if files.runs == 0 {
            files.read.clear();
            #[cfg(feature = "files")]
            files.written.clear();
        }
    }
}

/// A file that is being read as long as this lives, and in a run as long as that does.
#[derive(Debug)]
pub(super) struct BeingRead(Option<Id>);

impl BeingRead {
    pub(super) fn new(file: &Metadata) -> Self {
        let id = id(file);
        if let Some(id) = id {
            let mut files = files();
            *files.readers.entry(id).or_default() += 1;
            if files.runs > 0 {
                files.read.insert(id);
            }
        }
        Self(id)
    }
}

impl Drop for BeingRead {
    fn drop(&mut self) {
        let Some(id) = self.0 else { return };
        let mut files = files();
        if let Some(readers) = files.readers.get_mut(&id) {
            *readers -= 1;
            if *readers == 0 {
                files.readers.remove(&id);
            }
        }
    }
}

/// A file that is being written; in a run, no other output has its path.
#[cfg(feature = "files")]
#[derive(Debug)]
pub(super) struct BeingWritten(Option<PathBuf>);

#[cfg(feature = "files")]
impl BeingWritten {
    /// # Errors
    /// If the file is read, or another output is written there.
    pub(super) fn new(path: &Path) -> Result<Self> {
        not_read(path)?;
        let mut files = files();
        if files.runs == 0 {
            return Ok(Self(None));
        }
        let at = real(path);
        match files.written.insert(at.clone()) {
            true => Ok(Self(Some(at))),
            false => {
                let what = "is another output already, which would be gone; name another file";
                Err(Error::invalid(format!("{}: {what}", path.display())))
            }
        }
    }

    /// The file is there now, and stays known as long as the run.
    pub(super) fn stays(mut self) {
        self.0 = None;
    }
}

#[cfg(feature = "files")]
impl Drop for BeingWritten {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            files().written.remove(path);
        }
    }
}

/// An error if a file with this path is read in this process, or was in this run. Where the system does not
/// tell files apart, none is.
#[cfg(feature = "files")]
pub(super) fn not_read(path: &Path) -> Result<()> {
    let id = path.metadata().ok().and_then(|file| id(&file));
    let files = files();
    match id.is_some_and(|id| files.readers.contains_key(&id) || files.read.contains(&id)) {
        false => Ok(()),
        true => {
            let what = "is the input, which would be gone; name another file";
            Err(Error::invalid(format!("{}: {what}", path.display())))
        }
    }
}

/// The one path of a file that is there or is to be, whatever links lead to it.
#[cfg(feature = "files")]
fn real(path: &Path) -> PathBuf {
    let in_its_folder = || {
        let folder = super::partial::folder_of(path).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    let real = path.canonicalize().ok().or_else(in_its_folder);
    real.unwrap_or_else(|| path.to_owned())
}

fn files() -> MutexGuard<'static, Files> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn id(file: &Metadata) -> Option<Id> {
    use std::os::unix::fs::MetadataExt;
    // A file without a name is replaced by nobody, and its number is soon that of another.
    (file.nlink() > 0).then(|| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn id(_: &Metadata) -> Option<Id> {
    None
}
