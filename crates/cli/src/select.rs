//! From the options of a selection to the selection.

use anyhow::Result;
use evz::{
    Error, EventBatch, EventSource, Metadata, Progress, Report, Selection, SideRows, StreamInfo,
    TimeBase,
};

use crate::cli::SelectionArgs;
use crate::values::Time;

/// The selection of these options in a recording that starts at tick `first`.
pub(crate) fn resolve(
    args: &SelectionArgs,
    time_base: TimeBase,
    first: Option<i64>,
) -> Result<Selection> {
    let start = time_base.to_nanoseconds(first.unwrap_or(0));
    let nanoseconds = |time: Time| match time {
        Time::Relative(ns) => start + ns,
        Time::Absolute(ns) => ns,
    };
    let (from, to) = (args.from.map(nanoseconds), args.to.map(nanoseconds));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Error::invalid("--to lies before --from").into());
    }
    let time = (from.is_some() || to.is_some()).then(|| {
        let tick = |ns| time_base.tick_at_or_after(ns);
        from.map_or(i64::MIN, tick)..to.map_or(i64::MAX, tick)
    });
    Ok(Selection {
        time,
        events: args.events.clone(),
        roi: args.roi,
        polarity: args.polarity,
        ..Selection::default()
    })
}

/// A source whose first batch has been read, for the time that it starts at.
pub(crate) struct Peeked {
    source: Box<dyn EventSource>,
    first: Option<EventBatch>,
}

impl Peeked {
    pub(crate) fn new(mut source: Box<dyn EventSource>) -> Result<Self> {
        let mut first = EventBatch::default();
        source.read_batch(&mut first)?;
        Ok(Self {
            source,
            first: Some(first),
        })
    }

    /// Time of the first event, if there is one.
    pub(crate) fn first_time(&self) -> Option<i64> {
        self.first.as_ref()?.t.first().copied()
    }
}

impl EventSource for Peeked {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> evz::Result<usize> {
        match self.first.take() {
            Some(first) => *batch = first,
            None => return self.source.read_batch(batch),
        }
        Ok(batch.len())
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.source.take_side_rows()
    }

    fn report(&self) -> Report {
        self.source.report()
    }

    fn closing_metadata(&self) -> Metadata {
        self.source.closing_metadata()
    }

    fn progress(&self) -> Option<Progress> {
        self.source.progress()
    }
}
