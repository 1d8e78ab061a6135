//! `rate`: how many events there are when.

use anyhow::Result;
use evz::{Origin, Rate};

use super::Outcome;
use crate::args::RateArgs;
use crate::input;
use crate::progress::Meter;
use crate::rate_output::{RateOutput, Timed};
use crate::refuse::{TextIsWritten, check_input};
use crate::words::human::{counted, seconds, short};
use crate::words::{say, say_report};

pub(crate) fn run(args: &RateArgs) -> Result<Outcome> {
    let output = RateOutput::new(args)?;
    let mut recording = input::open_events(&args.file, &args.reading, "rate")?;
    recording.only_events();
    check_input(&args.reading.options(), &recording, TextIsWritten::No)?;
    let name = recording.name().to_owned();
    let (recording, first) = recording.started()?;
    let (recording, selection) = recording.selection(&args.selection.wanted())?;
    let (base, clock) = (recording.info().time_base, recording.info().clock);
    let out = output.begin()?;
    let width = args.every.map(i128::unsigned_abs);
    let width = width.map(|ns| evz::ticks_of_every(ns, base)).transpose()?;
    let mut meter = Meter::new();
    let mut rate = evz::rate_with(recording, &selection, width, |n, progress| {
        meter.add(n, progress);
    })?;
    meter.end();
    let (origin, recorded) = (args.origin.origin(), rate.start);
    rate.count_from(origin, clock, first);
    // What people see as 0.
    let zero = match origin {
        Origin::FirstWanted => 0,
        _ => first.map_or(0, i128::from) + rate.start - recorded,
    };
    let timed = Timed {
        name: &name,
        rate: &rate,
        zero,
    };
    output.write(out, &timed)?;
    let written = args.output.as_ref().map(|path| path.display().to_string());
    let written = written.as_ref().unwrap_or(&name);
    say(format_args!("{written}: {}", summary(&timed)));
    Ok(Outcome::of_loss(say_report(&rate.report)))
}

/// How many events there are, the width, and the mean and the largest rate.
fn summary(timed: &Timed<'_>) -> String {
    let rate = timed.rate;
    let Some(peak) = rate.peak() else {
        return "no events, in all of it or in what is selected of it".to_owned();
    };
    let mean = rate.mean_per_second();
    let Rate {
        bins,
        width,
        time_base,
        ..
    } = rate;
    format!(
        "{} in {} of {}; {} events/s on average, {} events/s at the peak, from {} s on",
        counted(rate.n_events(), "event"),
        counted(bins.len() as u64, "bin"),
        evz::every_text(*width, *time_base),
        short(mean),
        short(rate.per_second(bins[peak].sum())),
        seconds(timed.since_zero(peak)),
    )
}
