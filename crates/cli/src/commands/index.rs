//! `index`: an index beside files that stay as they are.

use std::path::Path;

use anyhow::Result;
use evz::OpenOptions;
use evz::folder::answering;

use super::Outcome;
use crate::args::IndexArgs;
use crate::input;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_reading};
use crate::words::human::{bytes, counted};
use crate::words::{error_text, say, say_report};

pub(crate) fn run(args: &IndexArgs) -> Result<Outcome> {
    let files = input::files_of(&args.files, "recording", |_| true)?;
    let of_folder = args.files.iter().any(|file| file.is_dir());
    let mut lost = false;
    for file in &files {
        match index(file, args, of_folder) {
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
fn index(file: &Path, args: &IndexArgs, of_folder: bool) -> Result<bool> {
    let (told, format) = (args.reading.options(), args.reading.input_format);
    let (mut meter, mut before) = (Meter::new(), 0);
    let mut made = |reading: &OpenOptions| {
        evz::index(file, format, reading, |events, progress| {
            meter.add((events - before) as usize, progress);
            before = events;
        })
    };
    let made = if of_folder {
        answering(&told, made)?.0
    } else {
        check_reading(&told, &[evz::detect_format(file)?], TextIsWritten::No)?;
        made(&told)?
    };
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
