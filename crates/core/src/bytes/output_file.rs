//! Output files that appear under their name only when they are whole.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::in_use::not_read;
use super::{Commit, Partial, url_scheme};
use crate::{Error, Result};

/// A file being written beside its final place. Dropped without [`OutputFile::commit`], the
/// unfinished file is removed; a killed process leaves it under its temporary name, where `recover`
/// can mend it.
#[derive(Debug)]
pub struct OutputFile {
    file: BufWriter<File>,
    partial: Partial,
    path: PathBuf,
    replace: bool,
}

impl OutputFile {
    /// Starts a file that will become `path`.
    ///
    /// # Errors
    /// If `path` exists and `replace` is not set, or is being read in this process or written in this run
    /// ([`OneRun`](crate::OneRun)), or its folder cannot be written to.
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
            return Err(Partial::taken(&place));
        }
        // Named as it was told.
        not_read(path)?;
        // What a link points to is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (file, partial) = Partial::beside(&path)?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 18, file),
            partial,
            path,
            replace,
        })
    }

    /// Gives the file its name, once its bytes are on the disk: [`sync_outputs`](crate::sync_outputs).
    ///
    /// # Errors
    /// If the last bytes cannot be written, or the name was taken meanwhile.
    pub fn commit(self) -> Result<()> {
        let place = self.path.display().to_string();
        let file = self
            .file
            .into_inner()
            .map_err(|e| Error::io(&place, "cannot write", e.into_error()))?;
        self.partial.give_name(&file, &self.path, self.replace)
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
