//! Pictures that are files with numbers.

use std::path::Path;

use anyhow::Result;
use evz::Error;
use evz::picture::NumberedFiles;

/// Whether pictures go into a folder, which may not be there yet.
pub(crate) fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

/// The names of numbered pictures; the folder that they go into is made.
pub(crate) fn numbered(path: &Path) -> Result<NumberedFiles> {
    if is_folder(path) {
        let failed = |e| Error::io(path.display().to_string(), "cannot make the folder", e);
        std::fs::create_dir_all(path).map_err(failed)?;
    }
    Ok(NumberedFiles::new(path)?)
}

/// What so many numbered pictures are called.
pub(crate) fn names(files: &NumberedFiles, n: u64) -> String {
    let first = files.path(0).display().to_string();
    match n {
        0 | 1 => first,
        n => format!("{first} to {}", files.path(n - 1).display()),
    }
}
