//! Which encodings the words of a file fit, where the one that they are read in looks wrong.

use evz_core::{EventBatch, Note, Question, SensorSize, WayOut};

use crate::decode::{Decoded, Decoder};
use crate::found::Found;
use crate::guess::{fits_evt21, is_bare_dat};
use crate::{Encoding, WordOrder};

/// Bytes that are looked at, at most; a whole number of every kind of words.
const LEN: usize = 32 * 1024;
/// How far times go forwards from one event to the next, in microseconds: 4 s.
const STEP: i64 = 1 << 22;
/// Events that are enough to tell.
const ENOUGH: usize = 64;

/// The first words of a file, and what they are read as.
pub(crate) struct First {
    bytes: Vec<u8>,
    size: Option<SensorSize>,
}

impl First {
    /// Those of the words that begin with `bytes`, on a sensor of this size.
    pub(crate) fn of(bytes: &[u8], size: Option<SensorSize>) -> Self {
        let bytes = bytes[..bytes.len().min(LEN)].to_vec();
        Self { bytes, size }
    }

    /// The encodings that they fit, but for one. Those of DAT 1 are not told from anything else and are
    /// none of them.
    pub(crate) fn others(&self, read_as: Option<Encoding>) -> Vec<Encoding> {
        let fits = |encoding: Encoding| match encoding {
            Encoding::Evt21 => WordOrder::ALL.into_iter().any(|order| {
                fits_evt21(&self.bytes, order, self.size) && self.fit(encoding, Some(order))
            }),
            Encoding::Evt2 | Encoding::Evt3 | Encoding::Evt4 => self.fit(encoding, None),
            Encoding::Dat1 => false,
            Encoding::Dat2 => is_bare_dat(&self.bytes),
        };
        let others = Encoding::ALL.into_iter().filter(|e| Some(*e) != read_as);
        others.filter(|encoding| fits(*encoding)).collect()
    }

    /// What to say instead of one encoding, if another fits.
    pub(crate) fn instead_of(&self, read_as: Encoding) -> Option<WayOut> {
        let names = self.others(Some(read_as)).into_iter().map(String::from);
        let names: Vec<String> = names.collect();
        (!names.is_empty()).then_some(WayOut::Tell(Question::Encoding, names))
    }

    /// Whether the words make sense as those of an encoding of RAW.
    fn fit(&self, encoding: Encoding, order: Option<WordOrder>) -> bool {
        let whole = self.bytes.len() - self.bytes.len() % encoding.word_len();
        let mut decoded = Decoded::new(0);
        Decoder::new(encoding, order).decode(&self.bytes[..whole], 0, &mut decoded);
        let words = whole / encoding.word_len();
        let Found {
            unplaced,
            off_grid,
            unknown,
            ..
        } = decoded.found;
        let odd = unplaced.count + off_grid.count + unknown.count;
        match decoded.batch.len() {
            // So few tell nothing but that every word can be one.
            0 => false,
            few if few < ENOUGH => odd == 0 && decoded.batch.t.is_sorted(),
            _ => odd * 50 <= words as u64 && self.is_plausible(&decoded.batch),
        }
    }

    /// Whether times go forwards by little and pixels lie on the sensor and not in one line of it, but
    /// for one in 16.
    fn is_plausible(&self, events: &EventBatch) -> bool {
        let n = events.len();
        let steps = events.t.windows(2).map(|pair| pair[1] - pair[0]);
        let leaps = steps.filter(|step| !(0..STEP).contains(step)).count();
        let beyond = self.size.map_or(0, |size| {
            let pixels = events.x.iter().zip(&events.y);
            pixels.filter(|(x, y)| !size.contains(**x, **y)).count()
        });
        let is_spread = |values: &[u16]| values.iter().any(|v| *v != values[0]);
        leaps * 16 <= n && beyond * 16 <= n && is_spread(&events.x) && is_spread(&events.y)
    }
}

/// Words from which on it is odd that many are of no use.
const MANY: u64 = 100;

/// Says it if one in 16 words of a file is of a kind that there is not, or a quarter of them of such a
/// kind or polarity, or of no use for want of a time; if the clock starts again and again; or if the times of one in eight run
/// `backward`.
pub(crate) fn doubt(found: &Found, words: u64, backward: u64, encoding: Encoding) -> Option<Note> {
    let unknown = found.unknown.count - found.imu;
    let odd = unknown + found.unplaced.count + found.odd_polarity.count;
    let wraps = found.wraps;
    let what = match words >= MANY {
        true if odd >= words / 4 || unknown >= words / 16 => {
            format!("{odd} of {words} words cannot be those of {encoding}")
        }
        true if wraps >= words / 16 => {
            format!("the clock of {encoding} starts again {wraps} times in {words} words")
        }
        true if backward >= words / 8 => {
            format!("{backward} of {words} words of {encoding} have times that run backwards")
        }
        _ => return None,
    };
    Some(Note::Doubtful {
        what,
        instead: None,
    })
}
