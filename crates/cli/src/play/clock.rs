//! Where in a recording the player is: by the clock, exactly.

use std::ops::RangeInclusive;
use std::time::Instant;

use crate::args::Ratio;

/// The speeds that keys lead to: from 1/1024 to 1024.
const MOST: u64 = 1024;

/// A moment of a recording, in nanoseconds after its first event, that moves with time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    within: RangeInclusive<i128>,
    speed: Ratio,
    /// Where it was at `since`, or where it stands.
    at: i128,
    since: Option<Instant>,
}

impl Clock {
    /// A clock that stands at a moment.
    pub(crate) fn new(within: RangeInclusive<i128>, at: i128, speed: Ratio) -> Self {
        let mut clock = Self {
            within,
            speed,
            at,
            since: None,
        };
        clock.at = clock.held(at);
        clock
    }

    fn held(&self, at: i128) -> i128 {
        at.clamp(*self.within.start(), *self.within.end())
    }

    /// The moment: that at which it was set, and what has gone by since, times the speed.
    pub(crate) fn at(&self, now: Instant) -> i128 {
        let gone = self.since.map(|since| now.saturating_duration_since(since));
        let gone = gone.map_or(0, |gone| gone.as_nanos() as i128);
        self.held(self.at + self.screen_time(gone))
    }

    /// So much time of the recording is shown in so much time.
    fn screen_time(&self, nanoseconds: i128) -> i128 {
        let Ratio { over, under } = self.speed;
        nanoseconds.saturating_mul(over.into()) / i128::from(under)
    }

    pub(crate) fn speed(&self) -> Ratio {
        self.speed
    }

    pub(crate) fn start(&self) -> i128 {
        *self.within.start()
    }

    pub(crate) fn end(&self) -> i128 {
        *self.within.end()
    }

    /// Whether it moves.
    pub(crate) fn runs(&self) -> bool {
        self.since.is_some()
    }

    pub(crate) fn is_at_end(&self, now: Instant) -> bool {
        self.at(now) == self.end()
    }

    pub(crate) fn pause(&mut self, now: Instant) {
        self.at = self.at(now);
        self.since = None;
    }

    /// Lets it run, from the start where it stands at the end.
    pub(crate) fn run(&mut self, now: Instant) {
        self.at = match self.is_at_end(now) {
            true => self.start(),
            false => self.at(now),
        };
        self.since = Some(now);
    }

    /// Stops it where it has come to the end.
    pub(crate) fn stop_at_end(&mut self, now: Instant) {
        if self.is_at_end(now) {
            self.pause(now);
        }
    }

    /// Goes to a moment; it runs on if it ran.
    pub(crate) fn go_to(&mut self, at: i128, now: Instant) {
        self.at = self.held(at);
        self.since = self.since.map(|_| now);
    }

    /// Goes on by so many seconds of the screen, or back.
    pub(crate) fn skip(&mut self, seconds: i128, now: Instant) {
        let by = self.screen_time(seconds * 1_000_000_000);
        self.go_to(self.at(now) + by, now);
    }

    /// Twice as fast, if not beyond what keys lead to.
    pub(crate) fn faster(&mut self, now: Instant) {
        let Ratio { over, under } = self.speed;
        if 2 * over <= MOST * under {
            self.set_speed(halved(under, over), now);
        }
    }

    /// Half as fast, if not beyond what keys lead to.
    pub(crate) fn slower(&mut self, now: Instant) {
        let Ratio { over, under } = self.speed;
        if 2 * under <= MOST * over {
            let Ratio { over, under } = halved(over, under);
            let speed = Ratio {
                over: under,
                under: over,
            };
            self.set_speed(speed, now);
        }
    }

    fn set_speed(&mut self, speed: Ratio, now: Instant) {
        self.go_to(self.at(now), now);
        self.speed = speed;
    }
}

/// The ratio with half of what is under the line, or twice of what is over it where that is odd.
fn halved(under: u64, over: u64) -> Ratio {
    match under.is_multiple_of(2) {
        true => Ratio {
            over,
            under: under / 2,
        },
        false => Ratio {
            over: 2 * over,
            under,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const S: i128 = 1_000_000_000;

    fn clock(over: u64, under: u64) -> (Clock, Instant) {
        (
            Clock::new(0..=100 * S, 0, Ratio { over, under }),
            Instant::now(),
        )
    }

    #[test]
    fn a_moment_is_exact_however_long_it_runs() {
        let (mut clock, start) = clock(1, 3);
        clock.run(start);
        let after = |ns| start + Duration::from_nanos(ns);
        assert_eq!(clock.at(after(0)), 0);
        assert_eq!(clock.at(after(100)), 33);
        assert_eq!(clock.at(after(300_000_000_000)), 100 * S);
        assert!(
            clock.is_at_end(after(300_000_000_000)) && !clock.is_at_end(after(299_999_999_996))
        );
        assert_eq!(clock.at(after(u64::MAX)), 100 * S);
    }

    #[test]
    fn what_changes_the_speed_does_not_move_it() {
        let (mut clock, start) = clock(1, 10);
        clock.run(start);
        let now = start + Duration::from_secs(10);
        clock.faster(now);
        assert_eq!(
            (clock.at(now), clock.speed()),
            (S, Ratio { over: 1, under: 5 })
        );
        assert_eq!(clock.at(now + Duration::from_secs(10)), 3 * S);
        clock.slower(now);
        clock.slower(now);
        assert_eq!(
            (clock.at(now), clock.speed()),
            (S, Ratio { over: 1, under: 20 })
        );
        for _ in 0..40 {
            clock.faster(now);
        }
        let fastest = clock.speed();
        assert_eq!((fastest.over, fastest.under), (4096, 5), "not beyond 1024");
        for _ in 0..40 {
            clock.slower(now);
        }
        let Ratio { over, under } = clock.speed();
        assert!(
            1024 * over >= under && 1024 * over < 2 * under,
            "{over}/{under}"
        );
    }

    #[test]
    fn it_stops_at_the_end_and_runs_again_from_the_start() {
        let (mut clock, start) = clock(1000, 1);
        clock.run(start);
        let now = start + Duration::from_secs(1);
        clock.stop_at_end(now);
        assert!(!clock.runs() && clock.at(now) == 100 * S);
        clock.run(now);
        assert!(clock.runs() && clock.at(now) == 0);
    }

    #[test]
    fn a_skip_is_by_the_time_of_the_screen() {
        let (mut clock, now) = clock(1, 4);
        clock.go_to(10 * S, now);
        clock.skip(1, now);
        assert_eq!(clock.at(now), 10 * S + S / 4);
        clock.skip(-2, now);
        assert_eq!(clock.at(now), 10 * S - S / 4);
        clock.skip(-1000, now);
        assert_eq!(clock.at(now), 0);
    }
}
