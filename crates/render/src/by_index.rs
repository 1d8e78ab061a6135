//! From windows to jobs, where there is an index.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{EventBatch, EventIndex, Polarity, Result, Roi, Selection};

use crate::job::{Job, JobSizes, Part};
use crate::span;
use crate::windows::{CountWindows, TimeWindows};

/// Hands out the jobs of a rendering, in order.
pub(crate) trait Jobs: Send {
    /// The next job; none at the end.
    fn next_job(&mut self) -> Result<Option<Job>>;
}

/// Windows of so many events, all of which are next to each other in the recording.
pub(crate) struct ByCount {
    /// Numbers of the selected events.
    events: Range<u64>,
    windows: CountWindows,
    sizes: JobSizes,
    next: u64,
}

impl ByCount {
    /// The jobs, unless the selected events do not stand next to each other.
    pub(crate) fn new(
        index: &dyn EventIndex,
        selection: &Selection,
        windows: CountWindows,
        sizes: JobSizes,
    ) -> Result<Option<Self>> {
        let scattered = picks(selection.roi, selection.polarity)
            || (selection.time.is_some() && !index.extent().sorted);
        if scattered {
            return Ok(None);
        }
        Ok(Some(Self {
            events: numbers(index, selection)?,
            windows,
            sizes,
            next: 0,
        }))
    }
}

impl Jobs for ByCount {
    fn next_job(&mut self) -> Result<Option<Job>> {
        let CountWindows { length, stride } = self.windows;
        let total = self.events.end - self.events.start;
        let start = self.next.saturating_mul(stride);
        if start >= total {
            return Ok(None);
        }
        let cover = |n: u64| {
            let end = total.min(start + (n - 1) * stride.min(total) + length.min(total));
            self.events.start + start..self.events.start + end
        };
        if length >= self.sizes.apart || stride > length {
            self.next += 1;
            let selection = Selection::default().with_events(cover(1));
            return Ok(Some(Job::Apart {
                selection,
                window: None,
            }));
        }
        let left = (total - start).div_ceil(stride);
        let n = (self.sizes.events / stride)
            .clamp(1, self.sizes.windows)
            .min(left);
        self.next += n;
        let events = cover(n);
        let part = |k: u64| {
            let start = k * stride;
            let end = (start + length).min(events.end - events.start);
            Part::Events(start as usize..end as usize)
        };
        let windows = (0..n).map(part).collect();
        Ok(Some(Job::Read {
            selection: Selection::default().with_events(events),
            windows,
        }))
    }
}

/// Windows of time.
pub(crate) struct ByTime {
    index: Arc<dyn EventIndex>,
    selection: Selection,
    windows: TimeWindows,
    first: i64,
    /// Windows in all.
    total: u64,
    sizes: JobSizes,
    next: u64,
    /// How many windows to try next.
    guess: u64,
}

impl ByTime {
    pub(crate) fn new(
        index: Arc<dyn EventIndex>,
        selection: Selection,
        windows: TimeWindows,
        sizes: JobSizes,
    ) -> Result<Self> {
        let mut this = Self {
            index,
            selection,
            windows,
            first: 0,
            total: 0,
            sizes,
            next: 0,
            guess: 1,
        };
        if let Some(span) = this.span()? {
            this.first = span.start;
            this.total = windows.before(span.start, span.end);
        }
        Ok(this)
    }

    /// From the start of the first window to behind the last event. Which pixels and polarity are
    /// selected does not move the windows.
    fn span(&self) -> Result<Option<Range<i64>>> {
        let of_events = Selection {
            events: self.selection.events.clone(),
            ..Selection::default()
        };
        let Some((first, last)) = self.times_of(&of_events)? else {
            return Ok(None);
        };
        let all = first..last.saturating_add(1);
        Ok(Some(match &self.selection.time {
            Some(time) => {
                let start = if time.start == i64::MIN {
                    all.start
                } else {
                    time.start
                };
                start..all.end.min(time.end)
            }
            None => all,
        }))
    }

    /// Earliest and latest time of the events of these numbers.
    fn times_of(&self, selection: &Selection) -> Result<Option<(i64, i64)>> {
        let extent = self.index.extent();
        let events = numbers(&*self.index, selection)?;
        if events.is_empty() {
            return Ok(None);
        }
        if events == (0..extent.n_events) {
            return Ok(Some((extent.t_min, extent.t_max)));
        }
        let numbered = Selection::default().with_events(events);
        span::of_selected(&*self.index, &numbered, &mut EventBatch::default())
    }
}

impl Jobs for ByTime {
    fn next_job(&mut self) -> Result<Option<Job>> {
        if self.next >= self.total {
            return Ok(None);
        }
        let at = |k| self.windows.at(self.first, k);
        let first = at(self.next);
        let most = self.sizes.events;
        let mut n = self
            .guess
            .min(self.total - self.next)
            .clamp(1, self.sizes.windows);
        let together = self.index.extent().sorted && self.windows.without_gaps();
        let mut events = u64::MAX;
        if together {
            let before = self.index.events_before(first.start)?;
            loop {
                let end = at(self.next + n - 1).end;
                events = self.index.events_before(end)?.saturating_sub(before);
                if n == 1 || events <= most {
                    break;
                }
                n = (n / 2).min(n * most / events).max(1);
            }
            self.guess = if events < most / 2 { n * 2 } else { n };
        }
        if events / n >= self.sizes.apart {
            self.next += 1;
            return Ok(Some(Job::Apart {
                selection: within(&self.selection, first.clone()),
                window: Some(first),
            }));
        }
        let windows: Vec<Range<i64>> = (self.next..self.next + n).map(at).collect();
        self.next += n;
        let cover = first.start..windows[windows.len() - 1].end;
        Ok(Some(Job::Read {
            selection: within(&self.selection, cover),
            windows: windows.into_iter().map(Part::Time).collect(),
        }))
    }
}

/// One window of time.
pub(crate) struct Single(Option<(Selection, Range<i64>)>);

impl Single {
    pub(crate) fn new(selection: &Selection, window: Range<i64>) -> Self {
        Self(Some((within(selection, window.clone()), window)))
    }
}

impl Jobs for Single {
    fn next_job(&mut self) -> Result<Option<Job>> {
        Ok(self.0.take().map(|(selection, window)| Job::Apart {
            selection,
            window: Some(window),
        }))
    }
}

/// What of a selection lies in a window.
fn within(selection: &Selection, window: Range<i64>) -> Selection {
    let time = match &selection.time {
        Some(time) => window.start.max(time.start)..window.end.min(time.end),
        None => window,
    };
    selection.clone().with_time(time)
}

/// The numbers of the selected events, which stand next to each other.
fn numbers(index: &dyn EventIndex, selection: &Selection) -> Result<Range<u64>> {
    let mut numbers = 0..index.extent().n_events;
    if let Some(events) = &selection.events {
        numbers = numbers.start.max(events.start)..numbers.end.min(events.end);
    }
    if let Some(time) = &selection.time {
        let (start, end) = (
            index.events_before(time.start)?,
            index.events_before(time.end)?,
        );
        numbers = numbers.start.max(start)..numbers.end.min(end);
    }
    numbers.end = numbers.end.max(numbers.start);
    Ok(numbers)
}

/// Whether a selection by pixel or polarity leaves some events out.
fn picks(roi: Option<Roi>, polarity: Option<Polarity>) -> bool {
    roi.is_some() || polarity.is_some()
}
