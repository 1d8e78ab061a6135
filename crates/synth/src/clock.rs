//! The time of an event number: the rate, and how it swells and ebbs.

use crate::motion::sine;

/// Seconds a swell of the rate, about: each recording holds a whole number of them.
const SWELL_SECONDS: f64 = 1.0;

/// How far the time between events departs from its mean, for the swell and its faster companion.
/// Their sum stays well below 1, so that time never stands still: the rate goes from 0.6 to 2.5
/// times the mean.
const DEPTHS: [f64; 2] = [0.4, 0.2];

/// Maps event numbers to time. Time is a function of the number and not the other way round, so
/// that a slice of a given number of events finds its start without those before it.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    us_per_event: f64,
    swells: [Swell; 2],
}

#[derive(Debug, Clone)]
struct Swell {
    turns_per_event: f64,
    amplitude_events: f64,
}

impl Clock {
    /// A clock for `events` events, at `rate` events a second on average.
    pub(crate) fn new(events: u64, rate: f64) -> Self {
        let events = events.max(1) as f64;
        // Whole swells: the mean rate is then exact, however short the recording.
        let slow = (events / rate / SWELL_SECONDS).round().max(1.0);
        let cycles = [slow, 2.0 * slow + 1.0];
        let swells = [0, 1].map(|i| {
            let turns_per_event = cycles[i] / events;
            Swell {
                turns_per_event,
                amplitude_events: DEPTHS[i] / (std::f64::consts::TAU * turns_per_event),
            }
        });
        Self {
            us_per_event: 1e6 / rate,
            swells,
        }
    }

    /// Microseconds from the start of the recording to event `n`.
    pub(crate) fn at(&self, n: f64) -> f64 {
        let swell: f64 = self
            .swells
            .iter()
            .map(|s| s.amplitude_events * sine(n * s.turns_per_event))
            .sum();
        (n + swell) * self.us_per_event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_starts_at_0_never_stands_still_and_ends_on_the_mean() {
        for (events, rate) in [(1_000, 1.0), (10_000_000, 5e6), (1_000_000_000_000, 1e12)] {
            let clock = Clock::new(events, rate);
            assert_eq!(clock.at(0.0), 0.0);
            let mut last = 0.0;
            for i in 1..=1_000 {
                let t = clock.at(events as f64 * f64::from(i) / 1_000.0);
                assert!(t > last);
                last = t;
            }
            let mean = events as f64 / rate * 1e6;
            assert!((last / mean - 1.0).abs() < 1e-9, "{last} {mean}");
        }
    }
}
