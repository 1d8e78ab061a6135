//! DAT: 8 bytes an event, the time in full.
//!
//! docs.prophesee.ai, "DAT File Format"; OpenEB,
//! `sdk/modules/core/python/pypkg/metavision_core/event_io/dat_tools.py`; for version 1 faery,
//! `src/dat/decoder.rs`.

use evz_core::{PartReader, PartWriter, Result};

use super::Decoded;
use crate::clock::DatTime;

/// Where column, row and polarity stand in the second half of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// 9, 8 and 4 bits.
    V1,
    /// 14, 14 and 4 bits, of which the maker's tools write 1.
    V2,
}

/// Events whose times are looked at together.
const CHUNK: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dat {
    layout: Layout,
    clock: Option<DatTime>,
}

impl Dat {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            clock: None,
        }
    }

    pub(super) fn decode(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) {
        let (events, _) = bytes.as_chunks::<8>();
        for (i, events) in events.chunks(CHUNK).enumerate() {
            self.times(events, out);
            let at = at + (i * CHUNK * 8) as u64;
            match self.layout {
                Layout::V1 => pixels::<9, 8, 17>(events, at, out),
                Layout::V2 => pixels::<14, 14, 28>(events, at, out),
            }
        }
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        DatTime::tell(self.clock, part);
    }

    pub(super) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        self.clock = DatTime::told(part)?;
        Ok(())
    }

    /// Goes on as if `bytes` had been decoded.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        let (events, _) = bytes.as_chunks::<8>();
        for events in events.chunks(CHUNK) {
            let clock = self.clock_at(events);
            if leaps(clock, events) {
                for event in events {
                    clock.show(half(event, 0));
                }
            } else if let Some(last) = events.last() {
                clock.stay(half(last, 0));
            }
        }
    }

    fn times(&mut self, events: &[[u8; 8]], out: &mut Decoded) {
        let clock = self.clock_at(events);
        if leaps(clock, events) {
            for event in events {
                out.found.wraps += u64::from(clock.show(half(event, 0)));
                out.batch.t.push(out.staging.ticks(clock.ticks()));
            }
        } else if let Some(last) = events.last() {
            let turned = out.staging.ticks(clock.turned());
            let times = events
                .iter()
                .map(|event| turned.wrapping_add(half(event, 0).into()));
            out.batch.t.extend(times);
            clock.stay(half(last, 0));
        }
    }

    /// The clock, which begins with the first event of all.
    fn clock_at(&mut self, events: &[[u8; 8]]) -> &mut DatTime {
        let first = events.first().map_or(0, |event| half(event, 0));
        self.clock
            .get_or_insert_with(|| DatTime::starting_at(first))
    }
}

/// Whether a time lies so far from the one before it that the clock may have started again.
fn leaps(clock: &DatTime, events: &[[u8; 8]]) -> bool {
    let leap = |a: u32, b: u32| a.abs_diff(b) >= 1 << 31;
    let first = events
        .first()
        .is_some_and(|first| leap(clock.value(), half(first, 0)));
    events
        .windows(2)
        .map(|pair| leap(half(&pair[0], 0), half(&pair[1], 0)))
        .fold(first, |any, one| any | one)
}

/// Columns of `X` bits and rows of `Y` bits from the lowest on, the polarity from bit `P` on.
fn pixels<const X: u32, const Y: u32, const P: u32>(
    events: &[[u8; 8]],
    at: u64,
    out: &mut Decoded,
) {
    let pixels = || events.iter().map(|event| half(event, 4));
    let batch = &mut out.batch;
    batch
        .x
        .extend(pixels().map(|pixel| (pixel & ((1 << X) - 1)) as u16));
    batch
        .y
        .extend(pixels().map(|pixel| ((pixel >> X) & ((1 << Y) - 1)) as u16));
    batch
        .p
        .extend(pixels().map(|pixel| u8::from((pixel >> P) & 0xf != 0)));
    let is_odd = |pixel: u32| (pixel >> P) & 0xe != 0;
    let odd = pixels().filter(|&pixel| is_odd(pixel)).count();
    if odd > 0 {
        let first = pixels().position(is_odd).unwrap_or_default();
        out.found
            .odd_polarity
            .add(odd as u64, at + first as u64 * 8);
    }
}

/// The half of an event that begins at this byte.
fn half(event: &[u8; 8], at: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&event[at..at + 4]);
    u32::from_le_bytes(bytes)
}
