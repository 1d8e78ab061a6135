//! Hot pixels: broken pixels that fire on a clock of their own, whatever the scene does.

use crate::random::Random;

/// Hot pixels on a sensor.
const PIXELS: usize = 8;

/// Events of the recording, on average, between two of one hot pixel: the fastest and the slowest.
const EVENTS_BETWEEN: (f64, f64) = (2_000.0, 20_000.0);

/// How late a hot pixel fires at most, in events of the recording.
const JITTER: u64 = 64;

/// One event of a hot pixel, due at a place within a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Firing {
    /// Events of the step that come before it.
    pub(crate) slot: usize,
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) p: u8,
}

/// The hot pixels of a recording.
#[derive(Debug, Clone)]
pub(crate) struct HotPixels(Vec<HotPixel>);

#[derive(Debug, Clone)]
struct HotPixel {
    x: u16,
    y: u16,
    period_us: f64,
    /// Periods from time 0 to the first event.
    phase: f64,
}

impl HotPixels {
    /// Hot pixels somewhere on a sensor that gives `rate` events a second.
    pub(crate) fn new(width: u32, height: u32, rate: f64, random: &mut Random) -> Self {
        let pixel = |_| {
            let (x, y) = random.pixel(width, height);
            let between = random.between(EVENTS_BETWEEN.0, EVENTS_BETWEEN.1);
            HotPixel {
                x,
                y,
                period_us: between * 1e6 / rate,
                phase: random.unit(),
            }
        };
        Self((0..PIXELS).map(pixel).collect())
    }

    /// Replaces `firings` by those due from `from_us` (included) to `to_us` (excluded), a step of
    /// `slots` events, in order.
    pub(crate) fn due(
        &self,
        (from_us, to_us): (f64, f64),
        slots: usize,
        random: &mut Random,
        firings: &mut Vec<Firing>,
    ) {
        firings.clear();
        let slots_per_us = slots as f64 / (to_us - from_us);
        for hot in &self.0 {
            let mut number = (from_us / hot.period_us - hot.phase).ceil();
            loop {
                let due_us = (number + hot.phase) * hot.period_us;
                if due_us >= to_us {
                    break;
                }
                let bits = random.bits();
                let late = (bits % JITTER) as usize;
                let slot = ((due_us - from_us) * slots_per_us) as usize + late;
                firings.push(Firing {
                    slot: slot.min(slots - 1),
                    x: hot.x,
                    y: hot.y,
                    // One in 16 is OFF.
                    p: u8::from(bits >> 60 != 0),
                });
                number += 1.0;
            }
        }
        firings.sort_unstable();
    }
}
