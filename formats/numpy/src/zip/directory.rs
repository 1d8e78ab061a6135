//! The members of an archive, by the directory at its end.

use evz_core::{Error, Result};

use super::record::{
    CENTRAL, END, END_64, LOCATOR_64, LocalHeader, u16_at, u32_at, u64_at, with_zip64,
};
use super::{Member, walk};
use crate::file::SharedFile;

/// The members of an archive.
pub(crate) struct Archive {
    pub(crate) members: Vec<Member>,
    /// Whether the directory was missing.
    pub(crate) is_cut: bool,
}

/// Bytes of a directory; a recording has a dozen members, of some hundred bytes each.
const MAX_LEN: u64 = 1 << 19;
/// The record at the very end, and the longest comment behind it.
const END_LEN: u64 = 22;
const MAX_TAIL: u64 = END_LEN + 65_535;

/// Looks for the members of an archive. Where the directory is missing, for the file was cut, they
/// are found one after the other.
///
/// # Errors
/// If the directory is damaged, or too long.
pub(crate) fn open(file: &SharedFile, place: &str) -> Result<Archive> {
    let io = |e| Error::io(place, "cannot read it", e);
    let tail_len = file.len().min(MAX_TAIL);
    let tail_start = file.len() - tail_len;
    let mut tail = vec![0; tail_len as usize];
    file.read_at(tail_start, &mut tail).map_err(io)?;
    let Some(at) = find_end(&tail) else {
        let members = walk::members(file).map_err(io)?;
        return Ok(Archive {
            members,
            is_cut: true,
        });
    };
    let damaged = || {
        let what = "the directory of the zip is damaged";
        Error::corrupt(format!("{place}: byte {}", tail_start + at as u64), what)
    };
    let end = &tail[at..];
    let mut claim = [u32_at(end, 12), u32_at(end, 16)].map(|n| n.map(u64::from));
    if let Some(end_64) = at.checked_sub(20).map(|at| &tail[at..])
        && end_64.starts_with(&LOCATOR_64)
    {
        let mut record = [0; 56];
        let start = u64_at(end_64, 8).ok_or_else(damaged)?;
        file.read_at(start, &mut record).map_err(|_| damaged())?;
        if !record.starts_with(&END_64) {
            return Err(damaged());
        }
        claim = [u64_at(&record, 40), u64_at(&record, 48)];
    }
    let [Some(len), Some(start)] = claim else {
        return Err(damaged());
    };
    if len > MAX_LEN {
        let what = format!("a directory of {len} bytes is claimed; at most {MAX_LEN} are read");
        return Err(Error::limit(place, what));
    }
    let mut directory = vec![0; len as usize];
    file.read_at(start, &mut directory).map_err(|_| damaged())?;
    let mut members = Vec::new();
    let mut rest = directory.as_slice();
    while !rest.is_empty() {
        let (member, len) = read_entry(rest, file).ok_or_else(damaged)?;
        members.push(member);
        rest = &rest[len..];
    }
    Ok(Archive {
        members,
        is_cut: false,
    })
}

/// Where the record of the end stands: the last mark with its whole comment behind it.
fn find_end(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(END_LEN as usize)?;
    (0..=last).rev().find(|&at| {
        let comment = || u16_at(tail, at + 20).map(usize::from);
        tail[at..].starts_with(&END)
            && comment().is_some_and(|len| at + END_LEN as usize + len <= tail.len())
    })
}

/// A member, and the bytes of its entry.
fn read_entry(entry: &[u8], file: &SharedFile) -> Option<(Member, usize)> {
    const ENCODED_SIZE: usize = 46;
    if !entry.starts_with(&CENTRAL) {
        return None;
    }
    let [name_len, extra_len, comment_len] =
        [28, 30, 32].map(|at| u16_at(entry, at).map(usize::from));
    let (name_end, extra_end) = (
        ENCODED_SIZE + name_len?,
        ENCODED_SIZE + name_len? + extra_len?,
    );
    let len = extra_end + comment_len?;
    let name = entry.get(ENCODED_SIZE..name_end)?;
    let extra = entry.get(name_end..extra_end)?;
    entry.get(..len)?;
    let short = [u32_at(entry, 24)?, u32_at(entry, 20)?, u32_at(entry, 42)?];
    let [unpacked, packed_len, local] = with_zip64(short, extra)?;
    let mut header = [0; LocalHeader::ENCODED_SIZE];
    file.read_at(local, &mut header).ok()?;
    let start = local.checked_add(LocalHeader::read_from(&header)?.before_data())?;
    let member = Member {
        name: String::from_utf8_lossy(name).into_owned(),
        flags: u16_at(entry, 8)?,
        method: u16_at(entry, 10)?,
        crc: u32_at(entry, 16)?,
        packed_len,
        len: unpacked,
        start,
    };
    Some((member, len))
}
