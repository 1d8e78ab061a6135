//! Beginning a recording of any format.

use std::path::Path;

use evz_core::{CreateOptions, Error, EventSink, Format, Output, Result, StreamInfo};

use crate::registry::{format_of_name, formats};
#[cfg(feature = "files")]
use crate::target::create_output;

/// Begins a file in the format of its extension; `.gz` and `.zst` behind that of a format that may
/// be packed compress it. It gets its name once [`EventSink::finish`] returns, and is not there
/// before. An existing file is an error unless `replace` is set.
///
/// # Errors
/// If the name stands for no format that is written, the file cannot be written, or the format
/// cannot hold such a recording.
#[cfg(feature = "files")]
pub fn create(
    path: impl AsRef<Path>,
    info: &StreamInfo,
    options: &CreateOptions,
    replace: bool,
) -> Result<Box<dyn EventSink>> {
    let path = path.as_ref();
    let format = output_format(path)?;
    create_in(create_output(path, replace)?, format, info, options)
}

/// Begins a recording of a format in any output.
///
/// # Errors
/// If the format is only read, cannot hold such a recording, or the output cannot be written.
pub fn create_in(
    output: Output,
    format: &Format,
    info: &StreamInfo,
    options: &CreateOptions,
) -> Result<Box<dyn EventSink>> {
    match format.create {
        Some(create) => create(output, info, options),
        None => {
            let what = format!("{}: {format} is read and not written", output.name());
            Err(Error::invalid(what))
        }
    }
}

/// The format that an output's name stands for.
///
/// # Errors
/// If it stands for none; the error lists the extensions.
pub fn output_format(path: impl AsRef<Path>) -> Result<&'static Format> {
    let path = path.as_ref();
    let name = path.display();
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
    {
        let what = format!("{name}: .zip is read and not written");
        return Err(Error::invalid(what).advise("end it in .gz or .zst"));
    }
    format_of_name(path).ok_or_else(|| {
        let endings = |packed| {
            let written = formats().filter(|f| f.create.is_some() && f.packed == packed);
            let dotted = written.flat_map(|f| f.extensions).map(|e| format!(".{e}"));
            dotted.collect::<Vec<_>>().join(", ")
        };
        let what = format!(
            "{name}: its name says no format: end it in {}, or in {} (these also in .gz or .zst)",
            endings(false),
            endings(true)
        );
        Error::invalid(what).settled_by(evz_core::Question::OutputFormat, [""; 0])
    })
}
