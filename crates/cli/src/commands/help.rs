//! `help`: what a verb does, or what a topic is about.

use anyhow::Result;
use clap::CommandFactory;
use clap::error::ErrorKind;
use evz::{Error, alternatives};

use super::Outcome;
use crate::args::{Cli, HelpArgs};
use crate::standard_output::print;
use crate::topics::{TOPICS, topic};

pub(crate) fn run(args: &HelpArgs) -> Result<Outcome> {
    let about = args.about.as_deref();
    let text = match about.and_then(topic) {
        Some(text) => text,
        None => of_verb(about)?,
    };
    print(text)?;
    Ok(Outcome::Done)
}

/// What `--help` prints, of a verb or of the whole command.
fn of_verb(verb: Option<&str>) -> Result<String> {
    let args = ["evz"].into_iter().chain(verb).chain(["--help"]);
    match Cli::command().try_get_matches_from(args) {
        Err(help) if help.kind() == ErrorKind::DisplayHelp => Ok(help.render().to_string()),
        _ => Err(unknown(verb.unwrap_or_default()).into()),
    }
}

fn unknown(about: &str) -> Error {
    let topics = alternatives(&TOPICS);
    Error::invalid(format!(
        "there is no verb and no topic {about:?}; topics are {topics}, and evz --help lists the verbs"
    ))
}
