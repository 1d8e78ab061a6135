//! Outputs that a power cut does not take away once they have their name.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

static SYNCS: AtomicBool = AtomicBool::new(true);

/// Whether files that this process finishes are on the disk before they have their name, and their name
/// is before it is said that they are done: so it is, unless it was told otherwise. It costs the time that
/// the disk takes for the bytes; without it a power cut within seconds may leave an empty file, or none.
pub fn sync_outputs(syncs: bool) {
    SYNCS.store(syncs, Ordering::Relaxed);
}

/// Waits until the bytes of a file are on the disk.
pub(super) fn sync(file: &File) -> io::Result<()> {
    match SYNCS.load(Ordering::Relaxed) {
        true => known(file.sync_all()),
        false => Ok(()),
    }
}

/// A folder in which a file gets its name.
pub(super) struct Folder(Option<File>);

impl Folder {
    /// # Errors
    /// If it cannot be opened, as where a process has too many files open.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        // Elsewhere folders are not opened, and names are kept with the files.
        if !cfg!(unix) || !SYNCS.load(Ordering::Relaxed) {
            return Ok(Self(None));
        }
        match File::open(folder) {
            Ok(folder) => Ok(Self(Some(folder))),
            // A folder may be writable and not readable.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }

    /// Waits until the names in it are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.0
            .as_ref()
            .map_or(Ok(()), |folder| known(folder.sync_all()))
    }
}

/// File systems that cannot sync are taken as they are.
fn known(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}
