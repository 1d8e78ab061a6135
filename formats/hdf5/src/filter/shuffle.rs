//! Bytes in order of their place in a value: all first ones, all second ones.

/// The parameter is the bytes of a value.
pub(super) fn undo(
    values: &[u32],
    bytes: &[u8],
    out: &mut Vec<u8>,
    _: usize,
) -> Result<(), String> {
    let size = values.first().map_or(1, |size| *size as usize);
    out.resize(bytes.len(), 0);
    unshuffle(size, bytes, out);
    Ok(())
}

/// Puts the bytes of values of this size together again. Those that are left over at the end stand
/// there as they are.
pub(super) fn unshuffle(size: usize, bytes: &[u8], out: &mut [u8]) {
    match size {
        0 | 1 => out.copy_from_slice(bytes),
        2 => of::<2>(bytes, out),
        4 => of::<4>(bytes, out),
        8 => of::<8>(bytes, out),
        _ => {
            let n = bytes.len() / size;
            for place in 0..size {
                let here = &bytes[place * n..][..n];
                for (value, byte) in out.chunks_exact_mut(size).zip(here) {
                    value[place] = *byte;
                }
            }
            out[n * size..].copy_from_slice(&bytes[n * size..]);
        }
    }
}

/// All places of a value at once.
fn of<const SIZE: usize>(bytes: &[u8], out: &mut [u8]) {
    let n = bytes.len() / SIZE;
    let places: [&[u8]; SIZE] = std::array::from_fn(|place| &bytes[place * n..][..n]);
    let (values, rest) = out.as_chunks_mut::<SIZE>();
    for (i, value) in values.iter_mut().enumerate() {
        *value = std::array::from_fn(|place| places[place][i]);
    }
    rest.copy_from_slice(&bytes[n * SIZE..]);
}

/// The other way round.
pub(crate) fn shuffle(size: usize, bytes: &[u8]) -> Vec<u8> {
    let n = bytes.len() / size;
    let mut out = Vec::with_capacity(bytes.len());
    for place in 0..size {
        out.extend(bytes.chunks_exact(size).map(|value| value[place]));
    }
    out.extend_from_slice(&bytes[n * size..]);
    out
}
