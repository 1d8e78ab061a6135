//! LZ4 as a filter of its own: the length of all, that of a block, and blocks with their lengths,
//! numbers with the highest byte first. After the [filter's page][1].
//!
//! [1]: https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md

pub(super) fn undo(_: &[u32], bytes: &[u8], out: &mut Vec<u8>, len: usize) -> Result<(), String> {
    unpack(bytes, out, len).ok_or_else(|| "its LZ4 bytes are damaged".to_owned())
}

fn unpack(bytes: &[u8], out: &mut Vec<u8>, len: usize) -> Option<()> {
    let (all, rest) = bytes.split_first_chunk::<8>()?;
    let (block, mut rest) = rest.split_first_chunk::<4>()?;
    let all = usize::try_from(u64::from_be_bytes(*all)).ok()?;
    let block = u32::from_be_bytes(*block) as usize;
    if all > len || block == 0 {
        return None;
    }
    out.resize(all, 0);
    for to in out.chunks_mut(block) {
        let (packed, after) = rest.split_first_chunk::<4>()?;
        let (packed, after) = after.split_at_checked(u32::from_be_bytes(*packed) as usize)?;
        rest = after;
        decode(packed, to)?;
    }
    Some(())
}

/// Fills `to` with a block, which stands there as it is if that is no longer.
pub(super) fn decode(packed: &[u8], to: &mut [u8]) -> Option<()> {
    if packed.len() == to.len() {
        to.copy_from_slice(packed);
        return Some(());
    }
    let n = lz4_flex::block::decompress_into(packed, to).ok()?;
    (n == to.len()).then_some(())
}
