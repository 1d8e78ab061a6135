//! Planes to numbers.

use super::size::{BIT_SIZE, LANES, PLANE_LEN};

type Numbers = [u16; PLANE_LEN];

/// Unpacks a plane of `width <= 16`, which is `32 * width` bytes.
pub(crate) fn unpack(width: usize, plane: &[u8], out: &mut Numbers) {
    UNPACK[width](plane, out);
}

/// The bits that row `row` of lane `lane` has in words of `W` bits a row.
///
/// Everything but `lane` is a constant, so that the loop over the lanes below becomes vector code
/// without branches.
#[inline(always)]
fn bits<const W: usize>(words: &[[u8; BIT_SIZE]], row: usize, lane: usize) -> u16 {
    let word = |k: usize| u16::from_le_bytes([words[k][2 * lane], words[k][2 * lane + 1]]);
    let (first, shift) = (row * W / 16, row * W % 16);
    let low = word(first) >> shift;
    if shift + W <= 16 {
        low & mask(W)
    } else {
        (low | word(first + 1) << (16 - shift)) & mask(W)
    }
}

const fn mask(width: usize) -> u16 {
    if width == 0 {
        0
    } else {
        u16::MAX >> (16 - width)
    }
}

fn unpack_const<const W: usize>(plane: &[u8], out: &mut Numbers) {
    if W == 0 {
        out.fill(0);
        return;
    }
    let (words, _) = plane.as_chunks::<BIT_SIZE>();
    let words = &words[..W];
    let (rows, _) = out.as_chunks_mut::<LANES>();
    macro_rules! rows {
        ($($row:literal)*) => {
            $(for lane in 0..LANES {
                rows[$row][lane] = bits::<W>(words, $row, lane);
            })*
        };
    }
    rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
}

static UNPACK: [fn(&[u8], &mut Numbers); 17] = [
    unpack_const::<0>,
    unpack_const::<1>,
    unpack_const::<2>,
    unpack_const::<3>,
    unpack_const::<4>,
    unpack_const::<5>,
    unpack_const::<6>,
    unpack_const::<7>,
    unpack_const::<8>,
    unpack_const::<9>,
    unpack_const::<10>,
    unpack_const::<11>,
    unpack_const::<12>,
    unpack_const::<13>,
    unpack_const::<14>,
    unpack_const::<15>,
    unpack_const::<16>,
];

/// Spreads a bitmap over bytes of 0 and 1.
pub(crate) fn unpack_bitmap(bitmap: &[u8; BIT_SIZE], out: &mut [u8; PLANE_LEN]) {
    let (eights, _) = out.as_chunks_mut::<8>();
    for (bits, eight) in bitmap.iter().zip(eights) {
        // Each byte keeps its own bit, then any set bit carries into the byte's highest.
        let own = (u64::from(*bits) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
        let ones = ((own + 0x7f7f_7f7f_7f7f_7f7f) >> 7) & 0x0101_0101_0101_0101;
        *eight = ones.to_le_bytes();
    }
}
