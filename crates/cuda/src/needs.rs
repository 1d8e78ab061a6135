//! How much memory of the device each buffer of a lane takes.

use crate::job::{DeviceEvents, DeviceJob};
use crate::layout::{FrameDesc, PAINT_EVENTS, PAINT_THREADS};
use crate::piece::Piece;
use crate::recipe::Recipe;
use crate::room::Room;
use crate::wanted::Wanted;

/// Bytes of each buffer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) bytes: u64,
    pub(crate) scratch: u64,
    pub(crate) columns: u64,
    pub(crate) kept: u64,
    pub(crate) counts: u64,
    pub(crate) frames: u64,
    pub(crate) bin_ends: u64,
    pub(crate) bin_starts: u64,
    pub(crate) sums: u64,
    pub(crate) values: u64,
    pub(crate) packed: u64,
}

impl Needs {
    /// For the events of a piece.
    pub(crate) fn of_piece(job: &DeviceJob<'_>, piece: &Piece, wanted: Wanted) -> Self {
        let n = piece.events.end - piece.events.start;
        let columns = wanted.columns_bytes(n);
        let mut needs = Self {
            columns,
            ..Self::default()
        };
        match job.events {
            DeviceEvents::Chunks(_) | DeviceEvents::Staged(_) => {
                let chunks = piece.chunks.clone().filter_map(|k| job.events.chunk(k));
                for room in chunks.map(|chunk| Room::of(&chunk)) {
                    needs.bytes += room.bytes;
                    needs.scratch += room.scratch;
                }
            }
            DeviceEvents::Resident(resident) => needs.scratch = resident.scratch,
            DeviceEvents::Columns(_) => {}
        }
        if wanted.keep {
            needs.kept = columns;
            needs.counts = 4 * (2 + keep_blocks(0, n));
        }
        needs
    }

    /// For frames: `group` of them being painted, `round` of them finished.
    pub(crate) fn of_frames(recipe: &Recipe, group: u64, round: u64) -> Self {
        Self {
            frames: round * size_of::<FrameDesc>() as u64,
            bin_ends: group * 8 * u64::from(recipe.bins()),
            sums: group * recipe.sums_bytes() as u64,
            values: round * recipe.frame_bytes() as u64,
            ..Self::default()
        }
    }

    /// For frames by bands: all of a round are painted together, without sums in memory.
    pub(crate) fn of_bands(recipe: &Recipe, round: u64) -> Self {
        Self {
            bin_starts: round * 8 * recipe.starts(),
            sums: 0,
            ..Self::of_frames(recipe, round, round)
        }
    }

    /// Enough for either.
    pub(crate) fn or(self, other: Self) -> Self {
        self.each(other, u64::max)
    }

    /// Enough for both at once.
    pub(crate) fn and(self, other: Self) -> Self {
        self.each(other, u64::saturating_add)
    }

    fn each(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        let mut all = self.list();
        for (a, b) in all.iter_mut().zip(other.list()) {
            *a = of(*a, b);
        }
        let [
            bytes,
            scratch,
            columns,
            kept,
            counts,
            frames,
            bin_ends,
            bin_starts,
            sums,
            values,
            packed,
        ] = all;
        Self {
            bytes,
            scratch,
            columns,
            kept,
            counts,
            frames,
            bin_ends,
            bin_starts,
            sums,
            values,
            packed,
        }
    }

    /// One after the other.
    pub(crate) fn list(self) -> [u64; 11] {
        let Self {
            bytes,
            scratch,
            columns,
            kept,
            counts,
            frames,
            bin_ends,
            bin_starts,
            sums,
            values,
            packed,
        } = self;
        [
            bytes, scratch, columns, kept, counts, frames, bin_ends, bin_starts, sums, values,
            packed,
        ]
    }

    /// All in all.
    pub(crate) fn total(self) -> u64 {
        self.list().iter().fold(0, |a, b| a.saturating_add(*b))
    }
}

/// Blocks of the kernels that keep events, for positions `start..end`.
pub(crate) fn keep_blocks(start: u64, end: u64) -> u64 {
    let first = start / u64::from(PAINT_EVENTS) * u64::from(PAINT_EVENTS);
    let block = u64::from(PAINT_THREADS * PAINT_EVENTS);
    (end - first).div_ceil(block).max(1)
}
