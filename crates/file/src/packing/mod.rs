//! zstd, in which side batches stand: the C library, and where there is no C compiler for the target,
//! as for a browser, one in Rust.

#[cfg(not(target_arch = "wasm32"))]
mod c;
mod frame;
#[cfg(any(test, target_arch = "wasm32"))]
mod rust;

#[cfg(not(target_arch = "wasm32"))]
use c as library;
#[cfg(target_arch = "wasm32")]
use rust as library;

pub(crate) use library::pack;

/// The `len` bytes in a frame; none if it is not exactly one frame of them.
pub(crate) fn unpack(packed: &[u8], len: usize) -> Option<Vec<u8>> {
    if !frame::is_plain(packed, len as u64) {
        return None;
    }
    let bytes = library::unpack(packed, len).ok();
    bytes.filter(|bytes| bytes.len() == len)
}

#[cfg(test)]
mod tests {
    use super::{c, frame, rust, unpack};

    fn some(n: u32) -> Vec<u8> {
        let byte = |i: u32| (i.wrapping_mul(i) / 7 % 251) as u8;
        (0..n).map(byte).collect()
    }

    #[test]
    fn either_unpacks_what_the_other_packed() {
        for n in [0, 1, 300, 65_000, 200_000, 3_000_000] {
            let bytes = some(n);
            for packed in [c::pack(&bytes), rust::pack(&bytes)] {
                assert_eq!(c::unpack(&packed, bytes.len()).unwrap(), bytes);
                assert_eq!(rust::unpack(&packed, bytes.len()).unwrap(), bytes);
                assert!(frame::is_plain(&packed, n.into()), "{n}");
                if n > 0 {
                    assert!(c::unpack(&packed, bytes.len() - 1).is_err());
                    assert!(rust::unpack(&packed, bytes.len() - 1).is_err());
                }
            }
        }
        assert!(rust::unpack(b"no frame", 100).is_err());
    }

    #[test]
    fn a_frame_is_one_and_plain() {
        let bytes = some(3_000);
        let frame = c::pack(&bytes);
        assert_eq!(unpack(&frame, 3_000).unwrap(), bytes);
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7][..]].concat();
        let empty = c::pack(&[]);
        let of_library = |packed: &[u8]| c::unpack(packed, 3_000).is_ok();
        for (packed, taken_by_library) in [
            ([&frame[..], &skippable].concat(), true),
            ([&skippable[..], &frame].concat(), true),
            ([&frame[..], &empty].concat(), true),
            ([&frame[..], &[0]].concat(), false),
            (frame[..frame.len() - 1].to_vec(), false),
        ] {
            assert_eq!(of_library(&packed), taken_by_library);
            assert!(unpack(&packed, 3_000).is_none());
        }
        assert!(unpack(&frame, 2_999).is_none());
        assert!(unpack(&frame, 3_001).is_none());
    }

    #[test]
    fn a_frame_needs_no_dictionary_and_no_more_memory_than_told() {
        // Each is one byte that is repeated a thousand times, with more or less said before.
        let block = [(1_000u32 << 3 | 0b011).to_le_bytes()[..3].to_vec(), vec![7]].concat();
        let frame = |head: &[u8]| [&[0x28, 0xb5, 0x2f, 0xfd], head, &block].concat();
        let window = |exponent: u8| frame(&[0, exponent << 3]);
        for packed in [
            window(0),
            window(17),
            frame(&[0x40, 0, 232, 2]),
            frame(&[0x60, 232, 2]),
        ] {
            assert_eq!(unpack(&packed, 1_000).unwrap(), [7; 1_000]);
        }
        let refused = [
            window(18),
            // A dictionary, though it has the number that stands for none; a bit without meaning.
            frame(&[0x01, 0, 0]),
            frame(&[0x10, 0]),
            frame(&[0x08, 0]),
            // Another number of bytes.
            frame(&[0x40, 0, 233, 2]),
        ];
        for packed in refused {
            assert!(unpack(&packed, 1_000).is_none());
        }
    }
}
