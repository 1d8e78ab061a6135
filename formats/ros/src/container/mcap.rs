//! MCAP: <https://mcap.dev/spec>. The sections named here are those of that page.

use std::collections::HashMap;
use std::ops::Range;

use super::unpack::Compression;
use super::window::Window;
use super::{Chunk, Claims, Declared, Index, Kind, MAX_HEAD, Record, TypeName, Unread};
use crate::fields::Fields;

/// How it begins and ends.
pub(crate) const MAGIC: &[u8; 8] = b"\x89MCAP0\r\n";

/// Section "Records": an opcode, and the length of what follows in 64 bits.
const PREFIX: usize = 9;

const HEADER: u8 = 0x01;
const FOOTER: u8 = 0x02;
const SCHEMA: u8 = 0x03;
const CHANNEL: u8 = 0x04;
const MESSAGE: u8 = 0x05;
const CHUNK: u8 = 0x06;
const CHUNK_INDEX: u8 = 0x08;
const ATTACHMENT: u8 = 0x09;
const STATISTICS: u8 = 0x0b;
const METADATA: u8 = 0x0c;
const DATA_END: u8 = 0x0f;

/// Bytes of the records that say where the messages end.
const FOOTER_LEN: u64 = 8 + 8 + 4;
const DATA_END_LEN: u64 = 4;

/// Bytes of a message before its data: channel, sequence number, two times.
const MESSAGE_HEAD: usize = 2 + 4 + 8 + 8;

/// The record that begins here.
pub(super) fn record(bytes: &[u8]) -> Result<Record, Unread> {
    let mut fields = Fields(bytes);
    let (Some(opcode), Some(len)) = (fields.u8(), fields.u64()) else {
        return Err(Unread::Needs(PREFIX));
    };
    let plain = |kind| Record {
        kind,
        head: PREFIX,
        content: len,
        tail: 0,
    };
    Ok(match opcode {
        0 => return Err(Unread::Nonsense("a record is of kind 0, which is none")),
        SCHEMA | CHANNEL => plain(Kind::Connection),
        MESSAGE => {
            let content = len.checked_sub(MESSAGE_HEAD as u64);
            let content = content.ok_or(Unread::Nonsense("a message is too short to be one"))?;
            let needs = Unread::Needs(PREFIX + MESSAGE_HEAD);
            let connection = fields.u16().ok_or(needs)?.into();
            Record {
                kind: Kind::Message { connection },
                head: PREFIX + MESSAGE_HEAD,
                content,
                tail: 0,
            }
        }
        CHUNK => chunk(fields, len)?,
        FOOTER if len == FOOTER_LEN => plain(Kind::End),
        DATA_END if len == DATA_END_LEN => plain(Kind::End),
        FOOTER | DATA_END => {
            return Err(Unread::Nonsense("the end of the data has another length"));
        }
        ATTACHMENT => plain(Kind::Other("attachments")),
        METADATA => plain(Kind::Other("records of metadata")),
        HEADER..=0x7f => plain(Kind::Index),
        0x80.. => plain(Kind::Other("private records")),
    })
}

/// Section "Chunk": two times, the size and the sum once unpacked, the compression, the records.
fn chunk(mut fields: Fields<'_>, len: u64) -> Result<Record, Unread> {
    /// Names of compressions are shorter.
    const MAX_COMPRESSION: usize = 256;
    const FIXED: usize = 8 + 8 + 8 + 4 + 4;
    let fixed = fields.bytes(FIXED).ok_or(Unread::Needs(PREFIX + FIXED))?;
    let mut fixed = Fields(&fixed[16..]);
    let (size, crc) = (
        fixed.u64().unwrap_or_default(),
        fixed.u32().unwrap_or_default(),
    );
    let name_len = fixed.u32().unwrap_or_default() as usize;
    if name_len > MAX_COMPRESSION {
        return Err(Unread::Nonsense(
            "a chunk is packed in no way that there is",
        ));
    }
    let head = FIXED + name_len + 8;
    let needs = Unread::Needs(PREFIX + head);
    let name = fields.bytes(name_len).ok_or(needs)?;
    let content = fields.u64().ok_or(needs)?;
    let behind = len
        .checked_sub(head as u64)
        .and_then(|n| n.checked_sub(content));
    Ok(Record {
        kind: Kind::Chunk(Chunk {
            compression: Compression::of_name(&String::from_utf8_lossy(name)),
            size,
            crc: Some(crc).filter(|crc| *crc != 0),
        }),
        head: PREFIX + head,
        content,
        // Fields that later versions may add.
        tail: behind.ok_or(Unread::Nonsense("a chunk is shorter than its records"))?,
    })
}

/// What the record of a schema or a channel says.
pub(super) fn declared(bytes: &[u8], content: Range<usize>) -> Option<Declared> {
    let mut fields = Fields(bytes.get(content)?);
    match *bytes.first()? {
        SCHEMA => Some(Declared::Schema {
            id: fields.u16()?,
            type_name: fields.name()?,
        }),
        _ => Some(Declared::Connection {
            id: fields.u16()?.into(),
            type_name: TypeName::OfSchema(fields.u16()?),
            topic: fields.name()?,
            encoding: fields.name()?,
        }),
    }
}

/// The record of a schema, without the schema.
pub(crate) fn schema(id: u16, type_name: &[u8]) -> Vec<u8> {
    let text = sized(type_name);
    let rest = [&id.to_le_bytes()[..], &text, &[0; 4 + 4]].concat();
    record_of(SCHEMA, &rest)
}

/// The record of a channel whose schema has the same number.
pub(crate) fn channel(id: u16, topic: &[u8], encoding: &[u8]) -> Vec<u8> {
    let (number, topic, encoding) = (id.to_le_bytes(), sized(topic), sized(encoding));
    let rest = [&number[..], &number, &topic, &encoding, &[0; 4]].concat();
    record_of(CHANNEL, &rest)
}

/// Adds the record of a message.
pub(crate) fn message(channel: u16, data: &[u8], out: &mut Vec<u8>) {
    out.push(MESSAGE);
    out.extend_from_slice(&((MESSAGE_HEAD + data.len()) as u64).to_le_bytes());
    out.extend_from_slice(&channel.to_le_bytes());
    out.extend_from_slice(&[0; MESSAGE_HEAD - 2]);
    out.extend_from_slice(data);
}

fn record_of(opcode: u8, content: &[u8]) -> Vec<u8> {
    [
        &[opcode][..],
        &(content.len() as u64).to_le_bytes(),
        content,
    ]
    .concat()
}

fn sized(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes()[..], text].concat()
}

/// Whether it ends as a whole file does.
pub(crate) fn is_finished(window: &mut Window) -> bool {
    let at = window.len().saturating_sub(MAGIC.len() as u64);
    at > 0 && window.get(at, MAGIC.len()).is_ok_and(|end| end == MAGIC)
}

/// The summary at the end. None if there is none, or it is not whole, or does not say all channels.
pub(crate) fn index(window: &mut Window) -> Option<Index> {
    /// Summaries that are longer are not looked into: the file is walked through instead.
    const MAX_SUMMARY: u64 = 64 << 20;
    if !is_finished(window) {
        return None;
    }
    let end = window.len() - MAGIC.len() as u64;
    let footer_at = end.checked_sub(PREFIX as u64 + FOOTER_LEN)?;
    let mut footer = Fields(window.get(footer_at, PREFIX + FOOTER_LEN as usize).ok()?);
    if footer.u8()? != FOOTER || footer.u64()? != FOOTER_LEN {
        return None;
    }
    let (start, _, crc) = (footer.u64()?, footer.u64()?, footer.u32()?);
    if start == 0 || start >= footer_at || end - start > MAX_SUMMARY {
        return None;
    }
    let all = window.get(start, (end - start) as usize).ok()?;
    let summary = all.get(..(footer_at - start) as usize)?;
    // The sum is that of the summary and of the footer before it.
    if crc != 0 && crc32fast::hash(&all[..all.len() - 4]) != crc {
        return None;
    }
    let mut index = Index::default();
    let (mut channels, mut rest, mut statistics) = (0, summary, None);
    while !rest.is_empty() {
        let record = record(rest).ok()?;
        let len = usize::try_from(record.len()).ok()?;
        let bytes = rest.get(..len)?;
        match bytes[0] {
            SCHEMA | CHANNEL => {
                channels += u64::from(bytes[0] == CHANNEL);
                index.declared.push(declared(bytes, PREFIX..len)?);
            }
            CHUNK_INDEX => {
                let mut fields = Fields(bytes.get(PREFIX + 16..)?);
                index.chunks.push(fields.u64()?);
            }
            STATISTICS => statistics = Some(Statistics::read(bytes.get(PREFIX..)?)?),
            _ => {}
        }
        rest = &rest[len..];
    }
    index.chunks.sort_unstable();
    if let Some(statistics) = statistics {
        if statistics.channels != channels {
            return None;
        }
        index.messages = statistics.messages;
    }
    (channels > 0).then_some(index)
}

/// What the summary behind the end of the data says, from its first record to the footer.
pub(super) fn claims(window: &mut Window, mut at: u64) -> Option<Claims> {
    let mut claims = Claims::default();
    let mut statistics = None;
    let end = window.len().checked_sub(MAGIC.len() as u64)?;
    loop {
        let head = window.get(at, MAX_HEAD).ok()?;
        let (kind, record) = (*head.first()?, record(head).ok()?);
        let behind = at.checked_add(record.len())?;
        match kind {
            FOOTER => return (behind == end).then(|| statistics.unwrap_or(claims)),
            CHUNK_INDEX => claims.chunks += 1,
            STATISTICS if record.len() <= MAX_STATISTICS => {
                let bytes = window.get(at, record.len() as usize).ok()?;
                let read = Statistics::read(bytes.get(PREFIX..)?)?;
                statistics = Some(Claims {
                    messages: read.messages,
                    chunks: read.chunks,
                });
            }
            _ => {}
        }
        at = behind;
    }
}

/// Statistics of all channels that there can be are not longer.
const MAX_STATISTICS: u64 = 1 << 20;

/// Section "Statistics": how many channels there are, and how many messages on them.
struct Statistics {
    channels: u64,
    chunks: u64,
    /// Of channels that are not here nothing is said.
    messages: HashMap<u32, u64>,
}

impl Statistics {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.bytes(8 + 2)?;
        let channels = fields.u32()?.into();
        fields.bytes(4 + 4)?;
        let chunks = fields.u32()?.into();
        fields.bytes(8 + 8)?;
        let mut counts = Fields(fields.sized()?);
        let mut messages = HashMap::new();
        while let (Some(id), Some(count)) = (counts.u16(), counts.u64()) {
            messages.insert(id.into(), count);
        }
        Some(Self {
            channels,
            chunks,
            messages,
        })
    }
}

const _: () = assert!(PREFIX + MESSAGE_HEAD < MAX_HEAD);
