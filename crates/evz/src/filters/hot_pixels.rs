//! Events of pixels that have too many.

use evz_core::{EventBatch, EventSlice, EventSource, HotLimit, Next, Result, TimeBase};

use super::chosen::Choose;
use super::pixel_counts::PixelCounts;
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
    pub(super) fn count(
        mut source: Box<dyn EventSource>,
        limit: HotLimit,
        name: &str,
    ) -> Result<Self> {
        let mut counts = PixelCounts::new();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut batch = EventBatch::default();
        // What this reading meets the next one does too.
        while let Next::Events(_) = source.read_events(&mut batch)? {
            counts
                .add(batch.as_slice())
                .map_err(|error| error.within(name))?;
            for t in &batch.t {
                (first, last) = (first.min(*t), last.max(*t));
            }
        }
        let base = source.info().time_base;
        let ticks = i128::from(last).saturating_sub(first.into()).max(0);
        let hot = counts.above(counts.most(limit, ticks, base));
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

/// Whether a pixel is hot, in the lowest bit, and above it how many events it has in the window: four bytes
/// a pixel, for memory is what this filter waits for.
#[derive(Clone, Copy)]
struct Heat(u32);

impl Heat {
    const HOT: u32 = 1;
    const EVENT: u32 = 2;

    fn events(self) -> u32 {
        self.0 / Self::EVENT
    }

    fn is_hot(self) -> bool {
        self.0 & Self::HOT != 0
    }

    fn with_event(self) -> Self {
        Self(self.0.checked_add(Self::EVENT).unwrap_or(self.0))
    }
}

impl InWindows {
    pub(super) fn new(limit: HotLimit, nanoseconds: u64, base: TimeBase) -> Self {
        Self {
            limit,
            base,
            span: super::ticks(nanoseconds, base),
            end: None,
            pixels: PixelMap::new(Heat(0)),
            seen: Vec::new(),
            hot: Vec::new(),
        }
    }

    /// Ends the window and begins the one with this time; returns its end.
    fn next_window(&mut self, t: i64, end: i128) -> i128 {
        let mut set = |(x, y): (u16, u16), heat: u32| {
            let at = self.pixels.cell(x, y);
            std::mem::replace(&mut self.pixels.cells()[at], Heat(heat))
        };
        let counts: Vec<u32> = self
            .seen
            .iter()
            .map(|pixel| set(*pixel, 0).events())
            .collect();
        self.hot.drain(..).for_each(|pixel| _ = set(pixel, 0));
        let all = counts.iter().map(|n| u64::from(*n));
        let most = most(self.limit, all, self.span.into(), self.base);
        // Windows without an event lie between: the one before was of no heat.
        let (t, span) = (i128::from(t), i128::from(self.span));
        let is_next = t - end < span;
        for (pixel, n) in self.seen.drain(..).zip(counts) {
            if is_next && u64::from(n) > most {
                set(pixel, Heat::HOT);
                self.hot.push(pixel);
            }
        }
        end + ((t - end) / span + 1) * span
    }
}

impl Choose for InWindows {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        self.pixels.reach(events)?;
        let (origin, stride) = (self.pixels.cell(0, 0), self.pixels.stride());
        let (mut from, mut n) = (0, 0);
        while let Some(&t) = events.t.get(from) {
            let end = match self.end {
                Some(end) if i128::from(t) >= end => self.next_window(t, end),
                Some(end) => end,
                None => i128::from(t) + i128::from(self.span),
            };
            self.end = Some(end);
            let is_behind = |t: &i64| i128::from(*t) >= end;
            let window = events.t[from..].iter().position(is_behind);
            let to = window.map_or(events.t.len(), |n| from + n);
            // Each pixel is written down, and what is not new is written over: no branch for what is
            // anyone's guess.
            let mut seen = self.seen.len();
            self.seen.resize(seen + to - from, (0, 0));
            let cells = self.pixels.cells();
            let pixels = events.x[from..to].iter().zip(&events.y[from..to]);
            for (i, (&x, &y)) in (from..).zip(pixels) {
                let heat = &mut cells[origin + usize::from(y) * stride + usize::from(x)];
                self.seen[seen] = (x, y);
                seen += usize::from(heat.events() == 0);
                *heat = heat.with_event();
                kept[n] = i as u32;
                n += usize::from(!heat.is_hot());
            }
            self.seen.truncate(seen);
            from = to;
        }
        Ok(n)
    }

    fn what(&self) -> String {
        "events of pixels that were hot in the window before".to_owned()
    }
}

/// The most events that a pixel may have which is not hot, for these counts in so much time; pixels
/// without an event do not count.
pub(super) fn most(
    limit: HotLimit,
    counts: impl Iterator<Item = u64>,
    ticks: i128,
    base: TimeBase,
) -> u64 {
    let most = match limit {
        HotLimit::Rate(per_second) => {
            let events = u128::from(per_second).saturating_mul(ticks.unsigned_abs());
            let events = events.saturating_mul(base.numerator().into());
            events / u128::from(base.denominator())
        }
        // A count, less the mean, is more than so many standard deviations: in whole numbers, times the
        // number of pixels, which have this sum and this sum of squares.
        HotLimit::Deviations(times) => {
            let (mut pixels, mut sum, mut squares) = (0, 0, 0u128);
            for n in counts.filter(|n| *n > 0).map(u128::from) {
                (pixels, sum, squares) = (pixels + 1, sum + n, squares.saturating_add(n * n));
            }
            let square = |n: u128| n.saturating_mul(n);
            let variance = squares.saturating_mul(pixels).saturating_sub(square(sum));
            let deviations = square(times.into()).saturating_mul(variance).isqrt();
            (sum + deviations) / pixels.max(1)
        }
    };
    most.try_into().unwrap_or(u64::MAX)
}
