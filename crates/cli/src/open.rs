//! Opening a recording of any format, which its content tells.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use evz_core::{Error, EventSource, Result, Selection, SensorSize, StreamInfo};
use evz_file::Reader;
use evz_prophesee::{Encoding, WordOrder};
use evz_text::{ColumnOrder, OnBadLine, TimeUnit};

use crate::format::Format;
use crate::unread;

/// Bytes at the start of a recording that tell its format.
const HEAD_LEN: u64 = 4096;

/// How a recording is opened. The default finds everything from its content; what a format has no
/// use for is not looked at.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The format, rather than the one that the content tells.
    pub format: Option<Format>,
    /// Size of the sensor, whatever the recording says.
    pub size: Option<SensorSize>,
    /// The order of columns that have no names, in text and arrays.
    pub columns: Option<ColumnOrder>,
    /// The unit of times that are plain numbers, in text, arrays and tables.
    pub time_unit: Option<TimeUnit>,
    /// Decimals of the times of text.
    pub decimals: Option<u8>,
    /// What becomes of a line of text that is no event.
    pub on_bad_line: OnBadLine,
    /// The event stream to read where a recording has several, by its number or its name.
    pub stream: Option<String>,
    /// How a RAW or DAT recording puts events into words, whatever its header says.
    pub encoding: Option<Encoding>,
    /// The order of the halves of the words of EVT2.1.
    pub word_order: Option<WordOrder>,
}

impl OpenOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads this format, whatever the content says.
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Takes this as the size of the sensor.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }

    /// Reads columns without names in this order.
    pub fn with_columns(mut self, columns: ColumnOrder) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Reads times that are plain numbers in this unit.
    pub fn with_time_unit(mut self, unit: TimeUnit) -> Self {
        self.time_unit = Some(unit);
        self
    }

    /// Reads the event stream with this number or name.
    pub fn with_stream(mut self, stream: impl Into<String>) -> Self {
        self.stream = Some(stream.into());
        self
    }
}

/// An open recording, in one of the two ways that there are to read one.
pub enum Recording {
    /// By an index: any window at once.
    Indexed(Reader),
    /// From front to back, out of this format.
    Stream(Format, Box<dyn EventSource>),
}

impl Recording {
    /// The format that it is read from.
    pub fn format(&self) -> Format {
        match self {
            Self::Indexed(_) => Format::Evz,
            Self::Stream(format, _) => *format,
        }
    }

    /// What is known before the events.
    pub fn info(&self) -> &StreamInfo {
        match self {
            Self::Indexed(reader) => reader.info(),
            Self::Stream(_, source) => source.info(),
        }
    }

    /// All events, from front to back.
    pub fn into_source(self) -> Box<dyn EventSource> {
        match self {
            Self::Indexed(reader) => Box::new(reader.batches(&Selection::default())),
            Self::Stream(_, source) => source,
        }
    }
}

/// Where a format reads from.
pub(crate) enum Bytes {
    /// A regular file, which can be opened as often as one likes.
    File(PathBuf),
    /// What can be read once, and what it is called in messages.
    Stream(Box<dyn Read + Send>, String),
}

/// Opens a recording of any format. What is no regular file, such as a named pipe, is opened and
/// read once.
///
/// # Errors
/// If it cannot be read, is no recording, or can be read in two ways; the error then names the
/// option that settles it.
pub fn open(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Recording> {
    let path = path.as_ref();
    let place = path.display().to_string();
    let (file, regular) = open_file(path)?;
    if !regular {
        return open_stream(file, &place, options);
    }
    let format = match options.format {
        Some(format) => format,
        None => format_of(&peek(file, &place)?, &place)?,
    };
    format.open(Bytes::File(path.to_owned()), options)
}

/// The same for anything that can be read, such as standard input; `name` is for messages. A format
/// with an index is copied to a temporary file first.
///
/// # Errors
/// As [`open`].
pub fn open_stream<R: Read + Send + 'static>(
    mut reader: R,
    name: &str,
    options: &OpenOptions,
) -> Result<Recording> {
    let mut head = Vec::new();
    let format = match options.format {
        Some(format) => format,
        None => {
            head = peek(&mut reader, name)?;
            format_of(&head, name)?
        }
    };
    let all = Box::new(Cursor::new(head).chain(reader));
    format.open(Bytes::Stream(all, name.to_owned()), options)
}

/// Opens a recording of any format to be read from front to back.
///
/// # Errors
/// As [`open`].
pub fn open_source(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Box<dyn EventSource>> {
    open(path, options).map(Recording::into_source)
}

/// The format of a file by its first bytes.
///
/// # Errors
/// If it cannot be read, has a format that is not read, or is a pipe: its first bytes would be gone
/// for whoever opens it next.
pub fn detect_format(path: impl AsRef<Path>) -> Result<Format> {
    let path = path.as_ref();
    let place = path.display().to_string();
    // Before it is opened: whoever writes into a pipe would take that for its reader.
    if std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return Err(Error::invalid(format!(
            "{place}: is a pipe or a device, which can be read only once; name a file"
        )));
    }
    let (file, _) = open_file(path)?;
    format_of(&peek(file, &place)?, &place)
}

/// The format of what starts with these bytes.
fn format_of(head: &[u8], place: &str) -> Result<Format> {
    match Format::probed(head) {
        Some(format) => Ok(format),
        None => unread::why(head, place).map_or(Ok(Format::Text), Err),
    }
}

/// A file, and whether it is a regular one.
fn open_file(path: &Path) -> Result<(File, bool)> {
    let place = || path.display().to_string();
    let file = File::open(path).map_err(|e| Error::io(place(), "cannot open", e))?;
    let kind = file
        .metadata()
        .map_err(|e| Error::io(place(), "cannot open", e))?;
    if kind.is_dir() {
        let what = format!("{}: is a folder; name a file", place());
        return Err(Error::invalid(what));
    }
    Ok((file, kind.is_file()))
}

fn peek(reader: impl Read, place: &str) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    reader
        .take(HEAD_LEN)
        .read_to_end(&mut head)
        .map_err(|e| Error::io(place, "cannot read", e))?;
    Ok(head)
}

/// A copy of what cannot be sought, in a temporary file without a name, which is gone with the
/// process however that ends.
pub(crate) fn spooled(mut reader: impl Read, name: &str) -> Result<File> {
    let failed = |e| Error::io(name, "cannot copy it to a temporary file", e);
    let mut file = tempfile::tempfile().map_err(failed)?;
    io::copy(&mut reader, &mut file).map_err(failed)?;
    Ok(file)
}
