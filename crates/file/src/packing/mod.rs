//! zstd, in which index leaves and side batches stand: the C library, and where there is no C
//! compiler for the target, as for a browser, one in Rust.

#[cfg(not(target_arch = "wasm32"))]
mod c;
#[cfg(any(test, target_arch = "wasm32"))]
mod rust;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use c::{pack, unpack};
#[cfg(target_arch = "wasm32")]
pub(crate) use rust::{pack, unpack};

#[cfg(test)]
mod tests {
    use super::{c, rust};

    #[test]
    fn either_unpacks_what_the_other_packed() {
        for n in [0, 1, 300, 200_000u32] {
            let bytes: Vec<u8> = (0..n)
                .map(|i| (i.wrapping_mul(i) / 7 % 251) as u8)
                .collect();
            for packed in [c::pack(&bytes), rust::pack(&bytes)] {
                assert_eq!(c::unpack(&packed, bytes.len()).unwrap(), bytes);
                assert_eq!(rust::unpack(&packed, bytes.len()).unwrap(), bytes);
                if n > 0 {
                    assert!(c::unpack(&packed, bytes.len() - 1).is_err());
                    assert!(rust::unpack(&packed, bytes.len() - 1).is_err());
                }
            }
        }
        assert!(rust::unpack(b"no frame", 100).is_err());
    }
}
