//! Options that are one of a few words.

use std::str::FromStr;

use crate::{Error, Result};

/// What to do with a line, or a row, that is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBadLine {
    /// Stop with an error that names it.
    #[default]
    Stop,
    /// Skip it, count it and report it as agreed.
    Skip,
}

impl FromStr for OnBadLine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "stop" => Ok(Self::Stop),
            "skip" => Ok(Self::Skip),
            _ => Err(Error::invalid(format!(
                "no such choice {text:?} for a bad line; it is stop or skip"
            ))),
        }
    }
}

/// Events that are left out by the word of who reads the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropEvents {
    /// Those beyond the sensor.
    Outside,
}

impl FromStr for DropEvents {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "outside" => Ok(Self::Outside),
            _ => Err(Error::invalid(format!(
                "no such events {text:?} to leave out; they are those outside (the sensor)"
            ))),
        }
    }
}

/// What stands between the columns of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// A blank.
    Space,
    /// A tab.
    Tab,
    /// A comma.
    Comma,
    /// A semicolon.
    Semicolon,
}

impl Separator {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Space, Self::Tab, Self::Comma, Self::Semicolon];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Tab => "tab",
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
        }
    }

    /// What is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Space => " ",
            Self::Tab => "\t",
            Self::Comma => ",",
            Self::Semicolon => ";",
        }
    }
}

impl FromStr for Separator {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|s| s.name() == text);
        found.ok_or_else(|| {
            Error::invalid(format!(
                "no separator {text:?}; it is space, tab, comma or semicolon"
            ))
        })
    }
}

/// What stands before the events of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// Nothing.
    None,
    /// The names of the columns.
    Names,
    /// A line `W H`.
    Size,
    /// A line `%geometry:W,H`.
    Geometry,
    /// These bytes, as a source had them, but for the size of the sensor if that is another.
    Verbatim(Vec<u8>),
}

impl FromStr for Header {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "none" => Ok(Self::None),
            "names" => Ok(Self::Names),
            "size" => Ok(Self::Size),
            "geometry" => Ok(Self::Geometry),
            _ => Err(Error::invalid(format!(
                "no header style {text:?}; it is none, names, size or geometry"
            ))),
        }
    }
}
