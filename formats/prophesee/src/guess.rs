//! What only the events can tell: the order of EVT2.1's words, and the version of DAT.

use evz_core::{Error, Question, Result, SensorSize};

use crate::decode::evt21::{CONTINUED, EXT_TRIGGER, OTHERS, POS, TIME_HIGH, Word};
use crate::header::raw::RawHeader;
use crate::told::Told;
use crate::{Encoding, WordOrder};

/// Words that are looked at, at most.
const WORDS: usize = 8192;
/// A reading fits if no more than one word in so many is out of place,
const FITS: usize = 50;
/// and does not if more than one in so many is. Of the words of single events a quarter is out of
/// place in the wrong order, of others more, of those of the time none.
const DOES_NOT: usize = 16;
/// Words that are enough to contradict a header.
const ENOUGH: usize = 64;
/// How far TIME_HIGH goes from one word to the next, in 64 us: 4 s.
const HIGH_STEP: u32 = 1 << 16;

/// The order of EVT2.1's words in `events`, the first of a file, and what there is to say of it.
pub(crate) fn word_order(
    header: &RawHeader,
    events: &[u8],
    name: &str,
    told: &Told,
) -> Result<(WordOrder, Option<String>)> {
    if let Some(order) = told.word_order {
        return Ok((order, None));
    }
    let said = |order, by: &str| Ok((order, Some(format!("word order {order}: {by}"))));
    let [little, legacy] =
        [WordOrder::Little, WordOrder::Legacy].map(|order| Reading::of(events, order, header.size));
    match header.word_order {
        Some(stated) => {
            let (this, other) = match stated {
                WordOrder::Little => (little, legacy),
                WordOrder::Legacy => (legacy, little),
            };
            // A header that is wrong for sure is not believed, and what to believe is not guessed.
            if this.words >= ENOUGH && this.does_not_fit() && other.fits() {
                let other = stated.other();
                let what = format!(
                    "its header says that its words are in the order {stated}, but only {other} \
                     makes events of them"
                );
                let error = Error::ambiguous(name, what);
                return Err(error.settled_by(Question::WordOrder, [other, stated]));
            }
            Ok((stated, None))
        }
        None if little.fits() && legacy.does_not_fit() => {
            said(WordOrder::Little, "only so its words are events")
        }
        None if legacy.fits() && little.does_not_fit() => {
            said(WordOrder::Legacy, "only so its words are events")
        }
        None => match header.camera_word_order {
            Some(order) => said(order, "cameras of its system_ID send it"),
            None => {
                let what = "its header states no word order, and its words do not tell it";
                let error = Error::ambiguous(name, what);
                Err(error.settled_by(Question::WordOrder, WordOrder::ALL))
            }
        },
    }
}

/// How many words are out of place in an order.
#[derive(Debug, Clone, Copy)]
struct Reading {
    words: usize,
    bad: usize,
}

impl Reading {
    /// A word is in its place if it is of a known kind, begins with the first of the neighbours where
    /// such words do, on the sensor, and the times go forwards by little. The other order takes masks
    /// for all of these.
    fn of(events: &[u8], order: WordOrder, size: Option<SensorSize>) -> Self {
        let (words, _) = events.as_chunks::<8>();
        let words = &words[..words.len().min(WORDS)];
        let mut high = None;
        let mut is_good = |&word: &[u8; 8]| {
            let word = Word::read(word, order);
            match word.kind() {
                kind if kind <= POS => {
                    word.x().is_multiple_of(32)
                        && word.mask != 0
                        && size.is_none_or(|s| word.x() < s.width && word.y() < s.height)
                }
                TIME_HIGH => {
                    let step = high.map_or(0, |last| word.high().wrapping_sub(last) & 0xfff_ffff);
                    high = Some(word.high());
                    step < HIGH_STEP
                }
                EXT_TRIGGER | OTHERS | CONTINUED => true,
                _ => false,
            }
        };
        Self {
            words: words.len(),
            bad: words.len() - words.iter().filter(|word| is_good(word)).count(),
        }
    }

    fn fits(self) -> bool {
        self.bad * FITS <= self.words
    }

    fn does_not_fit(self) -> bool {
        self.bad * DOES_NOT > self.words
    }
}

/// Whether words make sense as those of EVT2.1 in an order.
pub(crate) fn fits_evt21(words: &[u8], order: WordOrder, size: Option<SensorSize>) -> bool {
    Reading::of(words, order, size).fits()
}

/// Events that tell the version of DAT for sure.
const EVENTS: usize = 64;

/// The version of DAT in `events`, the first of a file whose header does not say it, and what there
/// is to say of it.
///
/// Version 1 leaves the bits from 21 on empty. In version 2 they hold the row from 128 on and the
/// polarity: a file that leaves them empty has no ON event.
pub(crate) fn dat_version(events: &[u8], name: &str) -> Result<(Encoding, String)> {
    let (events, _) = events.as_chunks::<8>();
    let uses_high_bits = events.iter().any(|e| (e[6] & 0xe0) | e[7] != 0);
    if uses_high_bits {
        let why = "DAT 2: its events have bits that version 1 leaves empty";
        return Ok((Encoding::Dat2, why.to_owned()));
    }
    if events.len() >= EVENTS {
        let why = "DAT 1: in version 2 no event would be ON";
        return Ok((Encoding::Dat1, why.to_owned()));
    }
    let what = "its header says no version, and its few events fit version 1 and 2";
    Err(Error::ambiguous(name, what)
        .settled_by(Question::Encoding, Encoding::DAT.map(Encoding::name)))
}

/// Refuses the start of a file without a header that is of DAT by its name alone, where the times of
/// most events go back and forth: those of DAT go forwards.
pub(crate) fn check_bare_dat(head: &[u8], name: &str) -> Result<()> {
    let (events, _) = head.as_chunks::<8>();
    let time = |e: &[u8; 8]| u32::from_le_bytes([e[0], e[1], e[2], e[3]]);
    // A clock that starts again goes forwards, too.
    let falls = |pair: &[[u8; 8]]| time(&pair[1]).wrapping_sub(time(&pair[0])) > u32::MAX / 2;
    let back = events.windows(2).filter(|pair| falls(pair)).count();
    if events.len() < EVENTS || back * 4 <= events.len() {
        return Ok(());
    }
    let what = format!(
        "it has no header, and its bytes are no events of DAT: {back} of the first {} would be earlier than \
         the one before",
        events.len()
    );
    Err(Error::unsupported(name, what))
}

/// Whether `head` can be the start of a DAT file without a header: version 2 leaves three bits of
/// every event empty, and times go forwards, by less than 17 s.
pub(crate) fn is_bare_dat(head: &[u8]) -> bool {
    let (events, _) = head.as_chunks::<8>();
    let time = |e: &[u8; 8]| u32::from_le_bytes([e[0], e[1], e[2], e[3]]);
    events.len() >= EVENTS
        && events.iter().all(|e| e[7] & 0xe0 == 0)
        && events.windows(2).all(|pair| {
            let step = time(&pair[1]).wrapping_sub(time(&pair[0]));
            step < 1 << 24
        })
        && events.first().map(time) != events.last().map(time)
}
