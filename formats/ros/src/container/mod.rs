//! Files that hold messages. Bags and MCAP are records one behind the other, some of which are chunks
//! with more records, packed or not: they differ in what the head of a record looks like. Rows of a
//! database become records of MCAP.

pub(crate) mod bag;
pub(crate) mod db3;
pub(crate) mod mcap;
pub(crate) mod piece;
pub(crate) mod sqlite;
pub(crate) mod unpack;
pub(crate) mod walk;
pub(crate) mod window;

use std::collections::HashMap;
use std::ops::Range;

use unpack::Compression;
use window::Window;

/// Which kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Bag,
    Mcap,
    Db3,
}

/// A record, as far as its head tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    /// Bytes before its content.
    pub(crate) head: usize,
    /// Bytes of the content.
    pub(crate) content: u64,
    /// Bytes behind the content that belong to it.
    pub(crate) tail: u64,
}

/// What a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Message {
        connection: u32,
    },
    /// A connection, or the schema of some.
    Connection,
    Chunk(Chunk),
    /// Where messages are; not read from front to back.
    Index,
    /// What a chunk has, behind all of them.
    Summary,
    /// Where the messages end.
    End,
    /// What is no message, as a plural.
    Other(&'static str),
}

/// What the head of a chunk says of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) compression: Compression,
    /// Bytes once it is unpacked.
    pub(crate) size: u64,
    /// The CRC-32 of these, if it is told.
    pub(crate) crc: Option<u32>,
}

/// A connection, as it is recorded: its number stands for a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Declared {
    /// The type of the messages of connections that name this schema.
    Schema { id: u16, type_name: String },
    Connection {
        id: u32,
        topic: String,
        type_name: TypeName,
        /// How messages are put into bytes: `ros1`, `cdr`.
        encoding: String,
    },
}

/// The type of the messages of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypeName {
    Named(String),
    OfSchema(u16),
}

/// Why the head of a record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It needs so many bytes from its start.
    Needs(usize),
    /// It makes no sense.
    Nonsense(&'static str),
}

/// What the end of a file says of all of it, however the file begins.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// How many messages connections have, where that is said of them.
    pub(crate) messages: HashMap<u32, u64>,
    /// How many chunks there are.
    pub(crate) chunks: u64,
}

/// What is to be known of a file before its messages, from the index at its end.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) declared: Vec<Declared>,
    /// How many messages connections have, where that is said of them.
    pub(crate) messages: HashMap<u32, u64>,
    /// Where chunks begin, in order.
    pub(crate) chunks: Vec<u64>,
}

/// Heads of records are not longer than this.
pub(crate) const MAX_HEAD: usize = 64 << 10;

impl Kind {
    /// Why a chunk is damaged that has a record of this kind, behind which messages would not be found; none
    /// if nothing speaks against it.
    pub(crate) fn wrong_in_chunk(&self) -> Option<&'static str> {
        match self {
            Self::Chunk(_) => Some("a chunk stands in a chunk"),
            Self::End => Some("the data is said to end within a chunk"),
            _ => None,
        }
    }
}

impl Container {
    /// What is said from byte `at` to the end of the file of what comes before; none if that is not whole.
    pub(crate) fn claims(self, window: &mut Window, at: u64) -> Option<Claims> {
        match self {
            Self::Bag => bag::claims(window, at),
            Self::Mcap => mcap::claims(window, at),
            Self::Db3 => None,
        }
    }

    /// The record that begins here.
    pub(crate) fn record(self, bytes: &[u8]) -> Result<Record, Unread> {
        match self {
            Self::Bag => bag::record(bytes),
            Self::Mcap | Self::Db3 => mcap::record(bytes),
        }
    }

    /// What a record of a connection declares: its whole bytes, and where the content lies among
    /// them.
    pub(crate) fn declared(self, bytes: &[u8], content: Range<usize>) -> Option<Declared> {
        match self {
            Self::Bag => bag::connection(bytes, content),
            Self::Mcap | Self::Db3 => mcap::declared(bytes, content),
        }
    }
}

impl Record {
    /// Bytes of all of it.
    pub(crate) fn len(&self) -> u64 {
        (self.head as u64)
            .saturating_add(self.content)
            .saturating_add(self.tail)
    }
}
