//! Bits in order of their place in a value, then LZ4 or Zstandard. After [bitshuffle][1].
//!
//! [1]: https://github.com/kiyo-masui/bitshuffle

use super::zstandard;

/// Values of a block where nothing is said of them: those of 8 KiB, a multiple of 8.
const BLOCK_LEN: usize = 8192;
const MIN_VALUES: usize = 128;

/// Codecs by their number.
const LZ4: u32 = 2;
const ZSTD: u32 = 3;

/// The parameters are two versions, the bytes of a value, the values of a block and the codec.
pub(super) fn undo(
    values: &[u32],
    bytes: &[u8],
    out: &mut Vec<u8>,
    len: usize,
) -> Result<(), String> {
    let value = |i: usize| values.get(i).copied().unwrap_or(0);
    let size = value(2) as usize;
    if size == 0 {
        return Err("its bits are of values without bytes".to_owned());
    }
    let how = (size, value(3) as usize, value(4));
    unpack(bytes, out, len, how)
        .ok_or_else(|| "its bits in order, or what is packed of them, are damaged".to_owned())
}

/// `how` is the bytes of a value, the values of a block and the codec.
fn unpack(
    bytes: &[u8],
    out: &mut Vec<u8>,
    len: usize,
    (size, block, codec): (usize, usize, u32),
) -> Option<()> {
    let usual = || (BLOCK_LEN / size / 8 * 8).max(MIN_VALUES);
    let (len, block, mut rest) = match codec {
        0 => {
            let block = if block == 0 { usual() } else { block };
            (bytes.len(), block, bytes)
        }
        LZ4 | ZSTD => {
            let (all, rest) = bytes.split_first_chunk::<8>()?;
            let (block, rest) = rest.split_first_chunk::<4>()?;
            let all = usize::try_from(u64::from_be_bytes(*all)).ok()?;
            let block = u32::from_be_bytes(*block) as usize / size;
            (Some(all).filter(|all| *all <= len)?, block, rest)
        }
        _ => return None,
    };
    if block == 0 || block % 8 != 0 {
        return None;
    }
    out.resize(len, 0);
    let mut packed = Vec::new();
    let (whole, last) = (len / size / block, len / size % block / 8 * 8);
    let blocks = std::iter::repeat_n(block, whole).chain((last > 0).then_some(last));
    let mut at = 0;
    for values in blocks {
        let to = &mut out[at..][..values * size];
        at += to.len();
        packed.resize(to.len(), 0);
        if codec == 0 {
            let (here, after) = rest.split_at_checked(to.len())?;
            packed.copy_from_slice(here);
            rest = after;
        } else {
            let (n, after) = rest.split_first_chunk::<4>()?;
            let (here, after) = after.split_at_checked(u32::from_be_bytes(*n) as usize)?;
            rest = after;
            let n = match codec {
                LZ4 => lz4_flex::block::decompress_into(here, &mut packed).ok()?,
                _ => zstandard::decompress(here, &mut packed).ok()?,
            };
            if n != to.len() {
                return None;
            }
        }
        unshuffle(size, &packed, to);
    }
    // Values that fill no row of 8 stand there as they are.
    let left = out.len() - at;
    out[at..].copy_from_slice(rest.get(..left)?);
    Some(())
}

/// Puts the bits of values together again; there are a multiple of 8 of them. Of all values stand one
/// behind the other: the lowest bits of their first bytes, the next ones, and so on.
pub(super) fn unshuffle(size: usize, bits: &[u8], out: &mut [u8]) {
    let row = bits.len() / size / 8;
    for place in 0..size {
        let rows: [&[u8]; 8] = std::array::from_fn(|bit| &bits[(place * 8 + bit) * row..][..row]);
        for (i, values) in out.chunks_exact_mut(8 * size).enumerate() {
            let matrix = u64::from_le_bytes(std::array::from_fn(|bit| rows[bit][i]));
            let turned = transpose(matrix).to_le_bytes();
            for (value, byte) in values.chunks_exact_mut(size).zip(turned) {
                value[place] = byte;
            }
        }
    }
}

/// Turns 8 x 8 bits over, so that rows become columns: halves of the square change places, then
/// quarters, then single bits.
fn transpose(mut bits: u64) -> u64 {
    for (shift, mask) in [
        (7, 0x00aa_00aa_00aa_00aa),
        (14, 0x0000_cccc_0000_cccc),
        (28, 0x0000_0000_f0f0_f0f0),
    ] {
        let swapped = (bits ^ (bits >> shift)) & mask;
        bits ^= swapped ^ (swapped << shift);
    }
    bits
}
