//! From the options of frames to what is rendered.

use std::time::Duration;

use anyhow::Result;
use evz::render::{
    CountWindows, RenderOptions, Representation, RepresentationFacts, TimeWindows, Windows,
};
use evz::{Error, Selection, StreamInfo};

use crate::args::modes::those_with;
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
    options.reversed = mode.reverse_time;
    Ok(options)
}

/// What is made of the events of a window.
pub(crate) fn made(
    windows: &WindowArgs,
    unsaid: Unsaid,
    mode: &ModeArgs,
) -> Result<Representation> {
    if let Some(preset) = mode.like {
        check(mode, preset.representation.facts())?;
        return Ok(with_parameters(preset.representation, mode));
    }
    match Pace::of(windows, unsaid == Unsaid::Movie) {
        Some(pace) => Ok(pace.decaying(representation(mode, pace.usual_mode(windows))?, mode)),
        None => representation(mode, Representation::Signed),
    }
}

/// Refuses pictures of what makes none.
pub(crate) fn check_drawn(of: Representation) -> Result<()> {
    let facts = of.facts();
    if facts.is_drawn {
        return Ok(());
    }
    let what = format!("{} is for arrays, and makes no pictures", facts.name);
    let fitting = those_with(|of| of.is_drawn);
    Err(Error::invalid(what)
        .advise("write .npy or .npz")
        .advise(format!("take --mode {fitting}"))
        .into())
}

/// The representation of the options, and behind it all others that are drawn in their order.
pub(crate) fn modes(args: &ModeArgs) -> Result<Vec<Representation>> {
    let all = Representation::ALL.into_iter();
    let drawn = all.filter(|of| of.facts().is_drawn);
    let mut drawn: Vec<_> = drawn.map(|of| with_parameters(of, args)).collect();
    let chosen = representation(args, Representation::Signed)?;
    check_drawn(chosen)?;
    let place = drawn.iter().position(|of| *of == chosen).unwrap_or(0);
    drawn.rotate_left(place);
    Ok(drawn)
}

fn representation(args: &ModeArgs, usual: Representation) -> Result<Representation> {
    let mode = args.mode.unwrap_or(usual);
    check(args, mode.facts())?;
    let places = args.bin_places.is_some() && !matches!(mode, Representation::Voxel { .. });
    refuse(&[("--bin-places", places)], "only voxel has such bins")?;
    Ok(with_parameters(mode, args))
}

/// Refuses what cannot be chosen of a representation.
fn check(args: &ModeArgs, mode: RepresentationFacts) -> Result<()> {
    type Has = fn(RepresentationFacts) -> bool;
    let choices: [(_, bool, Has, &str); 5] = [
        (
            "--bins",
            args.bins.is_some(),
            |of| of.bins.is_some(),
            "have bins",
        ),
        ("--tau", args.tau.is_some(), |of| of.tau.is_some(), "decay"),
        (
            "--depth",
            args.depth.is_some(),
            |of| of.depth.is_some(),
            "have a depth",
        ),
        (
            "--split-polarity",
            args.split_polarity,
            |of| of.may_split,
            "can be split",
        ),
        (
            "--span",
            args.span.is_some(),
            |of| of.may_span,
            "have a span",
        ),
    ];
    for (option, given, has, what) in choices {
        let why = format!("only {} {what}", those_with(has));
        refuse(&[(option, given && !has(mode))], &why)?;
    }
    Ok(())
}

/// A representation with what the options say of it.
fn with_parameters(of: Representation, args: &ModeArgs) -> Representation {
    let bins = args.bins.map(|bins| bins as usize);
    let depth = args.depth.map(|depth| depth as usize);
    // One of less than nothing is refused as one of nothing is.
    let told = args
        .tau
        .map(|ns| u64::try_from(ns.max(0)).unwrap_or(u64::MAX));
    let tau = told.map(Duration::from_nanos);
    let of = bins.map_or(of, |bins| of.with_bins(bins));
    let of = depth.map_or(of, |depth| of.with_depth(depth));
    let of = tau.map_or(of, |tau| of.with_tau(tau));
    let of = args.span.map_or(of, |span| of.within(span));
    let of = args.bin_places.map_or(of, |at| of.with_bin_places(at));
    match args.split_polarity {
        true => of.split_by_polarity(true),
        false => of,
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
