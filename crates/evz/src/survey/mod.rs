//! What the clock and the pixels of a recording are like.

mod burst;
mod clock_step;
mod gaps;
mod hot;
mod of_reader;

use evz_core::{EventSlice, SensorSize, StreamInfo, TimeBase};

use crate::filters::PixelCounts;
use burst::BurstSoFar;
pub use burst::{BURST_NANOSECONDS, Burst};
pub use clock_step::ClockStep;
use clock_step::Differences;
pub use gaps::Gaps;
use gaps::GapsSoFar;
pub use hot::{HotPixel, HotPixels};
pub use of_reader::{DEFAULT_SURVEY_EVENTS, survey};

/// What the clock and the pixels of a recording are like, by its events.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Events that were looked at.
    pub n_events: u64,
    /// Whether these are all.
    pub is_all: bool,
    /// The step of the clock; none where no two events differ in time.
    pub step: Option<ClockStep>,
    /// Events that have the time of the one before.
    pub ties: u64,
    /// The most events one behind the other that have one time.
    pub longest_tie: u64,
    /// When the first of these is.
    pub longest_tie_time: Option<i64>,
    /// Events that are earlier than the one before.
    pub backward: u64,
    /// By how many ticks at most.
    pub largest_backward: u64,
    /// Times without an event: of all events, in order, and two at least.
    pub gaps: Option<Gaps>,
    /// The most events within a millisecond: of all events, in order, where no more than 2^20 different times
    /// lie within one.
    pub burst: Option<Burst>,
    /// Events beyond the sensor: of all, where its size is known.
    pub outside: Option<u64>,
    /// Pixels with too many events: of all, where their pixels are counted.
    pub hot: Option<HotPixels>,
    /// Events of each pixel: of all, if they reach no farther than any sensor does, 2^26 pixels.
    pub pixels: Option<PixelCounts>,
}

/// Looks at the events of a recording as they come, in memory that does not grow with their number.
#[derive(Debug)]
pub struct Surveyor {
    base: TimeBase,
    size: Option<SensorSize>,
    n_events: u64,
    is_all: bool,
    /// The latest event, if the next one follows it.
    before: Option<i64>,
    /// The earliest time and the latest.
    times: Option<(i64, i64)>,
    differences: Differences,
    ties: u64,
    /// Events of the time of the latest one.
    run: u64,
    longest: (u64, Option<i64>),
    backward: u64,
    largest_backward: u64,
    gaps: GapsSoFar,
    burst: BurstSoFar,
    outside: u64,
    pixels: Option<PixelCounts>,
}

impl Surveyor {
    /// No events yet, of a recording of which this is known.
    pub fn new(info: &StreamInfo) -> Self {
        let base = info.time_base;
        Self {
            base,
            size: info.size,
            n_events: 0,
            is_all: true,
            before: None,
            times: None,
            differences: Differences::default(),
            ties: 0,
            run: 0,
            longest: (0, None),
            backward: 0,
            largest_backward: 0,
            gaps: GapsSoFar::new(base),
            burst: BurstSoFar::new(base),
            outside: 0,
            pixels: Some(PixelCounts::new()),
        }
    }

    /// The next events: their times and pixels.
    pub fn add(&mut self, events: EventSlice<'_>) {
        for &t in events.t {
            self.add_time(t);
        }
        self.n_events += events.t.len() as u64;
        if let Some(SensorSize { width, height }) = self.size {
            let pixels = events.x.iter().zip(events.y);
            let outside =
                pixels.filter(|(x, y)| u32::from(**x) >= width || u32::from(**y) >= height);
            self.outside += outside.count() as u64;
        }
        if let Some(pixels) = &mut self.pixels
            && pixels.add(events).is_err()
        {
            self.pixels = None;
        }
    }

    #[inline]
    fn add_time(&mut self, t: i64) {
        let before = self.before.replace(t);
        let (earliest, latest) = self.times.unwrap_or((t, t));
        self.times = Some((earliest.min(t), latest.max(t)));
        self.run = match before {
            Some(before) if before == t => {
                self.ties += 1;
                self.run + 1
            }
            _ => 1,
        };
        if self.run > self.longest.0 {
            self.longest = (self.run, Some(t));
        }
        let Some(before) = before else {
            self.burst.add(t);
            return;
        };
        let ticks = t.abs_diff(before);
        if ticks > 0 {
            self.differences.add(ticks);
        }
        if t < before {
            self.backward += 1;
            self.largest_backward = self.largest_backward.max(ticks);
        }
        if self.backward == 0 {
            self.gaps.add(before, ticks);
            self.burst.add(t);
        }
    }

    /// Says that the next events do not follow those before: there are others between them.
    pub fn skip(&mut self) {
        self.is_all = false;
        self.before = None;
    }

    /// What they come to.
    pub fn finish(self) -> Survey {
        let in_order = self.is_all && self.backward == 0;
        let (earliest, latest) = self.times.unwrap_or_default();
        let span = latest.abs_diff(earliest);
        let pixels = self.pixels.filter(|_| self.is_all);
        let hot = |counts| HotPixels::of(counts, span.into(), self.base);
        let gaps = self.gaps.finish(self.n_events, span);
        Survey {
            n_events: self.n_events,
            is_all: self.is_all,
            step: self.differences.step(),
            ties: self.ties,
            longest_tie: self.longest.0,
            longest_tie_time: self.longest.1,
            backward: self.backward,
            largest_backward: self.largest_backward,
            gaps: gaps.filter(|_| in_order),
            burst: self.burst.finish().filter(|_| in_order),
            outside: self.size.filter(|_| self.is_all).map(|_| self.outside),
            hot: pixels.as_ref().map(hot),
            pixels,
        }
    }
}
