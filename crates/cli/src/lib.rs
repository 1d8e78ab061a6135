//! The command `evz`, as what its program and the Python package run.
#![forbid(unsafe_code)]

mod args;
mod array_output;
mod bench;
mod camera_frames;
mod camera_ground;
mod commands;
mod device;
mod ending;
mod facts;
mod frame_output;
mod frame_table;
mod given;
mod inertia;
mod input;
mod many_frames;
mod marks;
mod moment;
mod numbered;
mod output;
mod pace;
mod pixels_output;
mod play;
mod progress;
mod rate_output;
mod refuse;
mod rendering;
mod side_again;
mod standard_output;
mod time_list;
mod topics;
mod upscale;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};
use std::iter;

use clap::error::ErrorKind;
use evz::{Error, ErrorKind as Fault, OneRun};

use crate::args::Cli;
use crate::commands::Outcome;
use crate::standard_output::print;
use crate::words::{error_text, say};

pub use crate::standard_output::standard_output_is_closed;

const FAILED: u8 = 1;
const BAD_ARGUMENTS: u8 = 2;
const LOSS: u8 = 3;

/// Runs the command with its arguments. `itself` is what starts it, a program and arguments that come
/// before its own, for what measures it in a process apart. Gives the code to exit with: 0 done, 1
/// failed, 2 bad arguments, 3 done with loss.
pub fn run(itself: &[OsString], args: impl IntoIterator<Item = OsString>) -> u8 {
    ending::clean_up();
    // What one verb reads and writes is not to be replaced by another output of it.
    let _run = OneRun::begin();
    let args = iter::once("evz".into()).chain(args);
    let outcome = match Cli::of(args) {
        Ok((cli, given)) => commands::run(cli, &given, itself),
        Err(error) => return refuse(&error),
    };
    match outcome {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Loss) => LOSS,
        Err(error) => fail(&error),
    }
}

/// Says an error on one line, each cause once.
fn fail(error: &anyhow::Error) -> u8 {
    if is_closed_pipe(error) {
        // Whoever read the output has enough of it.
        return 0;
    }
    say(format_args!("evz: {}", error_text(error.as_ref())));
    match error.downcast_ref::<Error>().map(Error::kind) {
        Some(Fault::InvalidArgument) => BAD_ARGUMENTS,
        _ => FAILED,
    }
}

/// Whether nobody reads any more what was written.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// What clap says: help and version as they are, an error on one line.
fn refuse(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            print(error.render().to_string()).map_or_else(|error| fail(&error), |()| 0)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = write!(io::stderr(), "{}", error.render());
            BAD_ARGUMENTS
        }
        _ => {
            let text = error.render().to_string();
            let what = text.split("\n\nUsage:").next().unwrap_or(&text);
            let what = what
                .split("\n\nFor more information")
                .next()
                .unwrap_or(what);
            let what = what.strip_prefix("error: ").unwrap_or(what);
            let what = one_line(&what.replace("\n\n  tip: ", "; "));
            say(format_args!("evz: {what}; see --help"));
            BAD_ARGUMENTS
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
