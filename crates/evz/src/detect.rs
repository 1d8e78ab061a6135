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
    match unread::why(input.head(), input.name()) {
        Some(error) => Err(error),
        None => format("text").map_err(|_| unread::unknown(input.name())),
    }
}

/// The format that is surest of it.
pub(crate) fn probed(clues: &Clues<'_>) -> Option<&'static Format> {
    formats()
        .filter_map(|format| Some(((format.probe)(clues)?, format)))
        .max_by_key(|(score, _)| *score)
        .map(|(_, format)| format)
}
