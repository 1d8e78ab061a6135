//! BloscLZ, the codec that Blosc has of its own: literals, and copies of what was before. After
//! [blosclz.c][1].
//!
//! [1]: https://github.com/Blosc/c-blosc/blob/main/blosc/blosclz.c

/// Distances that are written in 13 bits; this one is followed by one of 16 bits more.
const FAR: usize = 8191;

/// At most `len` bytes.
pub(super) fn unpack(bytes: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(len);
    let mut rest = bytes;
    let mut next = |n: usize| {
        let (taken, after) = rest.split_at_checked(n)?;
        rest = after;
        Some(taken)
    };
    // The first is literals whatever its upper bits are.
    let mut control = usize::from(next(1)?[0] & 31);
    loop {
        if control < 32 {
            out.extend_from_slice(next(control + 1)?);
        } else {
            let mut n = (control >> 5) - 1;
            if n == 6 {
                loop {
                    let more = next(1)?[0];
                    n += usize::from(more);
                    if more != 255 {
                        break;
                    }
                }
            }
            let mut back = (control & 31) << 8 | usize::from(next(1)?[0]);
            if back == FAR {
                let further = next(2)?;
                back += usize::from(further[0]) << 8 | usize::from(further[1]);
            }
            if out.len() + n + 3 > len {
                return None;
            }
            copy_back(&mut out, back + 1, n + 3)?;
        }
        if out.len() > len {
            return None;
        }
        match next(1) {
            Some(byte) => control = usize::from(byte[0]),
            None => return Some(out),
        }
    }
}

/// Adds `n` bytes that begin so far back; they may reach into those that are added.
pub(super) fn copy_back(out: &mut Vec<u8>, back: usize, n: usize) -> Option<()> {
    let from = out.len().checked_sub(back)?;
    if back >= n {
        out.extend_from_within(from..from + n);
        return Some(());
    }
    for i in from..from + n {
        out.push(out[i]);
    }
    Some(())
}
