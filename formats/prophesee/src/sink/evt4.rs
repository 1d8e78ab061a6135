//! Events as EVT4, in as few words as there can be. The layout is described beside the decoder.

use evz_core::{EventSlice, SensorSize};

use super::misfit::{Misfit, Why};
use super::times::{Times, push};
use super::triggers::Trigger;
use super::vectors::{LANES, Vectors, run};

/// Kinds of words; polarity stands in the lowest bit of those of events and vectors.
const EXT_TRIGGER: u32 = 0x9 << 28;
const CD: u32 = 0xa << 28;
const CD_VEC: u32 = 0xc << 28;
const TIME_HIGH: u32 = 0xe << 28;

/// Events from which on a vector, which takes two words, can be shorter than a word for each.
const VECTOR_EVENTS: usize = 3;

#[derive(Debug)]
pub(super) struct Evt4 {
    times: Times,
    vectors: Vectors,
    /// How many words the events of a run take from each on.
    words: Vec<u16>,
}

impl Evt4 {
    pub(super) fn new(size: Option<SensorSize>) -> Self {
        Self {
            times: Times::default(),
            vectors: Vectors::on(size),
            words: Vec::new(),
        }
    }

    pub(super) fn encode(
        &mut self,
        events: EventSlice<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        let mut at = 0;
        while at < events.len() {
            let low = self.times.go_to(events.t[at], TIME_HIGH, bytes);
            let low = low.map_err(|why| Misfit { at, why })?;
            let n = run(events, at);
            let facts = u32::from(events.p[at]) << 28 | low | u32::from(events.y[at]);
            self.encode_run(&events.x[at..at + n], facts, bytes);
            at += n;
        }
        Ok(())
    }

    /// Encodes events in columns of one row, from left to right; `facts` is what their words share.
    fn encode_run(&mut self, columns: &[u16], facts: u32, bytes: &mut Vec<u8>) {
        let word = |kind: u32, x: u16| kind | facts | u32::from(x) << 11;
        if columns.len() < VECTOR_EVENTS {
            columns.iter().for_each(|&x| push(bytes, word(CD, x)));
            return;
        }
        self.count_words(columns);
        let mut at = 0;
        while at < columns.len() {
            if self.words[at] <= self.words[at + 1]
                && let Some((base, mask)) = self.vectors.longest(&columns[at..])
            {
                push(bytes, word(CD_VEC, base));
                push(bytes, mask);
                at += mask.count_ones() as usize;
            } else {
                push(bytes, word(CD, columns[at]));
                at += 1;
            }
        }
    }

    /// Finds how many words the events take from each on, from the last to the first: the fewer of a
    /// word for it and those of the next, and a vector as long as it can be and those behind it.
    fn count_words(&mut self, columns: &[u16]) {
        self.words.clear();
        self.words.resize(columns.len() + 1, 0);
        // The first event behind the vector.
        let mut end = columns.len();
        for (at, &x) in columns.iter().enumerate().rev() {
            let mut words = self.words[at + 1] + 1;
            if let Some(base) = self.vectors.base(x) {
                while columns[end - 1] - base >= LANES {
                    end -= 1;
                }
                words = words.min(self.words[end] + 2);
            }
            self.words[at] = words;
        }
    }

    pub(super) fn encode_trigger(
        &mut self,
        trigger: Trigger,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Why> {
        self.times
            .encode_trigger(trigger, TIME_HIGH, EXT_TRIGGER, bytes)
    }
}
