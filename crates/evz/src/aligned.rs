//! A stream with the times of a timeline that it shares with others.

use evz_core::{Error, EventBatch, EventSource, Next, Result, StreamInfo};

use crate::side_times::change_times;
use crate::timeline::Step;

pub(crate) struct Aligned {
    pub(crate) source: Box<dyn EventSource>,
    pub(crate) info: StreamInfo,
    pub(crate) step: Step,
    pub(crate) belonging: Belonging,
}

/// Which event stream of the output side streams belong to.
#[derive(Clone, Copy)]
pub(crate) enum Belonging {
    /// This one: its recording has no other.
    To(u16),
    /// That of its recording which they say, whose first has this number.
    From(u16),
}

impl Aligned {
    fn shift(&self, times: &mut [i64]) -> Result<()> {
        if self.step.is_none() {
            return Ok(());
        }
        for t in times {
            *t = self.step.apply(*t).ok_or_else(|| {
                let what = format!(
                    "time {t} has no place among the times of the other streams, which are {} in 64 bits",
                    self.info.time_base
                );
                Error::unsupported(&*self.info.name, what).advise("convert it into a file of its own")
            })?;
        }
        Ok(())
    }
}

impl EventSource for Aligned {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let mut next = self.source.read_batch(batch)?;
        match &mut next {
            Next::Events(_) => self.shift(&mut batch.t)?,
            Next::Rows(rows) => {
                change_times(rows, |times| self.shift(times))?;
                rows.of = match self.belonging {
                    Belonging::To(number) => Some(number),
                    Belonging::From(first) => rows.of.and_then(|of| of.checked_add(first)),
                };
            }
            Next::End(_) => {}
        }
        Ok(next)
    }

    wraps!(source);
}
