//! Times that are moved.

use evz_core::{Error, EventBatch, EventSource, Next, Place, Result, StreamInfo};

use crate::side_times::change_times;

/// A source with so many ticks added to all of its times, those of side streams too.
pub(crate) struct Shifted {
    source: Box<dyn EventSource>,
    info: StreamInfo,
    ticks: i128,
    name: String,
}

impl Shifted {
    /// The source with `ticks` added to its times, which then says `info` of itself. `name` is what it is
    /// called in an error.
    pub(crate) fn of(
        source: Box<dyn EventSource>,
        mut info: StreamInfo,
        ticks: i128,
        name: &str,
    ) -> Box<dyn EventSource> {
        let offset = i128::from(info.clock_offset) + ticks;
        info.clock_offset = offset.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        Box::new(Self {
            source,
            info,
            ticks,
            name: name.to_owned(),
        })
    }
}

/// Adds so many ticks to times.
///
/// # Errors
/// If one does not fit 64 bits then.
pub(crate) fn shift(times: &mut [i64], ticks: i128, name: &str) -> Result<()> {
    for t in times {
        let moved = i64::try_from(i128::from(*t) + ticks);
        *t = moved.map_err(|_| {
            let what = format!("the time of tick {t} cannot be moved by {ticks} ticks");
            Error::corrupt(Place::file(name), what)
        })?;
    }
    Ok(())
}

impl EventSource for Shifted {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let mut next = self.source.read_batch(batch)?;
        match &mut next {
            Next::Events(_) => shift(&mut batch.t, self.ticks, &self.name)?,
            Next::Rows(rows) => {
                change_times(rows, |times| shift(times, self.ticks, &self.name))?;
            }
            Next::End(_) => {}
        }
        Ok(next)
    }

    fn is_whole(&self) -> bool {
        false
    }

    wraps!(source);
}
