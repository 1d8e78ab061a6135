//! From the options of frames to what is rendered.

use std::time::Duration;

use anyhow::Result;
use evz::render::{CountWindows, Parameter, RenderOptions, Representation, TimeWindows, Windows};
use evz::{Error, Selection, StreamInfo};

use crate::args::modes::{those_that_split, those_with};
use crate::args::{ModeArgs, Stride, When, WindowArgs};
use crate::pace::{Pace, usual_length};
use crate::refuse::refuse;
use crate::time_list::Anchor;

/// What is made where nothing says what a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// Frames of a movie at its usual rate.
    Movie,
    /// One frame of all that is selected.
    One,
    /// Nothing: it has to be said.
    Nothing,
}

/// The frames of a recording that starts at tick `first`: of the windows of a list, if one was told.
pub(crate) fn options(
    windows: &WindowArgs,
    listed: Option<Windows>,
    unsaid: Unsaid,
    mode: &ModeArgs,
    info: &StreamInfo,
    first: Option<i64>,
    selection: Selection,
) -> Result<RenderOptions> {
    let pace = Pace::of(windows, unsaid == Unsaid::Movie);
    let representation = made(windows, unsaid, mode)?;
    let alone = windows.fps.is_none() && unsaid != Unsaid::Movie;
    let speed = [("--speed", alone && windows.speed.is_some())];
    refuse(&speed, "it is of movies, and of frames by --fps")?;
    let remembers = windows.memory;
    let windows = match (listed, unsaid, windows.say_nothing()) {
        (Some(listed), ..) => listed,
        (None, Unsaid::One, true) => all_in_one(&selection)?,
        _ => cut(windows, pace, representation, info, first)?,
    };
    let mut options = RenderOptions::new(windows, representation).with_selection(selection);
    options.size = info.size;
    options.memory = remembers;
    Ok(options)
}

/// What is made of the events of a window.
pub(crate) fn made(
    windows: &WindowArgs,
    unsaid: Unsaid,
    mode: &ModeArgs,
) -> Result<Representation> {
    match Pace::of(windows, unsaid == Unsaid::Movie) {
        Some(pace) => Ok(pace.decaying(representation(mode, pace.usual_mode(windows))?, mode)),
        None => representation(mode, Representation::Signed),
    }
}

/// The representation of the options, and behind it all others in their order.
pub(crate) fn modes(args: &ModeArgs) -> Result<Vec<Representation>> {
    let mut all = Representation::ALL.map(|of| with_parameters(of, args));
    let chosen = representation(args, Representation::Signed)?;
    let place = all.iter().position(|of| *of == chosen).unwrap_or(0);
    all.rotate_left(place);
    Ok(all.to_vec())
}

fn representation(args: &ModeArgs, usual: Representation) -> Result<Representation> {
    let bins = |parameter| matches!(parameter, Parameter::Bins { .. });
    let decays = |parameter| matches!(parameter, Parameter::Tau { .. });
    let mode = args.mode.unwrap_or(usual);
    let parameter = mode.facts().parameter;
    let given = [("--bins", args.bins.is_some() && !bins(parameter))];
    refuse(&given, &format!("only {} have bins", those_with(bins)))?;
    let given = [("--tau", args.tau.is_some() && !decays(parameter))];
    refuse(&given, &format!("only {} decay", those_with(decays)))?;
    let given = [(
        "--split-polarity",
        args.split_polarity && !mode.facts().may_split,
    )];
    let fitting = those_that_split();
    refuse(&given, &format!("only {fitting} can be split"))?;
    let given = [("--bin-span", args.bin_span.is_some() && !bins(parameter))];
    refuse(&given, &format!("only {} have bins", those_with(bins)))?;
    let places = matches!(mode, Representation::Voxel { .. });
    let given = [("--bin-places", args.bin_places.is_some() && !places)];
    refuse(&given, "only the bins of voxel have places")?;
    Ok(with_parameters(mode, args))
}

/// A representation with what the options say of it.
fn with_parameters(of: Representation, args: &ModeArgs) -> Representation {
    let mut of = of
        .with_bin_span(args.bin_span.unwrap_or_default())
        .with_bin_places(args.bin_places.unwrap_or_default());
    if args.split_polarity {
        of = of.split_by_polarity(true);
    }
    match of.facts().parameter {
        Parameter::None => of,
        Parameter::Bins { default } => {
            of.with_bins(args.bins.map_or(default, |bins| bins as usize))
        }
        Parameter::Tau { default } => {
            // One of less than nothing is refused as one of nothing is.
            let told = args
                .tau
                .map(|ns| u64::try_from(ns.max(0)).unwrap_or(u64::MAX));
            of.with_tau(told.map_or(default, Duration::from_nanos))
        }
    }
}

/// One window of all selected events: of their time, where both of its ends are told.
fn all_in_one(selection: &Selection) -> Result<Windows> {
    Ok(match &selection.time {
        Some(time) if time.start > i64::MIN && time.end < i64::MAX => time.clone().into(),
        _ => Windows::Count(CountWindows::new(u64::MAX, u64::MAX)?),
    })
}

fn cut(
    args: &WindowArgs,
    pace: Option<Pace>,
    of: Representation,
    info: &StreamInfo,
    first: Option<i64>,
) -> Result<Windows> {
    if let Some(length) = args.count {
        let stride = match args.stride {
            None => length,
            Some(Stride::Events(stride)) => stride,
            Some(Stride::Time(_)) => {
                let what = "--stride is a time, and --count counts events; give a number of events";
                return Err(Error::invalid(what).into());
            }
        };
        return Ok(Windows::Count(CountWindows::new(length, stride)?));
    }
    if let Some((_, lies, When::Once(time))) = args.when() {
        let length = args.window.unwrap_or(usual_length(lies, of));
        let window = Anchor::of(*time, info, first).window(lies, length, info.time_base);
        return Ok(window.into());
    }
    let stride = match args.stride {
        None => None,
        Some(Stride::Time(stride)) => Some(stride),
        Some(Stride::Events(_)) => {
            let what = "--stride counts events; pass --count too, or give a time such as 5ms";
            return Err(Error::invalid(what).into());
        }
    };
    if let Some(pace) = pace {
        let windows = pace.windows(args.window, of, info.time_base)?;
        return Ok(Windows::Time(windows));
    }
    let Some(length) = args.window else {
        let what = "nothing says what a frame is; pass --count, --window, --fps or --at";
        return Err(Error::invalid(what).into());
    };
    let stride = stride.unwrap_or(length);
    let windows = TimeWindows::of_nanoseconds(length, stride, info.time_base)?;
    Ok(Windows::Time(windows))
}
