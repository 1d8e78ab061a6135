//! `man`: a manual page.

use anyhow::{Context, Result};
use clap::CommandFactory;
use evz::Error;

use super::Outcome;
use crate::args::{Cli, ManArgs};
use crate::standard_output::print;

pub(crate) fn run(args: &ManArgs) -> Result<Outcome> {
    let mut command = Cli::command();
    // Gives each verb its full name and the options that all have.
    command.build();
    if let Some(verb) = &args.verb {
        command = command
            .find_subcommand(verb)
            .cloned()
            .ok_or_else(|| Error::invalid(format!("there is no verb {verb:?}; see evz --help")))?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .context("cannot make the page")?;
    print(page)?;
    Ok(Outcome::Done)
}
