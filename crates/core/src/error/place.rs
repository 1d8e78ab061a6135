//! Where something is.

use std::fmt;

/// A place in a recording. All parts are optional; the text has those that are known, the outermost
/// first: `a.evz: chunk 12 at byte 4096: block 2`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file, or what stands for it: `standard input`.
    pub file: Option<String>,
    /// A part that has a name: `index root`, `block 2`, `member t.npy`.
    pub part: Option<String>,
    /// Number of the chunk.
    pub chunk: Option<u64>,
    /// Offset of the byte in the file.
    pub byte: Option<u64>,
    /// Number of the line, from 1.
    pub line: Option<u64>,
    /// Number of the row, from 0.
    pub row: Option<u64>,
    /// Number of the event, from 0.
    pub event: Option<u64>,
}

impl Place {
    /// A file.
    pub fn file(name: impl Into<String>) -> Self {
        Self {
            file: Some(name.into()).filter(|name: &String| !name.is_empty()),
            ..Self::default()
        }
    }

    /// A part of a file that has a name.
    pub fn part(name: impl Into<String>) -> Self {
        Self::default().with_part(name)
    }

    /// A chunk.
    pub fn chunk(number: u64) -> Self {
        Self {
            chunk: Some(number),
            ..Self::default()
        }
    }

    /// A byte.
    pub fn byte(offset: u64) -> Self {
        Self::default().with_byte(offset)
    }

    /// The part of this name.
    pub fn with_part(mut self, name: impl Into<String>) -> Self {
        self.part = Some(name.into());
        self
    }

    /// The byte at this offset.
    pub fn with_byte(mut self, offset: u64) -> Self {
        self.byte = Some(offset);
        self
    }

    /// This line, counted from 1.
    pub fn with_line(mut self, number: u64) -> Self {
        self.line = Some(number);
        self
    }

    /// This row, counted from 0.
    pub fn with_row(mut self, number: u64) -> Self {
        self.row = Some(number);
        self
    }

    /// This event, counted from 0.
    pub fn with_event(mut self, number: u64) -> Self {
        self.event = Some(number);
        self
    }

    /// This place inside an outer one. What both say is taken from the inner one, which is nearer;
    /// names of parts stand one behind the other.
    pub fn within(self, outer: Self) -> Self {
        let both = |outer: Option<String>, inner: Option<String>| match (outer, inner) {
            // What is named already is not named again.
            (Some(outer), Some(inner)) if inner == outer => Some(inner),
            (Some(outer), Some(inner)) => Some(format!("{outer}: {inner}")),
            (outer, inner) => outer.or(inner),
        };
        Self {
            file: both(outer.file, self.file),
            part: both(outer.part, self.part),
            chunk: self.chunk.or(outer.chunk),
            byte: self.byte.or(outer.byte),
            line: self.line.or(outer.line),
            row: self.row.or(outer.row),
            event: self.event.or(outer.event),
        }
    }
}

impl From<&str> for Place {
    fn from(file: &str) -> Self {
        Self::file(file)
    }
}

impl From<String> for Place {
    fn from(file: String) -> Self {
        Self::file(file)
    }
}

impl From<&String> for Place {
    fn from(file: &String) -> Self {
        Self::file(file)
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbered = |what: &str, n: Option<u64>| n.map(|n| format!("{what} {n}"));
        let mut inside: Vec<String> = [
            numbered("chunk", self.chunk),
            self.part.clone(),
            numbered("line", self.line),
            numbered("row", self.row),
            numbered("event", self.event),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(byte) = self.byte {
            match inside.first_mut() {
                Some(first) => *first += &format!(" at byte {byte}"),
                None => inside.push(format!("byte {byte}")),
            }
        }
        let all: Vec<&str> = (self.file.iter().chain(&inside))
            .map(String::as_str)
            .collect();
        f.write_str(&all.join(": "))
    }
}
