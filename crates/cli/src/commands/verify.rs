//! `verify`: every checksum and bound.

use anyhow::Result;

use super::Outcome;
use crate::cli::VerifyArgs;
use crate::human::counted;
use crate::named_file::NamedFile;
use crate::talk::say;

pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let file = NamedFile::of(&args.file)?;
    let report = evz::file::verify(&file.path).map_err(|e| file.blame(e))?;
    say(format_args!(
        "{}: whole: {} in {}, {}",
        file.name,
        counted(report.events, "event"),
        counted(report.chunks, "chunk"),
        counted(report.records, "record")
    ));
    Ok(Outcome::Done)
}
