//! Rows of side streams, gathered into batches.

use std::io::Write;

use evz_core::{Result, SideRows, TimeBase};
use evz_table::{rows_to_ipc, schema_to_ipc};

use super::Writer;
use crate::wire::SideDeclaration;

/// Bytes of rows that make a batch: small enough to be read for a few rows, large enough to
/// compress.
const BATCH_BYTES: usize = 1 << 20;

/// Bytes of rows that may wait in all streams together: a file of thousands of them has them all written then.
const MAX_WAITING: usize = 64 << 20;

/// The side streams met so far, each with the rows that make no batch yet.
pub(crate) struct SideWriter {
    time_base: TimeBase,
    streams: Vec<Stream>,
    /// Bytes of the rows that wait.
    waiting: usize,
}

struct Stream {
    /// Its number in the file, once it has one.
    id: Option<u16>,
    pending: SideRows,
}

impl SideWriter {
    pub(crate) fn new(time_base: TimeBase) -> Self {
        Self {
            time_base,
            streams: Vec::new(),
            waiting: 0,
        }
    }

    /// Takes rows, and writes a batch when there are enough of them, or several.
    pub(crate) fn write<W: Write>(&mut self, writer: &mut Writer<W>, rows: SideRows) -> Result<()> {
        let mut parts = rows.into_parts(BATCH_BYTES);
        parts.try_for_each(|rows| self.take(writer, rows))
    }

    fn take<W: Write>(&mut self, writer: &mut Writer<W>, rows: SideRows) -> Result<()> {
        let name = |rows: &SideRows| (rows.stream.clone(), rows.of);
        let known = |stream: &Stream| name(&stream.pending) == name(&rows);
        self.waiting += rows.bytes();
        let Some(at) = self.streams.iter().position(known) else {
            let pending = rows;
            self.streams.push(Stream { id: None, pending });
            return self.write_large(writer, self.streams.len() - 1);
        };
        if is_like(&self.streams[at].pending, &rows) {
            self.streams[at].pending.append(rows);
        } else {
            // A stream has one schema: rows with other columns are another stream of that name.
            self.flush_one(writer, at)?;
            let pending = rows;
            self.streams[at] = Stream { id: None, pending };
        }
        self.write_large(writer, at)
    }

    /// Writes what waits of a stream, if it makes a batch, or of all, if it is much together.
    fn write_large<W: Write>(&mut self, writer: &mut Writer<W>, at: usize) -> Result<()> {
        match self.streams[at].pending.bytes() {
            BATCH_BYTES.. => self.flush_one(writer, at),
            _ if self.waiting > MAX_WAITING => self.flush(writer),
            _ => Ok(()),
        }
    }

    /// Writes what is left.
    pub(crate) fn flush<W: Write>(&mut self, writer: &mut Writer<W>) -> Result<()> {
        (0..self.streams.len()).try_for_each(|at| self.flush_one(writer, at))
    }

    /// Writes what waits of a stream.
    fn flush_one<W: Write>(&mut self, writer: &mut Writer<W>, at: usize) -> Result<()> {
        let stream = &mut self.streams[at];
        self.waiting -= stream.pending.bytes();
        stream.flush(writer, self.time_base)
    }
}

impl Stream {
    fn flush<W: Write>(&mut self, writer: &mut Writer<W>, base: TimeBase) -> Result<()> {
        let rows = &self.pending;
        let id = match self.id {
            Some(id) => id,
            None => writer.add_side_stream(SideDeclaration {
                name: rows.stream.clone(),
                stream: rows.of,
                schema: schema_to_ipc(rows, base)?,
                ..SideDeclaration::default()
            })?,
        };
        self.id = Some(id);
        let (Some(first), Some(last)) = (rows.t.iter().min(), rows.t.iter().max()) else {
            return Ok(());
        };
        let messages = rows_to_ipc(rows, base)?;
        writer.write_side_batch(id, &messages, rows.len() as u64, (*first, *last))?;
        self.pending.clear();
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
