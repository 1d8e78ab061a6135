//! Tables of the entropy decoder: what each value of the lowest bits of a state stands for.

use super::forever::{ALONE_BITS, TOTAL_BITS};
use super::frequency::{HALF, Shares};

/// What a lane does for one value of the lowest bits of its state: bits 0 to 7 the symbol, bits 8 to
/// 19 one less than its frequency, from bit 20 on how far the value lies behind the symbol's start.
pub(super) type Slot = u32;

/// Slots of one of several tables.
pub(super) const SLOTS: usize = 1 << TOTAL_BITS;
/// Slots of a table that is alone.
pub(super) const ALONE_SLOTS: usize = 1 << ALONE_BITS;

/// One of several tables.
pub(super) type Slots = [Slot; SLOTS];
/// A table that is alone.
pub(super) type AloneSlots = [Slot; ALONE_SLOTS];

/// A slot: number `i` of the `frequency` that a symbol has.
#[inline(always)]
pub(super) fn slot_of(symbol: usize, frequency: usize, i: usize) -> Slot {
    let frequency = (frequency.wrapping_sub(1) as u32) << 8;
    frequency.wrapping_add((i as u32) << 20) | symbol as u32
}

/// The tables of a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum ColumnSlots<'a> {
    Alone(&'a AloneSlots),
    Several(&'a [Slots]),
}

/// Slots that are written at once. As many may be written beyond the end of a table.
pub(super) const FILL: usize = 16;

/// Fills the slots of a table, and at most [`FILL`] behind; `put` fills slots in from the first.
#[inline(always)]
pub(super) fn fill_table(
    levels: &[u8],
    bits: u32,
    out: &mut [Slot],
    put: impl Fn(&mut [Slot; FILL], Slot),
) {
    let shares = Shares::new(levels, bits);
    let out = &mut out[..(1 << bits) + FILL];
    let (mut sum, mut start) = (HALF, 0);
    for (symbol, &level) in levels[..=shares.last].iter().enumerate() {
        let end = if symbol == shares.last {
            1 << bits
        } else {
            usize::from(shares.add(&mut sum, level))
        };
        let slot = slot_of(symbol, end - start, 0);
        // Slots beyond the symbol's own are overwritten by the symbols after it. Most symbols need
        // one write, and a symbol without a share needs no branch.
        let mut at = start;
        loop {
            let next = out[at..].first_chunk_mut().expect("there is room");
            put(next, slot.wrapping_add(((at - start) as u32) << 20));
            at += FILL;
            if at >= end {
                break;
            }
        }
        start = end;
    }
}

/// Fills slots in from the first.
#[inline(always)]
pub(super) fn put_slots(slots: &mut [Slot; FILL], first: Slot) {
    for (i, slot) in slots.iter_mut().enumerate() {
        *slot = first.wrapping_add((i as u32) << 20);
    }
}
