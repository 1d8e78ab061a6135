//! A chunk of events that a codec has encoded.

use std::ops::Range;

use evz_codec::{ChunkTime, Encoded, Payload, Run};
use evz_core::{Columns, ColumnsMut, EventBatch, Result};

use super::Case;

#[derive(Clone)]
pub(crate) struct Chunk {
    pub(crate) case: &'static Case,
    pub(crate) bytes: Vec<u8>,
    pub(crate) toc_len: usize,
    pub(crate) n_events: usize,
    pub(crate) time: ChunkTime,
}

impl Chunk {
    pub(crate) fn new(case: &'static Case, events: &EventBatch) -> Self {
        let codec = case.codec;
        let time = ChunkTime::of(&events.t);
        // What stands before must stay, and not matter.
        let mut bytes = vec![7; 3];
        let encoded = codec.encode(events.as_slice(), time, &mut bytes);
        assert_eq!(bytes.drain(..3).collect::<Vec<_>>(), [7; 3]);
        assert!(bytes.len() <= codec.max_encoded_len(events.len()));
        assert_eq!(
            encoded.column_bytes.iter().sum::<u32>() as usize,
            bytes.len()
        );
        let chunk = Self {
            case,
            bytes,
            toc_len: encoded.toc_len as usize,
            n_events: events.len(),
            time,
        };
        assert_eq!(chunk.check(events).unwrap(), encoded);
        chunk
    }

    /// Checks that every byte means something.
    pub(crate) fn check(&self, events: &EventBatch) -> Result<Encoded> {
        self.case.codec.check(self.payload(), events.as_slice())
    }

    pub(crate) fn payload(&self) -> Payload<'_> {
        Payload {
            bytes: &self.bytes,
            toc_len: self.toc_len,
            n_events: self.n_events,
            time: self.time,
            sorted: false,
        }
    }

    /// Decodes, in each way that there is.
    pub(crate) fn decode(&self, range: Range<usize>, columns: Columns) -> Result<EventBatch> {
        // Nothing that is left in the buffers may show.
        let n = range.len();
        let mut batch = EventBatch {
            t: vec![-3; n],
            x: vec![3; n],
            y: vec![3; n],
            p: vec![3; n],
            extra: Vec::new(),
        };
        batch.resize(n, columns);
        let mut portable = batch.clone();
        let out = columns_mut(&mut batch, columns);
        let result = self.case.codec.decode(self.payload(), range.clone(), out);
        if let Some(codec) = self.case.portable {
            // The loops without vector instructions have to agree, in errors too.
            let out = columns_mut(&mut portable, columns);
            let portably = codec.decode_portable(self.payload(), range, out);
            assert_eq!(
                result.as_ref().map_err(ToString::to_string),
                portably.as_ref().map_err(ToString::to_string)
            );
            assert!(result.is_err() || batch == portable);
        }
        result.map(|()| batch)
    }

    /// Decodes from a run of the bytes, the rest of which are others.
    pub(crate) fn decode_run(&self, range: Range<usize>) -> Result<EventBatch> {
        let Range { start, end } = (self.case.codec).bytes_of(self.payload(), range.clone())?;
        let mut others = self.clone();
        others.bytes[self.toc_len..].fill(0xa5);
        let run = Run {
            start,
            bytes: &self.bytes[start..end],
        };
        let mut batch = EventBatch::default();
        batch.resize(range.len(), Columns::ALL);
        let out = columns_mut(&mut batch, Columns::ALL);
        (self.case.codec).decode_run(others.payload(), run, range, out)?;
        Ok(batch)
    }

    pub(crate) fn lower_bound(&self, t: i64) -> Result<usize> {
        self.case.codec.lower_bound(self.payload(), t)
    }

    pub(crate) fn window(&self, t: Range<i64>) -> Result<Range<usize>> {
        self.case.codec.window(self.payload(), t)
    }

    /// Mends the checksums, so that damage reaches the decoder.
    pub(crate) fn mend(&mut self) {
        (self.case.mend)(&mut self.bytes, self.toc_len, self.n_events);
    }
}

fn columns_mut(batch: &mut EventBatch, columns: Columns) -> ColumnsMut<'_> {
    ColumnsMut {
        t: columns.t.then_some(&mut batch.t),
        x: columns.x.then_some(&mut batch.x),
        y: columns.y.then_some(&mut batch.y),
        p: columns.p.then_some(&mut batch.p),
    }
}
