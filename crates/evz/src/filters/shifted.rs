//! Times that are moved.

use evz_core::{
    Error, EventBatch, EventSource, Filter, Place, Result, SideRows, StreamInfo, TimeBase,
};

use super::filtered;
use crate::side_times::change_times;

/// A source with so many ticks added to all of its times.
pub(super) struct Shifted {
    source: Box<dyn EventSource>,
    info: StreamInfo,
    ticks: i64,
    name: String,
    side: Vec<SideRows>,
}

impl Shifted {
    /// # Errors
    /// If so many nanoseconds are no whole number of ticks.
    pub(super) fn of(
        source: Box<dyn EventSource>,
        nanoseconds: i128,
        name: &str,
    ) -> Result<Box<dyn EventSource>> {
        let mut info = filtered(source.info(), &Filter::TimeShift(nanoseconds));
        let ticks = ticks(nanoseconds, info.time_base, name)?;
        info.clock_offset = info.clock_offset.saturating_add(ticks);
        Ok(Box::new(Self {
            source,
            info,
            ticks,
            name: name.to_owned(),
            side: Vec::new(),
        }))
    }

    fn shift(&self, times: &mut [i64]) -> Result<()> {
        for t in times {
            *t = t.checked_add(self.ticks).ok_or_else(|| {
                let what = format!(
                    "the time of tick {t} cannot be moved by {} ticks",
                    self.ticks
                );
                Error::corrupt(Place::file(&self.name), what)
            })?;
        }
        Ok(())
    }
}

/// So many nanoseconds in ticks.
///
/// # Errors
/// If they are no whole number of them.
pub(super) fn ticks(nanoseconds: i128, base: TimeBase, name: &str) -> Result<i64> {
    let ticks = base.tick_at_or_after(nanoseconds);
    match base.to_nanoseconds(ticks) == nanoseconds {
        true => Ok(ticks),
        false => {
            let tick = base.time_in_words(1);
            let what = format!("{name}: times count in {tick}, of which {nanoseconds} ns are no");
            Err(Error::invalid(format!(
                "{what} whole number to move them by"
            )))
        }
    }
}

impl EventSource for Shifted {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        let n = self.source.read_batch(batch);
        // Those before an error too.
        for mut rows in self.source.take_side_rows() {
            change_times(&mut rows, |times| self.shift(times))?;
            self.side.push(rows);
        }
        self.shift(&mut batch.t)?;
        n
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        std::mem::take(&mut self.side)
    }

    fn is_whole(&self) -> bool {
        false
    }

    fn inner(&self) -> Option<&dyn EventSource> {
        Some(&self.source)
    }

    fn inner_mut(&mut self) -> Option<&mut dyn EventSource> {
        Some(&mut self.source)
    }
}
