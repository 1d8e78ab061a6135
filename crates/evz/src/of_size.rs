//! A source with a sensor whose size was told.

use std::ops::Range;

use evz_core::{EventBatch, EventSource, Next, Result, SensorSize, StreamInfo};

/// A source that says a size of its sensor which it did not know, or had otherwise.
pub(crate) struct OfSize {
    source: Box<dyn EventSource>,
    info: StreamInfo,
}

impl OfSize {
    /// The source with this size, if one was told.
    pub(crate) fn of(
        source: Box<dyn EventSource>,
        told: Option<SensorSize>,
    ) -> Box<dyn EventSource> {
        match told {
            None => source,
            Some(size) => {
                let info = source.info().clone().with_size(size);
                Box::new(Self { source, info })
            }
        }
    }
}

impl EventSource for OfSize {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        self.source.read_batch(batch)
    }

    fn only_within(&mut self, time: Range<i64>) {
        self.source.only_within(time);
    }

    wraps!(source);
}
