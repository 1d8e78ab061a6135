//! A selection over any source, for recordings without an index.

use crate::{EventBatch, EventSource, Next, Result, Selection, StreamInfo, window_holds};

/// The selected events of a source that can only be read from front to back.
pub struct Selected<S> {
    source: S,
    selection: Selection,
    scratch: EventBatch,
    /// Positions of those of them that are kept.
    kept: Vec<u32>,
    next_number: u64,
}

impl<S: EventSource> Selected<S> {
    /// The events of `source` that `selection` keeps; all columns are filled whatever it says.
    pub fn new(source: S, selection: Selection) -> Self {
        Self {
            source,
            selection,
            scratch: EventBatch::default(),
            kept: Vec::new(),
            next_number: 0,
        }
    }
}

impl<S: EventSource> EventSource for Selected<S> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    /// The rows are those of the selected time; the rest of the selection is about events.
    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        batch.clear();
        let end = self.selection.events.as_ref().map(|events| events.end);
        if end.is_some_and(|end| self.next_number >= end) {
            return Ok(Next::End(self.report()));
        }
        let n = match self.source.read_batch(&mut self.scratch)? {
            Next::Events(n) => n,
            Next::Rows(mut rows) => {
                if let Some(time) = &self.selection.time {
                    rows.retain(|t| window_holds(time, t));
                }
                return Ok(Next::Rows(rows));
            }
            end => return Ok(end),
        };
        let events = self.scratch.as_slice();
        let (selection, first) = (&self.selection, self.next_number);
        let kept = (0..n as u32).filter(|i| {
            let number = first + u64::from(*i);
            selection.keeps(events, *i as usize, number)
        });
        self.kept.clear();
        self.kept.extend(kept);
        batch.gather(events, &self.kept);
        self.next_number += n as u64;
        Ok(Next::Events(batch.len()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Report, SideRows, TimeBase};

    /// Gives for each time, in turn, an event or, if it is odd, a row and no event.
    struct Turns {
        info: StreamInfo,
        left: std::ops::Range<i64>,
    }

    impl EventSource for Turns {
        fn info(&self) -> &StreamInfo {
            &self.info
        }

        fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
            batch.clear();
            Ok(match self.left.next() {
                Some(t) if t % 2 == 1 => {
                    let mut rows = SideRows::new("triggers", Vec::new());
                    rows.t.push(t);
                    Next::Rows(rows)
                }
                Some(t) => {
                    let (x, y, p) = (0, 0, 1);
                    batch.push(Event { t, x, y, p });
                    Next::Events(1)
                }
                None => Next::End(Report::default()),
            })
        }
    }

    fn read(selection: Selection) -> (Vec<i64>, Vec<i64>) {
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        let mut source = Selected::new(Turns { info, left: 0..10 }, selection);
        let (mut batch, mut events, mut side) = (EventBatch::default(), Vec::new(), Vec::new());
        loop {
            match source.read_batch(&mut batch).unwrap() {
                Next::Events(_) => events.extend(&batch.t),
                Next::Rows(rows) => side.extend(rows.t),
                Next::End(_) => return (events, side),
            }
        }
    }

    #[test]
    fn batches_without_events_are_not_the_end() {
        let all = Selection::default();
        assert_eq!(read(all), (vec![0, 2, 4, 6, 8], vec![1, 3, 5, 7, 9]));
        let late = Selection {
            time: Some(6..10),
            ..Selection::default()
        };
        assert_eq!(read(late), (vec![6, 8], vec![7, 9]));
        let first = Selection {
            events: Some(0..2),
            ..Selection::default()
        };
        assert_eq!(read(first), (vec![0, 2], vec![1]));
    }
}
