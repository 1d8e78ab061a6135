//! From windows by count to jobs, where there is an index.

use std::ops::Range;

use evz_core::{EventIndex, Result, Selection};

use crate::job::{ALL_EVENTS, Job, JobEvents, JobSizes, JobWindows, Jobs, Planned};
use crate::numbers::{numbers, picks};
use crate::windows::CountWindows;

/// Windows of so many events, all of which are next to each other in the recording.
pub(crate) struct ByCount {
    /// Numbers of the selected events.
    events: Range<u64>,
    windows: CountWindows,
    sizes: JobSizes,
    next: u64,
}

impl ByCount {
    /// Whether the selected events stand next to each other, of which alone there are such jobs.
    pub(crate) fn fits(index: &dyn EventIndex, selection: &Selection) -> bool {
        !picks(selection) && (selection.time.is_none() || index.extent().sorted)
    }

    /// The jobs from window `first` on.
    pub(crate) fn new(
        index: &dyn EventIndex,
        selection: &Selection,
        windows: CountWindows,
        sizes: JobSizes,
        first: u64,
    ) -> Result<Self> {
        Ok(Self {
            events: numbers(index, selection)?,
            windows,
            sizes,
            next: first,
        })
    }
}

impl Jobs for ByCount {
    fn left(&self) -> Option<u64> {
        let total = self.events.end - self.events.start;
        Some(self.windows.of(total, self.next))
    }

    fn next_job(&mut self) -> Result<Option<Planned>> {
        let CountWindows { length, stride, .. } = self.windows;
        let total = self.events.end - self.events.start;
        let (start, left) = (
            self.next.saturating_mul(stride),
            self.windows.of(total, self.next),
        );
        if left == 0 {
            return Ok(None);
        }
        let number = self.next;
        let length_of = |k: u64| self.windows.length_of(number + k);
        let cover = |n: u64| {
            let end = total.min(start + (n - 1) * stride.min(total) + length_of(n - 1).min(total));
            self.events.start + start..self.events.start + end
        };
        let first = |k: u64| Some(self.events.start + start + k * stride);
        if length >= self.sizes.apart || stride > length {
            self.next += 1;
            let selection = Selection::default().with_events(cover(1));
            return Ok(Some(Planned {
                job: Job {
                    events: JobEvents::Visit(selection),
                    windows: JobWindows::Positions(vec![ALL_EVENTS]),
                },
                firsts: vec![first(0)],
            }));
        }
        let n = (self.sizes.events / stride)
            .clamp(1, self.sizes.windows)
            .min(left);
        self.next += n;
        let windows = (0..n).map(|k| k * stride..k * stride + length_of(k));
        Ok(Some(Planned {
            job: Job {
                events: JobEvents::Read(Selection::default().with_events(cover(n))),
                windows: JobWindows::Positions(windows.collect()),
            },
            firsts: (0..n).map(first).collect(),
        }))
    }
}
