//! `join`: files one behind the other, chunk by chunk as they are.

use anyhow::Result;
use evz::{Error, ReadOptions, WriteOptions};

use super::Outcome;
use crate::args::JoinArgs;
use crate::input::{self, is_pipe};
use crate::words::human::{bytes, counted};
use crate::words::say;

pub(crate) fn run(args: &JoinArgs) -> Result<Outcome> {
    let Some((output, inputs)) = args.files.split_last() else {
        return Err(Error::invalid("no files to join").into());
    };
    if is_pipe(output) || evz::is_device(output) {
        let what = format!("{}: join writes a file; name one", output.display());
        return Err(Error::invalid(what).into());
    }
    let files = (inputs.iter()).map(|path| Ok(ReadOptions::new().open_input(input::bytes(path)?)?));
    let files = files.collect::<Result<Vec<_>>>()?;
    let mut lost = false;
    for file in &files {
        // What a file does not hold to its end is said; events out of order are those of the output.
        if let Some(behind) = file.unfinished() {
            say(format_args!(
                "{}: does not end with its index: {behind} bytes were left out",
                file.name()
            ));
            lost |= behind > 0;
        }
    }
    for pair in files.windows(2) {
        let (before, after) = (pair[0].summary().span, pair[1].summary().span);
        if before.n_rows > 0 && after.n_rows > 0 && after.t_min < before.t_max {
            say(format_args!(
                "times run backwards from {} to {}",
                pair[0].name(),
                pair[1].name()
            ));
        }
    }
    let options = WriteOptions::new().with_replace(args.force);
    let joined = evz::file::join(&files, output, options)?;
    say(format_args!(
        "{}: {} in {}, {}",
        output.display(),
        counted(joined.events, "event"),
        counted(joined.chunks, "chunk"),
        bytes(joined.bytes)
    ));
    Ok(Outcome::of_loss(lost))
}
