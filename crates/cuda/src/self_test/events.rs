//! The recording that a GPU decodes when it is opened. `shim/tests/self_test.rs` encodes the same.

use evz_core::{Event, EventBatch};

/// Size of its sensor.
pub(crate) const SIZE: (u16, u16) = (64, 48);

/// How many events it has: some blocks and groups, the last of each not whole.
pub(crate) const N_EVENTS: u32 = 3_000;

/// Its events. Differences between neighbours have every sign and size, so that polarities have
/// every context; now and then a time is far from the one before.
pub(crate) fn events() -> EventBatch {
    let mut state = 0u64;
    // SplitMix64.
    let mut random = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let (mut t, mut x, mut y, mut p) = (1_000_000, 30, 20, 0);
    let mut event = || {
        let mut below = |n: i64| (random() >> 32) as i64 % n;
        // Up to 2 and up to 8 pixels away, in the same row, or anywhere.
        let near = [2, 8, 64, 64][below(4) as usize];
        x += below(2 * near + 1) - near;
        y += match below(4) {
            0 if near > 8 => 0,
            _ => below(2 * near + 1) - near,
        };
        x = x.clamp(0, i64::from(SIZE.0) - 1);
        y = y.clamp(0, i64::from(SIZE.1) - 1);
        t += if below(100) == 0 {
            below(1 << 20)
        } else {
            below(5)
        };
        p ^= i64::from(below(near) == 0);
        Event {
            t,
            x: x as u16,
            y: y as u16,
            p: p as u8,
        }
    };
    (0..N_EVENTS).map(|_| event()).collect()
}
