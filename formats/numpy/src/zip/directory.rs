//! The members of an archive.

use std::cell::Cell;
use std::io::{self, Read};
use std::sync::Arc;

use evz_core::{AtReader, Error, Loss, LossKind, Place, ReadAt, Result, read_error};
use zip::ZipArchive;
use zip::read::{ZipFile, read_zipfile_from_stream_with_compressed_size};
use zip::result::ZipError;

use super::{Member, agreement};

/// The members of an archive.
pub(crate) struct Archive {
    pub(crate) members: Vec<Member>,
    /// Whether they were found by their own heads, as there was no whole directory.
    pub(crate) is_cut: bool,
    /// What of it is not among them.
    pub(crate) lost: Option<Loss>,
}

/// More members than that are no recording.
const MAX_MEMBERS: usize = 4096;

/// Looks for the members of an archive. Where the directory at its end is missing, for the file was
/// cut, they are found one after the other.
///
/// # Errors
/// If there are too many, or they cannot be read.
pub(crate) fn open(bytes: &Arc<dyn ReadAt>, place: &Place) -> Result<Archive> {
    let mut archive = match ZipArchive::new(AtReader::new(bytes.clone())) {
        Ok(archive) => archive,
        Err(ZipError::Io(e)) if !is_end(&e) => return Err(read_error(place, e)),
        Err(_) => {
            let (members, cut_at) = walk(bytes).map_err(|e| read_error(place, e))?;
            return Ok(Archive {
                members,
                is_cut: true,
                lost: cut_at.map(|at| no_end(&place.clone().with_byte(at))),
            });
        }
    };
    if archive.len() > MAX_MEMBERS {
        let what = format!(
            "it has {} members, more than a recording has",
            archive.len()
        );
        return Err(Error::limit(place, what));
    }
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let member = archive
            .by_index_raw(index)
            .map_err(damaged_directory(place))?;
        let start = member.data_start().unwrap_or(u64::MAX);
        members.push(of(&member, start));
    }
    let lost = agreement::check(bytes, &mut archive, place)?;
    Ok(Archive {
        members,
        is_cut: false,
        lost,
    })
}

/// What is said of a directory that cannot be read.
pub(super) fn damaged_directory(place: &Place) -> impl Fn(ZipError) -> Error {
    move |e| match e {
        ZipError::Io(e) if !is_end(&e) => read_error(place, e),
        e => Error::corrupt(place, format!("the directory of the zip is damaged ({e})")),
    }
}

/// What is lost where the members end, and no directory says that there were no others.
fn no_end(place: &Place) -> Loss {
    let what = format!(
        "{place}: it is cut off or damaged: no further member starts here, and not the directory of them; copy it again from where it came from"
    );
    Loss::new(
        LossKind::CutOff,
        "ends of files, and what members stood there",
        1,
    )
    .with_examples([what])
}

fn of<R: Read>(file: &ZipFile<'_, R>, start: u64) -> Member {
    Member {
        name: String::from_utf8_lossy(file.name_raw()).into_owned(),
        encrypted: file.encrypted(),
        method: file.compression(),
        crc: file.crc32(),
        packed_len: file.compressed_size(),
        len: file.size(),
        start,
    }
}

/// The members whose heads are there, from the front on. One whose length stands behind it is the
/// last, and goes on to the end of the file. Where they end is returned, if the directory is not there.
pub(super) fn walk(bytes: &Arc<dyn ReadAt>) -> io::Result<(Vec<Member>, Option<u64>)> {
    let at = Cell::new(0);
    let mut reader = Counted {
        reader: AtReader::new(bytes.clone()),
        at: &at,
    };
    let mut members = Vec::new();
    let mut cut_at = Some(0);
    while members.len() < MAX_MEMBERS {
        cut_at = Some(at.get());
        let left = bytes.len().saturating_sub(at.get());
        match read_zipfile_from_stream_with_compressed_size(&mut reader, left) {
            Ok(Some(file)) => {
                let mut member = of(&file, at.get());
                if file.flags().is_using_data_descriptor() {
                    (member.packed_len, member.len) = (u64::MAX, u64::MAX);
                }
                members.push(member);
                // The file, dropped, reads its bytes: the next head stands behind them.
            }
            Err(ZipError::Io(e)) if !is_end(&e) => return Err(e),
            // The directory.
            Ok(None) => {
                cut_at = None;
                break;
            }
            Err(_) => break,
        }
    }
    Ok((members, cut_at))
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    )
}

/// A reader that says how far it has come while somebody else has it.
struct Counted<'a> {
    reader: AtReader,
    at: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        self.at.set(self.at.get() + n as u64);
        Ok(n)
    }
}
