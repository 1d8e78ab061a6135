//! From windows of time to jobs, where there is an index.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{EventBatch, EventIndex, Result, Selection};

use crate::borders::Borders;
use crate::job::{ALL_EVENTS, Job, JobEvents, JobSizes, JobWindows, Jobs, Planned};
use crate::numbers::{numbers, picks};
use crate::span;
use crate::windows::TimeWindows;

/// What says when the windows are.
pub(crate) enum Cut {
    /// A rule, from the start of what is selected on.
    Every(TimeWindows),
    List(Vec<Range<i64>>),
}

/// Windows of time.
pub(crate) struct ByTime {
    index: Arc<dyn EventIndex>,
    selection: Selection,
    cut: Cut,
    /// Start of the first window of a rule.
    first: i64,
    /// Windows in all.
    total: u64,
    sizes: JobSizes,
    next: u64,
    /// How many windows to try next.
    guess: u64,
    /// Whether the windows touch or overlap, so that many are cut out of one run of events.
    touching: bool,
    /// Whether each window says the number of its first event.
    numbered: bool,
    /// Where windows are looked up by event numbers: the recording is in order.
    borders: Option<Borders>,
}

impl ByTime {
    /// The jobs from window `from` on.
    pub(crate) fn new(
        index: Arc<dyn EventIndex>,
        selection: Selection,
        cut: Cut,
        sizes: JobSizes,
        numbered: bool,
        from: u64,
    ) -> Result<Self> {
        let mut this = Self {
            numbered: numbered && !picks(&selection),
            touching: cut.touches(),
            index,
            selection,
            cut,
            first: 0,
            total: 0,
            sizes,
            next: from,
            guess: 1,
            borders: None,
        };
        match &this.cut {
            Cut::List(windows) => this.total = windows.len() as u64,
            Cut::Every(windows) => {
                if let Some(span) = this.span()? {
                    this.total = windows.before(span.start, span.end);
                    this.first = span.start;
                }
            }
        }
        let looks_up = this.touching || this.numbered;
        if this.total > 0 && this.index.extent().sorted && looks_up {
            let selected = numbers(&*this.index, &this.selection)?;
            this.borders = Some(Borders::new(this.index.clone(), selected));
        }
        Ok(this)
    }

    fn window(&self, number: u64) -> Range<i64> {
        match &self.cut {
            Cut::Every(windows) => windows.at(self.first, number),
            Cut::List(windows) => windows[number as usize].clone(),
        }
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
    fn of_numbers(&self, events: Range<u64>) -> Selection {
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

    fn next_job(&mut self) -> Result<Option<Planned>> {
        if self.next >= self.total {
            return Ok(None);
        }
        let first = self.window(self.next);
        let Some(mut borders) = self.borders.take() else {
            self.next += 1;
            return Ok(Some(Planned {
                job: alone(&self.selection, first),
                firsts: Vec::new(),
            }));
        };
        let planned = match self.touching {
            true => {
                borders.forget_before(first.start);
                self.run(first, &mut borders)
            }
            false => self.apart(first, &mut borders),
        };
        self.borders = Some(borders);
        planned.map(Some)
    }
}

impl Cut {
    /// Whether no window starts or ends before the one before it, or behind a gap.
    fn touches(&self) -> bool {
        match self {
            Self::Every(windows) => windows.without_gaps(),
            Self::List(windows) => windows.windows(2).all(|two| {
                let (a, b) = (&two[0], &two[1]);
                a.start <= b.start && b.start <= a.end && a.end <= b.end
            }),
        }
    }
}

impl ByTime {
    /// A job of the next window.
    fn apart(&mut self, first: Range<i64>, borders: &mut Borders) -> Result<Planned> {
        self.next += 1;
        let number = borders.before(first.start)?;
        borders.forget_before(i64::MAX);
        Ok(Planned {
            job: alone(&self.selection, first),
            firsts: vec![Some(number)],
        })
    }

    /// A job of the next windows, which touch or overlap: as many as hold the events of a job.
    fn run(&mut self, first: Range<i64>, borders: &mut Borders) -> Result<Planned> {
        let most = self.sizes.events;
        let left = self.total - self.next;
        let mut n = self.guess.min(left).clamp(1, self.sizes.windows);
        let start = borders.before(first.start)?;
        let (end, events) = loop {
            let end = borders.end(self.window(self.next + n - 1).end)?;
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
        let mut firsts = Vec::new();
        if self.numbered {
            for k in numbers.clone() {
                firsts.push(Some(borders.before(self.window(k).start)?));
            }
        }
        if each >= self.sizes.apart {
            let end = borders.end(first.end)?.max(start);
            let windows = match picks {
                true => JobWindows::Ticks(vec![first]),
                false => JobWindows::Located(vec![(ALL_EVENTS, first)]),
            };
            let events = JobEvents::Visit(self.of_numbers(start..end));
            return Ok(Planned {
                job: Job { events, windows },
                firsts,
            });
        }
        let ticks = numbers.map(|k| self.window(k));
        let windows = if picks || each < self.sizes.located {
            JobWindows::Ticks(ticks.collect())
        } else {
            let mut located = |ticks: Range<i64>| -> Result<_> {
                let number = |n: u64| n.saturating_sub(start);
                let (a, b) = (borders.before(ticks.start)?, borders.end(ticks.end)?);
                Ok((number(a)..number(b.max(a)), ticks))
            };
            JobWindows::Located(ticks.map(&mut located).collect::<Result<_>>()?)
        };
        let events = JobEvents::Read(self.of_numbers(start..end.max(start)));
        Ok(Planned {
            job: Job { events, windows },
            firsts,
        })
    }
}

/// The job of one window of a time, which is found as its events are read.
fn alone(selection: &Selection, window: Range<i64>) -> Job {
    let time = match &selection.time {
        Some(time) => window.start.max(time.start)..window.end.min(time.end),
        None => window.clone(),
    };
    Job {
        events: JobEvents::Visit(selection.clone().with_time(time)),
        windows: JobWindows::Ticks(vec![window]),
    }
}
