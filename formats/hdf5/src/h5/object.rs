//! Object headers: the messages that say what a group or a dataset is. File format specification,
//! IV.A.

use std::collections::VecDeque;

use evz_core::{Error, Result};

use super::fields::Fields;
use super::store::Store;

/// Bytes of all blocks of a header, and blocks, at most: a loop of continuations ends here.
const MAX_LEN: u64 = 4 << 20;
const MAX_BLOCKS: usize = 4096;

/// Kinds of messages that are read, by their numbers.
pub(crate) mod kind {
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const LINK_INFO: u16 = 0x02;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const LINK: u16 = 0x06;
    pub(crate) const EXTERNAL_FILES: u16 = 0x07;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const FILTERS: u16 = 0x0b;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const CONTINUATION: u16 = 0x10;
    pub(crate) const SYMBOL_TABLE: u16 = 0x11;
    pub(crate) const ATTRIBUTE_INFO: u16 = 0x15;
}

/// A message of a header.
pub(crate) struct Message {
    pub(crate) kind: u16,
    pub(crate) body: Vec<u8>,
    /// The address of its body.
    pub(crate) address: u64,
    /// Whether the body says where the message stands instead.
    pub(crate) shared: bool,
}

/// The messages of an object.
pub(crate) struct Object {
    pub(crate) address: u64,
    /// Bytes of its header.
    pub(crate) len: u64,
    pub(crate) messages: Vec<Message>,
}

/// How the messages of a header stand in its blocks.
#[derive(Clone, Copy)]
struct Framing {
    version: u8,
    /// Whether messages have a number of the order in which they came.
    numbered: bool,
}

impl Object {
    /// Reads the header at an address.
    ///
    /// # Errors
    /// If it is damaged or does not end.
    pub(crate) fn read(store: &Store, address: u64) -> Result<Self> {
        /// More than the longest prefix of a header.
        const PREFIX_LEN: u64 = 64;
        let prefix = store.read_up_to(address, PREFIX_LEN)?;
        let mut fields = store.fields(&prefix, address);
        let mut blocks = VecDeque::new();
        let framing = if prefix.starts_with(b"OHDR") {
            fields.skip(4)?;
            fields.version(2, "an object header")?;
            let flags = fields.u8()?;
            if flags & 0x20 != 0 {
                fields.skip(16)?;
            }
            if flags & 0x10 != 0 {
                fields.skip(4)?;
            }
            let len = fields.uint(1 << (flags & 3))?;
            blocks.push_back((address + fields.position() as u64, len));
            Framing {
                version: 2,
                numbered: flags & 4 != 0,
            }
        } else {
            fields.version(1, "an object header")?;
            fields.skip(1 + 2 + 4)?;
            let len = u64::from(fields.u32()?);
            // The prefix fills up to a multiple of 8 bytes.
            blocks.push_back((address.saturating_add(16), len));
            Framing {
                version: 1,
                numbered: false,
            }
        };
        let (mut messages, mut len, mut n_blocks) = (Vec::new(), 0u64, 0);
        while let Some((at, block)) = blocks.pop_front() {
            len = len.saturating_add(block);
            n_blocks += 1;
            if len > MAX_LEN || n_blocks > MAX_BLOCKS {
                return Err(Error::limit(
                    fields.place(),
                    "an object header that does not end, or of more than 4 MiB",
                ));
            }
            let block = store.read(at, block)?;
            read_block(store, &block, at, framing, &mut messages, &mut blocks)?;
        }
        Ok(Self {
            address,
            len,
            messages,
        })
    }

    /// The messages of a kind.
    pub(crate) fn of(&self, kind: u16) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |m| m.kind == kind)
    }

    /// The first of a kind.
    pub(crate) fn first(&self, kind: u16) -> Option<&Message> {
        self.of(kind).next()
    }
}

impl Message {
    /// The fields of its body.
    pub(crate) fn fields(&self, store: &Store) -> Fields<'_> {
        store.fields(&self.body, self.address)
    }
}

/// Takes the messages out of a block; those that continue the header elsewhere add to `blocks`.
fn read_block(
    store: &Store,
    block: &[u8],
    at: u64,
    framing: Framing,
    messages: &mut Vec<Message>,
    blocks: &mut VecDeque<(u64, u64)>,
) -> Result<()> {
    let mut fields = store.fields(block, at);
    let head = match framing {
        Framing { version: 1, .. } => 8,
        Framing { numbered, .. } => 4 + 2 * usize::from(numbered),
    };
    // Less than a message's head is a gap.
    while fields.left() >= head {
        let (kind, len, flags);
        if framing.version == 1 {
            kind = fields.u16()?;
            len = usize::from(fields.u16()?);
            flags = fields.u8()?;
            fields.skip(3)?;
        } else {
            kind = u16::from(fields.u8()?);
            len = usize::from(fields.u16()?);
            flags = fields.u8()?;
            fields.skip(2 * usize::from(framing.numbered))?;
        }
        let address = at + fields.position() as u64;
        let body = fields.take(len)?;
        if kind != kind::CONTINUATION {
            messages.push(Message {
                kind,
                body: body.to_vec(),
                address,
                shared: flags & 2 != 0,
            });
            continue;
        }
        let mut to = store.fields(body, address);
        let (next, len) = (to.address()?, to.length()?);
        let Some(next) = next else { continue };
        match framing.version {
            1 => blocks.push_back((next, len)),
            // Between a signature and a checksum.
            _ => blocks.push_back((next.saturating_add(4), len.saturating_sub(8))),
        }
    }
    Ok(())
}
