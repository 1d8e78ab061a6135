//! Events as EVT3. The layout is described beside the decoder.

use evz_core::{EventSlice, SensorSize};

use super::high::{High, MAX_TURNS, turns_off};
use super::misfit::{Misfit, Why};
use super::triggers::Trigger;
use super::vectors::{Vectors, run};

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

/// Events from which on a vector of 32 pixels takes less than a word for each. It is one of 12, 12
/// and 8: the maker's reader takes a vector of 12 for the first of these, and passes over one of 8
/// alone.
const VECTOR_EVENTS: u32 = 5;

#[derive(Debug)]
pub(super) struct Evt3 {
    high: High<HIGH_BITS>,
    /// What the words so far say: the time, and the row of an event.
    time: Option<i64>,
    row: Option<u16>,
    vectors: Vectors,
}

/// What is taken off all times.
pub(super) fn t0(first: i64) -> i64 {
    turns_off::<HIGH_BITS>(first >> LOW_BITS) << LOW_BITS
}

impl Evt3 {
    pub(super) fn new(size: Option<SensorSize>) -> Self {
        Self {
            high: High::default(),
            time: None,
            row: None,
            vectors: Vectors::on(size),
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
            let n = run(events, at);
            self.encode_run(&events.x[at..at + n], polarity(events.p[at]), bytes);
            at += n;
        }
        Ok(())
    }

    /// Encodes events of the time and row that the words say, from left to right.
    fn encode_run(&self, mut columns: &[u16], polarity: u16, bytes: &mut Vec<u8>) {
        while let Some(&x) = columns.first() {
            let vector = self.vectors.longest(columns);
            let vector = vector.filter(|(_, mask)| mask.count_ones() >= VECTOR_EVENTS);
            let n = match vector {
                Some((base, mask)) => {
                    push(bytes, VECT_BASE_X | polarity | base);
                    push(bytes, VECT_12 | (mask & 0xfff) as u16);
                    push(bytes, VECT_12 | (mask >> 12 & 0xfff) as u16);
                    push(bytes, VECT_8 | (mask >> 24) as u16);
                    mask.count_ones() as usize
                }
                None => {
                    push(bytes, ADDR_X | polarity | x);
                    1
                }
            };
            columns = &columns[n..];
        }
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
}

fn polarity(p: u8) -> u16 {
    u16::from(p) << 11
}

fn push(bytes: &mut Vec<u8>, word: u16) {
    bytes.extend_from_slice(&word.to_le_bytes());
}
