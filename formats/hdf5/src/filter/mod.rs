//! The filters that chunks go through when they are written, undone.

mod bitshuffle;
mod blosc;
mod blosclz;
mod deflate;
mod fletcher;
mod lz4;
mod lzf;
pub(crate) mod shuffle;
mod zstandard;

use crate::h5::Filter;

/// The number of Prophesee's filter, which is undone elsewhere: it knows what events are.
pub(crate) const ECF: u16 = 36_559;

/// Undoes a filter: its parameters, its output, where the bytes go that it came from, and how many are
/// expected at most. What these hold before does not matter, but for their memory.
type Undo = fn(&[u32], &[u8], &mut Vec<u8>, usize) -> Result<(), String>;

/// What a filter is called, and what undoes it; [registered filters][1] and those of HDF5 itself.
///
/// [1]: https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md
const KNOWN: &[(u16, &str, Option<Undo>)] = &[
    (1, "deflate", Some(deflate::undo)),
    (2, "shuffle", Some(shuffle::undo)),
    (3, "fletcher32", Some(fletcher::undo)),
    (4, "szip", None),
    (5, "n-bit", None),
    (6, "scale-offset", None),
    (307, "bzip2", None),
    (32_000, "LZF", Some(lzf::undo)),
    (32_001, "Blosc", Some(blosc::undo)),
    (32_003, "Snappy", None),
    (32_004, "LZ4", Some(lz4::undo)),
    (32_008, "bitshuffle", Some(bitshuffle::undo)),
    (32_013, "ZFP", None),
    (32_015, "Zstandard", Some(zstandard::undo)),
    (32_017, "SZ", None),
    (32_026, "Blosc 2", None),
    (32_028, "Granular BitRound", None),
    (ECF, "ECF", None),
];

/// The first filter that cannot be undone, by its number and its name.
pub(crate) fn unknown(filters: &[Filter]) -> Option<String> {
    let unknown = filters.iter().find(|f| undo_of(f.id).is_none())?;
    let known = KNOWN.iter().find(|(id, ..)| *id == unknown.id);
    let name = known.map_or(&*unknown.name, |(_, name, _)| name);
    Some(match name {
        "" => format!("{}", unknown.id),
        name => format!("{} ({})", unknown.id, name.escape_debug()),
    })
}

fn undo_of(id: u16) -> Option<Undo> {
    KNOWN.iter().find(|(known, ..)| *known == id)?.2
}

/// Replaces `out` by the bytes of a chunk as they were before the filters: `len` of them. A bit of `mask`
/// is set for each filter that this chunk did not go through.
///
/// # Errors
/// If the bytes are damaged, in words.
pub(crate) fn undo(
    filters: &[Filter],
    mask: u32,
    bytes: &[u8],
    out: &mut Vec<u8>,
    len: usize,
) -> Result<(), String> {
    let (mut between, mut is_first) = (Vec::new(), true);
    let numbered = filters.iter().enumerate().rev();
    for (i, filter) in numbered.filter(|(i, _)| mask >> i & 1 == 0) {
        let Some(undo) = undo_of(filter.id) else {
            return Err(format!("filter {} is not known", filter.id));
        };
        // Checksums were added to the output of those before.
        let sums = filters[..i].iter().zip(0..);
        let sums = sums.filter(|(f, n)| f.id == fletcher::ID && mask >> n & 1 == 0);
        let most = len + fletcher::LEN * sums.count();
        let from = match is_first {
            true => bytes,
            false => {
                std::mem::swap(out, &mut between);
                &between
            }
        };
        undo(&filter.values, from, out, most)?;
        is_first = false;
    }
    if is_first {
        out.clear();
        out.extend_from_slice(bytes);
    }
    match out.len() == len {
        true => Ok(()),
        false => Err(format!(
            "it has {} bytes where {len} are expected",
            out.len()
        )),
    }
}
