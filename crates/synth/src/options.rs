//! What is asked of a synthetic recording.

use evz_core::{Error, Result, SensorSize};

use crate::SynthSource;

/// The sensor when none is given.
pub const DEFAULT_SIZE: SensorSize = SensorSize {
    width: 640,
    height: 480,
};
/// Events when no number is given.
pub const DEFAULT_EVENTS: u64 = 10_000_000;
/// The seed when none is given.
pub const DEFAULT_SEED: u64 = 0;
/// Events a second when no rate is given.
pub const DEFAULT_RATE: f64 = 5e6;
/// The lowest rate, events a second.
pub const MIN_RATE: f64 = 1.0;
/// The highest rate, events a second.
pub const MAX_RATE: f64 = 1e12;

/// Pixel coordinates are 16 bits wide.
const MAX_SIDE: u32 = 1 << 16;

/// Event numbers and microseconds pass through an `f64`, which is exact up to here.
const MAX_EXACT: u64 = 1 << 53;

/// How large, how long, how fast, and which one of all such recordings.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SynthOptions {
    /// Pixels of the sensor, 1 to 65536 a side.
    pub size: SensorSize,
    /// Number of events, exactly.
    pub events: u64,
    /// Chooses the scene, its motion and its noise.
    pub seed: u64,
    /// Events a second on average, [`MIN_RATE`] to [`MAX_RATE`]. From moment to moment it swells
    /// and ebbs, from 0.6 to 2.5 times that.
    pub rate: f64,
}

impl Default for SynthOptions {
    fn default() -> Self {
        Self {
            size: DEFAULT_SIZE,
            events: DEFAULT_EVENTS,
            seed: DEFAULT_SEED,
            rate: DEFAULT_RATE,
        }
    }
}

impl SynthOptions {
    /// A sensor of this size.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = size;
        self
    }

    /// So many events.
    pub fn with_events(mut self, events: u64) -> Self {
        self.events = events;
        self
    }

    /// The recording of this seed.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// So many events a second.
    pub fn with_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// The recording, at its start.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](evz_core::ErrorKind::InvalidArgument) where the size or the rate is out of range, or where the
    /// recording has more than 2^53 events or lasts longer than 2^53 microseconds (285 years).
    pub fn open(self) -> Result<SynthSource> {
        let side = 1..=MAX_SIDE;
        if !side.contains(&self.size.width) || !side.contains(&self.size.height) {
            return Err(Error::invalid(format!(
                "sensor size {}: width and height can be 1 to {MAX_SIDE}",
                self.size
            )));
        }
        if !(MIN_RATE..=MAX_RATE).contains(&self.rate) {
            return Err(Error::invalid(format!(
                "rate {} events/s: it can be {MIN_RATE:e} to {MAX_RATE:e}",
                self.rate
            )));
        }
        if self.events > MAX_EXACT {
            return Err(Error::invalid(format!(
                "{} events: there can be {MAX_EXACT}",
                self.events
            )));
        }
        let max_us = MAX_EXACT as f64;
        if self.events as f64 / self.rate * 1e6 > max_us {
            return Err(Error::invalid(format!(
                "{} events at {} events/s last longer than {MAX_EXACT} us: at this rate there can \
                 be {:.0} events",
                self.events,
                self.rate,
                (max_us / 1e6 * self.rate).floor()
            )));
        }
        Ok(SynthSource::new(self))
    }
}
