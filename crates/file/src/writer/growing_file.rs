//! A file that has its name from the start, so that it is read while it grows.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use evz_core::{Commit, Error, Question, Result, url_scheme};

/// Starts a file under its name. One that exists is taken away first if it may be replaced, and not written
/// over: who reads it keeps it.
pub(super) fn start(path: &Path, replace: bool) -> Result<BufWriter<File>> {
    let place = path.display().to_string();
    if url_scheme(path).is_some() {
        let what = format!("{place}: is a URL, which is read and not written; name a file");
        return Err(Error::invalid(what));
    }
    if let Ok(there) = path.symlink_metadata() {
        if !replace {
            let error = Error::invalid(format!("{place}: exists"));
            return Err(error.settled_by(Question::Replace, [""; 0]));
        }
        if !there.is_file() {
            let what = format!("{place}: is no file, which alone can grow; name a file");
            return Err(Error::invalid(what));
        }
        std::fs::remove_file(path).map_err(|e| Error::io(&place, "cannot replace", e))?;
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let file = file.map_err(|e| Error::io(&place, "cannot create", e))?;
    // Who would append to it is told that somebody does; where files have no locks, nobody is.
    let _ = file.try_lock();
    Ok(BufWriter::new(file))
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
