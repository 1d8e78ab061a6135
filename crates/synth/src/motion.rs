//! Closed-form motion: where something is at an event number, with no state.
//!
//! Only `+ - * /`, `floor`, `abs` and `sqrt` touch event values in this crate: IEEE 754 fixes their
//! results to the last bit. The standard library's `sin` and `cos` differ between platforms.

/// The sine of `turns` full turns, to about 1e-4.
pub(crate) fn sine(turns: f64) -> f64 {
    let u = turns - turns.floor();
    let quarter = if u < 0.25 {
        u
    } else if u < 0.75 {
        0.5 - u
    } else {
        u - 1.0
    };
    let z = 4.0 * quarter;
    let z2 = z * z;
    z * (1.570_626_8 - z2 * (0.643_229_2 - z2 * 0.072_710_2))
}

/// A triangle wave between -1 and 1, one period a turn.
fn triangle(turns: f64) -> f64 {
    let u = turns - turns.floor();
    4.0 * (u - 0.5).abs() - 1.0
}

/// How a path turns round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Turn {
    /// At full speed, as from a wall.
    Bounce,
    /// Slowing down, as a pendulum.
    Swing,
}

/// To and fro along one axis.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// Middle of the way, pixels.
    pub(crate) centre: f64,
    /// Half the length of the way, pixels.
    pub(crate) reach: f64,
    /// Events there and back.
    pub(crate) period: f64,
    /// Turns at event 0.
    pub(crate) phase: f64,
    /// How it turns round.
    pub(crate) turn: Turn,
}

impl Path {
    /// The position, pixels, at event `n`.
    pub(crate) fn at(&self, n: f64) -> f64 {
        let turns = n / self.period + self.phase;
        let wave = match self.turn {
            Turn::Bounce => triangle(turns),
            Turn::Swing => sine(turns),
        };
        self.centre + self.reach * wave
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_is_close_to_the_real_one() {
        for i in -2_000..2_000 {
            let turns = f64::from(i) / 613.0;
            let real = (turns * std::f64::consts::TAU).sin();
            assert!((sine(turns) - real).abs() < 2e-4, "{turns}");
        }
    }

    #[test]
    fn triangle_starts_at_its_top() {
        assert_eq!(triangle(0.0), 1.0);
        assert_eq!(triangle(0.25), 0.0);
        assert_eq!(triangle(-0.5), -1.0);
    }
}
