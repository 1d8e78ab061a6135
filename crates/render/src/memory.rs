//! Frames that remember what the ones before them left.

use std::time::Duration;

use evz_core::{Error, Result, TimeBase};

use crate::frame::{Painted, Values};
use crate::representation::{Decay, Representation, seconds, time_constant};
use crate::spec::FrameSpec;
use crate::time_span::TimeSpan;

/// What the frame before left behind: each frame is then what all windows until its end make.
pub(crate) struct Memory {
    spec: FrameSpec,
    /// Start of the first window, and end of the latest one.
    seen: Option<(i64, i64)>,
    values: Values,
}

impl Representation {
    /// How long before its end the events of a frame with memory count, which is what all windows until there
    /// make; none, if all of them do. What is older leaves less than 2e-11 of an event.
    ///
    /// # Errors
    /// If it has no memory that goes on over windows, or time runs backwards in them.
    pub fn memory_reach(self, reversed: bool) -> Result<Option<Duration>> {
        if reversed {
            let what = "what is remembered is of time that runs forwards";
            return Err(Error::invalid(what));
        }
        match self {
            Self::ExpDecay(of) | Self::LeakySum(of) if of.span == TimeSpan::Window => {
                Ok(Some(of.tau.saturating_mul(25)))
            }
            Self::LinearDecay(of) if of.span == TimeSpan::Window => Ok(Some(of.tau)),
            Self::Binary | Self::TimeSurface | Self::MergedTimeSurface => Ok(None),
            _ => {
                let name = self.facts().name;
                let what =
                    format!("{name} of these options has no memory that goes on over windows");
                let fitting = "binary, exp-decay, linear-decay, leaky-sum or a time surface";
                Err(Error::invalid(what).advise(format!("take {fitting}")))
            }
        }
    }
}

impl Memory {
    /// An empty one.
    pub(crate) fn new(spec: FrameSpec) -> Result<Self> {
        spec.representation.memory_reach(spec.reversed)?;
        let values = match spec.representation {
            Representation::Binary => Values::I16(Vec::new()),
            _ => Values::F32(Vec::new()),
        };
        Ok(Self {
            spec,
            seen: None,
            values,
        })
    }

    /// Adds to a frame what is left of those before it, and remembers it.
    pub(crate) fn go_on(&mut self, painted: &mut Painted) -> Result<()> {
        let window = painted.frame.window.clone();
        let (first, since) = match self.seen {
            // Windows by count share the tick that the one ends and the other begins with.
            Some((_, end)) if window.start.saturating_add(1) < end => {
                let what = format!(
                    "a window starts at tick {}, before the end of the one before it at {end}, which is \
                     remembered already: memory takes windows that follow each other",
                    window.start
                );
                return Err(Error::invalid(what));
            }
            Some((first, end)) => (first, window.end.abs_diff(end)),
            None => (window.start, 0),
        };
        self.seen = Some((first, window.end));
        let base = self.spec.time_base;
        match (&mut painted.frame.values, &mut self.values) {
            (Values::I16(frame), Values::I16(before)) => {
                each(
                    frame,
                    before,
                    |now, before| if now == 0 { before } else { now },
                );
            }
            (Values::F32(frame), Values::F32(before)) => match self.spec.representation {
                Representation::ExpDecay(Decay { tau, .. }) => {
                    let left = (-(since as f64) / time_constant(tau, base)).exp() as f32;
                    each(
                        frame,
                        before,
                        |now, before| {
                            if now == 0.0 { before * left } else { now }
                        },
                    );
                }
                Representation::LeakySum(Decay { tau, .. }) => {
                    let left = (-(since as f64) / time_constant(tau, base)).exp() as f32;
                    each(frame, before, |now, before| now + before * left);
                }
                Representation::LinearDecay(Decay { tau, .. }) => {
                    let gone = (since as f64 / time_constant(tau, base)) as f32;
                    each(frame, before, |now, before| match now == 0.0 {
                        true => (before.abs() - gone).max(0.0).copysign(before),
                        false => now,
                    });
                }
                _ => {
                    let later = later(window.start, first, base);
                    each(
                        frame,
                        before,
                        |now, before| {
                            if now < 0.0 { before } else { now + later }
                        },
                    );
                }
            },
            _ => unreachable!("a memory has the values of its representation"),
        }
        painted.marks.all();
        Ok(())
    }
}

/// Seconds from the first window to this one, from which its times count.
fn later(start: i64, first: i64, base: TimeBase) -> f32 {
    (start.abs_diff(first) as f64 * seconds(base)) as f32
}

/// Makes each value what `of` makes of it and the one before, which it then is for the next frame.
fn each<T: Copy>(frame: &mut [T], before: &mut Vec<T>, of: impl Fn(T, T) -> T) {
    if before.is_empty() {
        before.extend_from_slice(frame);
        return;
    }
    for (now, before) in frame.iter_mut().zip(before) {
        *now = of(*now, *before);
        *before = *now;
    }
}
