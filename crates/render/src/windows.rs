//! Which events make a frame.

use std::ops::Range;

use evz_core::{Error, Result, TimeBase, gcd};

/// How a recording is cut into windows, one a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Windows {
    /// So many selected events each, the last windows what is left.
    Count(CountWindows),
    /// A span of time each, from the start of the selection on: where that says no time, from the
    /// first event.
    Time(TimeWindows),
    /// These times, whatever the order of the recording's events and their own: windows may overlap,
    /// leave gaps, or hold no event. Without an index the events from the earliest window that is still
    /// to come are held, which is few where the windows start in order.
    List(Vec<Range<i64>>),
}

/// The most windows that time is cut into, for all of them are held.
const MOST_PARTS_OF_TIME: u64 = 1 << 24;

impl Windows {
    /// `n` windows of the time from tick `start` on, all as long as whole ticks allow, and what is left over in
    /// the last one too: as `integrate_events_by_fixed_frames_number` of SpikingJelly cuts by time, with
    /// `start` and `last` the times of the first and the last event. `end` is where the last one ends.
    ///
    /// # Errors
    /// If a window would be shorter than a tick, or these are too many to be held.
    ///
    /// ```
    /// use evz_render::Windows;
    ///
    /// let windows = Windows::parts_of_time(100, 110, 111, 3)?;
    /// assert_eq!(windows, Windows::List(vec![100..103, 103..106, 106..111]));
    /// # Ok::<(), evz_core::Error>(())
    /// ```
    pub fn parts_of_time(start: i64, last: i64, end: i64, n: u64) -> Result<Self> {
        let ticks = i128::from(last) - i128::from(start);
        let length = ticks.checked_div(n.into()).unwrap_or(0);
        if length < 1 {
            let what = format!(
                "{} ticks of the recording's clock do not make {n} frames of one tick or more",
                ticks.max(0)
            );
            return Err(Error::invalid(what));
        }
        if n > MOST_PARTS_OF_TIME {
            let what =
                format!("{n} frames, and at most {MOST_PARTS_OF_TIME} parts of a time are held");
            return Err(Error::limit("windows", what));
        }
        // All within the two ends.
        let tick = |k: u64| (i128::from(start) + i128::from(k) * length) as i64;
        let window = |k| match k + 1 == n {
            true => tick(k)..end,
            false => tick(k)..tick(k + 1),
        };
        Ok(Self::List((0..n).map(window).collect()))
    }

    /// Refuses windows that end before they start.
    pub(crate) fn check(&self) -> Result<()> {
        let Self::List(windows) = self else {
            return Ok(());
        };
        match windows.iter().position(|window| window.end < window.start) {
            None => Ok(()),
            Some(number) => {
                let Range { start, end } = windows[number];
                let what = format!("window {number} ends at tick {end}, before its start {start}");
                Err(Error::invalid(what))
            }
        }
    }
}

/// The one window of a time.
impl From<Range<i64>> for Windows {
    fn from(window: Range<i64>) -> Self {
        Self::List(vec![window])
    }
}

/// Windows of `length` events; the `k`-th starts at selected event `k * stride`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountWindows {
    pub(crate) length: u64,
    pub(crate) stride: u64,
    /// How many there are, and the events of the last one, where that is told.
    parts: Option<(u64, u64)>,
}

impl Windows {
    /// Whether windows overlap, so that an event may be in several frames.
    pub fn overlap(&self) -> bool {
        match self {
            Self::Count(windows) => windows.stride < windows.length,
            Self::Time(windows) => windows.stride < windows.length,
            Self::List(windows) => {
                let mut windows: Vec<_> = windows.iter().filter(|w| !w.is_empty()).collect();
                windows.sort_unstable_by_key(|window| window.start);
                windows.windows(2).any(|two| two[1].start < two[0].end)
            }
        }
    }
}

impl CountWindows {
    /// Windows of `length` events, `stride` events apart.
    ///
    /// # Errors
    /// If one of them is 0.
    pub fn new(length: u64, stride: u64) -> Result<Self> {
        if length == 0 || stride == 0 {
            return Err(Error::invalid(
                "a window and the stride of windows take at least one event",
            ));
        }
        Ok(Self {
            length,
            stride,
            parts: None,
        })
    }

    /// `n` windows of `total` events, as many in each, and what is left over in the last one too: as
    /// `integrate_events_by_fixed_frames_number` of SpikingJelly cuts by number.
    ///
    /// # Errors
    /// If that leaves a window without events.
    ///
    /// ```
    /// use evz_render::CountWindows;
    ///
    /// // 3, 3 and 5 events.
    /// let windows = CountWindows::parts(11, 3)?;
    /// assert!(CountWindows::parts(2, 3).is_err());
    /// # Ok::<(), evz_core::Error>(())
    /// ```
    pub fn parts(total: u64, n: u64) -> Result<Self> {
        let length = total.checked_div(n).unwrap_or(0);
        if length == 0 {
            let what = format!("{total} events do not make {n} frames of one event or more");
            return Err(Error::invalid(what));
        }
        Ok(Self {
            length,
            stride: length,
            parts: Some((n, total - (n - 1) * length)),
        })
    }

    /// How many windows of so many events start from window `from` on.
    pub(crate) fn of(&self, total: u64, from: u64) -> u64 {
        let all = total.div_ceil(self.stride);
        let all = self.parts.map_or(all, |(n, _)| all.min(n));
        all.saturating_sub(from)
    }

    /// Events of window `k`, where there are enough.
    pub(crate) fn length_of(&self, k: u64) -> u64 {
        match self.parts {
            Some((n, last)) if k + 1 == n => last,
            _ => self.length,
        }
    }
}

/// Windows of `length` time, of which the `k`-th starts `k * stride` after the first: in ticks
/// `first + floor(k * stride)` to `first + floor(k * stride + length)`, exactly. A stride that is no
/// whole number of ticks drifts by less than a tick, ever. [`TimeWindows::trailing`] moves them back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWindows {
    length: i128,
    stride: i128,
    /// How far behind `k * stride` a window starts, before it if this is negative.
    lead: i128,
    /// Length, stride and lead are these parts of a tick.
    per_tick: i128,
}

/// The most that a length or a stride may be, in parts of a tick: `k * stride` then fits 128 bits.
const MOST_PARTS: i128 = 1 << 63;

impl TimeWindows {
    /// Windows of `length / per_tick` ticks, `stride / per_tick` ticks apart.
    ///
    /// # Errors
    /// If a window is shorter than a tick, the stride is 0, or one of them passes what is counted
    /// exactly.
    pub fn new(length: i128, stride: i128, per_tick: i128) -> Result<Self> {
        if per_tick <= 0 || stride <= 0 || length < per_tick {
            return Err(Error::invalid(
                "a window takes at least one tick of the recording's clock, and a stride more than \
                 nothing; ask for longer windows or fewer frames a second",
            ));
        }
        let common = gcd(gcd(length, stride), per_tick);
        let (length, stride, per_tick) = (length / common, stride / common, per_tick / common);
        if length.max(stride).max(per_tick) > MOST_PARTS {
            return Err(too_long());
        }
        Ok(Self {
            length,
            stride,
            lead: 0,
            per_tick,
        })
    }

    /// The same windows, of which the `k`-th ends where the turn of the next one starts, `(k + 1) * stride`
    /// after the first, and reaches back by its length: what a movie shows at that moment.
    ///
    /// ```
    /// use evz_core::TimeBase;
    /// use evz_render::TimeWindows;
    ///
    /// // One every 5 ms, of the 20 ms until then.
    /// let windows =
    ///     TimeWindows::of_nanoseconds(20_000_000, 5_000_000, TimeBase::MICROSECONDS)?;
    /// assert_eq!(windows.trailing().at(0, 3), 0..20_000);
    /// # Ok::<(), evz_core::Error>(())
    /// ```
    pub fn trailing(mut self) -> Self {
        self.lead = self.stride - self.length;
        self
    }

    /// Windows of so many nanoseconds, so many apart, in a recording with this time base.
    ///
    /// # Errors
    /// As [`TimeWindows::new`].
    ///
    /// ```
    /// use evz_core::TimeBase;
    /// use evz_render::TimeWindows;
    ///
    /// // 10 ms each, one every 5 ms.
    /// let windows =
    ///     TimeWindows::of_nanoseconds(10_000_000, 5_000_000, TimeBase::MICROSECONDS)?;
    /// assert_eq!(windows.at(100, 1), 5_100..15_100);
    /// # Ok::<(), evz_core::Error>(())
    /// ```
    pub fn of_nanoseconds(length: i128, stride: i128, time_base: TimeBase) -> Result<Self> {
        let (nanoseconds, ticks) = time_base.ratio_to(TimeBase::NANOSECONDS);
        let parts = |time: i128| {
            let ticks = i128::try_from(ticks).ok();
            ticks
                .and_then(|ticks| ticks.checked_mul(time))
                .ok_or_else(too_long)
        };
        let per_tick = i128::try_from(nanoseconds).map_err(|_| too_long())?;
        Self::new(parts(length)?, parts(stride)?, per_tick)
    }

    /// Window `k` of those that start at tick `first`.
    pub fn at(&self, first: i64, k: u64) -> Range<i64> {
        let start = i128::from(k) * self.stride + self.lead;
        let tick = |parts: i128| {
            let tick = i128::from(first) + parts.div_euclid(self.per_tick);
            tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
        };
        tick(start)..tick(start + self.length)
    }

    /// How many windows there are from tick `first` to tick `end`: those for which `k * stride` lies between
    /// the two. An end of `i64::MAX` is none, as of a selection: a window that begins there is one of them, where
    /// none before it reaches that far.
    pub fn before(&self, first: i64, end: i64) -> u64 {
        let ticks = i128::from(end) - i128::from(first);
        if ticks < 0 {
            return 0;
        }
        // floor(k * stride) < ticks, for whole ticks, where k * stride < ticks. Both factors have
        // at most 64 bits.
        let parts = ticks.saturating_mul(self.per_tick);
        let n = parts / self.stride + i128::from(parts % self.stride != 0);
        let begins_last = end == i64::MAX && n.saturating_mul(self.stride) / self.per_tick == ticks;
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        let reaches = |k| self.at(first, k).end == i64::MAX;
        let one_more = begins_last && !n.checked_sub(1).is_some_and(reaches);
        n.saturating_add(one_more.into())
    }

    /// Whether each window ends where the next one starts, or behind it.
    pub(crate) fn without_gaps(&self) -> bool {
        self.stride <= self.length
    }
}

fn too_long() -> Error {
    Error::invalid(
        "the windows are too long, or their rate has too many digits, to be counted exactly",
    )
}
