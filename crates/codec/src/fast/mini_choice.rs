//! The modes and widths that the encoder chooses for a mini-block, and the residuals they leave.

use super::forever::MINI_LEN;
use super::head::{MiniHead, Mode, Pixel, Time};
use super::reference;
use super::residual::{from_pixels, from_times};
use super::width::{self, Width};

/// A mini-block's head, which holds what was chosen, and its residuals.
#[derive(Debug, Clone, Copy)]
pub(super) struct MiniChoice {
    pub(super) head: MiniHead,
    pub(super) x: [u16; MINI_LEN],
    pub(super) y: [u16; MINI_LEN],
    pub(super) t: [u64; MINI_LEN],
}

impl MiniChoice {
    pub(super) const EMPTY: Self = Self {
        head: MiniHead::EMPTY,
        x: [0; MINI_LEN],
        y: [0; MINI_LEN],
        t: [0; MINI_LEN],
    };

    /// Chooses for up to 256 events, whose counts go on from `before`.
    #[inline(always)]
    pub(super) fn choose(&mut self, k: &[i64], before: i64, x: &[u16], y: &[u16]) {
        self.head = MiniHead {
            x: choose_pixels(x, &mut self.x),
            y: choose_pixels(y, &mut self.y),
            t: choose_times(k, before, &mut self.t),
        };
    }
}

/// Tries all modes and takes the cheapest. Of equals it takes the first, which is the fastest to
/// decode.
#[inline(always)]
fn choose_pixels(values: &[u16], out: &mut [u16; MINI_LEN]) -> Pixel {
    let first = values[0];
    let mut chosen: Option<(Width, Mode, u16)> = None;
    let mut trial = [0; MINI_LEN];
    for (mode, reference) in [
        (Mode::Reference, reference::find(values)),
        (Mode::Delta, first),
        (Mode::Xor, first),
    ] {
        from_pixels(mode, reference, values, &mut trial);
        let width = width::for_pixels(&trial);
        if chosen.is_none_or(|(best, ..)| width.cost < best.cost) {
            chosen = Some((width, mode, reference));
            out.copy_from_slice(&trial);
        }
    }
    let (width, mode, reference) = chosen.expect("there are modes");
    Pixel {
        mode,
        width: width.bits as u8,
        exceptions: width.exceptions as u8,
        high: width.high as u8,
        reference,
    }
}

#[inline(always)]
fn choose_times(k: &[i64], before: i64, out: &mut [u64; MINI_LEN]) -> Time {
    from_times(false, k, before, out);
    let mut zigzag = false;
    let mut width = width::for_times(out);
    // Where time never runs backwards, zigzag only wastes a bit.
    if out.iter().fold(0, |any, r| any | r) >> 63 == 1 {
        let mut trial = [0; MINI_LEN];
        from_times(true, k, before, &mut trial);
        let with = width::for_times(&trial);
        if with.cost < width.cost {
            (width, zigzag) = (with, true);
            out.copy_from_slice(&trial);
        }
    }
    Time {
        zigzag,
        width: width.bits as u8,
        exceptions: width.exceptions as u8,
        high: width.high as u8,
    }
}
