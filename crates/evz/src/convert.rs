//! A file of any format into a file of any other, in one call.

use std::path::Path;

use evz_core::{CreateOptions, OpenOptions, Result};

use crate::copy::{Copied, copy};
use crate::create::create;
use crate::open::open;

/// Converts a recording into the format that the name of the output stands for. For a window of
/// it, progress, or other inputs and outputs, see [`open`], [`create`](crate::create()) and
/// [`copy`](crate::copy()), which this calls.
///
/// # Errors
/// As those three; the output is not there then, unless `replace` was set and it was before.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let (text, file) = (folder.path().join("events.txt"), folder.path().join("events.evz"));
/// # std::fs::write(&text, "0.000010 3 7 1\n0.000020 4 7 0\n0.000030 4 8 1\n")?;
/// let copied = evz::convert(&text, &file, &Default::default(), &Default::default(), false)?;
/// assert_eq!(copied.events, 3);
/// for loss in &copied.report.losses {
///     eprintln!("lost: {loss}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert(
    input: impl AsRef<Path>,
    output: impl AsRef<Path>,
    how_read: &OpenOptions,
    how_written: &CreateOptions,
    replace: bool,
) -> Result<Copied> {
    let recording = open(input, how_read)?;
    let sink = create(output, &recording.info_for_copy(), how_written, replace)?;
    copy(&mut *recording.into_source(), sink)
}
