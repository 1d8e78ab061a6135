//! A side stream of a recording whose events are read too: the file is read twice.

use anyhow::Result;
use evz::{Error, Recording, SideTable, Wanted, alternatives};

use crate::args::RenderArgs;
use crate::input::{self, is_pipe};

/// Checks that the recording has a side stream, and that it can be read again; `why` says what for.
pub(crate) fn check(
    args: &RenderArgs,
    recording: &Recording,
    stream: &str,
    why: &str,
) -> Result<()> {
    let there = recording.side_streams()?;
    if !there.iter().any(|name| name == stream) {
        let there = match there.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("it has {}", alternatives(names)),
        };
        let what = format!("{}: no side stream {stream:?}; {there}", recording.name());
        return Err(Error::invalid(what).into());
    }
    if is_pipe(&args.input) || !args.input.is_file() && evz::url_scheme(&args.input).is_none() {
        let what = format!("{}: is read once, and {why}", recording.name());
        return Err(Error::invalid(what)
            .advise("write it to a file first")
            .into());
    }
    Ok(())
}

/// All rows of a side stream.
pub(crate) fn open(args: &RenderArgs, stream: &str) -> Result<SideTable> {
    let again = input::open_again(&args.input, &args.reading)?;
    Ok(again.into_side_table(stream, &Wanted::all())?)
}
