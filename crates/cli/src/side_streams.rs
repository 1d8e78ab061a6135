//! Side streams of a source that are written beside its events.

use std::io::Write;

use evz::arrow::to_ipc;
use evz::{Loss, Result, SideRows, TimeBase, Writer};

use crate::human::counted;

/// Bytes of rows that make a batch: small enough to be read for a few rows, large enough to
/// compress.
const BATCH_BYTES: usize = 1 << 20;

/// What is said of those that an output does not hold.
pub(crate) const LEFT_OUT: &str =
    "side streams, which the output does not hold; --stream NAME writes one";

/// The side streams met so far.
pub(crate) struct SideStreams {
    time_base: TimeBase,
    streams: Vec<Stream>,
}

struct Stream {
    /// Its number in the output, once it has one.
    id: Option<u32>,
    pending: SideRows,
    rows: u64,
}

impl SideStreams {
    pub(crate) fn new(time_base: TimeBase) -> Self {
        Self {
            time_base,
            streams: Vec::new(),
        }
    }

    /// Writes rows into an `.evz` file, a batch when there are enough of them.
    pub(crate) fn write<W: Write>(&mut self, writer: &mut Writer<W>, rows: SideRows) -> Result<()> {
        let base = self.time_base;
        let stream = self.add(rows);
        match stream.pending.bytes() {
            0..BATCH_BYTES => Ok(()),
            _ => stream.flush(writer, base),
        }
    }

    /// Writes what is left.
    pub(crate) fn finish<W: Write>(&mut self, writer: &mut Writer<W>) -> Result<()> {
        let base = self.time_base;
        let mut streams = self.streams.iter_mut();
        streams.try_for_each(|stream| stream.flush(writer, base))
    }

    /// Counts rows that the output, of this format, does not hold.
    pub(crate) fn leave_out(&mut self, rows: SideRows) {
        let stream = self.add(rows);
        stream.pending.retain(|_| false);
    }

    /// What was left out.
    pub(crate) fn loss(&self) -> Option<Loss> {
        let left_out = |s: &&Stream| s.id.is_none() && s.rows > 0;
        let streams: Vec<&Stream> = self.streams.iter().filter(left_out).collect();
        (!streams.is_empty()).then(|| Loss {
            what: LEFT_OUT.to_owned(),
            count: streams.len() as u64,
            examples: streams
                .iter()
                .map(|s| format!("{}: {}", s.pending.stream, counted(s.rows, "row")))
                .collect(),
        })
    }

    fn add(&mut self, rows: SideRows) -> &mut Stream {
        let found = self
            .streams
            .iter()
            .position(|s| s.pending.stream == rows.stream);
        let at = found.unwrap_or_else(|| {
            self.streams.push(Stream {
                id: None,
                pending: SideRows::new(rows.stream.clone(), Vec::new()),
                rows: 0,
            });
            self.streams.len() - 1
        });
        let stream = &mut self.streams[at];
        stream.rows += rows.len() as u64;
        if stream.pending.is_empty() {
            stream.pending = rows;
        } else {
            // A source gives a stream the same columns always.
            stream.pending.append(rows);
        }
        stream
    }
}

impl Stream {
    fn flush<W: Write>(&mut self, writer: &mut Writer<W>, base: TimeBase) -> Result<()> {
        let rows = &self.pending;
        let (Some(first), Some(last)) = (rows.t.iter().min(), rows.t.iter().max()) else {
            return Ok(());
        };
        let id = match self.id {
            Some(id) => id,
            None => writer.add_side_stream(&rows.stream)?,
        };
        self.id = Some(id);
        let ipc = to_ipc(rows, base)?;
        writer.write_side_batch(id, &ipc, rows.len() as u64, (*first, *last))?;
        self.pending.retain(|_| false);
        Ok(())
    }
}
