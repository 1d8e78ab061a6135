//! A file that has its name from its first checkpoint on, so that it is read while it grows.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use evz_core::{Commit, Error, Partial, Result, url_scheme};

/// A file whose first bytes are still to be written.
pub(super) struct Unnamed {
    file: File,
    partial: Partial,
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
            return Err(Partial::taken(&place));
        }
        if !there.is_file() {
            let what = format!("{place}: is no file, which alone can grow; name a file");
            return Err(Error::invalid(what));
        }
    }
    let (file, partial) = Partial::beside(path)?;
    // Who would append to it is told that somebody does; where files have no locks, nobody is.
    let _ = file.try_lock();
    let failed = |e| Error::io(&place, "cannot write", e);
    let path = path.to_owned();
    let unnamed = Unnamed {
        file: file.try_clone().map_err(failed)?,
        partial,
        path,
        replace,
    };
    Ok((BufWriter::new(file), unnamed))
}

impl Unnamed {
    /// Gives the file its name.
    pub(super) fn name(self) -> Result<()> {
        self.partial.give_name(&self.file, &self.path, self.replace)
    }
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
