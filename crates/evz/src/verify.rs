//! Checking every byte of a file, and of a pack its table of samples.

use evz_core::{Input, Result};
use evz_file::{ReadOptions, VerifyReport, verify_open};

use crate::pack::Samples;

/// As [`evz_file::verify`]; of a pack also that its samples do not meet and have no more events than its table
/// tells.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn verify(input: Input) -> Result<VerifyReport> {
    let reader = ReadOptions::new().with_map(false).open_input(input)?;
    let report = verify_open(&reader)?;
    match Samples::of(&reader) {
        Some(samples) => samples.check().map(|()| report),
        None => Ok(report),
    }
}
