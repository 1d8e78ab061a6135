//! Events onto the device: copied, decoded, and those that count put next to each other.

use std::ops::Range;

use evz_core::{Error, EventSlice, Result};

use crate::job::{DeviceEvents, DeviceJob};
use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{ColumnAddresses, Filter};
use crate::loaded::Loaded;
use crate::method::filter;
use crate::needs::keep_blocks;
use crate::piece::Piece;
use crate::plain::write_all;
use crate::wanted::Wanted;

impl Lane {
    /// Has a piece decoded on the device.
    pub(crate) fn load(
        &mut self,
        job: &DeviceJob<'_>,
        number: usize,
        piece: &Piece,
        wanted: Wanted,
    ) -> Result<Loaded> {
        // What was staged before may still be on its way.
        self.wait()?;
        let n = piece.events.end - piece.events.start;
        let columns = wanted.columns(self.columns.at(), n);
        let decoded = match job.events {
            DeviceEvents::Chunks(_) | DeviceEvents::Staged(_) if n == 0 => None,
            DeviceEvents::Chunks(chunks) => {
                Some(self.decode(&chunks[piece.chunks.clone()], columns)?)
            }
            DeviceEvents::Staged(staging) => {
                self.decode_staged(staging, piece.chunks.clone(), columns)?
            }
            DeviceEvents::Resident(resident) if n > 0 => {
                self.decode_copied(&resident.copied, columns)?;
                Some(resident.copied)
            }
            DeviceEvents::Resident(_) => None,
            DeviceEvents::Columns(events) => {
                let range = piece.events.start as usize..piece.events.end as usize;
                self.copy(events, range, columns)?;
                None
            }
        };
        if let Some(copied) = decoded.filter(|_| wanted.t) {
            self.check_times(&copied, columns, job.sorted)?;
        }
        let selected = job.selection.events.clone().unwrap_or(0..u64::MAX);
        let position =
            |at: u64| at.clamp(piece.events.start, piece.events.end) - piece.events.start;
        let loaded = Loaded {
            number,
            columns,
            within: position(selected.start)..position(selected.end),
        };
        let (loaded, n) = match wanted.keep {
            true => {
                let kept = self.keep(loaded, &filter(&job.selection), wanted)?;
                let n = kept.within.end;
                (kept, n)
            }
            false => (loaded, n),
        };
        match wanted.mirrored {
            true => self.mirror(loaded, n),
            false => Ok(loaded),
        }
    }

    /// Copies columns.
    fn copy(
        &mut self,
        events: EventSlice<'_>,
        range: Range<usize>,
        to: ColumnAddresses,
    ) -> Result<()> {
        let base = self.columns.at();
        let bytes: usize = self.columns.len();
        self.staging.reserve(bytes, &self.stream)?;
        let staged = self.staging.bytes();
        let n = range.len();
        if n == 0 {
            return Ok(());
        }
        let mut put = |at: u64, len: usize, fill: &mut dyn FnMut(&mut [u8])| -> Result<()> {
            let offset = (at - base) as usize;
            let bytes = &mut staged[offset..offset + len];
            fill(bytes);
            self.columns.write(offset, bytes, &self.stream)
        };
        let short = |column: &str| {
            Error::invalid(format!(
                "the events have no column {column}, which is needed"
            ))
        };
        if to.t != 0 {
            let t = events.t.get(range.clone()).ok_or_else(|| short("t"))?;
            put(to.t, 8 * n, &mut |bytes| write_all(bytes, t))?;
        }
        for (at, column, name) in [(to.x, events.x, "x"), (to.y, events.y, "y")] {
            let column = column.get(range.clone()).ok_or_else(|| short(name))?;
            put(at, 2 * n, &mut |bytes| write_all(bytes, column))?;
        }
        if to.p != 0 {
            let p = events.p.get(range).ok_or_else(|| short("p"))?;
            put(to.p, n, &mut |bytes| bytes.copy_from_slice(p))?;
        }
        Ok(())
    }

    /// Has the events that count put next to each other, and waits to learn how many they are.
    fn keep(&mut self, loaded: Loaded, filter: &Filter, wanted: Wanted) -> Result<Loaded> {
        let Range { start, end } = loaded.within;
        let n = end - start;
        let blocks = keep_blocks(start, end) as u32;
        let (from, to) = (loaded.columns, wanted.columns(self.kept.at(), n));
        let counts = self.counts.at() + 4;
        let total = self.counts.at();
        let kernels = &self.shared.kernels;
        // SAFETY: `start..end` lies within the columns; there is a count for each block, and room
        // for all events if all are kept.
        unsafe {
            let mut params = params![from, *filter, start, end, counts];
            launch(
                &self.stream,
                &kernels.keep_count,
                Grid::of(blocks),
                &mut params,
            )?;
            let mut params = params![counts, blocks, total];
            launch(&self.stream, &kernels.keep_scan, Grid::of(1), &mut params)?;
            let mut params = params![from, *filter, start, end, counts, to];
            launch(
                &self.stream,
                &kernels.keep_write,
                Grid::of(blocks),
                &mut params,
            )?;
        }
        self.staging.reserve(4, &self.stream)?;
        self.counts
            .read(0, &mut self.staging.bytes()[..4], &self.stream)?;
        self.wait()?;
        let kept = self
            .staging
            .bytes()
            .first_chunk()
            .map_or(0, |b| u32::from_ne_bytes(*b));
        Ok(Loaded {
            columns: to,
            within: 0..u64::from(kept),
            ..loaded
        })
    }
}
