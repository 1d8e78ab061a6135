//! Which format a recording is of, by its content.

use evz_core::{Clues, Format, Input, Result};

use crate::registry::{format, formats};
use crate::unread;

/// The format of an input. What is nothing else and may be text is taken for text, whose reader
/// says what is wrong with it.
///
/// # Errors
/// If it is of a format that is not read, which is then named with a way out, or of none.
pub(crate) fn detect(input: &Input) -> Result<&'static Format> {
    if let Some(format) = probed(&input.clues()) {
        return Ok(format);
    }
    match unread::why(&input.clues(), input.name()) {
        Some(error) => Err(error),
        None => format("text").map_err(|_| unread::unknown(&input.clues(), input.name())),
    }
}

/// Who is as sure as this has seen a mark that no other format has, and nobody else is asked. Text
/// comes near the front of the list, so the list is gone through from its end: to look for lines in
/// 64 kB of anything takes longer than to open most recordings.
const SEEN: u8 = 250;

/// The format whose mark it has, if it has one.
pub(crate) fn marked(clues: &Clues<'_>) -> Option<&'static Format> {
    let mut rest = formats().rev();
    rest.find(|format| (format.probe)(clues) >= Some(SEEN))
}

/// The format that is surest of it.
pub(crate) fn probed(clues: &Clues<'_>) -> Option<&'static Format> {
    let mut best = None;
    for format in formats().rev() {
        let score = (format.probe)(clues);
        if score > best.map(|(score, _)| score) {
            best = score.map(|score| (score, format));
        }
        if score >= Some(SEEN) {
            break;
        }
    }
    best.map(|(_, format)| format)
}
