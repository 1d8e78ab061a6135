//! LZF, as h5py writes it: literals, and copies of what is at most 8 KiB behind.

use super::blosclz::copy_back;

pub(super) fn undo(_: &[u32], bytes: &[u8], out: &mut Vec<u8>, len: usize) -> Result<(), String> {
    out.clear();
    let mut rest = bytes;
    let mut next = |n: usize| {
        let (taken, after) = rest.split_at_checked(n)?;
        rest = after;
        Some(taken)
    };
    while let Some([control]) = next(1) {
        let control = usize::from(*control);
        let done = match control {
            ..32 => next(control + 1).map(|literals| out.extend_from_slice(literals)),
            _ => (|| {
                let longer = match control >> 5 {
                    7 => usize::from(next(1)?[0]),
                    _ => 0,
                };
                let back = (control & 31) << 8 | usize::from(next(1)?[0]);
                copy_back(out, back + 1, (control >> 5) + longer + 2)
            })(),
        };
        if done.is_none() || out.len() > len {
            return Err("its LZF bytes are damaged".to_owned());
        }
    }
    Ok(())
}
