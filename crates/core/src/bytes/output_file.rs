//! Output files that appear under their name only when they are whole.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::being_read::BeingRead;
use super::{Commit, url_scheme};
use crate::{Error, Question, Result};

/// A file being written beside its final place. Dropped without [`OutputFile::commit`], the
/// unfinished file is removed; a killed process leaves it under its temporary name, where `recover`
/// can mend it.
#[derive(Debug)]
pub struct OutputFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    replace: bool,
}

impl OutputFile {
    /// Starts a file that will become `path`.
    ///
    /// # Errors
    /// If `path` exists and `replace` is not set, or is being read in this process, or its folder cannot
    /// be written to.
    pub fn create(path: &Path, replace: bool) -> Result<Self> {
        let place = path.display().to_string();
        if url_scheme(path).is_some() {
            let what = format!("{place}: is a URL, which is read and not written; name a file");
            return Err(Error::invalid(what));
        }
        if path.is_dir() || place.ends_with(std::path::is_separator) {
            return Err(Error::invalid(format!("{place}: is a folder; name a file")));
        }
        if !replace && path.symlink_metadata().is_ok() {
            let error = Error::invalid(format!("{place}: exists"));
            return Err(error.settled_by(Question::Replace, [""; 0]));
        }
        if path.metadata().is_ok_and(|file| BeingRead::is(&file)) {
            let what = format!("{place}: is the input, which would be gone; name another file");
            return Err(Error::invalid(what));
        }
        // What a link points to is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let what = format!("there is no folder {}; make it first", folder.display());
            let error = io::Error::new(io::ErrorKind::NotFound, what);
            return Err(Error::io(place, "cannot write", error));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".partial")
            .permissions_like_a_new_file()
            .tempfile_in(folder)
            .map_err(|e| {
                // The error of the library names the temporary file, which means nothing to a user.
                let what = format!("cannot write in {}", folder.display());
                Error::io(place, what, io::Error::from(e.kind()))
            })?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 18, file),
            path,
            replace,
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If the last bytes cannot be written, or the name was taken meanwhile.
    pub fn commit(self) -> Result<()> {
        let place = self.path.display().to_string();
        let file = self
            .file
            .into_inner()
            .map_err(|e| Error::io(&place, "cannot write", e.into_error()))?;
        let persisted = if self.replace {
            file.persist(&self.path)
        } else {
            file.persist_noclobber(&self.path)
        };
        persisted
            .map(drop)
            .map_err(|e| Error::io(place, "cannot give the finished file its name", e.error))
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for OutputFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Commit for OutputFile {
    fn commit(self: Box<Self>) -> io::Result<()> {
        Self::commit(*self).map_err(io::Error::other)
    }
}

/// Temporary files are private by default; an output gets the permissions of any new file.
trait PermissionsLikeANewFile {
    fn permissions_like_a_new_file(&mut self) -> &mut Self;
}

impl PermissionsLikeANewFile for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_like_a_new_file(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_like_a_new_file(&mut self) -> &mut Self {
        self
    }
}
