//! Fletcher's checksum of 32 bits, as HDF5 writes it behind the bytes.

/// The number of the filter, and the bytes of the checksum.
pub(super) const ID: u16 = 3;
pub(super) const LEN: usize = 4;

pub(super) fn undo(_: &[u32], bytes: &[u8], out: &mut Vec<u8>, _: usize) -> Result<(), String> {
    let Some((bytes, stored)) = bytes.split_last_chunk::<LEN>() else {
        return Err("it is shorter than its checksum".to_owned());
    };
    let (stored, found) = (u32::from_le_bytes(*stored), sum(bytes));
    // The first versions wrote the halves of 16 bits with their bytes swapped.
    let swapped = (found & 0x00ff_00ff) << 8 | (found >> 8) & 0x00ff_00ff;
    match stored == found || stored == swapped {
        true => {
            out.clear();
            out.extend_from_slice(bytes);
            Ok(())
        }
        false => Err(format!(
            "its checksum is {found:08x}, and {stored:08x} is expected"
        )),
    }
}

/// Of words of 16 bits, the first byte first.
fn sum(bytes: &[u8]) -> u32 {
    /// Words whose sums fit into 32 bits.
    const PART: usize = 2 * 360;
    let (mut a, mut b) = (0u32, 0u32);
    let fold = |n: u32| (n & 0xffff) + (n >> 16);
    let mut parts = bytes
        .chunks_exact(2)
        .map(|w| u32::from(w[0]) << 8 | u32::from(w[1]));
    let mut left = bytes.len() / 2;
    while left > 0 {
        let n = left.min(PART / 2);
        for word in parts.by_ref().take(n) {
            a += word;
            b += a;
        }
        (a, b) = (fold(a), fold(b));
        left -= n;
    }
    if let [.., last] = bytes
        && bytes.len() % 2 == 1
    {
        a += u32::from(*last) << 8;
        b += a;
        (a, b) = (fold(a), fold(b));
    }
    fold(b) << 16 | fold(a)
}
