//! From windows of time to jobs, where there is an index.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{EventBatch, EventIndex, Result, Selection};

use crate::borders::Borders;
use crate::job::{ALL_EVENTS, Job, JobEvents, JobSizes, JobWindows, Jobs};
use crate::numbers::{numbers, picks};
use crate::span;
use crate::windows::TimeWindows;

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
    /// Where windows that touch are cut by event numbers: the recording is in order.
    borders: Option<Borders>,
}

impl ByTime {
    /// The jobs from window `from` on.
    pub(crate) fn new(
        index: Arc<dyn EventIndex>,
        selection: Selection,
        windows: TimeWindows,
        sizes: JobSizes,
        from: u64,
    ) -> Result<Self> {
        let mut this = Self {
            index,
            selection,
            windows,
            first: 0,
            total: 0,
            sizes,
            next: from,
            guess: 1,
            borders: None,
        };
        if let Some(span) = this.span()? {
            this.first = span.start;
            this.total = windows.before(span.start, span.end);
        }
        if this.total > 0 && this.index.extent().sorted && windows.without_gaps() {
            let selected = numbers(&*this.index, &this.selection)?;
            this.borders = Some(Borders::new(this.index.clone(), selected));
        }
        Ok(this)
    }

    fn window(&self, number: u64) -> Range<i64> {
        self.windows.at(self.first, number)
    }

    /// From the start of the first window to behind the last event. Which pixels and polarity are
    /// selected does not move the windows.
    fn span(&self) -> Result<Option<Range<i64>>> {
        let Some((first, last)) = self.times_of_numbered()? else {
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

    /// Earliest and latest time of the events whose numbers are selected.
    fn times_of_numbered(&self) -> Result<Option<(i64, i64)>> {
        let extent = self.index.extent();
        let numbered = Selection {
            events: self.selection.events.clone(),
            ..Selection::default()
        };
        let events = numbers(&*self.index, &numbered)?;
        if events.is_empty() {
            return Ok(None);
        }
        if events == (0..extent.n_events) {
            return Ok(Some((extent.t_min, extent.t_max)));
        }
        let numbered = Selection::default().with_events(events);
        span::of_selected(&*self.index, &numbered, &mut EventBatch::default())
    }

    /// The selected events of these numbers.
    fn numbered(&self, events: Range<u64>) -> Selection {
        Selection {
            time: None,
            events: Some(events),
            ..self.selection.clone()
        }
    }
}

impl Jobs for ByTime {
    fn left(&self) -> Option<u64> {
        Some(self.total.saturating_sub(self.next))
    }

    fn next_job(&mut self) -> Result<Option<Job>> {
        if self.next >= self.total {
            return Ok(None);
        }
        let first = self.window(self.next);
        let Some(mut borders) = self.borders.take() else {
            self.next += 1;
            return Ok(Some(alone(&self.selection, first)));
        };
        borders.forget_before(first.start);
        let job = self.touching(first, &mut borders);
        self.borders = Some(borders);
        job.map(Some)
    }
}

impl ByTime {
    /// A job of the next windows, which touch or overlap: as many as hold the events of a job.
    fn touching(&mut self, first: Range<i64>, borders: &mut Borders) -> Result<Job> {
        let most = self.sizes.events;
        let left = self.total - self.next;
        let mut n = self.guess.min(left).clamp(1, self.sizes.windows);
        let start = borders.before(first.start)?;
        let (end, events) = loop {
            let end = borders.before(self.window(self.next + n - 1).end)?;
            let events = end.saturating_sub(start);
            if n == 1 || events <= most {
                break (end, events);
            }
            n = (n / 2).min(n * most / events).max(1);
        };
        self.guess = if events < most / 2 { n * 2 } else { n };
        let picks = picks(&self.selection);
        let each = events / n;
        let n = if each >= self.sizes.apart { 1 } else { n };
        let numbers = self.next..self.next + n;
        self.next += n;
        if each >= self.sizes.apart {
            let end = borders.before(first.end)?.max(start);
            return Ok(Job {
                events: JobEvents::Visit(self.numbered(start..end)),
                windows: match picks {
                    true => JobWindows::Ticks(vec![first]),
                    false => JobWindows::Located(vec![(ALL_EVENTS, first)]),
                },
            });
        }
        let ticks = numbers.map(|k| self.window(k));
        let windows = if picks || each < self.sizes.located {
            JobWindows::Ticks(ticks.collect())
        } else {
            let mut located = |ticks: Range<i64>| -> Result<_> {
                let number = |n: u64| n.saturating_sub(start);
                let (a, b) = (borders.before(ticks.start)?, borders.before(ticks.end)?);
                Ok((number(a)..number(b), ticks))
            };
            JobWindows::Located(ticks.map(&mut located).collect::<Result<_>>()?)
        };
        Ok(Job {
            events: JobEvents::Read(self.numbered(start..end.max(start))),
            windows,
        })
    }
}

/// The job of one window of a time, which is found as its events are read.
pub(crate) fn alone(selection: &Selection, window: Range<i64>) -> Job {
    let time = match &selection.time {
        Some(time) => window.start.max(time.start)..window.end.min(time.end),
        None => window.clone(),
    };
    Job {
        events: JobEvents::Visit(selection.clone().with_time(time)),
        windows: JobWindows::Ticks(vec![window]),
    }
}
