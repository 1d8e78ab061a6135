//! Files for a while, which have no name.

use std::fs::File;

use crate::{Error, Result};

/// A file that has no name and is gone with the process, for `what`: `sorting`. With it comes what it is
/// called in errors.
///
/// # Errors
/// If the folder for such files cannot be written to.
pub fn temporary_file(what: &str) -> Result<(File, String)> {
    let folder = std::env::temp_dir();
    let name = format!(
        "a temporary file for {what} in {} (TMPDIR names another folder)",
        folder.display()
    );
    match tempfile::tempfile_in(folder) {
        Ok(file) => Ok((file, name)),
        Err(error) => {
            // The library's own names a file that means nothing to a user.
            let error = std::io::Error::from(error.kind());
            Err(Error::io(name, "cannot write", error))
        }
    }
}
