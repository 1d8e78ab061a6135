//! Rows of side streams that were read together with events.

use crate::{EventBatch, Next, SideRows};

/// Bytes of rows that may wait to be given. Frames can be far more than the events beside them.
const MAX_WAITING: usize = 16 << 20;

/// Rows that were read and are given next, a table a stream, and the events that they stood among: these are
/// given behind them, so that who writes both in the order of their time has a row before events that are
/// later.
#[derive(Debug, Default)]
pub struct SideStore {
    tables: Vec<SideRows>,
    bytes: usize,
    events: EventBatch,
    /// Whether the events wait.
    waits: bool,
}

impl SideStore {
    /// Whether nothing more is to be read before the rows are given.
    pub fn is_full(&self) -> bool {
        self.bytes > MAX_WAITING
    }

    /// Adds rows behind those of the same stream.
    pub fn add(&mut self, rows: SideRows) {
        if rows.is_empty() {
            return;
        }
        self.bytes += rows.bytes();
        match self.tables.iter_mut().find(|t| t.stream == rows.stream) {
            Some(table) => {
                // A side stream has the same columns in every row.
                table.append(rows);
            }
            None => self.tables.push(rows),
        }
    }

    /// What was found and not given yet: to be asked before more is read.
    pub fn waiting(&mut self, batch: &mut EventBatch) -> Option<Next> {
        if !self.tables.is_empty() {
            let rows = self.tables.remove(0);
            self.bytes -= rows.bytes();
            return Some(Next::Rows(rows));
        }
        self.waits.then(|| {
            self.waits = false;
            std::mem::swap(batch, &mut self.events);
            Next::Events(batch.len())
        })
    }

    /// What to give where these events were found, and the rows that were added; none if there are neither.
    pub fn found(&mut self, batch: &mut EventBatch) -> Option<Next> {
        if self.tables.is_empty() {
            return (!batch.is_empty()).then(|| Next::Events(batch.len()));
        }
        self.waits = !batch.is_empty();
        std::mem::swap(batch, &mut self.events);
        self.waiting(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    #[test]
    fn rows_come_before_the_events_that_they_stood_among() {
        let rows = |stream: &str, t: i64| {
            let mut rows = SideRows::new(stream, Vec::new());
            rows.t.push(t);
            rows
        };
        let events = |t| -> EventBatch {
            [Event {
                t,
                x: 0,
                y: 0,
                p: 1,
            }]
            .into_iter()
            .collect()
        };
        let (mut store, mut batch) = (SideStore::default(), events(5));
        assert_eq!(store.waiting(&mut batch), None);
        assert_eq!(store.found(&mut batch), Some(Next::Events(1)));
        assert_eq!(batch, events(5));
        for t in [1, 2] {
            store.add(rows("imu", t));
        }
        store.add(rows("frames", 3));
        let mut imu = rows("imu", 1);
        assert!(imu.append(rows("imu", 2)));
        assert_eq!(store.found(&mut batch), Some(Next::Rows(imu)));
        assert_eq!(
            store.waiting(&mut batch),
            Some(Next::Rows(rows("frames", 3)))
        );
        assert_eq!(store.waiting(&mut batch), Some(Next::Events(1)));
        assert_eq!(batch, events(5));
        // Rows without events, and nothing.
        store.add(rows("imu", 9));
        batch.clear();
        assert_eq!(store.found(&mut batch), Some(Next::Rows(rows("imu", 9))));
        assert_eq!(store.waiting(&mut batch), None);
        batch.clear();
        assert_eq!(store.found(&mut batch), None);
    }
}
