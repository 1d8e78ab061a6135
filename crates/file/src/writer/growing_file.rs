//! A file that has its name from its first checkpoint on, so that it is read while it grows.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use evz_core::{Commit, Error, Question, Result, url_scheme};
use tempfile::TempPath;

/// A file whose first bytes are still to be written.
pub(super) struct Unnamed {
    temporary: TempPath,
    path: PathBuf,
    replace: bool,
}

/// Starts a file, which has its name once [`Unnamed::name`] gives it: nobody finds it there before it can
/// be read. One that exists is taken away if it may be replaced, and not written over: who reads it keeps
/// it.
pub(super) fn start(path: &Path, replace: bool) -> Result<(BufWriter<File>, Unnamed)> {
    let place = path.display().to_string();
    if url_scheme(path).is_some() {
        let what = format!("{place}: is a URL, which is read and not written; name a file");
        return Err(Error::invalid(what));
    }
    if let Ok(there) = path.symlink_metadata() {
        if !replace {
            return Err(exists(&place));
        }
        if !there.is_file() {
            let what = format!("{place}: is no file, which alone can grow; name a file");
            return Err(Error::invalid(what));
        }
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut temporary = tempfile::Builder::new();
    let prefix = format!(".{name}.");
    temporary.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    {
        // As any new file, and not private as temporary ones are.
        use std::os::unix::fs::PermissionsExt;
        temporary.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let made = temporary.tempfile_in(folder.unwrap_or(Path::new(".")));
    // The error of the library names the temporary file, which means nothing to a user.
    let made = made.map_err(|e| Error::io(&place, "cannot create", io::Error::from(e.kind())))?;
    let (file, temporary) = made.into_parts();
    // Who would append to it is told that somebody does; where files have no locks, nobody is.
    let _ = file.try_lock();
    let path = path.to_owned();
    let unnamed = Unnamed {
        temporary,
        path,
        replace,
    };
    Ok((BufWriter::new(file), unnamed))
}

impl Unnamed {
    /// Gives it its name.
    pub(super) fn name(self) -> Result<()> {
        let place = self.path.display().to_string();
        let named = match self.replace {
            true => self.temporary.persist(&self.path),
            false => self.temporary.persist_noclobber(&self.path),
        };
        named.map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => exists(&place),
            _ => Error::io(place, "cannot give the file its name", e.error),
        })
    }
}

fn exists(place: &str) -> Error {
    Error::invalid(format!("{place}: exists")).settled_by(Question::Replace, [""; 0])
}

/// The same as an output.
pub(super) struct Growing(pub(super) BufWriter<File>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Commit for Growing {
    fn commit(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}
