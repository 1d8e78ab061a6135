//! `recover`: what is whole of a damaged file.

use anyhow::Result;
use evz::WriteOptions;

use super::Outcome;
use crate::args::RecoverArgs;
use crate::input::{self, is_pipe};
use crate::words::human::{bytes, counted};
use crate::words::say;

/// Damaged places that are named; the others are counted.
const MAX_PLACES: usize = 10;

pub(crate) fn run(args: &RecoverArgs) -> Result<Outcome> {
    if is_pipe(&args.output) || evz::is_device(&args.output) {
        let what = format!("{}: recover writes a file; name one", args.output.display());
        return Err(evz::Error::invalid(what).into());
    }
    let input = input::bytes(&args.input)?;
    let options = WriteOptions::new().with_replace(args.force);
    let report = evz::file::recover(input, &args.output, options, &evz::text::whole::of_a_part())?;
    say_places("lost: ", &report.lost);
    say_places("", &report.moved);
    let missing = [
        (report.events_missing, "event"),
        (report.rows_missing, "side row"),
    ];
    for (n, what) in missing.into_iter().filter(|(n, _)| *n > 0) {
        say(format_args!("lost: {}", counted(n, what)));
    }
    say(format_args!(
        "{}: saved {} in {}, {}",
        args.output.display(),
        counted(report.saved.events, "event"),
        counted(report.saved.chunks, "chunk"),
        bytes(report.saved.bytes)
    ));
    let whole = report.lost.is_empty() && report.moved.is_empty();
    Ok(Outcome::of_loss(
        !whole || report.events_missing > 0 || report.rows_missing > 0,
    ))
}

fn say_places(before: &str, places: &[String]) {
    for place in places.iter().take(MAX_PLACES) {
        say(format_args!("{before}{place}"));
    }
    if places.len() > MAX_PLACES {
        let more = counted((places.len() - MAX_PLACES) as u64, "more place");
        say(format_args!("{before}{more}"));
    }
}
