//! A file as any recording with an index is read: [`EventIndex`].

use std::ops::Range;

use evz_core::{
    Columns, Error, EventBatch, EventIndex, EventSlice, EventSource, Extent, Note, Question,
    Report, Result, Selection, SideParts, StreamInfo,
};

use super::Reader;
use crate::steps::{ChunkSteps, Part};

impl EventIndex for Reader {
    fn info(&self) -> &StreamInfo {
        Reader::info(self)
    }

    fn extent(&self) -> Extent {
        let head = &self.root().head;
        Extent {
            n_events: head.n_events,
            t_first: head.t_first,
            t_min: head.t_min,
            t_max: head.t_max,
            x_max: head.x_max,
            y_max: head.y_max,
            sorted: self.sorted(),
        }
    }

    fn events_before(&self, t: i64) -> Result<u64> {
        let leaves = &self.root().leaves;
        let number = leaves.partition_point(|leaf| leaf.t_max < t);
        if number == leaves.len() {
            return Ok(self.n_events());
        }
        let find = || {
            let leaf = self.leaf(number)?;
            let index = leaf.entries.partition_point(|e| e.t_max < t);
            let Some(entry) = leaf.entries.get(index) else {
                return Ok(leaves[number].first_event + leaves[number].n_events);
            };
            let first_event = entry.first_event;
            if t <= entry.t_min {
                return Ok(first_event);
            }
            let chunk = self.take(ChunkSteps::new(leaf, index, Part::Times(t..t)))?;
            Ok(first_event + chunk.lower_bound(t)? as u64)
        };
        find().map_err(|e| self.blame(e))
    }

    fn visit(
        &self,
        selection: &Selection,
        memory: &mut EventBatch,
        act: &mut dyn FnMut(EventSlice<'_>) -> Result<()>,
    ) -> Result<()> {
        for piece in self.pieces(selection) {
            let n = self.read_piece(selection, &piece?, memory, 0)?;
            act(first(memory, n, selection.columns))?;
        }
        Ok(())
    }

    fn read(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        Reader::read(self, selection, batch)
    }

    fn read_here<'a>(
        &self,
        selection: &Selection,
        memory: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>> {
        let mut n = 0;
        for piece in self.pieces(selection) {
            n = self.read_piece(selection, &piece?, memory, n)?;
        }
        Ok(first(memory, n, selection.columns))
    }

    fn activity(&self, bins: usize) -> Result<Vec<f64>> {
        Reader::activity(self, bins)
    }

    fn side_streams(&self) -> Result<Vec<(String, u64)>> {
        let mut names: Vec<(String, u64)> = Vec::new();
        for (stream, rows) in Reader::side_streams(self)? {
            match names.iter_mut().find(|(name, _)| *name == stream.name) {
                Some((_, sum)) => *sum = sum.saturating_add(rows),
                None => names.push((stream.name, rows)),
            }
        }
        Ok(names)
    }

    fn side_rows(&self, stream: &str, time: Option<Range<i64>>) -> Result<SideParts> {
        let streams = Reader::side_streams(self)?;
        let ids = streams
            .iter()
            .filter(|(s, _)| s.name == stream)
            .map(|(s, _)| s.id);
        let refs: Vec<_> = ids
            .flat_map(|id| self.side_refs(id, time.as_ref()))
            .collect();
        if !streams.iter().any(|(s, _)| s.name == stream) {
            let names = EventIndex::side_streams(self)?
                .into_iter()
                .map(|(name, _)| name);
            let what = format!("there is no side stream {stream:?}");
            return Err(Error::invalid(what).settled_by(Question::Stream, names));
        }
        let (reader, name) = (self.clone(), stream.to_owned());
        let parts = refs.into_iter().map(move |r| {
            let mut rows = reader.side_rows_of(&r, &name)?;
            if let Some(time) = &time {
                rows.retain(|t| time.contains(&t));
            }
            Ok(rows)
        });
        let some = |rows: &Result<evz_core::SideRows>| !matches!(rows, Ok(rows) if rows.is_empty());
        Ok(Box::new(parts.filter(some)))
    }

    /// What the index knows of all events together, without their places.
    fn report(&self) -> Report {
        let head = &self.root().head;
        let backwards = (!self.sorted()).then_some(Note::Backwards {
            times: None,
            first: None,
        });
        let beyond = self
            .info()
            .size
            .filter(|size| head.n_events > 0 && !size.contains(head.x_max, head.y_max));
        let beyond = beyond.map(|size| Note::BeyondSensor {
            events: None,
            size,
            reach: Some((head.x_max, head.y_max)),
        });
        Report {
            notes: backwards.into_iter().chain(beyond).collect(),
            ..Report::default()
        }
    }

    fn source(&self, selection: &Selection) -> Box<dyn EventSource> {
        Box::new(self.batches(selection))
    }
}

/// The first `n` events of a batch, these columns alone.
fn first(batch: &EventBatch, n: usize, columns: Columns) -> EventSlice<'_> {
    fn take<T>(column: &[T], n: usize, wanted: bool) -> &[T] {
        &column[..if wanted { n } else { 0 }]
    }
    EventSlice {
        t: take(&batch.t, n, columns.t),
        x: take(&batch.x, n, columns.x),
        y: take(&batch.y, n, columns.y),
        p: take(&batch.p, n, columns.p),
    }
}
