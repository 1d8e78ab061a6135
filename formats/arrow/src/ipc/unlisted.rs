//! What stands between the batches that a footer lists, and behind the end of a stream.

use std::io::{self, Read, Seek, SeekFrom};

use arrow_ipc::{MessageHeader, root_as_message};
use evz_table::ipc::{CONTINUATION, MAX_HEAD};

use super::magic::FILE_MAGIC;

/// What the mark of the end of a stream is, and what messages start with.
const WORD: u64 = 8;

/// Bytes that are looked at in one go.
const AT_ONCE: u64 = 1 << 16;

/// Found where nothing should be but padding, marks of an end, schemas and dictionaries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unlisted {
    /// Record batches, and where the first starts.
    pub(super) batches: u64,
    pub(super) first: Option<u64>,
    /// Where bytes start that are no message.
    pub(super) bytes: Option<u64>,
}

/// Looks at the heads of the messages from byte `at` to `end`. What is no message ends it; in front
/// of the first batch it is gone over up to where one starts, for not every writer has a schema there.
pub(super) fn between<R: Read + Seek>(
    file: &mut R,
    at: u64,
    end: u64,
    in_front: bool,
) -> io::Result<Unlisted> {
    let mut found = Unlisted::default();
    let mut at = at.next_multiple_of(WORD);
    file.seek(SeekFrom::Start(at))?;
    while at + WORD <= end {
        let mut word = [0; WORD as usize];
        file.read_exact(&mut word)?;
        let len = i32::from_le_bytes([word[4], word[5], word[6], word[7]]);
        let is_marked = word.starts_with(&CONTINUATION);
        let is_nothing = word == [0; WORD as usize] || is_marked && len == 0;
        if is_nothing || in_front && !is_marked {
            at += WORD;
            continue;
        }
        let len = usize::try_from(len).ok().filter(|_| is_marked);
        let message = len.and_then(|len| Some((len, end.checked_sub(at + WORD + len as u64)?)));
        let Some((len, left)) = message.filter(|(len, _)| *len <= MAX_HEAD) else {
            found.bytes = Some(at).filter(|_| !in_front);
            break;
        };
        let mut head = vec![0; len];
        file.read_exact(&mut head)?;
        let head = root_as_message(&head).ok();
        let head = head.map(|head| (head.header_type(), u64::try_from(head.bodyLength()).ok()));
        let Some((kind, Some(body))) = head.filter(|(_, body)| body.is_some_and(|b| b <= left))
        else {
            found.bytes = Some(at).filter(|_| !in_front);
            break;
        };
        if kind == MessageHeader::RecordBatch {
            found.batches += 1;
            found.first.get_or_insert(at);
        }
        at = (at + WORD + len as u64 + body).next_multiple_of(WORD);
        file.seek(SeekFrom::Start(at))?;
    }
    Ok(found)
}

/// Where the first byte stands behind the end of a stream that is neither padding nor another mark of
/// an end; `at` is where the reader stands.
pub(super) fn behind_stream(reader: &mut impl Read, mut at: u64) -> io::Result<Option<u64>> {
    let mut marks = 0;
    loop {
        let mut word = Vec::new();
        reader.take(4).read_to_end(&mut word)?;
        match word.as_slice() {
            [] if marks == 0 => return Ok(None),
            word if *word == CONTINUATION && marks == 0 => marks = 4,
            word if !word.is_empty() && word.iter().all(|byte| *byte == 0) => marks = 0,
            _ => return Ok(Some(at - marks)),
        }
        at += word.len() as u64;
    }
}

/// The same behind the stream of a file, where its footer comes first: where a message stands in place
/// of the footer, or something behind the magic at its end.
pub(super) fn behind_file(reader: &mut impl Read, mut at: u64) -> io::Result<Option<u64>> {
    let mut start = Vec::new();
    reader.take(WORD).read_to_end(&mut start)?;
    if start.starts_with(&CONTINUATION) {
        return Ok(Some(at));
    }
    let mut reader = start.as_slice().chain(reader);
    // What was read last, of which the start of a magic may be the end.
    let mut recent = Vec::new();
    loop {
        let known = recent.len() as u64;
        if reader.by_ref().take(AT_ONCE).read_to_end(&mut recent)? == 0 {
            return Ok(None);
        }
        let magic = recent
            .windows(FILE_MAGIC.len())
            .position(|w| w == FILE_MAGIC);
        if let Some(magic) = magic {
            let behind = magic + FILE_MAGIC.len();
            let rest = recent.split_off(behind);
            return not_zero(rest.as_slice().chain(reader), at - known + behind as u64);
        }
        at += recent.len() as u64 - known;
        recent.drain(..recent.len().saturating_sub(FILE_MAGIC.len() - 1));
    }
}

/// Where the first byte stands that is no padding; `at` is where the reader stands.
fn not_zero(mut reader: impl Read, mut at: u64) -> io::Result<Option<u64>> {
    loop {
        let mut bytes = Vec::new();
        if reader.by_ref().take(AT_ONCE).read_to_end(&mut bytes)? == 0 {
            return Ok(None);
        }
        if let Some(i) = bytes.iter().position(|byte| *byte != 0) {
            return Ok(Some(at + i as u64));
        }
        at += bytes.len() as u64;
    }
}
