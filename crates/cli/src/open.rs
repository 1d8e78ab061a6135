//! Opening a recording of any format, which its content tells.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use evz_core::{Error, EventSource, Result, Selection};
use evz_file::ReadOptions;
use evz_file::forever::FILE_MAGIC;
use evz_text::TextOptions;

/// A format of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// The format of this project.
    Evz,
    /// A line an event, plain or compressed.
    Text,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Evz, Self::Text];

    /// The format of a file that starts with these bytes. What is nothing else is taken for text,
    /// whose reader says what is wrong with it.
    pub fn of_content(head: &[u8]) -> Self {
        if head.starts_with(&FILE_MAGIC) {
            Self::Evz
        } else {
            Self::Text
        }
    }

    /// What options call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evz => "evz",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|f| f.name() == name)
            .ok_or_else(|| Error::invalid(format!("no format {name:?}; there are evz and text")))
    }
}

/// How a recording is opened. The default finds everything from its content.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The format, rather than the one that the content tells.
    pub format: Option<Format>,
    /// What a reader of text is told.
    pub text: TextOptions,
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

    /// Tells the reader of text this.
    pub fn with_text(mut self, text: TextOptions) -> Self {
        self.text = text;
        self
    }
}

/// The format of a file by its first bytes.
///
/// # Errors
/// If it cannot be read.
pub fn detect_format(path: impl AsRef<Path>) -> Result<Format> {
    let path = path.as_ref();
    let place = path.display().to_string();
    let file = File::open(path).map_err(|e| Error::io(&place, "cannot open", e))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        return Err(Error::invalid(format!("{place}: is a folder; name a file")));
    }
    let mut head = Vec::new();
    file.take(FILE_MAGIC.len() as u64)
        .read_to_end(&mut head)
        .map_err(|e| Error::io(&place, "cannot read", e))?;
    Ok(Format::of_content(&head))
}

/// Opens a recording of any format to be read from front to back.
///
/// # Errors
/// If it cannot be read, is no recording, or can be read in two ways; the error then names the
/// option that settles it.
pub fn open_source(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Box<dyn EventSource>> {
    let path = path.as_ref();
    let format = match options.format {
        Some(format) => format,
        None => detect_format(path)?,
    };
    Ok(match format {
        Format::Evz => {
            let reader = ReadOptions::new().open(path)?;
            Box::new(reader.batches(&Selection::default()))
        }
        Format::Text => Box::new(evz_text::open(path, &options.text)?),
    })
}
