//! Files for a while: most have no name, and what has one goes with the process too.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempDir, TempPath};

use super::begun::Begun;
use super::system_error::system_error;
use crate::{Error, Result};

/// A file that has no name and is gone with the process. Its errors say what it is for and where it is, not
/// what is made of it.
#[derive(Debug)]
pub struct Temporary {
    file: File,
    name: String,
}

impl Temporary {
    /// A file for `what`: `sorting`.
    ///
    /// # Errors
    /// If the folder for such files cannot be written to.
    pub fn new(what: &str) -> Result<Self> {
        let name = temporary_place(what);
        match tempfile::tempfile() {
            Ok(file) => Ok(Self { file, name }),
            Err(error) => Err(Error::io(name, "cannot write", system_error(&error))),
        }
    }

    /// What it is called in errors.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file itself.
    pub fn into_file(self) -> File {
        self.file
    }

    /// The same file once more, without its name: for who says it.
    ///
    /// # Errors
    /// If the process has too many files open.
    pub fn again(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    fn named<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|e| match e.kind() {
            // This is no failure: it is tried again.
            io::ErrorKind::Interrupted => e,
            kind => io::Error::new(kind, format!("{}: {e}", self.name)),
        })
    }
}

/// A temporary file that another program writes, and so has a name. It is removed when this is dropped, and
/// by [`remove_partial_files`](crate::remove_partial_files).
#[derive(Debug)]
pub struct NamedTemporary {
    path: TempPath,
    _begun: Begun,
}

impl NamedTemporary {
    /// An empty file for `what`: `a movie`.
    ///
    /// # Errors
    /// If the folder for such files cannot be written to.
    pub fn new(what: &str) -> Result<Self> {
        let path = NamedTempFile::new().map_err(|e| unwritten(what, &e))?;
        let path = path.into_temp_path();
        Ok(Self {
            _begun: Begun::new(path.to_path_buf()),
            path,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A folder for files that have names. It is removed with all that is in it when this is dropped, and by
/// [`remove_partial_files`](crate::remove_partial_files).
#[derive(Debug)]
pub struct TemporaryFolder {
    folder: TempDir,
    _begun: Begun,
}

impl TemporaryFolder {
    /// An empty folder for `what`: `recordings to measure`.
    ///
    /// # Errors
    /// If the folder for such files cannot be written to.
    pub fn new(what: &str) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|e| unwritten(what, &e))?;
        Ok(Self {
            _begun: Begun::new(folder.path().to_owned()),
            folder,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn unwritten(what: &str, error: &io::Error) -> Error {
    Error::io(temporary_place(what), "cannot write", system_error(error))
}

/// What temporary files for `what` are called in errors.
pub fn temporary_place(what: &str) -> String {
    let folder = std::env::temp_dir();
    format!(
        "a temporary file for {what} in {} (TMPDIR names another folder)",
        folder.display()
    )
}

impl Read for Temporary {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(to);
        self.named(read)
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.named(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Temporary {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.file.seek(to);
        self.named(at)
    }
}
