//! `recover`: what is whole of a damaged file.

use anyhow::Result;
use evz::WriteOptions;

use super::Outcome;
use crate::cli::RecoverArgs;
use crate::human::{bytes, counted};
use crate::input::is_pipe;
use crate::named_file::NamedFile;
use crate::talk::say;
use crate::target::is_device;
use crate::whole;

/// Damaged places that are named; the others are counted.
const MAX_PLACES: usize = 10;

pub(crate) fn run(args: &RecoverArgs) -> Result<Outcome> {
    if is_pipe(&args.output) || is_device(&args.output) {
        let what = format!("{}: recover writes a file; name one", args.output.display());
        return Err(evz::Error::invalid(what).into());
    }
    let input = NamedFile::of(&args.input)?;
    let options = WriteOptions::new().with_replace(args.force);
    let report = evz::file::recover(&input.path, &args.output, options, &whole::of_a_part())
        .map_err(|e| input.blame(e))?;
    for place in report.lost.iter().take(MAX_PLACES) {
        say(format_args!("lost: {place}"));
    }
    if report.lost.len() > MAX_PLACES {
        say(format_args!(
            "lost: {}",
            counted((report.lost.len() - MAX_PLACES) as u64, "more place")
        ));
    }
    if report.events_missing > 0 {
        say(format_args!(
            "lost: {}",
            counted(report.events_missing, "event")
        ));
    }
    say(format_args!(
        "{}: saved {} in {}, {}",
        args.output.display(),
        counted(report.saved.events, "event"),
        counted(report.saved.chunks, "chunk"),
        bytes(report.saved.bytes)
    ));
    Ok(Outcome::of_loss(
        !report.lost.is_empty() || report.events_missing > 0,
    ))
}
