//! `synth`: a synthetic recording.

use std::time::Instant;

use anyhow::Result;
use evz::EventSource;
use evz_synth::SynthOptions;

use super::Outcome;
use super::convert::summarize;
use crate::applies::check_writing;
use crate::cli::SynthArgs;
use crate::pump::pump;
use crate::shape::of_source_or_name;
use crate::sink::Output;

pub(crate) fn run(args: &SynthArgs) -> Result<Outcome> {
    let started = Instant::now();
    let output = Output::new(&args.output, args.output_format, &args.writing)?;
    check_writing(&args.writing, None, output.format)?;
    let mut source = SynthOptions::default()
        .with_size(args.size)
        .with_events(args.events)
        .with_seed(args.seed)
        .with_rate(args.rate as f64)
        .open()?;
    let info = source.info().clone();
    let mut sink = output.create(&info, || of_source_or_name(&info, &output.path))?;
    let events = pump(&mut source, &mut sink)?;
    let (bytes, _) = output.finish(sink, &source.closing_metadata())?;
    summarize(&output.name(), events, bytes, started);
    Ok(Outcome::Done)
}
