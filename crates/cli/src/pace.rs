//! How fast frames follow each other, in the recording's time and on a screen.

use std::time::Duration;

use anyhow::Result;
use evz::picture::DEFAULT_FRAME_RATE;
use evz::render::{Decay, Representation, TimeWindows};
use evz::{Error, TimeBase};

use crate::args::modes::TRAIL;
use crate::args::{Lies, ModeArgs, Ratio, Stride, WindowArgs};
use crate::words::human::{duration, trimmed};
use crate::words::say;

const NS_PER_S: i128 = 1_000_000_000;

/// How long before the end of a window events are seen, in nanoseconds, where they decay. After five time
/// constants an exponential decay is less than one of 127 steps of colour.
fn faded_after(of: Representation) -> Option<i128> {
    let ns = match of {
        Representation::ExpDecay(Decay { tau, .. })
        | Representation::LeakySum(Decay { tau, .. }) => tau.as_nanos().saturating_mul(5),
        Representation::LinearDecay(Decay { tau, .. }) => tau.as_nanos(),
        _ => return None,
    };
    i128::try_from(ns).ok()
}

/// Length of the windows of --at and its like: what a frame of 30 a second shows.
const DEFAULT_AT_NS: i128 = 33_000_000;

/// How long windows are that lie so to a time, in nanoseconds: before it, a decay has to fade.
pub(crate) fn usual_length(lies: Lies, of: Representation) -> i128 {
    let faded = faded_after(of).filter(|_| lies == Lies::Before);
    DEFAULT_AT_NS.max(faded.unwrap_or(0))
}

/// How fast frames of a movie follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    is_movie: bool,
    fps: Ratio,
    step: Step,
}

/// What says how far apart frames are.
#[derive(Debug, Clone, Copy)]
enum Step {
    Speed(Ratio),
    /// In nanoseconds.
    Stride(i128),
}

impl Pace {
    /// That of a movie, and of other frames by `--fps`. Windows by count have none, nor has a single one, nor
    /// have those of a list and so many of all.
    pub(crate) fn of(args: &WindowArgs, is_movie: bool) -> Option<Self> {
        let told = args.list().is_some() || args.frames.is_some();
        if args.count.is_some() || args.say_one() || told {
            return None;
        }
        let usual = Ratio {
            over: DEFAULT_FRAME_RATE.frames().into(),
            under: DEFAULT_FRAME_RATE.seconds().into(),
        };
        let fps = args.fps.or(is_movie.then_some(usual))?;
        let step = match args.stride {
            Some(Stride::Time(ns)) => Step::Stride(ns),
            _ => Step::Speed(args.speed.unwrap_or(Ratio { over: 1, under: 1 })),
        };
        Some(Self {
            is_movie,
            fps,
            step,
        })
    }

    /// What frames show where nothing says so: trails, unless a window does. How long they are is not said.
    pub(crate) fn usual_mode(self, args: &WindowArgs) -> Representation {
        match self.is_movie && args.window.is_none() {
            true => Representation::ExpDecay(Decay::new(Duration::default())),
            false => Representation::Signed,
        }
    }

    /// The same representation; if it decays and nobody says how fast, as fast on the screen at any speed.
    pub(crate) fn decaying(self, of: Representation, args: &ModeArgs) -> Representation {
        if of.facts().tau.is_none() || args.tau.is_some() {
            return of;
        }
        let tau = Duration::try_from_secs_f64(TRAIL.as_secs_f64() * self.speed());
        of.with_tau(tau.unwrap_or(Duration::MAX).max(Duration::from_nanos(1)))
    }

    /// The windows: each ends where the turn of the next frame starts. Where `length` says nothing they follow
    /// each other, or reach back to what has faded.
    pub(crate) fn windows(
        self,
        length: Option<i128>,
        of: Representation,
        base: TimeBase,
    ) -> Result<TimeWindows> {
        let (over, under) = self.stride_s();
        let (above, below) = (base.denominator().into(), base.numerator().into());
        let Some(reach) = length.or(faded_after(of)) else {
            let (stride, per_tick) = (product([over, above, 1])?, product([under, below, 1])?);
            return Ok(TimeWindows::new(stride, stride, per_tick)?);
        };
        let stride = product([over, above, NS_PER_S])?;
        let reach = product([under, above, reach])?;
        let per_tick = product([under, below, NS_PER_S])?;
        // What decays fast is in a frame all the same.
        let reach = match length {
            Some(_) => reach,
            None => reach.max(stride),
        };
        Ok(TimeWindows::new(reach, stride, per_tick)?.trailing())
    }

    /// Seconds of the recording from one frame to the next, above and below the line.
    fn stride_s(self) -> (i128, i128) {
        match self.step {
            // Numbers of 32 bits, whose products have 64.
            Step::Speed(speed) => (
                i128::from(self.fps.under) * i128::from(speed.over),
                i128::from(self.fps.over) * i128::from(speed.under),
            ),
            Step::Stride(ns) => (ns, NS_PER_S),
        }
    }

    /// Seconds of the recording in a second of the movie.
    pub(crate) fn speed(self) -> f64 {
        let (over, under) = self.stride_s();
        over as f64 / under as f64 * self.fps.over as f64 / self.fps.under as f64
    }

    /// Says what follows from the options and nobody told: the speed, or that frames leave events out.
    pub(crate) fn say(self, args: &WindowArgs) {
        let (over, under) = self.stride_s();
        if let Step::Stride(_) = self.step {
            let speed = significant(self.speed());
            return say(format_args!(
                "note: --stride makes the speed {speed} of real time"
            ));
        }
        let Some(window) = args.window else { return };
        let stride = over.saturating_mul(NS_PER_S) / under;
        if window < stride {
            let slower = self.speed() * window as f64 / stride as f64;
            say(format_args!(
                "note: each frame shows {} of {}; --speed {} or a longer --window shows all",
                duration(window.unsigned_abs()),
                duration(stride.unsigned_abs()),
                significant(slower)
            ));
        }
    }
}

fn product(factors: [i128; 3]) -> Result<i128> {
    let of_two = factors[0].checked_mul(factors[1]);
    let all = of_two.and_then(|product| product.checked_mul(factors[2]));
    all.ok_or_else(|| {
        let what = "the rate has too many digits to be counted exactly in the recording's ticks";
        Error::invalid(what).into()
    })
}

/// A speed with four digits that count, rounded down: as `--speed` takes it.
pub(crate) fn significant(speed: f64) -> String {
    let places = (3.0 - speed.log10().floor()).clamp(0.0, 9.0);
    let scale = 10f64.powf(places);
    // What is exact but for the last bit of a float is not rounded down by a digit.
    trimmed(
        (speed * scale * (1.0 + 1e-12)).floor() / scale,
        places as usize,
    )
}
