//! Runs of events in order, in temporary files.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use evz_codec::FAST;
use evz_core::{Error, EventBatch, FileAt, Metadata, Result, Selection, StreamInfo, Temporary};

use super::{BATCH_EVENTS, SORTING};
use crate::reader::{Batches, ReadOptions, Reader};
use crate::writer::{WriteOptions, Writer};

/// Events in a chunk of a run: with hundreds of runs, what is decoded ahead of each must be little.
const RUN_CHUNK_EVENTS: u32 = 1 << 12;

/// Part of the recording, in order, in a temporary file that nobody else sees.
pub(super) struct Run {
    batches: Batches,
    pub(super) current: EventBatch,
    pub(super) at: usize,
}

impl Run {
    /// The events in order, written in parts.
    pub(super) fn sort(events: &EventBatch, info: &StreamInfo) -> Result<Self> {
        let mut order: Vec<u32> = (0..events.len() as u32).collect();
        order.sort_by_key(|i| events.t[*i as usize]);
        let mut parts = order.chunks(BATCH_EVENTS);
        Self::write(info, |sorted| {
            sorted.clear();
            let part = parts.next().unwrap_or_default();
            sorted.gather(events.as_slice(), part);
            Ok(part.len())
        })
    }

    /// Writes what `next` fills a batch with, until that is nothing.
    pub(super) fn write(
        info: &StreamInfo,
        mut next: impl FnMut(&mut EventBatch) -> Result<usize>,
    ) -> Result<Self> {
        let (mut out, file) = create(info, SORTING)?;
        let mut batch = EventBatch::default();
        while next(&mut batch)? > 0 {
            out.write_batch(batch.as_slice())?;
        }
        out.finish_into(&Metadata::new())?;
        let batches = open(file)?.batches(&Selection::default());
        Ok(Self {
            batches,
            current: EventBatch::default(),
            at: 0,
        })
    }

    /// Time of the next event, if there is one.
    pub(super) fn peek(&mut self) -> Result<Option<i64>> {
        if self.at == self.current.len() {
            self.at = 0;
            self.current = self.batches.next().transpose()?.unwrap_or_default();
        }
        Ok(self.current.t.get(self.at).copied())
    }
}

/// A recording in a temporary file for `what`, which is gone when it is closed.
pub(super) fn create(
    info: &StreamInfo,
    what: &str,
) -> Result<(Writer<BufWriter<File>>, Temporary)> {
    let info = StreamInfo {
        metadata: Metadata::new(),
        ..info.clone()
    };
    let file = Temporary::new(what)?;
    let again = file.again();
    let out = BufWriter::new(again.map_err(|e| Error::io(file.name(), "cannot write", e))?);
    let options = WriteOptions::new()
        .with_codec(&FAST)
        .with_chunk_events(RUN_CHUNK_EVENTS)
        .with_name(file.name());
    Ok((options.write_to(out, &info)?, file))
}

/// The same, once it is finished.
pub(super) fn open(file: Temporary) -> Result<Reader> {
    let name = file.name().to_owned();
    let bytes = FileAt::new(file.into_file()).map_err(|e| Error::io(&*name, "cannot read", e))?;
    // A map for each would leave none to others.
    let options = ReadOptions::new().with_map(false);
    options.open_read_at(Arc::new(bytes), &name)
}
