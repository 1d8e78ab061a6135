//! The streams of a segment: states, raw bits, words.
//!
//! An encoder may start from any states, and the decoder ends with them. So they hold the last 64
//! bytes of the raw bits, and the states of a stream cost next to nothing. They hold the last bytes
//! rather than the first, so that a reader of the first events need not decode to the end.

use super::encoder::{Encoder, Step};
use super::forever::{LANES, LOWEST};
use super::lanes::{Lanes, Short};
use super::loops::Loops;
use super::raw_bits::PADDING;
use super::slots::ColumnSlots;
use super::toc::STREAM_ALIGN;

/// Raw bytes that the states of a segment of `len` events hold at most.
fn room(len: usize) -> usize {
    2 * len.min(LANES)
}

/// Appends the stream of times of `len` events, whose raw bits are `raw`, an even number of bytes;
/// gives the number of raw bytes in the stream.
pub(super) fn write(
    encoder: &mut Encoder,
    len: usize,
    raw: &[u8],
    step: impl Fn(usize) -> Step,
    out: &mut Vec<u8>,
) -> usize {
    let (stored, last) = raw.split_at(raw.len() - raw.len().min(room(len)));
    let mut seeds = [0; LANES];
    for (seed, bytes) in seeds.iter_mut().zip(last.as_chunks().0) {
        *seed = u16::from_le_bytes(*bytes);
    }
    encoder.start(len, &seeds);
    encoder.encode(len, step);
    finish(encoder, len, stored, out);
    stored.len()
}

/// Appends the stream of `len` events that an encoder has coded.
pub(super) fn finish(encoder: &Encoder, len: usize, stored: &[u8], out: &mut Vec<u8>) {
    let (states, words) = encoder.finish();
    let start = out.len();
    for state in &states[..len.min(LANES)] {
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.extend_from_slice(stored);
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.resize(
        start + (out.len() - start).next_multiple_of(STREAM_ALIGN),
        0,
    );
}

/// A stream that is decoded, from the first event on.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    pub(super) lanes: Lanes<'a>,
    /// Raw bits that stand between states and words.
    pub(super) stored: &'a [u8],
    len: usize,
}

/// Why raw bits are not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// They stand in the last states.
    Later,
    /// The stream contradicts itself.
    Wrong(String),
}

impl<'a> Reader<'a> {
    /// Starts with a stream of `len` events and `raw_len` bytes of raw bits.
    pub(super) fn new(bytes: &'a [u8], raw_len: usize, len: usize) -> Result<Self, String> {
        let parts = bytes
            .split_at_checked(4 * len.min(LANES))
            .and_then(|(states, rest)| Some((states, rest.split_at_checked(raw_len)?)));
        let Some((states, (stored, words))) = parts else {
            return Err(format!(
                "{} bytes, too few for its states and {raw_len} raw bytes",
                bytes.len(),
            ));
        };
        let mut lanes = Lanes {
            states: [LOWEST; LANES],
            words: words.as_chunks().0,
        };
        for (state, bytes) in lanes.states.iter_mut().zip(states.as_chunks().0) {
            *state = u32::from_le_bytes(*bytes);
        }
        Ok(Self { lanes, stored, len })
    }

    /// Decodes symbols: as many as a multiple of 32, or all that are left.
    pub(super) fn symbols(
        &mut self,
        loops: Loops,
        slots: ColumnSlots<'_>,
        contexts: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), String> {
        match (slots, contexts) {
            (ColumnSlots::Several(slots), Some(contexts)) => {
                loops.symbols_in(&mut self.lanes, slots, contexts, out)
            }
            (ColumnSlots::Alone(slots), _) => loops.symbols(&mut self.lanes, slots, out),
            (ColumnSlots::Several(_), None) => unreachable!("several tables have contexts"),
        }
        .map_err(|Short| SHORT.to_owned())
    }

    /// Behind the last event: checks that all words were used, and that an encoder starts from such
    /// states.
    pub(super) fn check_end(&self) -> Result<(), String> {
        // One word may fill up the last four bytes.
        let words = matches!(self.lanes.words, [] | [[0, 0]]);
        if words && self.lanes.states.iter().all(|&s| s >> 16 == 1) {
            Ok(())
        } else {
            Err("its lanes end where no encoder starts".to_owned())
        }
    }

    /// Copies raw bits of times to `out`, followed by zeros: at least the first `bits` of them.
    /// Behind the last event, `bits` have to be all there are.
    pub(super) fn raw_times(
        &self,
        bits: usize,
        at_end: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Missing> {
        let needed = bits.div_ceil(16) * 2;
        out.clear();
        out.extend_from_slice(self.stored);
        if !at_end {
            if needed > self.stored.len() {
                return Err(Missing::Later);
            }
        } else {
            let last = needed.min(room(self.len));
            if needed - last != self.stored.len() {
                return Err(Missing::Wrong(format!(
                    "{} raw bytes, but its symbols make {}",
                    self.stored.len(),
                    needed - last
                )));
            }
            for state in &self.lanes.states[..last / 2] {
                out.extend_from_slice(&(*state as u16).to_le_bytes());
            }
        }
        out.resize(out.len() + PADDING, 0);
        Ok(())
    }
}

/// What is wrong where words are missing.
pub(super) const SHORT: &str = "the words end too early";
