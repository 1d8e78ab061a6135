//! Opening a table from a file or a pipe.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use evz_core::{Error, Result};

use crate::ipc::{StreamRows, open_file};
use crate::kind::Kind;
use crate::parquet_file::ParquetTable;
use crate::rows::Table;
use crate::{ArrowSource, Options};

/// Bytes that are read from a file at a time.
const BUFFER: usize = 128 * 1024;

/// Opens a table of events: Parquet, or Arrow IPC as a file or a stream, which its content tells.
///
/// # Errors
/// If the file cannot be read, has no columns of events, or can be read in two ways; the text of
/// the error then names the option that settles it.
pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<ArrowSource> {
    let path = path.as_ref();
    let place = path.display().to_string();
    let cannot = |what: &str, e| Error::io(&place, what, e);
    let mut file = File::open(path).map_err(|e| cannot("cannot open it", e))?;
    let metadata = file
        .metadata()
        .map_err(|e| cannot("cannot read its properties", e))?;
    if metadata.is_dir() {
        return Err(Error::unsupported(&place, "it is a folder, not a file"));
    }
    if !metadata.is_file() {
        return from_reader(file, &place, options);
    }
    let head = head(&mut file, &place)?;
    file.seek(SeekFrom::Start(0))
        .map_err(|e| cannot("cannot read it", e))?;
    let table: Box<dyn Table> = match kind(&head, &place)? {
        Kind::Parquet => Box::new(ParquetTable::open(file, &place)?),
        Kind::IpcFile => open_file(file, &place)?,
        Kind::IpcStream => {
            let reader = BufReader::with_capacity(BUFFER, file);
            let total = Some(metadata.len());
            Box::new(StreamRows::open(reader, 0, &place, false, total)?)
        }
    };
    ArrowSource::new(table, &place, options)
}

/// The same for anything that can be read, such as standard input; `name` is for messages. Parquet
/// and Arrow IPC files, whose footer comes last, are copied to a temporary file first.
///
/// # Errors
/// As [`open`].
pub fn from_reader<R: Read + Send + 'static>(
    mut reader: R,
    name: &str,
    options: &Options,
) -> Result<ArrowSource> {
    let head = head(&mut reader, name)?;
    let kind = kind(&head, name)?;
    let whole = Cursor::new(head).chain(reader);
    let table: Box<dyn Table> = match kind {
        Kind::Parquet => Box::new(ParquetTable::open(spooled(whole, name)?, name)?),
        Kind::IpcFile => open_file(spooled(whole, name)?, name)?,
        Kind::IpcStream => Box::new(StreamRows::open(whole, 0, name, false, None)?),
    };
    ArrowSource::new(table, name, options)
}

fn spooled(mut reader: impl Read, place: &str) -> Result<File> {
    let failed = |e| Error::io(place, "cannot copy it to a temporary file", e);
    let mut file = tempfile::tempfile().map_err(failed)?;
    io::copy(&mut reader, &mut file).map_err(failed)?;
    Ok(file)
}

fn head(reader: &mut impl Read, place: &str) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    reader
        .take(Kind::HEAD_LEN)
        .read_to_end(&mut head)
        .map_err(|e| Error::io(place, "cannot read it", e))?;
    Ok(head)
}

fn kind(head: &[u8], place: &str) -> Result<Kind> {
    if head.is_empty() {
        return Err(Error::insufficient(
            place,
            "it is empty: there are no events",
        ));
    }
    Kind::of(head).ok_or_else(|| {
        Error::unsupported(
            place,
            "it is neither Parquet nor Arrow IPC by its first bytes; if it has another format, pass --input-format",
        )
    })
}
