//! Opening a table from a file or a pipe.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use evz_core::{Error, Result};

use crate::ipc::IpcRows;
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
        kind => {
            let reader = BufReader::with_capacity(BUFFER, file);
            ipc(reader, kind, &place, Some(metadata.len()))?
        }
    };
    ArrowSource::new(table, &place, options)
}

/// The same for anything that can be read, such as standard input; `name` is for messages. Parquet,
/// whose footer comes last, is copied to a temporary file first.
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
    let mut whole = Cursor::new(head).chain(reader);
    let table: Box<dyn Table> = match kind {
        Kind::Parquet => {
            let failed = |e| Error::io(name, "cannot copy it to a temporary file", e);
            let mut file = tempfile::tempfile().map_err(failed)?;
            io::copy(&mut whole, &mut file).map_err(failed)?;
            Box::new(ParquetTable::open(file, name)?)
        }
        kind => ipc(whole, kind, name, None)?,
    };
    ArrowSource::new(table, name, options)
}

fn ipc<R: Read + Send + 'static>(
    reader: R,
    kind: Kind,
    place: &str,
    total: Option<u64>,
) -> Result<Box<dyn Table>> {
    let is_file = kind == Kind::IpcFile;
    Ok(Box::new(IpcRows::open(reader, place, is_file, total)?))
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
