//! A file as any recording with an index is read: [`EventIndex`].

use std::ops::Range;

use evz_core::{
    Columns, Error, EventBatch, EventIndex, EventSlice, EventSource, Extent, ExtraSlice, Note,
    Question, Report, Result, Selection, SideParts, StreamInfo, window_holds,
};

use super::Reader;
use crate::index::Sought;
use crate::steps::{ChunkSteps, Part};

impl EventIndex for Reader {
    fn info(&self) -> &StreamInfo {
        Reader::info(self)
    }

    fn extent(&self) -> Extent {
        let summary = self.summary();
        Extent {
            n_events: summary.n_events(),
            t_first: summary.t_first,
            t_min: summary.span.t_min,
            t_max: summary.span.t_max,
            x_max: summary.x_max,
            y_max: summary.y_max,
            sorted: summary.sorted,
        }
    }

    fn events_before(&self, t: i64) -> Result<u64> {
        let from = Sought {
            times: Some(t..=i64::MAX),
            rows: None,
        };
        let find = || {
            for leaf in self.walk(self.stem(), from) {
                let leaf = leaf?;
                let index = leaf.entries.partition_point(|e| e.t_max < t);
                let Some(entry) = leaf.entries.get(index) else {
                    continue;
                };
                let first_event = entry.first_event;
                if t <= entry.t_min {
                    return Ok(first_event);
                }
                let chunk = self.take(ChunkSteps::new(leaf, index, Part::Times(t..t)))?;
                return Ok(first_event + chunk.lower_bound(t)? as u64);
            }
            Ok(self.n_events())
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
        for (_, side) in self.side_streams_beside() {
            let (name, rows) = (&side.name, side.span.n_rows);
            match names.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum = sum.saturating_add(rows),
                None => names.push((name.clone(), rows)),
            }
        }
        Ok(names)
    }

    fn side_rows(&self, stream: &str, time: Option<Range<i64>>) -> Result<SideParts> {
        let named = self.side_streams_called(stream);
        if named.is_empty() {
            let names = EventIndex::side_streams(self)?
                .into_iter()
                .map(|(name, _)| name);
            let what = format!("there is no side stream {stream:?}");
            return Err(Error::invalid(what).settled_by(Question::Stream, names));
        }
        let (reader, within) = (self.clone(), time.clone());
        let refs = named
            .into_iter()
            .flat_map(move |at| reader.side_refs(at, time.as_ref()).map(move |r| (at, r)));
        let reader = self.clone();
        let time = within;
        let mut declared = (usize::MAX, None);
        let parts = refs.map(move |(at, r)| {
            if declared.0 != at {
                declared = (at, None);
            }
            let r = r.map_err(|e| reader.blame(e))?;
            let mut rows = reader.side_rows_of(at, &r, &mut declared.1)?;
            if let Some(time) = &time {
                rows.retain(|t| window_holds(time, t));
            }
            Ok(rows)
        });
        let some = |rows: &Result<evz_core::SideRows>| !matches!(rows, Ok(rows) if rows.is_empty());
        Ok(Box::new(parts.filter(some)))
    }

    /// What the index knows of all events together, without their places.
    fn report(&self) -> Report {
        let summary = self.summary();
        let backwards = (!self.sorted()).then_some(Note::Backwards {
            times: None,
            first: None,
        });
        let beyond = self
            .info()
            .size
            .filter(|size| summary.n_events() > 0 && !size.contains(summary.x_max, summary.y_max));
        let beyond = beyond.map(|size| Note::BeyondSensor {
            events: None,
            size,
            reach: Some((summary.x_max, summary.y_max)),
        });
        let (unfinished, cut) = self.how_it_ends();
        Report {
            notes: (self.note_of_stream().into_iter())
                .chain(backwards)
                .chain(beyond)
                .chain(unfinished)
                .collect(),
            losses: cut.into_iter().collect(),
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
        extra: ExtraSlice::new(&batch.extra, 0..n),
    }
}
