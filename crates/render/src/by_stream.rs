//! From windows to jobs, where events come from front to back.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evz_core::{Error, EventBatch, EventSource, Next, Place, Report, Result, Selection};

use crate::by_time::Cut;
use crate::job::{Job, JobEvents, JobSizes, JobWindows, Jobs, Planned};
use crate::windows::{CountWindows, TimeWindows};

/// The selected events of a source, as far as they were read and are still needed.
pub(crate) struct Stream {
    source: Box<dyn EventSource>,
    selection: Selection,
    batch: EventBatch,
    next_number: u64,
    ended: bool,
    /// Selected events; those before `at` are done with.
    events: EventBatch,
    at: usize,
    /// Number of the first of them; whether there was any, and all of them stand next to each other.
    number: u64,
    any: bool,
    is_run: bool,
    /// First and last time of the events of the wanted numbers and of the selected time, whatever
    /// their pixels and polarity: these make the windows.
    first: Option<i64>,
    last: i64,
    read: Arc<Mutex<Read>>,
}

/// What is known of a source that is being read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What the source says of its reading, once it has ended.
    pub(crate) report: Report,
    /// First and last time so far of the events that make windows.
    pub(crate) times: Option<(i64, i64)>,
}

impl Stream {
    pub(crate) fn new(
        source: Box<dyn EventSource>,
        selection: Selection,
        read: Arc<Mutex<Read>>,
    ) -> Self {
        Self {
            source,
            selection,
            batch: EventBatch::default(),
            next_number: 0,
            ended: false,
            events: EventBatch::default(),
            at: 0,
            number: 0,
            any: false,
            is_run: true,
            first: None,
            last: i64::MIN,
            read,
        }
    }

    fn left(&self) -> usize {
        self.events.len() - self.at
    }

    /// Reads on. `in_order` says that no event may be earlier than the one before it.
    fn read(&mut self, in_order: bool) -> Result<()> {
        let numbers = self.selection.events.clone().unwrap_or(0..u64::MAX);
        let ended = match self.next_number < numbers.end {
            true => match self.source.read_events(&mut self.batch)? {
                Next::End(report) => Some(report),
                _ => None,
            },
            false => Some(self.source.report()),
        };
        if let Some(report) = ended {
            self.ended = true;
            self.known().report = report;
            return Ok(());
        }
        self.number += self.at as u64;
        self.events.drop_front(std::mem::take(&mut self.at));
        let Self { batch, .. } = self;
        for (i, event) in batch.iter().enumerate() {
            let number = self.next_number + i as u64;
            if !numbers.contains(&number) {
                continue;
            }
            if in_order && event.t < self.last {
                return Err(backwards(number));
            }
            self.first.get_or_insert(event.t);
            self.last = self.last.max(event.t);
            if self.selection.keeps(batch.as_slice(), i, number) {
                let next = self.number + self.events.len() as u64;
                if !self.any {
                    self.number = number;
                } else if next != number {
                    self.is_run = false;
                }
                self.any = true;
                self.events.push(event);
            }
        }
        self.next_number += self.batch.len() as u64;
        self.known().times = self.first.map(|first| (first, self.last));
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of these of the next events.
    fn copy(&self, range: Range<usize>) -> EventBatch {
        let mut events = EventBatch::with_capacity(range.len());
        let range = self.at + range.start..self.at + range.end;
        events.extend(self.events.as_slice().slice(range));
        events
    }

    /// Number in the recording of the `n`-th of the next events, where these stand next to each other.
    fn number_of(&self, n: usize) -> Option<u64> {
        let is_run = self.any && self.is_run;
        is_run.then(|| self.number + (self.at + n) as u64)
    }
}

fn backwards(number: u64) -> Error {
    Error::corrupt(
        Place::default().with_event(number),
        "it is earlier than the one before it, and windows of time need the events in order or an \
         index",
    )
    .advise("convert the recording to .evz first")
    .advise("ask for windows by count")
}

/// Windows of so many events.
pub(crate) struct CountStream {
    stream: Stream,
    windows: CountWindows,
    sizes: JobSizes,
    /// Number of the next window.
    next: u64,
    /// Events still to be left out before the next window.
    skip: u64,
}

impl CountStream {
    pub(crate) fn new(stream: Stream, windows: CountWindows, sizes: JobSizes) -> Self {
        Self {
            stream,
            windows,
            sizes,
            next: 0,
            skip: 0,
        }
    }
}

impl Jobs for CountStream {
    fn left(&self) -> Option<u64> {
        None
    }

    fn next_job(&mut self) -> Result<Option<Planned>> {
        let (next, stride) = (self.next, self.windows.stride);
        let n = (self.sizes.events / stride).clamp(1, self.sizes.windows);
        let n = n.min(self.windows.of(u64::MAX, next)).max(1);
        let length_of = |k: u64| self.windows.length_of(next + k);
        let wanted = stride
            .saturating_mul(n - 1)
            .saturating_add(length_of(n - 1));
        loop {
            let skipped = self.skip.min(self.stream.left() as u64);
            self.stream.at += skipped as usize;
            self.skip -= skipped;
            if self.skip == 0 && self.stream.left() as u64 >= wanted || self.stream.ended {
                break;
            }
            self.stream.read(false)?;
        }
        let left = self.stream.left() as u64;
        let n = n
            .min(left.div_ceil(stride))
            .min(self.windows.of(u64::MAX, next));
        if n == 0 {
            return Ok(None);
        }
        self.next += n;
        let part = |k: u64| {
            let start = k * stride;
            let end = start.saturating_add(length_of(k)).min(left);
            start..end
        };
        let events = self.stream.copy(0..wanted.min(left) as usize);
        self.skip = n * stride;
        let first = |k: u64| self.stream.number_of((k * stride) as usize);
        Ok(Some(Planned {
            job: Job {
                events: JobEvents::Held(events),
                windows: JobWindows::Positions((0..n).map(part).collect()),
            },
            firsts: (0..n).map(first).collect(),
        }))
    }
}

/// Windows of time.
pub(crate) struct TimeStream {
    stream: Stream,
    cut: Cut,
    /// The earliest start of each window of a list and of those behind it: events before that are done with.
    needed_from: Vec<i64>,
    sizes: JobSizes,
    next: u64,
}

impl TimeStream {
    pub(crate) fn new(stream: Stream, cut: Cut, sizes: JobSizes) -> Self {
        let mut needed_from = Vec::new();
        if let Cut::List(windows) = &cut {
            needed_from.extend(windows.iter().map(|window| window.start));
            for k in (1..needed_from.len()).rev() {
                needed_from[k - 1] = needed_from[k - 1].min(needed_from[k]);
            }
        }
        Self {
            stream,
            cut,
            needed_from,
            sizes,
            next: 0,
        }
    }

    /// Windows so far, where they follow each other without end.
    fn known(&self, windows: &TimeWindows) -> Option<(i64, u64)> {
        let time = self.stream.selection.time.clone();
        let time = time.unwrap_or(i64::MIN..i64::MAX);
        let seen = self.stream.first?;
        let first = match time.start {
            i64::MIN => seen,
            start => start,
        };
        let end = time.end.min(self.stream.last.saturating_add(1));
        Some((first, windows.before(first, end)))
    }

    /// Window `k`, if it is one as far as is known.
    fn window(&self, k: u64) -> Option<Range<i64>> {
        match &self.cut {
            Cut::Every(windows) => self.timed(windows, k),
            Cut::List(windows) => windows.get(k as usize).cloned(),
        }
    }

    fn timed(&self, windows: &TimeWindows, k: u64) -> Option<Range<i64>> {
        let (first, n) = self.known(windows)?;
        (k < n).then(|| windows.at(first, k))
    }

    /// The windows that are complete, as many as make a job, and which events they take.
    fn complete(&self) -> (Vec<Range<i64>>, Range<usize>) {
        let t = &self.stream.events.t[self.stream.at..];
        let (mut windows, mut taken) = (Vec::new(), 0..0);
        while let Some(window) = self.window(self.next + windows.len() as u64) {
            let is_past = window.end <= self.stream.last && window.end < i64::MAX;
            if !(is_past || self.stream.ended) {
                break;
            }
            let mut all = taken.clone();
            let start = t.partition_point(|t| *t < window.start);
            all.start = if windows.is_empty() {
                start
            } else {
                start.min(all.start)
            };
            // An event at the largest time is in a window that ends there, as in a selection.
            let end = match window.end {
                i64::MAX => t.len(),
                end => t.partition_point(|t| *t < end),
            };
            all.end = end.max(all.end);
            let enough =
                all.len() as u64 > self.sizes.events || windows.len() as u64 >= self.sizes.windows;
            if enough && !windows.is_empty() {
                break;
            }
            taken = all;
            windows.push(window);
        }
        (windows, taken)
    }
}

impl Jobs for TimeStream {
    fn left(&self) -> Option<u64> {
        match &self.cut {
            Cut::Every(_) => None,
            Cut::List(windows) => Some(windows.len() as u64 - self.next),
        }
    }

    fn at_least(&self) -> u64 {
        match &self.cut {
            Cut::Every(windows) => {
                let (_, n) = self.known(windows).unwrap_or_default();
                n.saturating_sub(self.next)
            }
            Cut::List(_) => self.left().unwrap_or(0),
        }
    }

    fn next_job(&mut self) -> Result<Option<Planned>> {
        loop {
            let (windows, taken) = self.complete();
            if windows.is_empty() {
                if self.stream.ended {
                    return Ok(None);
                }
                self.drop_done();
                self.stream.read(true)?;
                continue;
            }
            let t = &self.stream.events.t[self.stream.at..];
            let first = |window: &Range<i64>| {
                self.stream
                    .number_of(t.partition_point(|t| *t < window.start))
            };
            let firsts = windows.iter().map(first).collect();
            let events = self.stream.copy(taken);
            self.next += windows.len() as u64;
            self.drop_done();
            return Ok(Some(Planned {
                job: Job {
                    events: JobEvents::Held(events),
                    windows: JobWindows::Ticks(windows),
                },
                firsts,
            }));
        }
    }
}

impl TimeStream {
    /// Leaves the events that no later window has.
    fn drop_done(&mut self) {
        let t = &self.stream.events.t[self.stream.at..];
        let start = match &self.cut {
            Cut::Every(_) => self.window(self.next).map(|window| window.start),
            Cut::List(_) => self.needed_from.get(self.next as usize).copied(),
        };
        self.stream.at += match (start, &self.cut) {
            (Some(start), _) => t.partition_point(|t| *t < start),
            (None, Cut::List(_)) => t.len(),
            (None, Cut::Every(_)) => 0,
        };
    }
}
