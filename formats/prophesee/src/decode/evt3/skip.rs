//! What a block does to the state, without its events.

use super::{
    ADDR_Y, Evt3, KIND_SHIFT, TIME_HIGH, TIME_LOW, VECT_8, VECT_12, VECT_BASE_X, high_word,
};

impl Evt3 {
    /// Goes on as if `bytes` had been decoded.
    pub(in crate::decode) fn skip(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<2>();
        let start = words.iter().position(|&word| {
            let started = self.has_started();
            if !started {
                self.note(u16::from_le_bytes(word));
            }
            started
        });
        let words = &words[start.unwrap_or(words.len())..];
        if let Some(i) = last_of(words, ADDR_Y) {
            self.note(u16::from_le_bytes(words[i]));
        }
        let base = last_of(words, VECT_BASE_X).unwrap_or(0);
        let vectors = words[base..].iter().map(|&word| u16::from_le_bytes(word));
        vectors
            .filter(|word| matches!(word >> KIND_SHIFT, VECT_BASE_X | VECT_12 | VECT_8))
            .for_each(|word| {
                self.note(word);
            });
        let since = self.skip_time_high(words);
        if let Some(i) = last_of(&words[since..], TIME_LOW) {
            self.note(u16::from_le_bytes(words[since + i]));
        }
    }

    /// Notes every TIME_HIGH; returns how many words there are up to the last that changes it.
    fn skip_time_high(&mut self, words: &[[u8; 2]]) -> usize {
        const STEP: usize = 32;
        let mut since = 0;
        for (i, step) in words.chunks(STEP).enumerate() {
            let Some(high) = self.high else { break };
            let high_word = high_word(high);
            let changes = |word: [u8; 2]| {
                let word = u16::from_le_bytes(word);
                (word >> KIND_SHIFT == TIME_HIGH) & (word != high_word)
            };
            if step.iter().fold(false, |any, &word| any | changes(word)) {
                for (j, &word) in step.iter().enumerate() {
                    let word = u16::from_le_bytes(word);
                    let before = self.high;
                    if word >> KIND_SHIFT == TIME_HIGH {
                        self.note(word);
                    }
                    if self.high != before {
                        since = i * STEP + j + 1;
                    }
                }
            }
        }
        since
    }
}

/// The last word of this kind.
fn last_of(words: &[[u8; 2]], kind: u16) -> Option<usize> {
    let is_it = |word: &[u8; 2]| u16::from_le_bytes(*word) >> KIND_SHIFT == kind;
    let mut end = words.len();
    // Many at once, where there are none of the kind.
    for step in words.rchunks(32) {
        if step.iter().fold(false, |any, word| any | is_it(word)) {
            break;
        }
        end -= step.len();
    }
    words[..end].iter().rposition(is_it)
}
