//! `join`: files one behind the other, chunk by chunk as they are.

use anyhow::Result;
use evz::{Error, ReadOptions, WriteOptions};

use super::Outcome;
use crate::args::JoinArgs;
use crate::input::{self, is_pipe};
use crate::words::human::{bytes, counted};
use crate::words::{say, say_report};

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
    let options = WriteOptions::new().with_replace(args.force);
    let joined = evz::file::join(&files, output, options)?;
    let lost = say_report(&joined.report);
    let joined = joined.saved;
    say(format_args!(
        "{}: {} in {}, {}",
        output.display(),
        counted(joined.events, "event"),
        counted(joined.chunks, "chunk"),
        bytes(joined.bytes)
    ));
    Ok(Outcome::of_loss(lost))
}
