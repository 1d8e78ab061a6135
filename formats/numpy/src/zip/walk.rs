//! The members of an archive that was cut, one after the other from its front.

use std::io::{self, Read};

use super::Member;
use super::record::{LocalHeader, SIZES_BEHIND, with_zip64};
use crate::file::SharedFile;

/// More members than that are no recording.
const MAX_MEMBERS: usize = 4096;

/// The members whose names are there. One whose length stands behind it is the last.
pub(crate) fn members(file: &SharedFile) -> io::Result<Vec<Member>> {
    let (mut members, mut at) = (Vec::new(), 0);
    while members.len() < MAX_MEMBERS
        && let Some(member) = member(file, at)?
    {
        at = match member.start.checked_add(member.packed_len) {
            Some(end) if member.flags & SIZES_BEHIND == 0 => end,
            _ => file.len(),
        };
        members.push(member);
    }
    Ok(members)
}

fn member(file: &SharedFile, at: u64) -> io::Result<Option<Member>> {
    let mut bytes = Vec::new();
    // Name and extra field have at most 64 KiB each.
    file.section(at, 1 << 18).read_to_end(&mut bytes)?;
    let read = || {
        let header = LocalHeader::read_from(&bytes)?;
        let rest = bytes.get(LocalHeader::ENCODED_SIZE..)?;
        let (name, rest) = rest.split_at_checked(header.name_len.into())?;
        let extra = rest.get(..header.extra_len.into())?;
        let short = [header.len, header.packed_len];
        let [len, packed_len] = match header.flags & SIZES_BEHIND {
            0 => with_zip64(short, extra)?,
            _ => [u64::MAX; 2],
        };
        Some(Member {
            name: String::from_utf8_lossy(name).into_owned(),
            flags: header.flags,
            method: header.method,
            crc: header.crc,
            packed_len,
            len,
            start: at + header.before_data(),
        })
    };
    Ok(read())
}
