//! Windows at the times of a list.

mod anchor;
mod file;
mod meaning;
mod number;

use std::ops::Range;

use anyhow::Result;
use evz::render::{Representation, Windows};
use evz::{Error, Recording};

pub(crate) use self::anchor::Anchor;
use crate::args::{RenderArgs, TimeList};
use crate::input;
use crate::pace::usual_length;
use crate::refuse::refuse;
use crate::side_again::{self, Met, SideAgain};
use crate::words::human::counted;
use crate::words::say;

/// The times of a list.
struct Listed {
    name: String,
    times: Vec<Anchor>,
    /// The times of a second column.
    ends: Option<Vec<Anchor>>,
    /// How the times are read, where nobody told.
    said: Option<String>,
}

/// The windows of the list that the options name, if they name one, of a recording that starts at tick
/// `first`: for frames that are made so.
pub(crate) fn windows(
    args: &RenderArgs,
    of: Representation,
    recording: &Recording,
    first: Option<i64>,
    met: &Met,
) -> Result<Option<Windows>> {
    let list = args.windows.list();
    let of_file = matches!(list, Some((_, TimeList::File(_))));
    let unit = [("--list-unit", args.windows.list_unit.is_some() && !of_file)];
    refuse(&unit, "it is of the plain numbers of a file of times")?;
    let Some((option, list)) = list else {
        return Ok(None);
    };
    let info = recording.info();
    let Listed {
        name,
        times,
        ends,
        said,
    } = match list {
        TimeList::File(path) => {
            let table = file::read(input::bytes(path)?)?;
            meaning::of(table, args.windows.list_unit, &info, first)?
        }
        TimeList::Stream(stream) => of_stream(args, option, stream, recording, met)?,
    };
    if times.is_empty() {
        let what = format!("{name}: has no times, and {option} makes a frame for each");
        return Err(Error::invalid(what).into());
    }
    let which = match (&ends, args.windows.when()) {
        (Some(_), Some(_)) => ", in the first of its columns",
        _ => "",
    };
    let said = said.map_or(String::new(), |said| format!(", {said}"));
    say(format_args!(
        "{name}: {}{which}{said}",
        counted(times.len() as u64, "time")
    ));
    let base = info.time_base;
    let windows: Vec<Range<i64>> = match args.windows.when() {
        Some((_, lies, _)) => {
            let length = args.windows.window.unwrap_or(usual_length(lies, of));
            let window = |time: &Anchor| time.window(lies, length, base);
            times.iter().map(window).collect()
        }
        None => {
            let ticks = |times: &[Anchor]| -> Vec<i64> {
                times.iter().map(|time| time.tick(0, base)).collect()
            };
            let starts = ticks(&times);
            match ends {
                Some(ends) => starts
                    .into_iter()
                    .zip(ticks(&ends))
                    .map(|(a, b)| a..b)
                    .collect(),
                None => starts.windows(2).map(|two| two[0]..two[1]).collect(),
            }
        }
    };
    if windows.is_empty() {
        let what = format!("{name}: has one time, and {option} takes two or more");
        return Err(Error::invalid(what).into());
    }
    if let Some(number) = windows.iter().position(|window| window.end < window.start) {
        let what = format!(
            "{name}: window {} would end before it starts, and {option} needs times in order",
            number + 1
        );
        return Err(Error::invalid(what).advise("sort them").into());
    }
    Ok(Some(Windows::List(windows)))
}

/// The times of the rows of a side stream: the recording is read once for them, and again for its events.
fn of_stream(
    args: &RenderArgs,
    option: &str,
    stream: &str,
    recording: &Recording,
    met: &Met,
) -> Result<Listed> {
    let why = format!("{option} stream:{stream} has to read it before");
    side_again::check(args, recording, stream, &why)?;
    let mut table = SideAgain::open(args, stream, met)?;
    let mut times = Vec::new();
    // Windows are made of the times, and copied for those who make frames of them and look at them.
    let bytes_of_row = size_of::<Anchor>() + 3 * size_of::<Range<i64>>();
    while let Some(rows) = table.next_kept(bytes_of_row)? {
        times.extend(rows.t.iter().map(|t| Anchor::of_tick(*t)));
    }
    Ok(Listed {
        name: format!("{stream} of {}", recording.name()),
        times,
        ends: None,
        said: None,
    })
}
