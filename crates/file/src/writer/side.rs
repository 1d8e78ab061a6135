//! Rows of side streams, gathered into batches.

use std::io::Write;

use evz_core::{Result, SideRows, TimeBase};
use evz_table::to_ipc;

use super::Writer;

/// Bytes of rows that make a batch: small enough to be read for a few rows, large enough to
/// compress.
const BATCH_BYTES: usize = 1 << 20;

/// The side streams met so far, each with the rows that make no batch yet.
pub(crate) struct SideWriter {
    time_base: TimeBase,
    streams: Vec<Stream>,
}

struct Stream {
    /// Its number in the file, once it has one.
    id: Option<u32>,
    pending: SideRows,
}

impl SideWriter {
    pub(crate) fn new(time_base: TimeBase) -> Self {
        Self {
            time_base,
            streams: Vec::new(),
        }
    }

    /// Takes rows, and writes a batch when there are enough of them.
    pub(crate) fn write<W: Write>(&mut self, writer: &mut Writer<W>, rows: SideRows) -> Result<()> {
        let known = |stream: &Stream| stream.pending.stream == rows.stream;
        let at = self.streams.iter().position(known);
        let at = at.unwrap_or_else(|| {
            self.streams.push(Stream {
                id: None,
                pending: SideRows::new(rows.stream.clone(), Vec::new()),
            });
            self.streams.len() - 1
        });
        let stream = &mut self.streams[at];
        // A batch is one table.
        if !is_like(&stream.pending, &rows) {
            stream.flush(writer, self.time_base)?;
        }
        match stream.pending.is_empty() {
            true => stream.pending = rows,
            false => {
                stream.pending.append(rows);
            }
        }
        match stream.pending.bytes() {
            0..BATCH_BYTES => Ok(()),
            _ => stream.flush(writer, self.time_base),
        }
    }

    /// Writes what is left.
    pub(crate) fn finish<W: Write>(&mut self, writer: &mut Writer<W>) -> Result<()> {
        let base = self.time_base;
        let mut streams = self.streams.iter_mut();
        streams.try_for_each(|stream| stream.flush(writer, base))
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

/// Whether rows have the same columns.
fn is_like(a: &SideRows, b: &SideRows) -> bool {
    use std::mem::discriminant;
    a.columns.len() == b.columns.len()
        && (a.columns.iter().zip(&b.columns))
            .all(|(a, b)| a.name == b.name && discriminant(&a.values) == discriminant(&b.values))
}
