//! Zip archives: their members, and the bytes of each.
//!
//! Layout after PKWARE's APPNOTE.TXT: 4.3.7 local file header, 4.3.12 central directory, 4.3.14
//! zip64 end of central directory, 4.3.15 its locator, 4.3.16 end of central directory, 4.5.3 zip64
//! extended information.

mod deflate;
mod directory;
mod member;
mod record;
mod walk;
mod write;

pub(crate) use deflate::Deflated;
pub(crate) use directory::{Archive, open};
pub(crate) use member::Member;
pub(crate) use record::LocalHeader;
pub(crate) use write::ZipWriter;
