//! Events as EVT3. The layout is described beside the decoder.

use evz_core::{EventSlice, SensorSize};

use super::high::{High, MAX_TURNS, turns_off};
use super::misfit::{Misfit, Why};
use super::triggers::Trigger;
use crate::staging::PIXELS;

/// Bits of TIME_HIGH.
const HIGH_BITS: u32 = 12;
/// Bits of TIME_LOW.
const LOW_BITS: u32 = 12;

/// Kinds of words.
const ADDR_Y: u16 = 0x0 << 12;
const ADDR_X: u16 = 0x2 << 12;
const VECT_BASE_X: u16 = 0x3 << 12;
const VECT_12: u16 = 0x4 << 12;
const VECT_8: u16 = 0x5 << 12;
const TIME_LOW: u16 = 0x6 << 12;
const TIME_HIGH: u16 = 0x8 << 12;
/// docs.prophesee.ai, "EVT 3.0 Format", EXT_TRIGGER: channel in bits 11 to 8, edge in bit 0.
const EXT_TRIGGER: u16 = 0xa << 12;

/// The last channel that a trigger can have.
pub(super) const MAX_ID: u8 = 15;
/// How far after a time the next one can always be said.
pub(super) const REACH: i64 = MAX_TURNS << (HIGH_BITS + LOW_BITS);

/// Pixels of a vector: the maker's reader takes a vector of 12 for the first of 12, 12 and 8, and
/// passes over one of 8 alone.
const LANES: u16 = 32;
/// Events from which on such a vector takes less than a word for each.
const VECTOR_EVENTS: usize = 5;

#[derive(Debug)]
pub(super) struct Evt3 {
    high: High<HIGH_BITS>,
    /// What the words so far say: the time, and the row of an event.
    time: Option<i64>,
    row: Option<u16>,
    /// The last column where a vector may begin: the maker's reader leaves out one that reaches
    /// beyond the sensor.
    last_base: Option<u16>,
}

/// What is taken off all times.
pub(super) fn t0(first: i64) -> i64 {
    turns_off::<HIGH_BITS>(first >> LOW_BITS) << LOW_BITS
}

impl Evt3 {
    pub(super) fn new(size: Option<SensorSize>) -> Self {
        let width = size.map_or(0, |size| size.width.min(PIXELS.into()) as u16);
        Self {
            high: High::default(),
            time: None,
            row: None,
            last_base: width.checked_sub(LANES),
        }
    }

    pub(super) fn encode(
        &mut self,
        events: EventSlice<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        let mut at = 0;
        while at < events.len() {
            let (t, y) = (events.t[at], events.y[at]);
            if self.time != Some(t) {
                self.go_to(t, bytes).map_err(|why| Misfit { at, why })?;
            }
            if self.row != Some(y) {
                push(bytes, ADDR_Y | y);
                self.row = Some(y);
            }
            at += match self.vector(events, at) {
                Some((base, mask)) => {
                    let first = VECT_BASE_X | polarity(events.p[at]) | base;
                    push(bytes, first);
                    push(bytes, VECT_12 | (mask & 0xfff) as u16);
                    push(bytes, VECT_12 | (mask >> 12 & 0xfff) as u16);
                    push(bytes, VECT_8 | (mask >> 24) as u16);
                    mask.count_ones() as usize
                }
                None => {
                    push(bytes, ADDR_X | polarity(events.p[at]) | events.x[at]);
                    1
                }
            };
        }
        Ok(())
    }

    pub(super) fn encode_trigger(
        &mut self,
        trigger: Trigger,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Why> {
        if self.time != Some(trigger.t) {
            self.go_to(trigger.t, bytes)?;
        }
        let (id, rising) = (u16::from(trigger.id), u16::from(trigger.rising));
        push(bytes, EXT_TRIGGER | id << 8 | rising);
        Ok(())
    }

    /// Makes words say the time `t`.
    fn go_to(&mut self, t: i64, bytes: &mut Vec<u8>) -> Result<(), Why> {
        let high = t >> LOW_BITS;
        if self.time.map(|last| last >> LOW_BITS) != Some(high) {
            let show = |high: u32| push(bytes, TIME_HIGH | high as u16);
            self.high.go_to(high, show)?;
        }
        // After a TIME_HIGH too, where it is 0: not every reader forgets the one before.
        push(bytes, TIME_LOW | (t & ((1 << LOW_BITS) - 1)) as u16);
        self.time = Some(t);
        Ok(())
    }

    /// The first column and the pixels of the vector that begins with event `at`, if there is one
    /// that is worth it: events of one time, row and polarity, from left to right.
    fn vector(&self, events: EventSlice<'_>, at: usize) -> Option<(u16, u32)> {
        let base = events.x[at].min(self.last_base?);
        let mut mask = 0u32;
        let mut next = events.x[at];
        for i in at..events.len() {
            let x = events.x[i];
            let fits = x >= next
                && x - base < LANES
                && (events.t[i], events.y[i], events.p[i])
                    == (events.t[at], events.y[at], events.p[at]);
            if !fits {
                break;
            }
            mask |= 1 << (x - base);
            next = x + 1;
        }
        (mask.count_ones() as usize >= VECTOR_EVENTS).then_some((base, mask))
    }
}

fn polarity(p: u8) -> u16 {
    u16::from(p) << 11
}

fn push(bytes: &mut Vec<u8>, word: u16) {
    bytes.extend_from_slice(&word.to_le_bytes());
}
