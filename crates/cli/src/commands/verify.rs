//! `verify`: every checksum and bound.

use anyhow::Result;

use super::Outcome;
use crate::args::VerifyArgs;
use crate::input::bytes;
use crate::words::human::counted;
use crate::words::say;

pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let input = bytes(&args.file)?;
    let name = input.name().to_owned();
    let report = evz::file::verify(input)?;
    say(format_args!(
        "{name}: whole: {} in {}, {}",
        counted(report.events, "event"),
        counted(report.chunks, "chunk"),
        counted(report.records, "record")
    ));
    Ok(Outcome::Done)
}
