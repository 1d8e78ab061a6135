//! `index`: an index beside files that stay as they are.

use std::path::Path;

use anyhow::Result;

use super::Outcome;
use crate::args::IndexArgs;
use crate::input;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_reading};
use crate::words::human::{bytes, counted};
use crate::words::{error_text, say, say_report};

pub(crate) fn run(args: &IndexArgs) -> Result<Outcome> {
    let files = input::files_of(&args.files, |_| true)?;
    let of_folder = args.files.iter().any(|file| file.is_dir());
    let mut lost = false;
    for file in &files {
        match index(file, args) {
            Ok(one) => lost |= one,
            // Among all that a folder holds, one that fails does not stop the others.
            Err(error) if of_folder => {
                say(format_args!("failed: {}", error_text(error.as_ref())));
                lost = true;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Outcome::of_loss(lost))
}

/// Makes the index of a file; whether anything of it was lost in reading.
fn index(file: &Path, args: &IndexArgs) -> Result<bool> {
    let (options, format) = (args.reading.options(), args.reading.input_format);
    check_reading(&options, &[evz::detect_format(file)?], TextIsWritten::No)?;
    let (mut meter, mut before) = (Meter::new(), 0);
    let made = evz::index(file, format, &options, |events, progress| {
        meter.add((events - before) as usize, progress);
        before = events;
    })?;
    meter.end();
    made.report.inferred.iter().for_each(say);
    say(format_args!(
        "{}: the index of {}, {}",
        made.path.display(),
        counted(made.events, "event"),
        bytes(made.bytes)
    ));
    Ok(say_report(&made.report))
}
