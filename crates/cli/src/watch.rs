//! What is noticed of the events of an indexed file as they pass: its index tells of the whole
//! file, and a window may be in order where the file is not.

use evz::{
    EventBatch, EventSource, Metadata, Progress, Report, Result, SensorSize, SideRows, StreamInfo,
};

/// How notes on times that run backwards begin, of every format.
pub(crate) const BACKWARDS: &str = "times run backwards";

/// What the user should know of events that run backwards or reach beyond the sensor.
pub(crate) fn notes(
    backwards: bool,
    (x, y): (u16, u16),
    size: Option<SensorSize>,
) -> impl Iterator<Item = String> {
    let unsorted = backwards.then(|| BACKWARDS.to_owned());
    let beyond = size
        .filter(|s| !s.contains(x, y))
        .map(|s| format!("events lie beyond the sensor of {s}: x reaches {x}, y reaches {y}"));
    unsorted.into_iter().chain(beyond)
}

/// The events of a source, watched.
pub(crate) struct Watched<S> {
    source: S,
    size: Option<SensorSize>,
    last: i64,
    backwards: bool,
    reach: (u16, u16),
}

impl<S: EventSource> Watched<S> {
    /// `size` is that of the sensor.
    pub(crate) fn new(source: S, size: Option<SensorSize>) -> Self {
        Self {
            source,
            size,
            last: i64::MIN,
            backwards: false,
            reach: (0, 0),
        }
    }
}

impl<S: EventSource> EventSource for Watched<S> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        let n = self.source.read_batch(batch)?;
        if let (Some(first), Some(last)) = (batch.t.first(), batch.t.last()) {
            self.backwards |= *first < self.last || !batch.t.is_sorted();
            self.last = *last;
        }
        let most = |so_far, values: &[u16]| values.iter().fold(so_far, |m: u16, v| m.max(*v));
        self.reach = (most(self.reach.0, &batch.x), most(self.reach.1, &batch.y));
        Ok(n)
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.source.take_side_rows()
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        let noticed = notes(self.backwards, self.reach, self.size);
        report.notes.extend(noticed);
        report
    }

    fn closing_metadata(&self) -> Metadata {
        self.source.closing_metadata()
    }

    fn progress(&self) -> Option<Progress> {
        self.source.progress()
    }
}
