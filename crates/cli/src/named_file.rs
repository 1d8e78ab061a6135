//! A file with a path, for what reads one by its path. What can be read only once is copied to a
//! temporary file first.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::Error;

use crate::input::is_pipe;
use crate::target::is_device;

/// The temporary file; it is gone when this is dropped.
#[cfg(unix)]
type Copy = File;
#[cfg(not(unix))]
type Copy = tempfile::NamedTempFile;

pub(crate) struct NamedFile {
    pub(crate) path: PathBuf,
    /// What it is called when it is talked of.
    pub(crate) name: String,
    _copy: Option<Copy>,
}

impl NamedFile {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let name = match is_pipe(path) {
            true => "standard input".to_owned(),
            false => path.display().to_string(),
        };
        let reader: Box<dyn Read> = if is_pipe(path) {
            Box::new(io::stdin())
        } else if is_device(path) {
            Box::new(File::open(path).map_err(|e| Error::io(&name, "cannot open", e))?)
        } else {
            return Ok(Self {
                path: path.to_owned(),
                name,
                _copy: None,
            });
        };
        let failed = |e| Error::io(&name, "cannot copy it to a temporary file", e);
        let (path, copy) = copy_of(reader).map_err(failed)?;
        Ok(Self {
            path,
            name,
            _copy: Some(copy),
        })
    }

    /// The same error, naming what the user named instead of the copy.
    pub(crate) fn blame(&self, mut error: Error) -> Error {
        if let Error::Io { place, .. }
        | Error::Corrupt { place, .. }
        | Error::InsufficientData { place, .. }
        | Error::Unsupported { place, .. }
        | Error::LimitExceeded { place, .. } = &mut error
        {
            *place = place.replacen(&*self.path.to_string_lossy(), &self.name, 1);
        }
        error
    }
}

/// A file without a name of its own: a kill leaves nothing behind. The system names it as long as
/// it is open.
#[cfg(unix)]
fn copy_of(mut reader: impl Read) -> io::Result<(PathBuf, Copy)> {
    use std::os::fd::AsRawFd;
    let mut file = tempfile::tempfile()?;
    io::copy(&mut reader, &mut file)?;
    let path = format!("/dev/fd/{}", file.as_raw_fd());
    Ok((path.into(), file))
}

#[cfg(not(unix))]
fn copy_of(mut reader: impl Read) -> io::Result<(PathBuf, Copy)> {
    let mut file = tempfile::NamedTempFile::new()?;
    io::copy(&mut reader, &mut file)?;
    Ok((file.path().to_owned(), file))
}
