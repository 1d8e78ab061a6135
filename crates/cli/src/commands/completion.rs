//! `completion`: a script for a shell.

use anyhow::Result;
use clap::CommandFactory;

use super::Outcome;
use crate::args::{Cli, CompletionArgs};
use crate::standard_output::print;

pub(crate) fn run(args: &CompletionArgs) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "evz", &mut script);
    print(script)?;
    Ok(Outcome::Done)
}
