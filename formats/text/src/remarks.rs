//! Remarks before the events that say what a tick is worth and of which clock the times are.
//!
//! `# evz.tick: 1/24000000 s`, `# evz.clock: unix` and `# evz.epoch: 38139915536852832 x 1/24000000 s`.
//! To other readers they are remarks like any other.

use evz_core::{Clock, ClockKind, TimeBase};

use crate::{columns_remark::Listed, line::without_end};

const TICK: &str = "# evz.tick: ";
const CLOCK: &str = "# evz.clock: ";
const EPOCH: &str = "# evz.epoch: ";

/// What remarks say, or are to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Remarks {
    /// What a time of 1 is, where no unit is.
    pub(crate) tick: Option<TimeBase>,
    /// The clock.
    pub(crate) clock: Clock,
    /// What its epoch counts, where that is not 0.
    pub(crate) epoch_tick: Option<TimeBase>,
}

impl Remarks {
    /// Takes what a line says; false if it is another remark.
    pub(crate) fn take(&mut self, line: &[u8]) -> bool {
        let Ok(line) = std::str::from_utf8(line) else {
            return false;
        };
        let line = line.trim_end();
        if let Some(tick) = line.strip_prefix(TICK) {
            let tick = tick.strip_suffix(" s").and_then(TimeBase::from_fraction);
            self.tick = tick.or(self.tick);
            tick.is_some()
        } else if let Some(kind) = line.strip_prefix(CLOCK) {
            let kind = ClockKind::from_name(kind);
            self.clock.kind = kind.unwrap_or(self.clock.kind);
            kind.is_some()
        } else if let Some(epoch) = line.strip_prefix(EPOCH) {
            let Some((epoch, tick)) = epoch_of(epoch) else {
                return false;
            };
            self.clock.epoch = epoch;
            self.epoch_tick = Some(tick);
            true
        } else {
            false
        }
    }

    /// The clock, if there is more to say of it than that it is that of a sensor, which most texts
    /// are of and hardly a reader expects to be told.
    pub(crate) fn clock_worth_saying(&self) -> Option<Clock> {
        let usual = matches!(self.clock.kind, ClockKind::Unknown | ClockKind::Sensor);
        (!usual || self.clock.epoch != 0).then_some(self.clock)
    }

    /// The clock, its epoch in these ticks; none if it is no whole number of them.
    pub(crate) fn clock_in(&self, base: TimeBase) -> Option<Clock> {
        let epoch = match self.epoch_tick {
            Some(tick) => tick.convert(self.clock.epoch, base)?,
            None => self.clock.epoch,
        };
        Some(self.clock.with_epoch(epoch))
    }

    /// The lines that say it.
    pub(crate) fn lines(&self, line_end: &str) -> String {
        let tick = self.tick.map(|tick| format!("{TICK}{} s", tick.fraction()));
        let clock = self.clock_worth_saying();
        let kind = clock.map(|clock| format!("{CLOCK}{}", clock.kind));
        let epoch = clock.filter(|clock| clock.epoch != 0);
        let epoch = epoch.zip(self.epoch_tick);
        let epoch =
            epoch.map(|(clock, tick)| format!("{EPOCH}{} x {} s", clock.epoch, tick.fraction()));
        let lines = [tick, kind, epoch].into_iter().flatten();
        lines.map(|line| line + line_end).collect()
    }

    /// A header without the lines that say such things.
    pub(crate) fn without(header: &[u8]) -> Vec<u8> {
        let lines = header.split_inclusive(|&b| b == b'\n');
        let others = lines.filter(|line| {
            let line = without_end(line);
            !Self::default().take(line) && Listed::parse(line).is_none()
        });
        others.flatten().copied().collect()
    }
}

/// `-5 x 1/40000000 s`.
fn epoch_of(text: &str) -> Option<(i64, TimeBase)> {
    let (epoch, tick) = text.strip_suffix(" s")?.split_once(" x ")?;
    Some((epoch.parse().ok()?, TimeBase::from_fraction(tick)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let unix = Clock::of(ClockKind::Unix);
        for (tick, clock, lines) in [
            (None, Clock::default(), 0),
            (None, Clock::of(ClockKind::Sensor), 0),
            (TimeBase::new(1, 3), Clock::default(), 1),
            (TimeBase::new(1, 3), unix, 2),
            (TimeBase::per_second(24_000_000), unix.with_epoch(-7), 3),
            (None, Clock::default().with_epoch(i64::MIN), 2),
        ] {
            let epoch_tick = TimeBase::new(2, 7).filter(|_| clock.epoch != 0);
            let said = Remarks {
                tick,
                clock,
                epoch_tick,
            };
            let text = said.lines("\r\n");
            assert_eq!(text.matches("\r\n").count(), lines, "{text}");
            let mut found = Remarks::default();
            assert!(text.split_inclusive('\n').all(|l| found.take(l.as_bytes())));
            assert_eq!(found.tick, tick);
            assert_eq!(found.clock_worth_saying(), said.clock_worth_saying());
            let header = format!("240 180\n{text}# other\n");
            assert_eq!(Remarks::without(header.as_bytes()), b"240 180\n# other\n");
        }
    }

    #[test]
    fn nonsense_says_nothing() {
        for line in [
            "# evz.tick: 1/0 s",
            "# evz.tick: 1/3",
            "# evz.clock: of the church",
            "# evz.epoch: 1e9",
            "# evz.epoch: 7",
            "# evz.epoch: 7 x 1/0 s",
            "# evz.x: 1",
        ] {
            let mut found = Remarks::default();
            assert!(!found.take(line.as_bytes()), "{line}");
            assert_eq!(found, Remarks::default());
        }
    }
}
