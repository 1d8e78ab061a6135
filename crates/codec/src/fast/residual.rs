//! Values to residuals and back.

use super::forever::MINI_LEN;
use super::head::Mode;

type Pixels = [u16; MINI_LEN];

#[inline(always)]
fn zigzag16(d: u16) -> u16 {
    d << 1 ^ ((d as i16) >> 15) as u16
}

#[inline(always)]
fn unzigzag16(r: u16) -> u16 {
    r >> 1 ^ (r & 1).wrapping_neg()
}

#[inline(always)]
fn zigzag64(d: u64) -> u64 {
    d << 1 ^ ((d as i64) >> 63) as u64
}

#[inline(always)]
fn unzigzag64(r: u64) -> u64 {
    r >> 1 ^ (r & 1).wrapping_neg()
}

/// The residuals of up to 256 pixels, 0 beyond them.
#[inline(always)]
pub(super) fn from_pixels(mode: Mode, reference: u16, values: &[u16], out: &mut Pixels) {
    match mode {
        Mode::Reference => {
            for (r, v) in out.iter_mut().zip(values) {
                *r = v.wrapping_sub(reference);
            }
        }
        Mode::Delta => from_neighbours(reference, values, out, |v, before| {
            zigzag16(v.wrapping_sub(before))
        }),
        Mode::Xor => from_neighbours(reference, values, out, |v, before| v ^ before),
    }
    out[values.len()..].fill(0);
}

#[inline(always)]
fn from_neighbours(
    reference: u16,
    values: &[u16],
    out: &mut Pixels,
    residual: impl Fn(u16, u16) -> u16,
) {
    let [first, rest @ ..] = values else { return };
    out[0] = residual(*first, reference);
    for ((r, v), before) in out[1..].iter_mut().zip(rest).zip(values) {
        *r = residual(*v, *before);
    }
}

/// The residuals of up to 256 counts that go on from `before`, 0 beyond them.
#[inline(always)]
pub(super) fn from_times(zigzag: bool, k: &[i64], mut before: i64, out: &mut [u64; MINI_LEN]) {
    for (r, &k) in out.iter_mut().zip(k) {
        let d = k.wrapping_sub(before) as u64;
        *r = if zigzag { zigzag64(d) } else { d };
        before = k;
    }
    out[k.len()..].fill(0);
}

/// Turns residuals into pixels, in place.
#[inline(always)]
pub(super) fn to_pixels(mode: Mode, reference: u16, r: &mut Pixels) {
    match mode {
        Mode::Reference => {
            for v in r {
                *v = v.wrapping_add(reference);
            }
        }
        Mode::Delta => {
            for v in r.iter_mut() {
                *v = unzigzag16(*v);
            }
            let mut sum = reference;
            for v in r {
                sum = sum.wrapping_add(*v);
                *v = sum;
            }
        }
        Mode::Xor => {
            let mut sum = reference;
            for v in r {
                sum ^= *v;
                *v = sum;
            }
        }
    }
}

/// Turns narrow residuals of times into as many times, going on from `t`; gives the last time.
#[inline(always)]
pub(super) fn sum_times(zigzag: bool, divisor: u64, t: i64, r: &[u16], out: &mut [i64]) -> i64 {
    #[inline(always)]
    fn sum(mut t: i64, r: &[u16], out: &mut [i64], step: impl Fn(u16) -> i64) -> i64 {
        for (out, &r) in out.iter_mut().zip(r) {
            t = t.wrapping_add(step(r));
            *out = t;
        }
        t
    }
    let signed = |r| i64::from(unzigzag16(r) as i16);
    let scaled = |d: i64| d.wrapping_mul(divisor as i64);
    match (zigzag, divisor) {
        (false, 1) => sum(t, r, out, i64::from),
        (false, _) => sum(t, r, out, |r| scaled(i64::from(r))),
        (true, 1) => sum(t, r, out, signed),
        (true, _) => sum(t, r, out, |r| scaled(signed(r))),
    }
}

/// Turns residuals of times into times, in place, going on from `t`; gives the last time.
#[inline(always)]
pub(super) fn to_times(zigzag: bool, divisor: u64, mut t: i64, r: &mut [i64]) -> i64 {
    if zigzag {
        for r in r.iter_mut() {
            *r = unzigzag64(*r as u64) as i64;
        }
    }
    if divisor != 1 {
        for r in r.iter_mut() {
            *r = r.wrapping_mul(divisor as i64);
        }
    }
    for r in r {
        t = t.wrapping_add(*r);
        *r = t;
    }
    t
}
