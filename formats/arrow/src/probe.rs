//! The kinds of files, by their first bytes.

use arrow_ipc::{MessageHeader, root_as_message};
use evz_core::Clues;
use evz_table::ipc::CONTINUATION;

use crate::ipc::FILE_MAGIC;
use crate::parquet_file::{ENCRYPTED, MAGIC};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Parquet,
    IpcFile,
    IpcStream,
}

impl Kind {
    /// The kind of a file that starts with these bytes.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(MAGIC) || head.starts_with(ENCRYPTED) {
            Some(Self::Parquet)
        } else if head.starts_with(FILE_MAGIC) {
            Some(Self::IpcFile)
        } else {
            starts_with_schema(head).then_some(Self::IpcStream)
        }
    }
}

/// Whether a schema message starts here. One that goes on behind `head` is believed.
fn starts_with_schema(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(&CONTINUATION) else {
        return false;
    };
    let Some((len, rest)) = rest.split_first_chunk::<4>() else {
        return false;
    };
    let Some(len) = usize::try_from(i32::from_le_bytes(*len))
        .ok()
        .filter(|len| *len > 0)
    else {
        return false;
    };
    match rest.get(..len) {
        Some(message) => {
            root_as_message(message).is_ok_and(|m| m.header_type() == MessageHeader::Schema)
        }
        None => true,
    }
}

pub(crate) fn probe_parquet(clues: &Clues<'_>) -> Option<u8> {
    (Kind::of(clues.head)? == Kind::Parquet).then_some(255)
}

pub(crate) fn probe_ipc(clues: &Clues<'_>) -> Option<u8> {
    match Kind::of(clues.head)? {
        Kind::IpcFile => Some(255),
        Kind::IpcStream => Some(250),
        Kind::Parquet => None,
    }
}
