//! `synth`: a synthetic recording.

use std::time::Instant;

use anyhow::Result;
use evz::EventSource;
use evz_synth::SynthOptions;

use super::Outcome;
use super::convert::summarize;
use crate::args::SynthArgs;
use crate::output::Target;
use crate::progress::Meter;
use crate::refuse::check_writing;
use crate::words::say_report;

pub(crate) fn run(args: &SynthArgs) -> Result<Outcome> {
    let started = Instant::now();
    let target = Target::new(&args.output, args.output_format, &args.writing)?;
    let options = args.writing.options();
    check_writing(&options, target.format)?;
    let mut source = SynthOptions::default()
        .with_size(args.size)
        .with_events(args.events)
        .with_seed(args.seed)
        .with_rate(args.rate as f64)
        .open()?;
    let sink = target.create(source.info(), &options)?;
    let mut meter = Meter::new();
    let copied = evz::copy_with(&mut source, sink, |n, progress| meter.add(n, progress))?;
    meter.end();
    summarize(&target.name(), copied.events, target.bytes(), started);
    Ok(Outcome::of_loss(say_report(&copied.report)))
}
