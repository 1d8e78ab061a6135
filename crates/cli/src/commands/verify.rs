//! `verify`: every checksum and bound.

use anyhow::Result;

use super::Outcome;
use crate::cli::VerifyArgs;
use crate::human::count;
use crate::named_file::NamedFile;
use crate::talk::say;

pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let file = NamedFile::of(&args.file)?;
    let report = evz::file::verify(&file.path).map_err(|e| file.blame(e))?;
    say(format_args!(
        "{}: whole: {} events in {} chunks, {} records",
        file.name,
        count(report.events),
        count(report.chunks),
        count(report.records)
    ));
    Ok(Outcome::Done)
}
