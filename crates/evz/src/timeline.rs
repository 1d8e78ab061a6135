//! The timeline that several streams share: a file has one time base and one clock.

use std::ops::Range;

use evz_core::{
    Clock, ClockKind, Error, Loss, LossKind, Note, Report, Result, StreamInfo, TimeBase,
};

/// The common time base and clock, and how each stream comes to them.
pub(crate) struct Timeline {
    pub(crate) time_base: TimeBase,
    pub(crate) clock: Clock,
    pub(crate) steps: Vec<Step>,
}

/// From the ticks of a stream to those of the timeline: `ticks * factor + shift`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    factor: i64,
    shift: i64,
}

impl Timeline {
    /// The timeline of streams, which are called what their names say.
    pub(crate) fn of(streams: &[StreamInfo], report: &mut Report) -> Result<Self> {
        let bases = || streams.iter().map(|s| s.time_base);
        let first = streams
            .first()
            .ok_or_else(|| Error::invalid("there is no stream"))?;
        let common = bases().try_fold(first.time_base, TimeBase::common);
        let factors = common.map(|common| bases().map(move |base| base.ratio_to(common).0));
        let factors: Option<Vec<i64>> =
            factors.and_then(|all| all.map(|factor| factor.try_into().ok()).collect());
        let (Some(time_base), Some(factors)) = (common, factors) else {
            let of = |s: &StreamInfo| format!("{} counts {}", s.name, s.time_base);
            let all: Vec<String> = streams.iter().map(of).collect();
            let what = format!(
                "{}, and no tick of 64 bits divides them all",
                all.join(", ")
            );
            return Err(Error::invalid(what).advise(APART));
        };
        if streams.iter().any(|s| s.clock.kind != first.clock.kind) {
            report.add_loss(clocks_lost(streams));
            let step = |factor| Step { factor, shift: 0 };
            return Ok(Self {
                time_base,
                clock: Clock::default(),
                steps: factors.into_iter().map(step).collect(),
            });
        }
        let epochs = streams.iter().zip(&factors);
        let epochs: Vec<i128> = epochs
            .map(|(s, factor)| i128::from(s.clock.epoch) * i128::from(*factor))
            .collect();
        let step = |(factor, epoch): (&i64, &i128)| {
            let shift = (epoch - epochs[0]).try_into().ok()?;
            Some(Step {
                factor: *factor,
                shift,
            })
        };
        let steps: Option<Vec<Step>> = factors.iter().zip(&epochs).map(step).collect();
        let (Ok(epoch), Some(steps)) = (epochs[0].try_into(), steps) else {
            let what = "their epochs lie too far apart for times of 64 bits";
            return Err(Error::invalid(what).advise(APART));
        };
        Ok(Self {
            time_base,
            clock: first.clock.with_epoch(epoch),
            steps,
        })
    }
}

const APART: &str = "convert each into a file of its own";

/// A file has one clock.
fn clocks_lost(streams: &[StreamInfo]) -> Loss {
    let what =
        "clocks of streams, which differ: the file says none, and times are kept as they are";
    let clock = |s: &StreamInfo| match s.clock.epoch {
        0 => format!("{}: {}", s.name, s.clock.kind),
        epoch => {
            let epoch = s.time_base.time_in_words(epoch);
            format!("{}: {}, from {epoch} on", s.name, s.clock.kind)
        }
    };
    let known = streams.iter().filter(|s| !s.clock.is_unknown());
    let examples: Vec<String> = known.map(clock).collect();
    Loss::new(LossKind::Other, what, examples.len() as u64).with_examples(examples)
}

/// What is to be said of the clocks of streams that come from different recordings.
pub(crate) fn note_on_start(timeline: &Timeline) -> Option<Note> {
    let absolute = matches!(timeline.clock.kind, ClockKind::Unix | ClockKind::Gps);
    let what = "nothing says that the clocks of the streams count from the same moment; their times \
                are kept";
    (!absolute).then(|| Note::Other(what.to_owned()))
}

impl Step {
    /// Whether times stay as they are.
    pub(crate) fn is_none(self) -> bool {
        self == Self {
            factor: 1,
            shift: 0,
        }
    }

    /// The time on the timeline.
    pub(crate) fn apply(self, t: i64) -> Option<i64> {
        let t = i128::from(t) * i128::from(self.factor) + i128::from(self.shift);
        t.try_into().ok()
    }

    /// The ticks of the stream that lie in this window of the timeline; one without an end has none here.
    pub(crate) fn window_back(self, window: &Range<i64>) -> Range<i64> {
        let end = match window.end {
            i64::MAX => i64::MAX,
            end => self.back(end),
        };
        self.back(window.start)..end
    }

    /// The first tick of the stream that is not before this one of the timeline, held within what a
    /// tick can be.
    fn back(self, t: i64) -> i64 {
        let (t, factor) = (
            i128::from(t) - i128::from(self.shift),
            i128::from(self.factor),
        );
        let up = t.div_euclid(factor) + i128::from(t.rem_euclid(factor) > 0);
        up.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(name: &str, base: TimeBase, epoch: i64) -> StreamInfo {
        let clock = Clock::of(ClockKind::Unix).with_epoch(epoch);
        StreamInfo::new(base).with_clock(clock).with_name(name)
    }

    fn of(streams: &[StreamInfo]) -> (Result<Timeline>, Report) {
        let mut report = Report::default();
        (Timeline::of(streams, &mut report), report)
    }

    /// The same moment on the clock is the same time of the file.
    #[test]
    fn times_keep_their_moment() {
        let (ms, ns) = (TimeBase::MILLISECONDS, TimeBase::NANOSECONDS);
        let (timeline, report) = of(&[unix("a", ms, 5), unix("b", ns, -7)]);
        let timeline = timeline.unwrap();
        assert!(report.losses.is_empty() && note_on_start(&timeline).is_none());
        assert_eq!((timeline.time_base, timeline.clock.epoch), (ns, 5_000_000));
        let [a, b] = timeline.steps[..] else { panic!() };
        assert_eq!((a.apply(3), a.apply(i64::MAX)), (Some(3_000_000), None));
        // 8 ms on the clock.
        assert_eq!(b.apply(8_000_007), Some(3_000_000));
        for t in [i64::MIN, -1_000_001, -1, 0, 1, 999_999, 1_000_000, i64::MAX] {
            for step in [a, b] {
                let back = step.back(t);
                // No tick of the stream may be as late as that.
                let is_last = back == i64::MAX;
                let there = step.apply(back).filter(|_| !is_last);
                assert!(there.is_none_or(|there| there >= t), "{t}");
                let before = back.checked_sub(1).and_then(|t| step.apply(t));
                assert!(before.is_none_or(|there| there < t), "{t}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_or_counted() {
        let tick = |n, d| TimeBase::new(n, d).unwrap();
        let odd = [
            unix("a", tick(1, (1 << 61) - 1), 0),
            unix("b", tick(1, 1 << 40), 0),
        ];
        let error = of(&odd).0.err().unwrap().to_string();
        assert!(
            error.ends_with("; convert each into a file of its own"),
            "{error}"
        );
        let us = TimeBase::MICROSECONDS;
        assert!(
            of(&[unix("a", us, i64::MAX), unix("b", us, i64::MIN)])
                .0
                .is_err()
        );
        let sensor = StreamInfo::new(us)
            .with_clock(Clock::of(ClockKind::Sensor))
            .with_name("c");
        let (timeline, report) = of(&[unix("a", us, 5), sensor]);
        assert!(timeline.unwrap().clock.is_unknown());
        assert_eq!(
            report.losses[0].examples,
            ["a: unix, from 5000 ns on", "c: sensor"]
        );
    }
}
