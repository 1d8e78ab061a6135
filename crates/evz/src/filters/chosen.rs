//! A source of which some events are left out.

use evz_core::{
    EventBatch, EventSlice, EventSource, Filter, Next, Note, Report, Result, StreamInfo,
};

use super::filtered;

/// Which events are kept.
pub(super) trait Choose: Send {
    /// Writes the positions of those that are kept, in their order, to the front of `kept`, which is as
    /// long as there are events; returns how many there are.
    ///
    /// # Errors
    /// If what it keeps of the events before has no room for these.
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize>;

    /// What is left out, as a plural: `events of background activity`.
    fn what(&self) -> String;
}

/// The events of a source that are chosen.
pub(super) struct Chosen<C> {
    source: Box<dyn EventSource>,
    info: StreamInfo,
    choose: C,
    name: String,
    scratch: EventBatch,
    kept: Vec<u32>,
    left_out: u64,
}

impl<C: Choose + 'static> Chosen<C> {
    pub(super) fn of(
        source: Box<dyn EventSource>,
        filter: &Filter,
        name: &str,
        choose: impl FnOnce(&StreamInfo) -> C,
    ) -> Box<dyn EventSource> {
        let choose = choose(source.info());
        Box::new(Self {
            info: filtered(source.info(), filter),
            source,
            choose,
            name: name.to_owned(),
            scratch: EventBatch::default(),
            kept: Vec::new(),
            left_out: 0,
        })
    }
}

impl<C: Choose> EventSource for Chosen<C> {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let n = match self.source.read_batch(&mut self.scratch)? {
            Next::Events(n) => n,
            Next::Rows(rows) => return Ok(Next::Rows(rows)),
            Next::End(_) => return Ok(Next::End(self.report())),
        };
        batch.clear();
        self.kept.resize(self.kept.len().max(n), 0);
        let events = self.scratch.as_slice();
        let kept = self.choose.choose(events, &mut self.kept[..n]);
        let kept = kept.map_err(|error| error.within(&self.name))?;
        self.left_out += (n - kept) as u64;
        if kept == n {
            std::mem::swap(batch, &mut self.scratch);
        } else {
            batch.gather(events, &self.kept[..kept]);
        }
        Ok(Next::Events(kept))
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        if self.left_out > 0 {
            let (what, count) = (self.choose.what(), self.left_out);
            report.notes.push(Note::LeftOut { what, count });
        }
        report
    }

    fn is_whole(&self) -> bool {
        false
    }

    wraps!(source);
}
