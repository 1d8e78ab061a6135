//! From the options of frames to what is rendered.

use std::time::Duration;

use anyhow::Result;
use evz::render::{Choices, CountWindows, RenderOptions, Representation, TimeWindows, Windows};
use evz::{Error, Question, Selection, StreamInfo};

use crate::args::{ModeArgs, Stride, When, WindowArgs};
use crate::pace::{Pace, usual_length};
use crate::refuse::refuse;
use crate::time_list::Anchor;
use crate::words::human::{count, counted};

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
    check_start(&windows, &selection, first)?;
    let mut options = RenderOptions::new(windows, representation).with_selection(selection);
    options.size = info.size;
    options.memory = remembers;
    options.reversed = mode.reverse_time;
    Ok(options)
}

/// Refuses windows that begin long before there are events: a time of another clock was meant.
fn check_start(windows: &Windows, selection: &Selection, first: Option<i64>) -> Result<()> {
    const MOST: u64 = 1 << 20;
    let (Windows::Time(windows), Some(time), Some(first)) = (windows, &selection.time, first)
    else {
        return Ok(());
    };
    // Where no start was told they begin with the first event.
    if time.start == i64::MIN {
        return Ok(());
    }
    match windows.before(time.start, first) {
        0..=MOST => Ok(()),
        many => {
            let what = format!(
                "{} begin before the first event, and {} may",
                counted(many, "window"),
                count(MOST)
            );
            Err(Error::limit("", what)
                .settled_by(Question::From, ["0s"])
                .into())
        }
    }
}

/// What is made of the events of a window.
pub(crate) fn made(
    windows: &WindowArgs,
    unsaid: Unsaid,
    mode: &ModeArgs,
) -> Result<Representation> {
    if let Some(preset) = mode.like {
        check(mode, preset.representation)?;
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
    let fitting = Representation::those_with(|of| of.facts().is_drawn);
    Err(Error::invalid(what)
        .advise("write .npy or .npz")
        .advise(format!("take --mode {fitting}"))
        .into())
}

/// The representation of the options, and behind it all others that are drawn in their order.
pub(crate) fn modes(args: &ModeArgs) -> Result<Vec<Representation>> {
    let like = [("--like", args.like.is_some())];
    refuse(&like, "it is of arrays, and pictures are played")?;
    let reversed = [("--reverse-time", args.reverse_time)];
    refuse(&reversed, "it is of single windows, and what plays goes on")?;
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
    check(args, mode)?;
    Ok(with_parameters(mode, args))
}

/// Refuses what cannot be chosen of a representation.
fn check(args: &ModeArgs, mode: Representation) -> Result<()> {
    if let Some((name, why)) = choices(args).without_use(mode) {
        let option = format!("--{}", name.replace('_', "-"));
        refuse(&[(&option, true)], &why)?;
    }
    Ok(())
}

/// A representation with what the options say of it.
fn with_parameters(of: Representation, args: &ModeArgs) -> Representation {
    choices(args).of(of)
}

fn choices(args: &ModeArgs) -> Choices {
    let mut choices = Choices::default();
    choices.bins = args.bins.map(|bins| bins as usize);
    choices.depth = args.depth.map(|depth| depth as usize);
    // One of less than nothing is refused as one of nothing is.
    let told = |ns: i128| u64::try_from(ns.max(0)).unwrap_or(u64::MAX);
    choices.tau = args.tau.map(|ns| Duration::from_nanos(told(ns)));
    choices.span = args.span;
    choices.bin_places = args.bin_places;
    choices.split_polarity = args.split_polarity.then_some(true);
    choices
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
