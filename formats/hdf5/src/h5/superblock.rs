//! The superblock, which says where everything begins. [File format specification][1], II.A.
//!
//! [1]: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html

use evz_core::{Error, Place, ReadAt, Result, read_range};

use super::fields::{Fields, Sizes};

/// How every HDF5 file begins.
pub(crate) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";

/// Where it may begin instead: behind a block of the user's, of 512 bytes or a power of two times that.
const FIRST_USER_BLOCK: u64 = 512;

/// What the superblock says.
pub(crate) struct Superblock {
    pub(crate) sizes: Sizes,
    /// What addresses count from.
    pub(crate) base: u64,
    /// Where the file should end, by its own account.
    pub(crate) end: Option<u64>,
    /// The object header of the root group.
    pub(crate) root: u64,
}

/// Where the signature stands, if it does in these first bytes of a file.
pub(crate) fn find(head: &[u8]) -> Option<u64> {
    let places = std::iter::successors(Some(FIRST_USER_BLOCK), |at| at.checked_mul(2));
    let mut places = std::iter::once(0).chain(places);
    places.find_map(|at| {
        let rest = usize::try_from(at).ok().and_then(|at| head.get(at..));
        match rest {
            Some(rest) if rest.starts_with(SIGNATURE) => Some(Some(at)),
            Some(_) => None,
            None => Some(None),
        }
    })?
}

impl Superblock {
    /// Reads that at `at`.
    ///
    /// # Errors
    /// If it is cut off, or of a version or with sizes that there are not.
    pub(crate) fn read(bytes: &dyn ReadAt, at: u64) -> Result<Self> {
        /// More than the longest, of version 1.
        const MAX_LEN: u64 = 128;
        let len = bytes.len().saturating_sub(at).min(MAX_LEN);
        let record = read_range(bytes, at, len)?;
        let sizes = Sizes {
            address: 8,
            length: 8,
        };
        let mut fields = Fields::new(&record, at, sizes);
        fields.skip(SIGNATURE.len())?;
        let version = fields.u8()?;
        if version > 3 {
            let what = format!("a superblock of version {version}, and 0 to 3 are read");
            return Err(Error::unsupported(Place::byte(at), what)
                .advise("copy it with h5repack of an older HDF5"));
        }
        if version < 2 {
            // Versions of the free space, of the root group, and of the shared header.
            fields.skip(4)?;
        }
        let sizes = Sizes {
            address: usize::from(fields.u8()?),
            length: usize::from(fields.u8()?),
        };
        let known = [2, 4, 8];
        if !known.contains(&sizes.address) || !known.contains(&sizes.length) {
            return Err(fields.corrupt(format!(
                "addresses of {} bytes and lengths of {}, and 2, 4 or 8 are expected",
                sizes.address, sizes.length
            )));
        }
        fields.sizes = sizes;
        if version < 2 {
            // A byte of 0, the ranks of two kinds of trees, and flags; then one more rank.
            fields.skip(if version == 0 { 9 } else { 13 })?;
        } else {
            fields.skip(1)?;
        }
        // Where the file begins by its own account, which a block of the user's moves.
        fields.address()?;
        // The free space, or the extension of the superblock.
        fields.address()?;
        let end = fields.address()?;
        let root = if version < 2 {
            fields.address()?;
            // The root group as an entry of a symbol table: its name, then its header.
            fields.skip(sizes.address)?;
            fields.address()?
        } else {
            fields.address()?
        };
        let Some(root) = root else {
            return Err(fields.corrupt("there is no root group"));
        };
        let base = at;
        Ok(Self {
            sizes,
            base,
            end,
            root,
        })
    }
}
