//! The formats: their names, and which one a file is of.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use evz_core::{Error, Result};

use crate::open::{Bytes, OpenOptions, Recording};
use crate::rows::{self, Row};

/// A format of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// The format of this project.
    Evz,
    /// A line an event, plain or compressed.
    Text,
    /// Prophesee's RAW.
    Raw,
    /// Prophesee's DAT.
    Dat,
    /// iniVation's AEDAT.
    Aedat,
    /// A NumPy array.
    Npy,
    /// NumPy arrays, a column each.
    Npz,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, as a file or a stream.
    Arrow,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Evz,
        Self::Text,
        Self::Raw,
        Self::Dat,
        Self::Aedat,
        Self::Npy,
        Self::Npz,
        Self::Parquet,
        Self::Arrow,
    ];

    const fn row(self) -> &'static Row {
        match self {
            Self::Evz => &rows::EVZ,
            Self::Text => &rows::TEXT,
            Self::Raw => &rows::RAW,
            Self::Dat => &rows::DAT,
            Self::Aedat => &rows::AEDAT,
            Self::Npy => &rows::NPY,
            Self::Npz => &rows::NPZ,
            Self::Parquet => &rows::PARQUET,
            Self::Arrow => &rows::ARROW,
        }
    }

    /// What options call it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// How its files end, in small letters and without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        self.row().extensions
    }

    /// Whether its files may be packed as `.gz` or `.zst`.
    pub fn may_be_packed(self) -> bool {
        self.row().packed
    }

    /// The format of a file that starts with these bytes; a few thousand are enough. What is
    /// nothing else is taken for text, whose reader says what is wrong with it.
    pub fn of_content(head: &[u8]) -> Self {
        Self::probed(head).unwrap_or(Self::Text)
    }

    /// The format that these first bytes tell, if they tell one.
    pub(crate) fn probed(head: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .filter_map(|format| Some(((format.row().probe)(head)?, format)))
            .max_by_key(|(score, _)| *score)
            .map(|(_, format)| format)
    }

    /// The format that a file's name stands for: its extension, before `.gz` or `.zst` if that
    /// follows. None if it stands for none.
    pub fn of_name(path: impl AsRef<Path>) -> Option<Self> {
        let path = path.as_ref();
        let bare = unpacked_name(path);
        let extension = bare.extension()?.to_str()?.to_lowercase();
        let found = Self::ALL
            .into_iter()
            .find(|format| format.extensions().contains(&extension.as_str()))?;
        (found.may_be_packed() || bare == path).then_some(found)
    }

    pub(crate) fn open(self, bytes: Bytes, options: &OpenOptions) -> Result<Recording> {
        (self.row().open)(bytes, options)
    }
}

/// The name without the `.gz`, `.zst` or `.zip` at its end.
pub fn unpacked_name(path: &Path) -> &Path {
    const PACKINGS: [&str; 3] = [".gz", ".zst", ".zip"];
    let Some(name) = path.to_str() else {
        return path;
    };
    let at = name.len()
        - PACKINGS
            .iter()
            .find(|p| name.to_ascii_lowercase().ends_with(*p))
            .map_or(0, |p| p.len());
    Path::new(&name[..at])
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
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                Error::invalid(format!("no format {name:?}; there are {names}"))
            })
    }
}

#[cfg(test)]
mod tests {
    use evz_file::forever::FILE_MAGIC;

    use super::*;

    #[test]
    fn names_say_formats() {
        assert_eq!(Format::of_name("a.evz"), Some(Format::Evz));
        assert_eq!(Format::of_name("b/a.CSV.gz"), Some(Format::Text));
        assert_eq!(Format::of_name("a.txt.zst"), Some(Format::Text));
        for name in ["a.evz.gz", "a.h5", "a", "a.gz", ".gz", "-", ""] {
            assert_eq!(Format::of_name(name), None, "{name}");
        }
    }

    #[test]
    fn content_says_formats() {
        assert_eq!(Format::of_content(&FILE_MAGIC), Format::Evz);
        assert_eq!(Format::of_content(b"0.000001 1 2 1\n"), Format::Text);
        assert_eq!(Format::of_content(b""), Format::Text);
    }
}
