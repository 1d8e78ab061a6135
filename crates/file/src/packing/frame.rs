//! What stands around the compressed bytes of a zstd frame (RFC 8878, section 3.1.1), looked at before
//! they are unpacked: libraries take several frames for one, skip what is to be skipped, and each has
//! its own idea of how much memory a frame may ask for.

/// The first bytes of a frame.
const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// The most bytes that a frame may look back.
const MAX_WINDOW: u64 = 128 << 20;

/// Whether the bytes are one frame and nothing else, without a dictionary, of a window within the limit,
/// which does not say that it has another number of bytes than `raw_len`.
pub(super) fn is_plain(packed: &[u8], raw_len: u64) -> bool {
    rest_of(packed, raw_len).is_some_and(<[u8]>::is_empty)
}

/// What stands behind such a frame.
fn rest_of(packed: &[u8], raw_len: u64) -> Option<&[u8]> {
    let (descriptor, mut rest) = packed.strip_prefix(&MAGIC)?.split_first()?;
    let (size_flag, single) = (descriptor >> 6, descriptor >> 5 & 1 == 1);
    // A bit without meaning, a reserved one, and two of a dictionary.
    if descriptor & 0b1_1011 != 0 {
        return None;
    }
    let mut window = raw_len;
    if !single {
        let (byte, behind) = rest.split_first()?;
        let base = 1u64 << (10 + (byte >> 3));
        window = base + base / 8 * u64::from(byte & 7);
        rest = behind;
    }
    let size_len = match size_flag {
        0 => usize::from(single),
        flag => 1 << flag,
    };
    let (size, behind) = rest.split_at_checked(size_len)?;
    let mut bytes = [0; 8];
    bytes[..size_len].copy_from_slice(size);
    // Two bytes begin to count where one ends.
    let size = u64::from_le_bytes(bytes).wrapping_add(if size_len == 2 { 256 } else { 0 });
    if window > MAX_WINDOW || size_len > 0 && size != raw_len {
        return None;
    }
    rest = behind;
    loop {
        let (header, behind) = rest.split_at_checked(3)?;
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let len = match header >> 1 & 3 {
            // One byte that is repeated.
            1 => 1,
            3 => return None,
            _ => (header >> 3) as usize,
        };
        rest = behind.get(len..)?;
        if header & 1 == 1 {
            let checksum = if descriptor & 4 != 0 { 4 } else { 0 };
            return rest.get(checksum..);
        }
    }
}
