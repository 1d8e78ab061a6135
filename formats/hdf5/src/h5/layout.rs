//! Where the values of a dataset stand. File format specification, IV.A.2.i.

use evz_core::{Error, Result};

use super::fields::Fields;

/// Where the values of a dataset stand.
#[derive(Debug, Clone)]
pub(crate) enum Layout {
    /// In the header itself.
    Compact(Vec<u8>),
    /// In a row, from an address on; none if they were never written.
    Contiguous(Option<u64>),
    /// In chunks of a shape, found by an index.
    Chunked {
        chunk: Vec<u64>,
        index: IndexAt,
        /// Whether chunks that reach beyond the dataset did not go through the filters.
        plain_edges: bool,
    },
}

/// What finds the chunks of a dataset, and where it is; none if there is no chunk yet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IndexAt {
    /// A tree of version 1.
    Tree1(Option<u64>),
    /// There is one chunk: its address, and of a filtered one its bytes and the filters left out.
    Single(Option<u64>, Option<(u64, u32)>),
    /// All chunks in a row, none of them filtered.
    Row(Option<u64>),
    /// An array of a fixed length.
    Fixed(Option<u64>),
    /// An array that grows.
    Growing(Option<u64>),
    /// A tree of version 2.
    Tree2(Option<u64>),
}

impl Layout {
    /// Reads it for a dataset of so many dimensions.
    pub(crate) fn read(fields: &mut Fields<'_>, rank: usize) -> Result<Self> {
        let version = fields.u8()?;
        match version {
            3 => version_3(fields, rank),
            // Version 5 differs in the widths within its indexes, which say them themselves.
            4 | 5 => version_4(fields, rank),
            _ => Err(Error::unsupported(
                fields.place(),
                format!("a layout of version {version}, and 3 to 5 are read"),
            )
            .advise("copy it with h5repack")),
        }
    }
}

fn version_3(fields: &mut Fields<'_>, rank: usize) -> Result<Layout> {
    match fields.u8()? {
        0 => {
            let len = fields.size(2)?;
            Ok(Layout::Compact(fields.take(len)?.to_vec()))
        }
        1 => Ok(Layout::Contiguous(fields.address()?)),
        2 => {
            let n = usize::from(fields.u8()?);
            let tree = fields.address()?;
            let chunk = sides(fields, n, 4, rank)?;
            Ok(Layout::Chunked {
                chunk,
                index: IndexAt::Tree1(tree),
                plain_edges: false,
            })
        }
        class => Err(fields.corrupt(format!("a layout of class {class}"))),
    }
}

fn version_4(fields: &mut Fields<'_>, rank: usize) -> Result<Layout> {
    match fields.u8()? {
        0 => {
            let len = fields.size(2)?;
            return Ok(Layout::Compact(fields.take(len)?.to_vec()));
        }
        1 => return Ok(Layout::Contiguous(fields.address()?)),
        2 => {}
        3 => {
            let what = "a virtual dataset, whose values stand in other files";
            return Err(
                Error::unsupported(fields.place(), what).advise("copy it with h5repack or h5py")
            );
        }
        class => return Err(fields.corrupt(format!("a layout of class {class}"))),
    }
    let flags = fields.u8()?;
    let n = usize::from(fields.u8()?);
    let width = usize::from(fields.u8()?);
    let chunk = sides(fields, n, width, rank)?;
    let kind = fields.u8()?;
    let index = match kind {
        1 => {
            let filtered = match flags & 2 {
                0 => None,
                _ => Some((fields.length()?, fields.u32()?)),
            };
            IndexAt::Single(fields.address()?, filtered)
        }
        2 => IndexAt::Row(fields.address()?),
        3 => {
            fields.skip(1)?;
            IndexAt::Fixed(fields.address()?)
        }
        4 => {
            fields.skip(5)?;
            IndexAt::Growing(fields.address()?)
        }
        5 => {
            fields.skip(6)?;
            IndexAt::Tree2(fields.address()?)
        }
        _ => return Err(fields.corrupt(format!("an index of chunks of kind {kind}"))),
    };
    Ok(Layout::Chunked {
        chunk,
        index,
        plain_edges: flags & 1 != 0,
    })
}

/// The shape of chunks; behind it stand the bytes of a value, which the type says too.
fn sides(fields: &mut Fields<'_>, n: usize, width: usize, rank: usize) -> Result<Vec<u64>> {
    if n != rank + 1 || rank == 0 {
        return Err(fields.corrupt(format!(
            "chunks of {} dimensions in a dataset of {rank}",
            n.saturating_sub(1)
        )));
    }
    let chunk: Vec<u64> = (0..rank)
        .map(|_| fields.uint(width))
        .collect::<Result<_>>()?;
    fields.uint(width)?;
    match chunk.contains(&0) {
        true => Err(fields.corrupt("chunks without values")),
        false => Ok(chunk),
    }
}
