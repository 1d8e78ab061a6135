//! Which moment a picture shows, as text.

use std::fmt::Write;
use std::ops::Range;

use evz_core::TimeBase;

/// The time that is written into pictures: the end of a frame's window, up to which it shows what was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeStamp {
    time_base: TimeBase,
    origin: i64,
    middle: bool,
    speed: Option<f64>,
}

impl TimeStamp {
    /// Times since tick `origin`, of a recording with this time base.
    pub fn new(time_base: TimeBase, origin: i64) -> Self {
        Self {
            time_base,
            origin,
            middle: false,
            speed: None,
        }
    }

    /// The middle of the window in place of its end.
    pub fn of_middle(mut self, middle: bool) -> Self {
        self.middle = middle;
        self
    }

    /// Writes the speed behind it: seconds of the recording in a second of the movie.
    pub fn with_speed(mut self, speed: Option<f64>) -> Self {
        self.speed = speed;
        self
    }

    /// Replaces `text` by that of a window: milliseconds with three decimals, rounded down, `20.003 ms` or
    /// `20.003 ms  x0.1`. It comes from the window itself, so it cannot drift from the events.
    pub(crate) fn text(&self, window: &Range<i64>, text: &mut String) {
        let tick = match self.middle {
            // Below the middle of both, whatever their signs, and without passing 64 bits.
            true => ((i128::from(window.start) + i128::from(window.end)).div_euclid(2)) as i64,
            false => window.end,
        };
        let micros = |tick| self.time_base.to_microseconds(tick);
        let micros = micros(tick) - micros(self.origin);
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.unsigned_abs();
        text.clear();
        // Writing to a string does not fail.
        let _ = write!(text, "{sign}{}.{:03} ms", micros / 1_000, micros % 1_000);
        if let Some(speed) = self.speed {
            let digits = format!("{speed:.6}");
            let digits = digits.trim_end_matches('0').trim_end_matches('.');
            let _ = write!(text, "  x{digits}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(stamp: TimeStamp, window: Range<i64>) -> String {
        let mut text = "before".to_owned();
        stamp.text(&window, &mut text);
        text
    }

    #[test]
    fn it_is_the_end_of_the_window_since_the_origin() {
        let of = |origin, window| text(TimeStamp::new(TimeBase::MICROSECONDS, origin), window);
        let far = 1_605_537_493_718_345;
        assert_eq!(of(far, far..far + 20_003), "20.003 ms");
        assert_eq!(of(0, -9..-5), "-0.005 ms");
        let seconds = TimeStamp::new(TimeBase::SECONDS, i64::MAX);
        let expected = "-18446744073709551615000.000 ms";
        assert_eq!(text(seconds, i64::MIN..i64::MIN), expected);
    }

    #[test]
    fn it_may_be_the_middle_and_have_a_speed() {
        let middle = TimeStamp::new(TimeBase::MICROSECONDS, 0).of_middle(true);
        assert_eq!(text(middle, 450..550), "0.500 ms");
        assert_eq!(text(middle, 498..503), "0.500 ms");
        assert_eq!(
            text(middle, i64::MAX - 2..i64::MAX),
            "9223372036854775.806 ms"
        );
        let end = TimeStamp::new(TimeBase::MICROSECONDS, 0);
        for (speed, expected) in [
            (1.0, "x1"),
            (0.1, "x0.1"),
            (30.0, "x30"),
            (1.0 / 3.0, "x0.333333"),
        ] {
            let expected = format!("1.000 ms  {expected}");
            assert_eq!(text(end.with_speed(Some(speed)), 0..1_000), expected);
        }
    }
}
