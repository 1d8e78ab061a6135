//! A file of any format into a file of any other, in one call.

use std::path::Path;

use evz_core::{CreateOptions, Input, OpenOptions, Result};

use crate::conversion::{Conversion, Converted};
use crate::create::output_format;
use crate::target::create_output;

/// Converts a recording, with all of its event streams, into the format that the name of the output
/// stands for. For a window of it, progress, or other inputs and outputs, see [`Conversion`], which this
/// runs; what there is to say of any stream is in the one report.
///
/// # Errors
/// As [`Conversion::run`]; the output is not there then, unless `replace` was set and it was before.
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
) -> Result<Converted> {
    let mut conversion = Conversion::new();
    conversion.reading = how_read.clone();
    conversion.writing = how_written.clone();
    let (input, output) = (Input::open(input)?, output.as_ref());
    let create = || create_output(output, replace);
    let mut converted = conversion.run(vec![input], output_format(output)?, create, &mut ())?;
    // Who looks at the report alone sees all of it.
    for (_, report) in std::mem::take(&mut converted.of_streams) {
        converted.report.merge(report);
    }
    Ok(converted)
}
