//! How the events of windows are found.

use evz_core::{Result, Selection};
use evz_render::JobWindows;

use crate::job::DeviceJob;
use crate::layout::{FILTER_POLARITY, FILTER_REGION, FILTER_TIME, Filter, FrameDesc};
use crate::loaded::Loaded;
use crate::mirror::mirrored;
use crate::recipe::Recipe;
use crate::wanted::Wanted;

/// How the windows of a job are found and tested.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    /// What each event is tested for.
    pub(crate) filter: Filter,
    /// Windows are of time.
    pub(crate) timed: bool,
    /// Windows of time are looked for by their borders; else each event is tested.
    pub(crate) by_borders: bool,
    /// First and last times are wanted.
    pub(crate) span: bool,
    /// They are those of the first and the last event.
    pub(crate) ends: bool,
    /// They are the window's borders, too.
    pub(crate) window: bool,
    /// They were found before, over all pieces.
    pub(crate) found: bool,
    /// Events are mirrored, and so is all that is here.
    pub(crate) mirrored: bool,
}

/// The filter of a selection.
pub(crate) fn filter(selection: &Selection) -> Filter {
    let time = selection.time.clone().unwrap_or(i64::MIN..i64::MAX);
    let roi = selection.roi;
    let mut flags = 0;
    for (set, flag) in [
        (selection.time.is_some(), FILTER_TIME),
        (roi.is_some(), FILTER_REGION),
        (selection.polarity.is_some(), FILTER_POLARITY),
    ] {
        flags |= if set { flag } else { 0 };
    }
    let from = |start: u16, len: u32| (u32::from(start), u32::from(start).saturating_add(len));
    let (x_begin, x_end) = roi.map_or((0, 0), |r| from(r.x, r.width));
    let (y_begin, y_end) = roi.map_or((0, 0), |r| from(r.y, r.height));
    Filter {
        start: time.start,
        stop: time.end,
        x_begin,
        x_end,
        y_begin,
        y_end,
        polarity: selection.polarity.map_or(0, |p| u32::from(p.bit())),
        flags,
    }
}

impl Method {
    /// For a job, and what it takes of the events.
    pub(crate) fn of(job: &DeviceJob<'_>, recipe: &Recipe) -> (Wanted, Self) {
        let timed = matches!(job.windows, JobWindows::Ticks(_));
        let mut filter = filter(&job.selection);
        // Where a window by count starts depends on what is left out before it.
        let keep = !timed && filter.flags != 0;
        let by_borders = timed && job.sorted;
        let window = matches!(job.windows, JobWindows::Positions(_));
        let span = window || recipe.of_events;
        let wanted = Wanted {
            t: recipe.needs_t || timed || span || filter.flags & FILTER_TIME != 0,
            p: recipe.needs_p || filter.flags & FILTER_POLARITY != 0,
            keep,
            mirrored: recipe.reversed,
        };
        if keep {
            filter.flags = 0;
        } else if by_borders {
            filter.flags &= !FILTER_TIME;
        } else if timed {
            filter.flags |= FILTER_TIME;
        }
        if recipe.reversed {
            filter = filter.mirrored();
        }
        let method = Self {
            filter,
            timed,
            by_borders,
            span,
            window,
            ends: job.sorted && filter.flags == 0,
            found: false,
            mirrored: recipe.reversed,
        };
        (wanted, method)
    }

    /// A window, before anything is known of its events.
    ///
    /// # Errors
    /// If it has no mirror image.
    pub(crate) fn desc(&self, job: &DeviceJob<'_>, number: usize) -> Result<FrameDesc> {
        let mut desc = FrameDesc::default();
        let mut ticks = job.windows.ticks(number).unwrap_or(0..0);
        if self.mirrored {
            ticks = mirrored(ticks)?;
        }
        (desc.start, desc.stop) = (ticks.start, ticks.end);
        if self.span && !self.ends {
            (desc.first, desc.last) = (i64::MAX, i64::MIN);
        }
        Ok(desc)
    }

    /// Says where the events of windows are in a piece, or, for windows of time, where they may be.
    /// `before` selected events stand in earlier pieces.
    pub(crate) fn place(
        &self,
        job: &DeviceJob<'_>,
        first: usize,
        descs: &mut [FrameDesc],
        loaded: &Loaded,
        before: u64,
    ) {
        let within = &loaded.within;
        let n = within.end - within.start;
        let position = |at: u64| at.saturating_sub(before).min(n);
        for (k, desc) in descs.iter_mut().enumerate() {
            let window = job.windows.positions(first + k).unwrap_or(0..u64::MAX);
            let (mut begin, mut end) = (position(window.start), position(window.end));
            if self.mirrored {
                (begin, end) = (n - end, n - begin);
            }
            desc.begin = within.start + begin;
            desc.end = (within.start + end).max(desc.begin);
        }
    }

    /// Events of the longest window, or what is likely to be.
    pub(crate) fn longest(&self, job: &DeviceJob<'_>, descs: &[FrameDesc]) -> u64 {
        let longest = descs.iter().map(|d| d.end - d.begin).max().unwrap_or(0);
        if self.by_borders {
            // Windows are seldom all of the same length.
            longest.min(2 * longest / job.windows.len() as u64 + 1)
        } else {
            longest
        }
    }
}
