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

/// Waits until the names in a folder are on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere folders are not opened, and names are kept with the files.
    if cfg!(unix) && SYNCS.load(Ordering::Relaxed) {
        // A folder may be writable and not readable.
        match File::open(folder) {
            Ok(folder) => known(folder.sync_all())?,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
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
