//! The moments of a recording that frames are asked of.

use std::ops::Range;

use evz::render::{Frames, RenderOptions, Windows};
use evz::{Clock, Error, Recording, Result, TimeBase};

use crate::args::WindowArgs;
use crate::words::human::{count, seconds};
use crate::words::say;

/// The windows that are asked for, and what is known of when there are events.
pub(crate) struct Moment {
    /// The option, whether it has a list, and the windows.
    windows: Option<(&'static str, bool, Vec<Range<i64>>)>,
    base: TimeBase,
    clock: Clock,
    /// The tick that times are counted from.
    pub(crate) first: Option<i64>,
    /// The first and the last time, where an index has them.
    times: Option<(i64, i64)>,
}

impl Moment {
    /// The windows of the options, of what is selected of a recording.
    ///
    /// # Errors
    /// If the time that is selected has none of them.
    pub(crate) fn of(
        args: &WindowArgs,
        options: &RenderOptions,
        recording: &Recording,
        first: Option<i64>,
    ) -> Result<Self> {
        let once = args.when().map(|(option, ..)| (option, false));
        let told = args.list().map(|(option, _)| (option, true)).or(once);
        let windows = match &options.windows {
            Windows::List(windows) => told.map(|(option, list)| (option, list, windows.clone())),
            _ => None,
        };
        let extent = recording.index().map(|index| index.extent());
        let extent = extent.filter(|extent| extent.n_events > 0);
        let info = recording.info();
        if let (Some((option, _, windows)), Some(time)) = (&windows, &options.selection.time)
            && !windows
                .iter()
                .any(|w| w.start < time.end && time.start < w.end)
        {
            let what = format!("{option} asks for none of the time that --from and --to leave");
            return Err(Error::invalid(what));
        }
        Ok(Self {
            windows,
            base: info.time_base,
            clock: info.clock,
            first,
            times: extent.map(|extent| (extent.t_min, extent.t_max)),
        })
    }

    /// Whether an index says when there are events, before any is read.
    pub(crate) fn is_known(&self) -> bool {
        self.times.is_some()
    }

    /// An error if the recording has ended by then, or begins later: a frame of nothing is none of it. Of
    /// a list that is one if all of it is so; else it is said.
    ///
    /// Without an index it is known once the frames were made.
    pub(crate) fn check(&self, name: &str, frames: &Frames) -> Result<()> {
        let times = self.times.or_else(|| frames.times_read());
        let Some((option, list, windows)) = &self.windows else {
            return Ok(());
        };
        let Some((start, end)) = times else {
            let what = format!("{name}: has no events, at no time");
            return Err(Error::invalid(what));
        };
        // Of what is read from front to back, no more than the start is known where it begins later.
        let after = |window: &&Range<i64>| window.start > end;
        let late = windows.iter().filter(after).count();
        let outside = late + windows.iter().filter(|window| window.end <= start).count();
        if outside == 0 {
            return Ok(());
        }
        let there = |time: &dyn Fn(i64) -> String| match self.times.is_some() || late > 0 {
            true => format!("from {} to {}", time(start), time(end)),
            false => format!("from {} on", time(start)),
        };
        let asked = windows.iter().map(|window| window.start).min();
        let asked = asked.zip(windows.iter().map(|window| window.end).max());
        let (asked_start, asked_end) = asked.unwrap_or_default();
        let ns = |t: i64| self.base.to_nanoseconds(t);
        let origin = self.first.unwrap_or(start);
        let relative = |t: i64| format!("{} s", seconds(ns(t) - ns(origin)));
        let epoch = self.base.to_nanoseconds(self.clock.epoch);
        let clock = |t: i64| format!("@{}s", seconds(ns(t) + epoch));
        if !list {
            let what = format!(
                "{name}: {option} asks for {} to {}, and there are events {}",
                relative(asked_start),
                relative(asked_end),
                there(&relative),
            );
            let origin = format!(
                "times count from the first event, which is at {}",
                clock(origin)
            );
            return Err(Error::invalid(what).advise(origin));
        }
        let what = format!(
            "{option} asks for {} to {}, and there are events {}",
            clock(asked_start),
            clock(asked_end),
            there(&clock),
        );
        if outside == windows.len() {
            let unit = "tell the unit of its times, and what they count from, by --list-unit";
            return Err(Error::invalid(format!("{name}: {what}")).advise(unit));
        }
        say(format_args!(
            "note: {name}: {} of {} windows lie where it has no events, and their frames are empty: {what}",
            count(outside as u64),
            count(windows.len() as u64),
        ));
        Ok(())
    }
}
