//! Parts of a Parquet file: rows of a row group.

use std::ops::Range;
use std::sync::Arc;

use evz_core::columns::{RowPart, Sieve};
use evz_core::{Error, EventBatch, OpenOptions, Parts, Place, ReadAt, Result};

use super::read::ParquetTable;
use crate::ArrowSource;
use crate::further::Further;
use crate::layout::Layout;
use crate::rows::Run;
use crate::source::{Seen, read_rows};

/// A file of which rows are decoded.
struct ParquetParts {
    table: ParquetTable,
    place: Place,
    /// Which of its columns are read, and how.
    wanted: Vec<usize>,
    layout: Layout,
    further: Further,
    options: OpenOptions,
}

/// Opens a file to decode parts of it.
///
/// # Errors
/// As [`open`](crate::open).
pub(crate) fn open_parts(
    bytes: Arc<dyn ReadAt>,
    name: &str,
    options: &OpenOptions,
) -> Result<Arc<dyn Parts>> {
    let table = ParquetTable::open(bytes.clone(), name)?;
    let ArrowSource {
        place,
        wanted,
        layout,
        further,
        ..
    } = ArrowSource::new(Box::new(table), name, options)?;
    Ok(Arc::new(ParquetParts {
        table: ParquetTable::open_pages(bytes, name)?,
        place,
        wanted,
        layout,
        further,
        options: options.clone(),
    }))
}

impl Parts for ParquetParts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let mut seen = Seen::new(&self.options);
        let part = RowPart::read(part, seen.signs.clone())?;
        seen.signs = part.signs;
        let rows = part.first..part.first + part.rows as u64;
        let columns = self.table.rows(&self.wanted, rows);
        let within = |error: Error| error.within(self.place.clone().with_row(part.first));
        let run = Run {
            first_row: part.first,
            columns: columns.map_err(within)?,
        };
        let (layout, further) = (&self.layout, &self.further);
        batch.clear_for(&further.columns);
        let read = |rows: Range<usize>, seen: &mut Seen, batch: &mut EventBatch| {
            read_rows(layout, further, &run, rows.start, rows.len(), seen, batch)
        };
        let place = |row| (self.place.clone()).with_row(run.first_row + row as u64);
        // What is wrong with the row behind these was said when the part was made.
        let _ = Sieve::new(&self.options).read(part.rows, &mut seen, batch, place, read);
        batch.extra.clear();
        Ok(())
    }
}
