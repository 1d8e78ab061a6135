//! Numbers to planes.

use super::size::{BIT_SIZE, LANES, PLANE_LEN};

type Numbers = [u16; PLANE_LEN];
/// Room for the widest plane.
type Plane = [[u8; BIT_SIZE]; 16];

/// Appends the lowest `width <= 16` bits of the numbers as a plane.
pub(crate) fn pack(width: usize, numbers: &Numbers, out: &mut Vec<u8>) {
    let mut plane: Plane = [[0; BIT_SIZE]; 16];
    PACK[width](numbers, &mut plane);
    out.extend_from_slice(plane[..width].as_flattened());
}

fn pack_const<const W: usize>(numbers: &Numbers, out: &mut Plane) {
    if W == 0 {
        return;
    }
    let (rows, _) = numbers.as_chunks::<LANES>();
    let rows: &[[u16; LANES]; 16] = rows.try_into().expect("256 is 16 times 16");
    let mask = u16::MAX >> (16 - W);
    let mut words = [[0u16; LANES]; 16];
    macro_rules! rows {
        ($($row:literal)*) => {
            $({
                let (first, shift) = ($row * W / 16, $row * W % 16);
                for lane in 0..LANES {
                    words[first][lane] |= (rows[$row][lane] & mask) << shift;
                }
                if shift + W > 16 {
                    for lane in 0..LANES {
                        words[first + 1][lane] |= (rows[$row][lane] & mask) >> (16 - shift);
                    }
                }
            })*
        };
    }
    rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    for (bytes, words) in out.iter_mut().zip(&words).take(W) {
        for (lane, word) in words.iter().enumerate() {
            let [low, high] = word.to_le_bytes();
            bytes[2 * lane] = low;
            bytes[2 * lane + 1] = high;
        }
    }
}

static PACK: [fn(&Numbers, &mut Plane); 17] = [
    pack_const::<0>,
    pack_const::<1>,
    pack_const::<2>,
    pack_const::<3>,
    pack_const::<4>,
    pack_const::<5>,
    pack_const::<6>,
    pack_const::<7>,
    pack_const::<8>,
    pack_const::<9>,
    pack_const::<10>,
    pack_const::<11>,
    pack_const::<12>,
    pack_const::<13>,
    pack_const::<14>,
    pack_const::<15>,
    pack_const::<16>,
];

/// The bitmap of bytes of 0 and 1 (of others, the lowest bit counts).
pub(crate) fn pack_bitmap(p: &[u8; PLANE_LEN]) -> [u8; BIT_SIZE] {
    let (eights, _) = p.as_chunks::<8>();
    let mut bitmap = [0; BIT_SIZE];
    for (bits, eight) in bitmap.iter_mut().zip(eights) {
        // The multiplication moves the lowest bit of byte `i` to bit `56 + i`; no two meet.
        let ones = u64::from_le_bytes(*eight) & 0x0101_0101_0101_0101;
        *bits = (ones.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
    }
    bitmap
}

#[cfg(test)]
mod tests {
    use super::super::unpack::{unpack, unpack_bitmap};
    use super::*;

    #[test]
    fn every_width_comes_back() {
        let numbers: Numbers = std::array::from_fn(|i| (i as u16).wrapping_mul(40_503));
        for width in 0..=16 {
            let mut plane = Vec::new();
            pack(width, &numbers, &mut plane);
            assert_eq!(plane.len(), width * BIT_SIZE);
            let mut back = [1; PLANE_LEN];
            unpack(width, &plane, &mut back);
            let mask = ((1u32 << width) - 1) as u16;
            assert_eq!(back, numbers.map(|r| r & mask));
        }
    }

    #[test]
    fn every_byte_of_a_bitmap_comes_back() {
        for base in (0..=255u8).step_by(BIT_SIZE) {
            let bitmap = std::array::from_fn(|i| base + i as u8);
            let mut p = [2; PLANE_LEN];
            unpack_bitmap(&bitmap, &mut p);
            for (i, &p) in p.iter().enumerate() {
                assert_eq!(p, bitmap[i / 8] >> (i % 8) & 1);
            }
            assert_eq!(pack_bitmap(&p), bitmap);
        }
    }
}
