//! Errors that say whose fault it is, where it is, and what to do.

use std::io;

/// The result of anything in evz that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. `place` names file, chunk, byte or line; the cause of an [`Error::Io`] is its
/// `source()` and not part of its text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused: no such file, no permission, no space.
    #[error("{place}: {what}")]
    Io {
        /// The file, or what stands for it.
        place: String,
        /// What was tried.
        what: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The bytes contradict themselves or their checksum.
    #[error("{place}: {what}")]
    Corrupt {
        /// File, chunk and byte, or file and line.
        place: String,
        /// What was expected and what was found, and the way out.
        what: String,
    },
    /// The input ends before it should.
    #[error("{place}: {what}")]
    InsufficientData {
        /// Where it ends.
        place: String,
        /// What is missing, and the way out.
        what: String,
    },
    /// A valid input that this version cannot read, or a thing that a format cannot hold.
    #[error("{place}: {what}")]
    Unsupported {
        /// What it is about.
        place: String,
        /// What is not supported and what would be.
        what: String,
    },
    /// The input asks for more memory than the limits allow.
    #[error("{place}: {what}")]
    LimitExceeded {
        /// Where the claim stands.
        place: String,
        /// The claim and the limit.
        what: String,
    },
    /// Two readings of the input fit; `what` shows them and names the option that settles it.
    #[error("{place}: {what}")]
    Ambiguous {
        /// The file.
        place: String,
        /// The readings, and the option.
        what: String,
    },
    /// The caller asked for something that makes no sense.
    #[error("{what}")]
    InvalidArgument {
        /// What was asked, and what can be.
        what: String,
    },
}

impl Error {
    /// An error of the operating system at `place`, while trying to do `what`.
    pub fn io(place: impl Into<String>, what: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            place: place.into(),
            what: what.into(),
            source,
        }
    }

    /// Bytes that contradict themselves.
    pub fn corrupt(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Corrupt {
            place: place.into(),
            what: what.into(),
        }
    }

    /// An input that ends too early.
    pub fn insufficient(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::InsufficientData {
            place: place.into(),
            what: what.into(),
        }
    }

    /// A valid input that this version cannot handle.
    pub fn unsupported(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Unsupported {
            place: place.into(),
            what: what.into(),
        }
    }

    /// A claim beyond the limits.
    pub fn limit(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::LimitExceeded {
            place: place.into(),
            what: what.into(),
        }
    }

    /// Two readings that both fit.
    pub fn ambiguous(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Ambiguous {
            place: place.into(),
            what: what.into(),
        }
    }

    /// A request that makes no sense.
    pub fn invalid(what: impl Into<String>) -> Self {
        Self::InvalidArgument { what: what.into() }
    }

    /// The same error with a way out behind it, if it is one of damaged data and has none yet.
    pub fn advise(mut self, way_out: &str) -> Self {
        if let Self::Corrupt { what, .. } | Self::InsufficientData { what, .. } = &mut self
            && !what.contains("; ")
        {
            what.push_str("; ");
            what.push_str(way_out);
        }
        self
    }

    /// The same error with an outer place in front: a codec names the block, the file layer adds
    /// the chunk, the caller the file.
    pub fn within(mut self, outer: impl std::fmt::Display) -> Self {
        match &mut self {
            Self::Io { place, .. }
            | Self::Corrupt { place, .. }
            | Self::InsufficientData { place, .. }
            | Self::Unsupported { place, .. }
            | Self::LimitExceeded { place, .. }
            | Self::Ambiguous { place, .. } => {
                *place = if place.is_empty() {
                    outer.to_string()
                } else {
                    format!("{outer}: {place}")
                };
            }
            Self::InvalidArgument { .. } => {}
        }
        self
    }
}
