//! `completion`: a script for a shell.

use std::io::{self, Write};

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::Outcome;
use crate::args::{Cli, CompletionArgs};

pub(crate) fn run(args: &CompletionArgs) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "evz", &mut script);
    io::stdout()
        .write_all(&script)
        .context("cannot write to standard output")?;
    Ok(Outcome::Done)
}
