//! Opening an array or an archive of arrays, from a file or a pipe.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use evz_core::{Error, Result};

use crate::contents::Contents;
use crate::file::SharedFile;
use crate::npy::MAGIC;
use crate::{NumpySource, Options};

/// Opens a recording of arrays: NPY, or NPZ, which its content tells.
///
/// # Errors
/// If the file cannot be read, has no columns of events, or can be read in two ways; the text of
/// the error then names the option that settles it.
pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<NumpySource> {
    let path = path.as_ref();
    let place = path.display().to_string();
    let cannot = |what: &str, e| Error::io(&place, what, e);
    let file = File::open(path).map_err(|e| cannot("cannot open it", e))?;
    let metadata = file
        .metadata()
        .map_err(|e| cannot("cannot read its properties", e))?;
    if metadata.is_dir() {
        return Err(Error::unsupported(&place, "it is a folder, not a file"));
    }
    if !metadata.is_file() {
        return from_reader(file, &place, options);
    }
    read(file, &place, options)
}

/// The same for anything that can be read, such as standard input, which is copied to a temporary
/// file first; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader<R: Read + Send + 'static>(
    mut reader: R,
    name: &str,
    options: &Options,
) -> Result<NumpySource> {
    let failed = |e| Error::io(name, "cannot copy it to a temporary file", e);
    let mut file = tempfile::tempfile().map_err(failed)?;
    io::copy(&mut reader, &mut file).map_err(failed)?;
    read(file, name, options)
}

fn read(file: File, place: &str, options: &Options) -> Result<NumpySource> {
    let file = SharedFile::new(file, place)?;
    let mut head = Vec::new();
    file.section(0, MAGIC.len() as u64)
        .read_to_end(&mut head)
        .map_err(|e| Error::io(place, "cannot read it", e))?;
    if head.is_empty() {
        let what = "it is empty: there are no events";
        return Err(Error::insufficient(place, what));
    }
    if head == MAGIC {
        let contents = Contents::of_npy(&file, place)?;
        return NumpySource::new(contents, "npy", file, place, options);
    }
    if head.starts_with(b"PK") {
        let contents = Contents::of_npz(&file, place)?;
        return NumpySource::new(contents, "npz", file, place, options);
    }
    Err(Error::unsupported(
        place,
        "it is neither NPY nor NPZ by its first bytes; if it has another format, pass --input-format",
    ))
}
