//! So many frames of what is selected of a recording.

use evz_core::{
    Columns, EventBatch, EventIndex, EventSource, Next, Opened, Result, Selected, Selection,
};
use evz_render::{CountWindows, Windows};

use crate::recording::Recording;

/// By what frames are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBy {
    /// By their time.
    Time,
    /// By the number of their events.
    Number,
}

/// How many events there are, and when.
#[derive(Default)]
struct Reach {
    n_events: u64,
    times: Option<(i64, i64)>,
}

impl Reach {
    fn add(&mut self, t: &[i64]) {
        self.n_events += t.len() as u64;
        let (Some(min), Some(max)) = (t.iter().min(), t.iter().max()) else {
            return;
        };
        let (first, last) = self.times.unwrap_or((*min, *max));
        self.times = Some((first.min(*min), last.max(*max)));
    }
}

impl Recording {
    /// The windows of `n` frames of what is selected. By time they are of the time that is selected, and
    /// where that has no start or no end, from the first event on or up to the last, whatever its pixel and polarity;
    /// [`Windows::parts_of_time`] and [`CountWindows::parts`] say where one ends.
    ///
    /// A recording without an index is read for it, and is then not given back.
    ///
    /// # Errors
    /// If the recording cannot be read, or there is not as much as an event, or a tick, for each frame.
    pub fn frame_parts(
        self,
        selection: &Selection,
        n: u64,
        by: SplitBy,
    ) -> Result<(Option<Self>, Windows)> {
        if by == SplitBy::Number {
            let (this, reach) = self.reach(selection.clone())?;
            return Ok((
                this,
                Windows::Count(CountWindows::parts(reach.n_events, n)?),
            ));
        }
        let time = selection.time.clone().unwrap_or(i64::MIN..i64::MAX);
        if time.start > i64::MIN && time.end < i64::MAX {
            let windows = Windows::parts_of_time(time.start, time.end, time.end, n)?;
            return Ok((Some(self), windows));
        }
        let any_pixel = Selection {
            roi: None,
            polarity: None,
            ..selection.clone()
        };
        let (this, reach) = self.reach(any_pixel)?;
        let (first, last) = reach.times.unwrap_or_default();
        let start = if time.start == i64::MIN {
            first
        } else {
            time.start
        };
        let (last, end) = match time.end {
            i64::MAX => (last, last.saturating_add(1)),
            end => (end, end),
        };
        Ok((this, Windows::parts_of_time(start, last, end, n)?))
    }

    /// How far these events reach.
    fn reach(self, selection: Selection) -> Result<(Option<Self>, Reach)> {
        let mut reach = Reach::default();
        if let Some(index) = self.index() {
            match known(index, &selection) {
                Some(known) => reach = known,
                None => {
                    let times = selection.with_columns(Columns::T);
                    index.visit(&times, &mut EventBatch::default(), &mut |events| {
                        reach.add(events.t);
                        Ok(())
                    })?;
                }
            }
            return Ok((Some(self), reach));
        }
        if let Opened::Stream(source) = self.into_opened() {
            let mut source = Selected::new(source, selection);
            let mut batch = EventBatch::default();
            // What this reading meets the next one does too.
            while let Next::Events(_) = source.read_events(&mut batch)? {
                reach.add(&batch.t);
            }
        }
        Ok((None, reach))
    }
}

/// What an index knows of all events together.
fn known(index: &dyn EventIndex, selection: &Selection) -> Option<Reach> {
    let extent = index.extent();
    let Selection {
        time: None,
        events: None,
        roi: None,
        polarity: None,
        ..
    } = selection
    else {
        return None;
    };
    Some(Reach {
        n_events: extent.n_events,
        times: (extent.n_events > 0).then_some((extent.t_min, extent.t_max)),
    })
}
