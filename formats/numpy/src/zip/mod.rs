//! Zip archives: their members, and the bytes of each.
//!
//! The crate `zip` reads the directory. What it cannot do is here: to read several members at once,
//! each on a core of its own (its reader of a member borrows the archive); to pack one member on all
//! cores, as its bytes come; and to write sizes before the bytes into what cannot seek (it puts them
//! behind, and of an archive that is cut nobody then finds the next member).

mod agreement;
mod deflate;
mod directory;
mod member;
mod write;

pub(crate) use deflate::Deflated;
pub(crate) use directory::{Archive, open};
pub(crate) use member::Member;
pub(crate) use write::ZipWriter;
