//! When windows are: at a time, or at each of a list of them.

use std::path::{Path, PathBuf};

use evz::{Time, TimeUnit};

use super::values;

/// A time, or a list of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    Once(Time),
    Each(TimeList),
}

/// Where a list of times stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimeList {
    /// Text or an array of NumPy.
    File(PathBuf),
    /// The rows of a side stream of the recording.
    Stream(String),
}

/// What a plain number of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListUnit {
    pub(crate) unit: TimeUnit,
    /// Whether it is a time of the recording's clock, and not one after the first event.
    pub(crate) absolute: bool,
}

/// What stands before the name of a side stream.
const STREAM: &str = "stream:";

/// `1.5s`, or what [`list`] takes.
pub(super) fn when(text: &str) -> Result<When, String> {
    match values::time(text) {
        Ok(time) => Ok(When::Once(time)),
        Err(no_time) => match found(text) {
            Some(list) => Ok(When::Each(list)),
            None => Err(format!(
                "it is neither a time nor a list of times: {no_time}; there is no such file"
            )),
        },
    }
}

/// A file of times, or `stream:frames`.
pub(super) fn list(text: &str) -> Result<TimeList, String> {
    found(text).ok_or_else(|| {
        format!("there is no such file; {STREAM}NAME takes the times of a side stream")
    })
}

fn found(text: &str) -> Option<TimeList> {
    match text.strip_prefix(STREAM) {
        Some(stream) => Some(TimeList::Stream(stream.to_owned())),
        None => {
            let is_there = evz::url_scheme(Path::new(text)).is_some() || Path::new(text).exists();
            is_there.then(|| TimeList::File(text.into()))
        }
    }
}

/// `us` after the first event, `@us` of the recording's clock.
pub(super) fn list_unit(text: &str) -> Result<ListUnit, String> {
    let (absolute, unit) = match text.strip_prefix('@') {
        Some(unit) => (true, unit),
        None => (false, text),
    };
    let unit = unit.parse();
    unit.map(|unit| ListUnit { unit, absolute }).map_err(|_| {
        "it is s, ms, us or ns after the first event; with @ before it, of the recording's clock"
            .to_owned()
    })
}
