//! Whether the directory of an archive and the heads of its members tell the same, and what of the
//! file neither of them is.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use evz_core::{AtReader, Error, Loss, LossKind, Place, ReadAt, Result, read_error, read_range};
use zip::ZipArchive;

use super::directory::{damaged_directory, walk};

/// What a member starts with, and the bytes of its head before its name (PKWARE's APPNOTE.TXT, 4.3.7).
const START: &[u8; 4] = b"PK\x03\x04";
const HEAD: u64 = 30;

/// Looks whether every member is there once, under one name, in bytes of its own; returns members
/// that the directory does not list.
///
/// # Errors
/// If the archive says two things of a member: which of them holds is not known.
pub(super) fn check(
    bytes: &Arc<dyn ReadAt>,
    archive: &mut ZipArchive<AtReader>,
    place: &Place,
) -> Result<Option<Loss>> {
    if archive.has_duplicate_names() {
        return Err(several_of_a_name(bytes, place));
    }
    let mut members: Vec<(Range<u64>, String)> = Vec::new();
    for index in 0..archive.len() {
        let member = archive
            .by_index_raw(index)
            .map_err(damaged_directory(place))?;
        let (start, name) = (member.header_start(), member.name_raw());
        let shown = String::from_utf8_lossy(name).into_owned();
        let own = read_range(
            bytes.as_ref(),
            start.saturating_add(HEAD),
            name.len() as u64,
        );
        let own = own.map_err(|e| e.within(place))?;
        if own != name {
            let own = String::from_utf8_lossy(&own);
            let what = format!(
                "the directory of the zip says that {shown:?} starts here, and its own head {own:?}; the file is damaged"
            );
            return Err(Error::corrupt(place.clone().with_byte(start), what));
        }
        let body = member.data_start().unwrap_or(u64::MAX);
        let end = body.saturating_add(member.compressed_size());
        members.push((start..end, shown));
    }
    members.sort_by_key(|(bytes, _)| bytes.start);
    if let Some([(one, first), (other, second)]) = (members.windows(2))
        .map(|pair| [&pair[0], &pair[1]])
        .find(|[(one, _), (other, _)]| one.end > other.start)
    {
        let what = format!(
            "{second:?} starts here, within {first:?}, whose bytes {} to {} are; the file is damaged",
            one.start, one.end
        );
        return Err(Error::corrupt(place.clone().with_byte(other.start), what));
    }
    // The directory has no member in it, and neither has what follows.
    let ends = members.iter().map(|(bytes, _)| bytes.end);
    let starts = members.iter().map(|(bytes, _)| bytes.start);
    let gaps = [0].into_iter().chain(ends).zip(starts.chain([bytes.len()]));
    let mut unlisted = Vec::new();
    for (from, to) in gaps {
        let found = find(bytes, from..to).map_err(|e| read_error(place, e))?;
        unlisted.extend(found);
    }
    let examples = unlisted.iter().map(|at| {
        let place = place.clone().with_byte(*at);
        format!(
            "{place}: a member starts here that the directory of the zip does not list; if several archives were put into one file, take them apart"
        )
    });
    let loss = Loss::new(
        LossKind::Damaged,
        "stretches that the directory does not list",
        unlisted.len() as u64,
    );
    Ok((!unlisted.is_empty()).then(|| loss.with_examples(examples.take(Loss::MAX_EXAMPLES))))
}

/// An archive with two members of one name.
fn several_of_a_name(bytes: &Arc<dyn ReadAt>, place: &Place) -> Error {
    let members = walk(bytes).map_or(Vec::new(), |(members, _)| members);
    let mut names = HashSet::new();
    let again = members.iter().find(|member| !names.insert(&member.name));
    let name = again.map_or(String::new(), |member| format!(", {:?}", member.name));
    let what = format!("several of its members have the same name{name}");
    Error::corrupt(place, what).advise("write it again with one of them")
}

/// Where the first member starts in a part of the file.
fn find(bytes: &Arc<dyn ReadAt>, part: Range<u64>) -> std::io::Result<Option<u64>> {
    const AT_ONCE: u64 = 1 << 16;
    let mut reader = AtReader::new(bytes.clone());
    reader.seek(SeekFrom::Start(part.start))?;
    let mut reader = reader.take(part.end.saturating_sub(part.start));
    // What was read last, of which the start of a member may be the end.
    let (mut recent, mut at) = (Vec::new(), part.start);
    loop {
        let known = recent.len();
        if reader.by_ref().take(AT_ONCE).read_to_end(&mut recent)? == 0 {
            return Ok(None);
        }
        if let Some(i) = recent.windows(START.len()).position(|w| w == START) {
            return Ok(Some(at - known as u64 + i as u64));
        }
        at += (recent.len() - known) as u64;
        recent.drain(..recent.len().saturating_sub(START.len() - 1));
    }
}
