//! A file as what renderers read: [`EventIndex`].

use evz_core::{
    Columns, EventBatch, EventIndex, EventSlice, EventSource, Extent, Result, Selection, StreamInfo,
};

use crate::plan::Plan;
use crate::read::Reader;
use crate::view::ChunkView;

impl EventIndex for Reader {
    fn info(&self) -> &StreamInfo {
        Reader::info(self)
    }

    fn extent(&self) -> Extent {
        let head = &self.root().head;
        Extent {
            n_events: head.n_events,
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
            if t <= entry.t_min {
                return Ok(entry.first_event);
            }
            let view = ChunkView::new(self, entry, leaf.first_chunk + index as u64)?;
            Ok(entry.first_event + view.lower_bound(t)? as u64)
        };
        find().map_err(|e| self.blame(e))
    }

    fn visit(
        &self,
        selection: &Selection,
        memory: &mut EventBatch,
        act: &mut dyn FnMut(EventSlice<'_>) -> Result<()>,
    ) -> Result<()> {
        for piece in Plan::new(self.clone(), selection.clone()) {
            let n = self.decode_piece(selection, &piece?, memory, 0)?;
            act(first(memory, n, selection.columns))?;
        }
        Ok(())
    }

    fn read_here<'a>(
        &self,
        selection: &Selection,
        memory: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>> {
        let mut n = 0;
        for piece in Plan::new(self.clone(), selection.clone()) {
            n = self.decode_piece(selection, &piece?, memory, n)?;
        }
        Ok(first(memory, n, selection.columns))
    }

    fn source(&self, selection: &Selection) -> Box<dyn EventSource> {
        let all = selection.clone().with_columns(Columns::ALL);
        Box::new(self.batches(&all))
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
