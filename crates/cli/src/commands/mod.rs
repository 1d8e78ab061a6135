//! The verbs.

mod bench;
mod cat;
mod completion;
mod convert;
mod convert_folder;
mod digest;
mod folder_report;
mod folder_words;
mod help;
mod index;
mod info;
mod info_folder;
mod info_follow;
mod info_page;
mod info_survey;
mod join;
mod man;
mod meta;
mod pack;
mod play;
mod rate;
mod record;
mod recover;
mod render;
mod synth;
mod verify;

use std::ffi::OsString;
use std::num::NonZero;
use std::thread::available_parallelism;

use anyhow::Result;
use evz::parallel::Pool;

use crate::args::{Cli, Verb};
use crate::given::Given;

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is done.
    Done,
    /// Done, but something of the input is not in the output.
    Loss,
}

impl Outcome {
    fn of_loss(lost: bool) -> Self {
        if lost { Self::Loss } else { Self::Done }
    }
}

/// Runs the verb, of a command that is started by `itself`: on as many threads as told, or on one where
/// no more can be started.
pub(crate) fn run(cli: Cli, given: &Given, itself: &[OsString]) -> Result<Outcome> {
    evz::sync_outputs(!cli.no_sync);
    cli.max_memory.into_iter().for_each(evz::set_max_memory);
    let told = cli.threads.map(|n| n as usize);
    let threads = move || told.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get));
    Pool::new(threads).enter(|| run_verb(cli.verb, given, itself))
}

fn run_verb(verb: Verb, given: &Given, itself: &[OsString]) -> Result<Outcome> {
    match verb {
        Verb::Convert(args) => convert::run(&args.with_output_last()?),
        Verb::Record(args) => record::run(&args),
        Verb::Info(args) => info::run(&args),
        Verb::Cat(args) => cat::run(&args, given),
        Verb::Rate(args) => rate::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Recover(args) => recover::run(&args),
        Verb::Join(args) => join::run(&args),
        Verb::Pack(args) => pack::run(&args),
        Verb::Unpack(args) => pack::run_unpack(&args),
        Verb::Meta(args) => meta::run(&args),
        Verb::Digest(args) => digest::run(&args),
        Verb::Index(args) => index::run(&args),
        Verb::Render(args) => render::run(&args, given),
        Verb::Play(args) => play::run(&args),
        Verb::Synth(args) => synth::run(&args),
        Verb::Bench(args) => bench::run(&args, itself),
        Verb::Completion(args) => completion::run(&args),
        Verb::Man(args) => man::run(&args),
        Verb::Help(args) => help::run(&args),
    }
}
