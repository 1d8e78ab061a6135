//! Parts of an event stream: its rows.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::columns::{RowPart, RowState, Sieve};
use evz_core::{EventBatch, Input, OpenOptions, Parts, Place, Result};

use crate::found::{Found, Open};
use crate::named::with_names;
use crate::open::found;
use crate::source::{How, read_rows};
use crate::stream::{Ahead, Missing};

/// An event stream of which rows are decoded.
struct Hdf5Parts {
    name: String,
    found: Found,
    how: How,
    options: OpenOptions,
    /// Those that are not in use, each with the chunks that it unpacked last.
    open: Mutex<Vec<Open>>,
}

/// Opens an event stream to decode parts of it.
///
/// # Errors
/// As [`open`](crate::open).
pub(crate) fn open_parts(input: Input, options: &OpenOptions) -> Result<Arc<dyn Parts>> {
    let name = input.name().to_owned();
    let (found, source) = found(input, options)?;
    let options = with_names(&found, options).map_err(|e| e.within(&*name))?;
    Ok(Arc::new(Hdf5Parts {
        name,
        found,
        how: source.how,
        options,
        open: Mutex::default(),
    }))
}

impl Hdf5Parts {
    fn pool(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts for Hdf5Parts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let mut seen = RowState::new(&self.options);
        let part = RowPart::read(part, seen.signs.clone())?;
        seen.signs = part.signs;
        let (mut row, end) = (part.first, part.first + part.rows as u64);
        let known = self.pool().pop();
        let mut open = match known {
            Some(open) => open,
            None => self.found.open().map_err(|e| e.within(&*self.name))?,
        };
        if end > open.rows {
            return Err(RowPart::none());
        }
        let mut sieve = Sieve::new(&self.options);
        let mut piece = EventBatch::default();
        batch.clear();
        batch.extra.clear();
        while row < end {
            let mut n = end - row;
            for stream in &mut open.streams {
                match stream.only(row) {
                    Ahead::Rows(here) => n = n.min(here),
                    Ahead::Missing(_, Missing::Refused) => {
                        return Err(stream.refused().within(&*self.name));
                    }
                    Ahead::Missing(..) => return Err(RowPart::none()),
                }
            }
            let read = |rows: Range<usize>, seen: &mut RowState, batch: &mut EventBatch| {
                let first = row + rows.start as u64;
                read_rows(&open, &self.how, first, rows.len(), seen, batch)
            };
            let place = |at| Place::file(&self.name).with_row(row + at as u64);
            piece.clear();
            let bad = sieve.read(n as usize, &mut seen, &mut piece, place, read);
            batch.extend(piece.as_slice());
            // What is wrong with a row was said when the part was made, and those behind it are none.
            if bad.is_some() {
                break;
            }
            row += n;
        }
        self.pool().push(open);
        Ok(())
    }
}
