//! A selection over any source, for recordings without an index.

use crate::{EventBatch, EventSource, Result, Selection, SideRows, StreamInfo};

/// Bytes of rows of side streams that wait to be taken while no event is kept.
const MAX_WAITING: usize = 16 << 20;

/// The selected events of a source that can only be read from front to back.
pub struct Selected<S> {
    source: S,
    selection: Selection,
    scratch: EventBatch,
    /// Positions of those of them that are kept.
    kept: Vec<u32>,
    next_number: u64,
    /// Rows of the selected time that wait to be taken.
    side: Vec<SideRows>,
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
            side: Vec::new(),
        }
    }

    /// Takes the rows of the source and keeps those of the selected time; false if it had none.
    fn take_rows(&mut self) -> bool {
        let mut tables = self.source.take_side_rows();
        let any = tables.iter().any(|rows| !rows.is_empty());
        if let Some(time) = &self.selection.time {
            tables
                .iter_mut()
                .for_each(|rows| rows.retain(|t| time.contains(&t)));
        }
        tables.retain(|rows| !rows.is_empty());
        self.side.append(&mut tables);
        any
    }

    fn waiting(&self) -> usize {
        self.side.iter().map(SideRows::bytes).sum()
    }
}

impl<S: EventSource> EventSource for Selected<S> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        // Rows are taken here, and not when ours are asked for: the source may wait for that, and
        // rows of which none is kept are not the end.
        while batch.is_empty() && self.waiting() <= MAX_WAITING {
            let end = self.selection.events.as_ref().map(|events| events.end);
            if end.is_some_and(|end| self.next_number >= end) {
                return Ok(0);
            }
            let n = self.source.read_batch(&mut self.scratch);
            // Those before an error too.
            let any_rows = self.take_rows();
            let n = n?;
            if n == 0 && !any_rows {
                return Ok(0);
            }
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
        }
        Ok(batch.len())
    }

    /// Those of the selected time; the rest of the selection is about events.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, TimeBase};

    /// Gives for each time, in turn, an event or, if it is odd, a row and no event.
    struct Turns {
        info: StreamInfo,
        left: std::ops::Range<i64>,
        rows: Option<SideRows>,
    }

    impl EventSource for Turns {
        fn info(&self) -> &StreamInfo {
            &self.info
        }

        fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
            batch.clear();
            // It waits for its rows to be taken.
            if self.rows.is_none() {
                match self.left.next() {
                    Some(t) if t % 2 == 1 => {
                        let mut rows = SideRows::new("triggers", Vec::new());
                        rows.t.push(t);
                        self.rows = Some(rows);
                    }
                    Some(t) => {
                        let (x, y, p) = (0, 0, 1);
                        batch.push(Event { t, x, y, p });
                    }
                    None => {}
                }
            }
            Ok(batch.len())
        }

        fn take_side_rows(&mut self) -> Vec<SideRows> {
            self.rows.take().into_iter().collect()
        }
    }

    fn read(selection: Selection) -> (Vec<i64>, Vec<i64>) {
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        let (left, rows) = (0..10, None);
        let mut source = Selected::new(Turns { info, left, rows }, selection);
        let (mut batch, mut events, mut side) = (EventBatch::default(), Vec::new(), Vec::new());
        loop {
            let n = source.read_batch(&mut batch).unwrap();
            let rows = source.take_side_rows();
            if n == 0 && rows.is_empty() {
                return (events, side);
            }
            events.extend(&batch.t);
            side.extend(rows.into_iter().flat_map(|rows| rows.t));
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
