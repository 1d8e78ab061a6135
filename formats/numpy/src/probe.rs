//! Which files are arrays, by their first bytes.

use crate::npy::MAGIC;
use crate::zip::LocalHeader;

/// Whether the start of a file is an NPY array, as a score from 1 to 255: none if it is not.
pub fn probe_npy(head: &[u8]) -> Option<u8> {
    head.starts_with(&MAGIC).then_some(250)
}

/// Whether the start of a file is an archive of NPY arrays, as a score from 1 to 255: none if it is
/// not. A zip whose first member has another name is none.
pub fn probe_npz(head: &[u8]) -> Option<u8> {
    let header = LocalHeader::read_from(head)?;
    let name = head.get(LocalHeader::ENCODED_SIZE..)?;
    let name = name.get(..usize::from(header.name_len))?;
    name.ends_with(b".npy").then_some(250)
}
