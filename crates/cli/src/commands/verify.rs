//! `verify`: every checksum and bound.

use std::path::Path;

use anyhow::Result;

use super::Outcome;
use crate::args::VerifyArgs;
use crate::input::{bytes, files_of};
use crate::words::human::counted;
use crate::words::{error_text, say};

pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    if !args.file.is_dir() {
        verify(&args.file)?;
        return Ok(Outcome::Done);
    }
    let is_evz = |file: &Path| {
        file.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("evz"))
    };
    let mut failed = false;
    for file in files_of(std::slice::from_ref(&args.file), ".evz file", is_evz)? {
        if let Err(error) = verify(&file) {
            say(format_args!("failed: {}", error_text(error.as_ref())));
            failed = true;
        }
    }
    Ok(Outcome::of_loss(failed))
}

fn verify(file: &Path) -> Result<()> {
    let input = bytes(file)?;
    let name = input.name().to_owned();
    let report = evz::verify(input)?;
    say(format_args!(
        "{name}: whole: {} in {}, {}",
        counted(report.events, "event"),
        counted(report.chunks, "chunk"),
        counted(report.records, "record")
    ));
    Ok(())
}
