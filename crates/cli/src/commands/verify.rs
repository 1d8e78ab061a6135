//! `verify`: every checksum and bound.

use anyhow::Result;

use super::Outcome;
use crate::cli::VerifyArgs;
use crate::human::count;
use crate::input::named_file;
use crate::talk::say;

pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let (path, _spool) = named_file(&args.file)?;
    let report = evz::file::verify(&path)?;
    say(format_args!(
        "{}: whole: {} events in {} chunks, {} records",
        args.file.display(),
        count(report.events),
        count(report.chunks),
        count(report.records)
    ));
    Ok(Outcome::Done)
}
