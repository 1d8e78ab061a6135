//! ROS 1 bags, version 2.0: <http://wiki.ros.org/Bags/Format/2.0>.

use std::collections::HashMap;
use std::ops::Range;

use evz_core::{Error, Result};

use super::unpack::Compression;
use super::window::Window;
use super::{Chunk, Claims, Container, Declared, Index, Kind, MAX_HEAD, Record, TypeName, Unread};
use crate::fields::{Fields, name};
use crate::topics::MAX_CONNECTIONS;

/// The first line of every version.
pub(crate) const MAGIC: &[u8] = b"#ROSBAG V";
/// The first line of the only version that is read.
const VERSION_2: &[u8] = b"#ROSBAG V2.0\n";

/// The field `op` of each kind of record.
const MESSAGE: u8 = 2;
const BAG_HEADER: u8 = 3;
const INDEX_DATA: u8 = 4;
const CHUNK: u8 = 5;
const CHUNK_INFO: u8 = 6;
const CONNECTION: u8 = 7;

/// The fields of the head of a record: `<len><name>=<value>` each.
struct Head<'a>(Fields<'a>);

impl<'a> Iterator for Head<'a> {
    type Item = Option<(&'a [u8], &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.0.is_empty() {
            return None;
        }
        let field = self.0.sized().and_then(|field| {
            let at = field.iter().position(|b| *b == b'=')?;
            Some((&field[..at], &field[at + 1..]))
        });
        if field.is_none() {
            self.0 = Fields(&[]);
        }
        Some(field)
    }
}

fn u32_of(value: &[u8]) -> Option<u32> {
    value.try_into().ok().map(u32::from_le_bytes)
}

fn u64_of(value: &[u8]) -> Option<u64> {
    value.try_into().ok().map(u64::from_le_bytes)
}

/// The record that begins here: the length of its head, the head, the length of the data.
pub(super) fn record(bytes: &[u8]) -> Result<Record, Unread> {
    let mut fields = Fields(bytes);
    let len = fields.u32().ok_or(Unread::Needs(4))? as usize;
    if len > MAX_HEAD {
        return Err(Unread::Nonsense("the head of a record is too long"));
    }
    let head = fields.bytes(len).ok_or(Unread::Needs(4 + len + 4))?;
    let content = fields.u32().ok_or(Unread::Needs(4 + len + 4))?.into();
    let (mut op, mut connection, mut size) = (None, None, None);
    let mut compression = None;
    for field in Head(Fields(head)) {
        let (key, value) = field.ok_or(Unread::Nonsense("the head of a record has no fields"))?;
        match key {
            b"op" => op = value.first().copied().filter(|_| value.len() == 1),
            b"conn" => connection = u32_of(value),
            b"size" => size = u32_of(value),
            b"compression" => compression = Some(value),
            _ => {}
        }
    }
    let lacking = |what| Unread::Nonsense(what);
    let kind = match op.ok_or(lacking("a record does not say what it is"))? {
        MESSAGE => Kind::Message {
            connection: connection.ok_or(lacking("a message has no connection"))?,
        },
        CONNECTION => Kind::Connection,
        CHUNK => {
            let packing = compression.ok_or(lacking("a chunk does not say how it is packed"))?;
            Kind::Chunk(Chunk {
                compression: Compression::of_name(&String::from_utf8_lossy(packing)),
                size: size.ok_or(lacking("a chunk has no size"))?.into(),
                crc: None,
            })
        }
        // The index stands behind all chunks, and each chunk is followed by its own.
        BAG_HEADER | INDEX_DATA => Kind::Index,
        CHUNK_INFO => Kind::Summary,
        _ => return Err(lacking("a record is of no known kind")),
    };
    Ok(Record {
        kind,
        head: 4 + len + 4,
        content,
        tail: 0,
    })
}

/// What the record of a connection says: its number and topic in the head, the type in the data.
pub(super) fn connection(bytes: &[u8], content: Range<usize>) -> Option<Declared> {
    let head = bytes.get(4..content.start.checked_sub(4)?)?;
    let (mut id, mut topic, mut type_name) = (None, None, None);
    for field in Head(Fields(head)) {
        match field? {
            (b"conn", value) => id = u32_of(value),
            (b"topic", value) => topic = name(value),
            _ => {}
        }
    }
    for field in Head(Fields(bytes.get(content)?)) {
        if let (b"type", value) = field? {
            type_name = name(value);
        }
    }
    Some(Declared::Connection {
        id: id?,
        topic: topic?,
        type_name: TypeName::Named(type_name?),
        encoding: "ros1".to_owned(),
    })
}

/// What is known once the first record was read.
pub(crate) struct Start {
    /// Where the records behind it begin.
    pub(crate) at: u64,
    /// Where the index is said to begin; 0 in a bag that was not finished.
    pub(crate) index_at: u64,
    /// Connections and chunks that the index has.
    connections: Option<u32>,
    chunks: Option<u32>,
}

/// Reads the first line and the record behind it.
pub(crate) fn start(window: &mut Window, file: &str) -> Result<Start> {
    let first = window
        .get(0, VERSION_2.len())
        .map_err(|e| Error::io(file, "cannot read", e))?;
    if first != VERSION_2 {
        if VERSION_2.starts_with(first) {
            return Err(Error::insufficient(file, "it ends within its first line"));
        }
        let version = first.strip_prefix(MAGIC).unwrap_or_default();
        let version = String::from_utf8_lossy(version);
        let what = format!(
            "a ROS bag of version {}, and only 2.0 is read",
            version.trim().escape_debug()
        );
        let error = Error::unsupported(file, what);
        return Err(error.advise("convert it with `rosbag migrate`"));
    }
    let at = VERSION_2.len() as u64;
    let head = window
        .get(at, MAX_HEAD)
        .map_err(|e| Error::io(file, "cannot read", e))?;
    let len = Fields(head).u32().unwrap_or_default() as usize;
    let fields = head.get(4..4 + len.min(MAX_HEAD)).unwrap_or_default();
    let (mut index_at, mut encryptor) = (0, &b""[..]);
    let (mut connections, mut chunks) = (None, None);
    for (key, value) in Head(Fields(fields)).flatten() {
        match key {
            b"index_pos" => index_at = u64_of(value).unwrap_or_default(),
            b"conn_count" => connections = u32_of(value),
            b"chunk_count" => chunks = u32_of(value),
            b"encryptor" => encryptor = value,
            _ => {}
        }
    }
    if !encryptor.is_empty() {
        let what = format!(
            "it is encrypted ({}), which is not read",
            String::from_utf8_lossy(encryptor).escape_debug()
        );
        let error = Error::unsupported(file, what);
        return Err(error.advise("decrypt it with `rosbag decrypt`"));
    }
    // The walk reads the record of the header once more, and passes it over.
    Ok(Start {
        at,
        index_at,
        connections,
        chunks,
    })
}

/// The index at the end: connections, and where chunks are. None if it is not whole.
pub(crate) fn index(window: &mut Window, start: &Start) -> Option<Index> {
    let mut at = start.index_at;
    if at <= start.at || at >= window.len() {
        return None;
    }
    let mut index = Index::default();
    while at < window.len() {
        let bytes = window.get(at, MAX_HEAD).ok()?;
        let record = record(bytes).ok()?;
        let content = record.head..record.head + usize::try_from(record.content).ok()?;
        let bytes = match bytes.len() < content.end && content.end <= MAX_INDEX_RECORD {
            true => window.get(at, content.end).ok()?,
            false => bytes,
        };
        let bytes = bytes.get(..content.end)?;
        match record.kind {
            Kind::Connection => index
                .declared
                .push(Container::Bag.declared(bytes, content)?),
            Kind::Summary => {
                let chunk = Head(Fields(bytes.get(4..content.start - 4)?))
                    .flatten()
                    .find(|(key, _)| *key == b"chunk_pos")?;
                index.chunks.push(u64_of(chunk.1)?);
                add_counts(bytes.get(content)?, &mut index.messages)?;
            }
            _ => return None,
        }
        at += record.len();
    }
    let is = |n: usize, said: Option<u32>| said.is_some_and(|said| said as usize == n);
    if !is(index.declared.len(), start.connections) || !is(index.chunks.len(), start.chunks) {
        return None;
    }
    for declared in &index.declared {
        if let Declared::Connection { id, .. } = declared {
            index.messages.entry(*id).or_default();
        }
    }
    index.chunks.sort_unstable();
    Some(index)
}

/// Adds how many messages a chunk has: a connection and their number, in 32 bits each.
fn add_counts(content: &[u8], messages: &mut HashMap<u32, u64>) -> Option<()> {
    let (counts, _) = content.as_chunks::<8>();
    for count in counts {
        let mut count = Fields(count);
        let (id, n) = (count.u32()?, count.u32()?);
        *messages.entry(id).or_default() += u64::from(n);
    }
    (messages.len() <= MAX_CONNECTIONS).then_some(())
}

/// What the records of chunks say, from the first on. None if they do not go on to the end of the file, or
/// are not as many as its header says.
pub(super) fn claims(window: &mut Window, mut at: u64) -> Option<Claims> {
    let mut claims = Claims::default();
    while at < window.len() {
        let bytes = window.get(at, MAX_HEAD).ok()?;
        let record = record(bytes).ok().filter(|r| r.kind == Kind::Summary)?;
        let content = bytes.get(record.head..record.head + usize::try_from(record.content).ok()?);
        add_counts(content?, &mut claims.messages)?;
        claims.chunks += 1;
        at += record.len();
    }
    let said = start(window, "").ok()?.chunks;
    said.is_none_or(|said| u64::from(said) == claims.chunks)
        .then_some(claims)
}

/// Records of the index are not longer than this: a definition of a message has some kilobytes.
const MAX_INDEX_RECORD: usize = 1 << 20;
