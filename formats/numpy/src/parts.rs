//! Parts of a recording of arrays: its rows.

use std::ops::Range;

use evz_core::columns::{RowPart, RowState, Sieve};
use evz_core::{EventBatch, ExtraColumn, OpenOptions, Parts, Place, Result};

use crate::NumpySource;
use crate::contents::Contents;
use crate::layout::Stream;
use crate::rows::Run;
use crate::source::{How, read_rows};

/// Arrays of which rows are decoded.
pub(crate) struct NumpyParts {
    place: Place,
    streams: Vec<Stream>,
    how: How,
    columns: Vec<ExtraColumn>,
    rows: u64,
    options: OpenOptions,
}

impl NumpyParts {
    /// The parts of a recording.
    ///
    /// # Errors
    /// If its columns, or their times, may be read in two ways.
    pub(crate) fn new(contents: Contents, name: &str, options: &OpenOptions) -> Result<Self> {
        let (streams, rows) = (contents.layout.streams.clone(), contents.layout.rows);
        let NumpySource {
            place, info, how, ..
        } = NumpySource::new(contents, [""; 2], name, options)?;
        Ok(Self {
            place,
            streams,
            how,
            columns: info.columns,
            rows,
            options: options.clone(),
        })
    }
}

impl Parts for NumpyParts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let mut seen = RowState::new(&self.options);
        let part = RowPart::read(part, seen.signs.clone())?;
        seen.signs = part.signs;
        if part.first + part.rows as u64 > self.rows {
            return Err(RowPart::none());
        }
        let bytes = self.streams.iter().map(|stream| {
            let stride = stream.stride as u64;
            let start = part
                .first
                .saturating_mul(stride)
                .saturating_add(stream.start);
            (stream.array).part(start, stride.saturating_mul(part.rows as u64))
        });
        let run = Run {
            first_row: part.first,
            len: part.rows,
            bytes: bytes.collect::<Result<_>>()?,
            ..Run::default()
        };
        batch.clear_for(&self.columns);
        let read = |rows: Range<usize>, seen: &mut RowState, batch: &mut EventBatch| {
            read_rows(&run, &self.how, &self.columns, rows, seen, batch)
        };
        let place = |row| (self.place.clone()).with_row(run.first_row + row as u64);
        // What is wrong with the row behind these was said when the part was made.
        let _ = Sieve::new(&self.options).read(run.len, &mut seen, batch, place, read);
        batch.extra.clear();
        Ok(())
    }
}
