//! A file as what renderers read: [`EventIndex`].

use evz_core::{
    Columns, EventBatch, EventIndex, EventSource, Extent, Result, Selection, StreamInfo,
};

use crate::plan::Plan;
use crate::read::Reader;
use crate::view::ChunkView;

/// Events of a part of a visit: their columns stay in the second cache.
const PART: usize = 1 << 14;

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
        batch: &mut EventBatch,
        act: &mut dyn FnMut(&EventBatch) -> Result<()>,
    ) -> Result<()> {
        for piece in Plan::new(self.clone(), selection.clone()) {
            for part in piece?.parts(PART) {
                self.decode_piece(selection, &part, batch, 0)?;
                act(batch)?;
            }
        }
        Ok(())
    }

    fn read_here(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        let mut n = 0;
        for piece in Plan::new(self.clone(), selection.clone()) {
            n = self.decode_piece(selection, &piece?, batch, n)?;
        }
        // What was there before stays until something takes its place.
        batch.resize(n, selection.columns);
        Ok(())
    }

    fn source(&self, selection: &Selection) -> Box<dyn EventSource> {
        let all = selection.clone().with_columns(Columns::ALL);
        Box::new(self.batches(&all))
    }
}
