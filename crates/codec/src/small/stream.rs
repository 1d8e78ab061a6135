//! A column of a segment: states, raw bits, words.
//!
//! An encoder has to start from some states, and the decoder ends with them: they hold the last 64
//! bytes of the raw bits, which makes the streams of a segment cost next to nothing. It is the last
//! bytes that stand there, so that who wants the first events only need not decode to the end.

use super::LANES;
use super::rans::{AloneSlots, Encoder, LOWEST, Lanes, Slots, Step};
use super::simd::Vectors;
use super::toc::{STREAM_ALIGN, Stream};

/// Bytes that loads may reach beyond raw bits.
const PADDING: usize = 16;

/// Raw bytes that the states of a segment of `len` events hold at most.
fn room(len: usize) -> usize {
    2 * len.min(LANES)
}

/// Appends the stream of `len` events, whose raw bits are `raw`, an even number of bytes; gives the
/// number of raw bytes in the stream.
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
    write_seeded(encoder, len, len, stored, &seeds, step, out);
    stored.len()
}

/// Appends the stream of `len` events, of which the first `coded` have symbols.
pub(super) fn write_seeded(
    encoder: &mut Encoder,
    len: usize,
    coded: usize,
    stored: &[u8],
    seeds: &[u16; LANES],
    step: impl Fn(usize) -> Step,
    out: &mut Vec<u8>,
) {
    encoder.start(coded, seeds);
    encoder.encode(coded, step);
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
    stored: &'a [u8],
    len: usize,
    /// Events that are decoded: a multiple of 32, or all.
    at: usize,
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
    /// Starts with a stream of `len` events.
    pub(super) fn new(stream: Stream<'a>, len: usize) -> Result<Self, String> {
        let parts = stream
            .bytes
            .split_at_checked(4 * len.min(LANES))
            .and_then(|(states, rest)| Some((states, rest.split_at_checked(stream.raw_len)?)));
        let Some((states, (stored, words))) = parts else {
            return Err(format!(
                "{} bytes, too few for its states and {} raw bytes",
                stream.bytes.len(),
                stream.raw_len
            ));
        };
        let mut lanes = Lanes {
            states: [LOWEST; LANES],
            words: words.as_chunks().0,
        };
        for (state, bytes) in lanes.states.iter_mut().zip(states.as_chunks().0) {
            *state = u32::from_le_bytes(*bytes);
        }
        Ok(Self {
            lanes,
            stored,
            len,
            at: 0,
        })
    }

    /// Decodes the symbols of the next `out.len()` events: a multiple of 32, or all that are left.
    pub(super) fn symbols(
        &mut self,
        vectors: Option<Vectors>,
        (alone, several): (&AloneSlots, &[Slots]),
        contexts: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), String> {
        self.at += out.len();
        match contexts {
            Some(contexts) => self.lanes.symbols_in(vectors, several, contexts, out),
            None => self.lanes.symbols(vectors, alone, out),
        }
        .map_err(|_| "the words end too early".to_owned())?;
        self.check()
    }

    /// Says that all events were decoded through [`Reader::lanes`].
    pub(super) fn finish(&mut self) -> Result<(), String> {
        self.at = self.len;
        self.check()
    }

    /// Behind the last event: are all words used, and the states what an encoder starts from?
    fn check(&self) -> Result<(), String> {
        if self.at < self.len {
            return Ok(());
        }
        // One word may fill up the last four bytes.
        let words = matches!(self.lanes.words, [] | [[0, 0]]);
        if words && self.lanes.states.iter().all(|&s| s >> 16 == 1) {
            Ok(())
        } else {
            Err("its lanes end where no encoder starts".to_owned())
        }
    }

    /// Copies raw bits of a stream to `out`, followed by zeros: at least the first `bits` of them.
    /// Behind the last event, `bits` have to be all there are.
    pub(super) fn raw(&self, bits: usize, out: &mut Vec<u8>) -> Result<(), Missing> {
        let needed = bits.div_ceil(16) * 2;
        out.clear();
        out.extend_from_slice(self.stored);
        if self.at < self.len {
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

/// The most bits that [`short_bits`] takes: wherever they start, 8 bytes hold them.
pub(super) const MOST_SHORT_BITS: u32 = 56;

/// As [`raw_bits`], for a `width` of [`MOST_SHORT_BITS`] at most.
#[inline(always)]
pub(super) fn short_bits(bytes: &[u8], at: usize, width: u32) -> u64 {
    let word = *bytes[at / 8..].first_chunk().expect("bits are padded");
    u64::from_le_bytes(word) >> (at % 8) & ((1 << width) - 1)
}

/// `width <= 64` raw bits from bit `at` on; `bytes` go on for 16 bytes behind it.
#[cold]
#[inline(never)]
pub(super) fn raw_bits(bytes: &[u8], at: usize, width: u32) -> u64 {
    let word = *bytes[at / 8..].first_chunk().expect("bits are padded");
    let mask = u64::MAX.checked_shr(64 - width).unwrap_or(0);
    (u128::from_le_bytes(word) >> (at % 8)) as u64 & mask
}
