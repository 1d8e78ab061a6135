//! Events of pixels that have too many.

use evz_core::{EventBatch, EventSlice, EventSource, HotLimit, Result, TimeBase};

use super::chosen::Choose;
use super::pixel_map::PixelMap;

/// Leaves out the events of pixels that are known to be hot.
pub(super) struct Known {
    hot: PixelMap<bool>,
    pixels: usize,
}

impl Known {
    /// The pixels that are hot in a recording as a whole.
    ///
    /// # Errors
    /// If the recording cannot be read.
    pub(super) fn count(mut source: Box<dyn EventSource>, limit: HotLimit) -> Result<Self> {
        let mut counts = PixelMap::new(0u64);
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut batch = EventBatch::default();
        while source.read_events(&mut batch)? > 0 {
            let events = batch.as_slice();
            counts.reach(events)?;
            for (&x, &y) in events.x.iter().zip(events.y) {
                let at = counts.cell(x, y);
                counts.cells()[at] += 1;
            }
            for t in events.t {
                (first, last) = (first.min(*t), last.max(*t));
            }
        }
        let base = source.info().time_base;
        let ticks = i128::from(last).saturating_sub(first.into()).max(0);
        let limit = Limit::of(limit, counts.values(), ticks, base);
        let hot = counts.map(false, |n| limit.is_passed(n));
        let pixels = hot.values().filter(|hot| *hot).count();
        Ok(Self { hot, pixels })
    }
}

impl Choose for Known {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        let mut n = 0;
        for (i, (&x, &y)) in events.x.iter().zip(events.y).enumerate() {
            kept[n] = i as u32;
            n += usize::from(!self.hot.get(x, y));
        }
        Ok(n)
    }

    fn what(&self) -> String {
        match self.pixels {
            1 => "events of 1 hot pixel".to_owned(),
            n => format!("events of {n} hot pixels"),
        }
    }
}

/// Leaves out the events of pixels that were hot in the window of time before.
pub(super) struct InWindows {
    limit: HotLimit,
    base: TimeBase,
    /// Ticks in a window.
    span: i64,
    /// The first tick behind the window that is counted, once there was an event.
    end: Option<i128>,
    pixels: PixelMap<Heat>,
    /// Pixels with events in the window that is counted, and those that were hot in the one before.
    seen: Vec<(u16, u16)>,
    hot: Vec<(u16, u16)>,
}

#[derive(Clone, Copy)]
struct Heat {
    events: u32,
    is_hot: bool,
}

impl InWindows {
    pub(super) fn new(limit: HotLimit, nanoseconds: u64, base: TimeBase) -> Self {
        let (events, is_hot) = (0, false);
        Self {
            limit,
            base,
            span: super::ticks(nanoseconds, base),
            end: None,
            pixels: PixelMap::new(Heat { events, is_hot }),
            seen: Vec::new(),
            hot: Vec::new(),
        }
    }

    /// Ends the window and begins the one with this time.
    fn next_window(&mut self, t: i64, end: i128) {
        let events = |(x, y): &(u16, u16)| u64::from(self.pixels.get(*x, *y).events);
        let counts = self.seen.iter().map(events);
        let limit = Limit::of(self.limit, counts, self.span.into(), self.base);
        for (x, y) in self.hot.drain(..) {
            let at = self.pixels.cell(x, y);
            self.pixels.cells()[at].is_hot = false;
        }
        // Windows without an event lie between: the one before was of no heat.
        let (t, span) = (i128::from(t), i128::from(self.span));
        let is_next = t - end < span;
        for (x, y) in self.seen.drain(..) {
            let at = self.pixels.cell(x, y);
            let pixel = &mut self.pixels.cells()[at];
            pixel.is_hot = is_next && limit.is_passed(pixel.events.into());
            if pixel.is_hot {
                self.hot.push((x, y));
            }
            pixel.events = 0;
        }
        self.end = Some(end + ((t - end) / span + 1) * span);
    }
}

impl Choose for InWindows {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        self.pixels.reach(events)?;
        let mut n = 0;
        for (i, &t) in events.t.iter().enumerate() {
            let end = *self
                .end
                .get_or_insert(i128::from(t) + i128::from(self.span));
            if i128::from(t) >= end {
                self.next_window(t, end);
            }
            let (x, y) = (events.x[i], events.y[i]);
            let at = self.pixels.cell(x, y);
            let pixel = &mut self.pixels.cells()[at];
            if pixel.events == 0 {
                self.seen.push((x, y));
            }
            pixel.events = pixel.events.saturating_add(1);
            kept[n] = i as u32;
            n += usize::from(!pixel.is_hot);
        }
        Ok(n)
    }

    fn what(&self) -> String {
        "events of pixels that were hot in the window before".to_owned()
    }
}

/// What tells the pixels that are hot.
enum Limit {
    /// Those with more events than this.
    Most(u128),
    /// Those whose count, less the mean, is more than so many standard deviations: in whole numbers,
    /// times the number of pixels, which have this sum and this sum of squares.
    Deviations {
        times: u128,
        pixels: u128,
        sum: u128,
        squares: u128,
    },
}

impl Limit {
    /// What is told, for these counts in so much time; pixels without an event do not count.
    fn of(told: HotLimit, counts: impl Iterator<Item = u64>, ticks: i128, base: TimeBase) -> Self {
        match told {
            HotLimit::Rate(per_second) => {
                let events = u128::from(per_second).saturating_mul(ticks.unsigned_abs());
                let events = events.saturating_mul(base.numerator().into());
                Self::Most(events / u128::from(base.denominator()))
            }
            HotLimit::Deviations(times) => {
                let (mut pixels, mut sum, mut squares) = (0, 0, 0u128);
                for n in counts.filter(|n| *n > 0).map(u128::from) {
                    (pixels, sum, squares) = (pixels + 1, sum + n, squares.saturating_add(n * n));
                }
                Self::Deviations {
                    times: times.into(),
                    pixels,
                    sum,
                    squares,
                }
            }
        }
    }

    fn is_passed(&self, count: u64) -> bool {
        let square = |n: u128| n.saturating_mul(n);
        match self {
            Self::Most(most) => u128::from(count) > *most,
            Self::Deviations {
                times,
                pixels,
                sum,
                squares,
            } => {
                let above = pixels.saturating_mul(count.into()).saturating_sub(*sum);
                let variance = pixels.saturating_mul(*squares).saturating_sub(square(*sum));
                above > 0 && square(above) > square(*times).saturating_mul(variance)
            }
        }
    }
}
