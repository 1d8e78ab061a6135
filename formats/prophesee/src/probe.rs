//! Which files these are, by their first bytes.

use crate::guess::is_bare_dat;
use crate::header::Header;
use crate::header::dat::is_dat;
use crate::header::raw::is_raw;

/// Whether the start of a file is RAW, as a score up to 255: none if it is not.
pub fn probe_raw(head: &[u8]) -> Option<u8> {
    is_raw(&Header::parse(head)).then_some(250)
}

/// Whether the start of a file is DAT, as a score up to 255: none if it is not. A DAT file without a
/// header is taken for one if nothing else knows it.
pub fn probe_dat(head: &[u8]) -> Option<u8> {
    let header = Header::parse(head);
    if header.is_empty() {
        return is_bare_dat(head).then_some(20);
    }
    is_dat(&header).then_some(250)
}

/// Whether the start of a file is RAW or DAT, as a score up to 255: none if it is neither.
pub fn probe(head: &[u8]) -> Option<u8> {
    probe_raw(head).or_else(|| probe_dat(head))
}
