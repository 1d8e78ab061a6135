//! One moment of a recording that a frame is asked of.

use std::ops::Range;

use evz::render::{Frames, Windows};
use evz::{Error, Recording, Result, TimeBase};

use crate::args::WindowArgs;
use crate::words::human::seconds;

/// The window that is asked for, and what is known of when there are events.
pub(crate) struct Moment {
    window: Option<(&'static str, Range<i64>)>,
    base: TimeBase,
    /// The tick that times are counted from.
    pub(crate) first: Option<i64>,
    /// The first and the last time, where an index has them.
    times: Option<(i64, i64)>,
}

impl Moment {
    pub(crate) fn of(
        args: &WindowArgs,
        windows: &Windows,
        recording: &Recording,
        first: Option<i64>,
    ) -> Self {
        let option = if args.at.is_some() {
            "--at"
        } else {
            "--around"
        };
        let window = match windows {
            Windows::One(window) if args.say_one() => Some((option, window.clone())),
            _ => None,
        };
        let extent = recording.index().map(|index| index.extent());
        let extent = extent.filter(|extent| extent.n_events > 0);
        Self {
            window,
            base: recording.info().time_base,
            first,
            times: extent.map(|extent| (extent.t_min, extent.t_max)),
        }
    }

    /// An error if the recording has ended by then, or begins later: a frame of nothing is none of it.
    /// Without an index that is known once the frames were made.
    pub(crate) fn check(&self, name: &str, frames: &Frames) -> Result<()> {
        let times = self.times.or_else(|| frames.times_read());
        let Some((option, window)) = &self.window else {
            return Ok(());
        };
        let Some((start, end)) = times else {
            let what = format!("{name}: has no events, at no time");
            return Err(Error::invalid(what));
        };
        // Of what is read from front to back, no more than the start is known where it begins later.
        let (before, after) = (window.end <= start, window.start > end);
        if !before && !after {
            return Ok(());
        }
        let origin = self.first.unwrap_or(start);
        let ns = |t: i64| self.base.to_nanoseconds(t);
        let relative = |t: i64| seconds(ns(t) - ns(origin));
        let there = match self.times.is_some() || after {
            true => format!("from {} s to {} s", relative(start), relative(end)),
            false => format!("from {} s on", relative(start)),
        };
        let what = format!(
            "{name}: {option} asks for {} s to {} s, and there are events {there}",
            relative(window.start),
            relative(window.end)
        );
        let origin = format!(
            "times count from the first event, which is at @{}s",
            seconds(ns(origin))
        );
        Err(Error::invalid(what).advise(origin))
    }
}
