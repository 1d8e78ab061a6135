//! A part of a file: records one behind the other, as they lie there or out of a chunk; or a message that is
//! packed for itself.

use std::ops::Range;

use super::unpack::{Compression, MAX_CHUNK};
use super::{Container, Declared, Kind};
use crate::message::Layout;

/// How a frame of zstd begins; rosbag2 packs messages so, and says it in a file beside the recording
/// only. Messages of CDR begin with a 0.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// A part of a file as it was read.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) container: Container,
    /// Where its bytes begin in the file.
    pub(crate) at: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) compression: Compression,
    /// Bytes once it is unpacked.
    pub(crate) size: u64,
    pub(crate) crc: Option<u32>,
    /// Whether the file ends within it.
    pub(crate) is_cut: bool,
}

/// Where the bytes of a piece lie in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) at: u64,
    /// Bytes that it takes there.
    pub(crate) len: u64,
    pub(crate) compression: Compression,
    /// Bytes once it is unpacked.
    pub(crate) size: u64,
}

/// Records one behind the other.
#[derive(Debug)]
pub(crate) struct Piece {
    container: Container,
    pub(crate) origin: Origin,
    pub(crate) bytes: Vec<u8>,
    /// Where the next record begins.
    next: usize,
    /// Bytes that messages of it were unpacked to.
    unpacked: u64,
    pub(crate) is_cut: bool,
    /// What is wrong with it.
    pub(crate) damage: Option<&'static str>,
}

/// A record of a piece that matters.
#[derive(Debug)]
pub(crate) enum Item {
    Declared(Declared),
    Message {
        connection: u32,
        /// Where its bytes are in the piece.
        data: Range<usize>,
    },
}

impl Packed {
    /// Its records, those of a damaged chunk excepted: there is no telling which of them are right. Of
    /// one that the file ends in, those before its end.
    pub(crate) fn unpack(self) -> Piece {
        let Self {
            container,
            at,
            bytes: packed,
            compression,
            size,
            crc,
            is_cut,
        } = self;
        let origin = Origin {
            at,
            len: packed.len() as u64,
            compression,
            size,
        };
        let mut bytes = Vec::new();
        let mut damage = match origin.is_plain() {
            true => {
                bytes = packed;
                (bytes.len() as u64 != size).then_some("its size is not that of its records")
            }
            false => origin.compression.unpack(&packed, size, &mut bytes).err(),
        };
        if damage.is_none() && crc.is_some_and(|crc| crc32fast::hash(&bytes) != crc) {
            damage = Some("its checksum is wrong");
        }
        if is_cut {
            damage = None;
        } else if damage.is_some() {
            bytes.clear();
        }
        Piece {
            container,
            origin,
            bytes,
            next: 0,
            unpacked: 0,
            is_cut,
            damage,
        }
    }
}

impl Origin {
    /// Whether the bytes lie in the file as they are in the piece.
    pub(crate) fn is_plain(&self) -> bool {
        self.compression == Compression::None
    }
}

impl Piece {
    /// The next record that matters; none at the end. An error says that the rest is not read.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, &'static str> {
        while self.next < self.bytes.len() {
            let start = self.next;
            let record = self.container.record(&self.bytes[start..]);
            let record = record.map_err(|unread| match unread {
                super::Unread::Needs(_) => "it ends within a record",
                super::Unread::Nonsense(why) => why,
            });
            let end = record.as_ref().ok().and_then(|record| {
                let end = start.checked_add(usize::try_from(record.len()).ok()?)?;
                (end <= self.bytes.len()).then_some(end)
            });
            let (record, end) = match (record, end) {
                (Ok(record), Some(end)) => (record, end),
                (record, _) => {
                    self.next = self.bytes.len();
                    return match self.is_cut {
                        true => Ok(None),
                        false => Err(record.err().unwrap_or("it ends within a record")),
                    };
                }
            };
            self.next = end;
            let content = start + record.head..start + record.head + record.content as usize;
            match record.kind {
                Kind::Message { connection } => {
                    let data = content;
                    return Ok(Some(Item::Message { connection, data }));
                }
                Kind::Connection => {
                    let content = record.head..record.head + record.content as usize;
                    let bytes = &self.bytes[start..end];
                    match self.container.declared(bytes, content) {
                        Some(declared) => return Ok(Some(Item::Declared(declared))),
                        None => return Err("a connection makes no sense"),
                    }
                }
                kind => {
                    if let Some(why) = kind.wrong_in_chunk() {
                        self.next = self.bytes.len();
                        return Err(why);
                    }
                }
            }
        }
        Ok(None)
    }

    /// The message at these bytes, if it is packed for itself.
    pub(crate) fn packed_message(
        &mut self,
        layout: Layout,
        data: &Range<usize>,
    ) -> Result<Option<Self>, &'static str> {
        let packed = &self.bytes[data.clone()];
        if layout != Layout::Cdr || !packed.starts_with(ZSTD) {
            return Ok(None);
        }
        let is_plain = self.origin.is_plain();
        // What is packed twice could become as much as it likes: all of it is as a chunk alone.
        let limit = match is_plain {
            true => MAX_CHUNK,
            false => MAX_CHUNK.saturating_sub(self.unpacked),
        };
        let mut bytes = Vec::new();
        let unpacked = Compression::Zstd.unpack_up_to(packed, limit, &mut bytes);
        self.unpacked += bytes.len() as u64;
        unpacked?;
        let origin = Origin {
            at: self.byte(data.start).unwrap_or_default(),
            len: data.len() as u64,
            // What lies in the file cannot be unpacked to it at once.
            compression: match is_plain {
                true => Compression::Zstd,
                false => Compression::Unknown("zstd in a chunk".to_owned()),
            },
            size: bytes.len() as u64,
        };
        Ok(Some(Self {
            container: self.container,
            origin,
            next: bytes.len(),
            bytes,
            unpacked: 0,
            is_cut: false,
            damage: None,
        }))
    }

    /// The byte of the file that a byte of it is: the first of the chunk if that is packed. None of a
    /// database, where rows are in pieces.
    pub(crate) fn byte(&self, at: usize) -> Option<u64> {
        match (self.container, self.origin.is_plain()) {
            (Container::Db3, _) => None,
            (_, true) => Some(self.origin.at + at as u64),
            (_, false) => Some(self.origin.at),
        }
    }
}
