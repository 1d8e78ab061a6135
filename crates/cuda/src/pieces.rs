//! A job in pieces, and frames in rounds, so that they fit the memory that a lane may take.

use evz_core::{Error, Result};

use crate::bands::{Bands, Load};
use crate::job::{DeviceEvents, DeviceJob};
use crate::needs::Needs;
use crate::packing::Packing;
use crate::piece::Piece;
use crate::recipe::Recipe;
use crate::shared::Shared;
use crate::wanted::{COLUMN_ALIGN, Wanted};

/// Frames that are copied back at once are no more than this, unless it is one.
const ROUND_BYTES: u64 = 256 << 20;
/// Kernels count the events of a piece in 32 bits, of which one is taken.
const PIECE_EVENTS: u64 = 1 << 30;
/// What a grid of blocks has in its second dimension at most.
const GRID: u64 = 65_535;

/// How a job goes through a lane.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PiecePlan {
    pub(crate) pieces: Vec<Piece>,
    /// Frames whose sums are on the device at the same time.
    pub(crate) group: usize,
    /// Frames whose values are.
    pub(crate) round: usize,
    /// How frames are cut where their sums are not in memory.
    pub(crate) bands: Option<Bands>,
    /// How frames are packed that go back mostly empty.
    pub(crate) packing: Option<Packing>,
    /// Memory for all that.
    pub(crate) needs: Needs,
}

impl PiecePlan {
    /// For a lane that may take `budget` bytes, on a device whose second cache has `l2`.
    pub(crate) fn new(
        job: &DeviceJob<'_>,
        recipe: &Recipe,
        wanted: Wanted,
        budget: u64,
        device: &Shared,
        to_host: bool,
    ) -> Result<Self> {
        let n = job.windows.len() as u64;
        let one = Needs::of_frames(recipe, 1, 1).total();
        let Some(room) = budget.checked_sub(one) else {
            return Err(too_small(format!(
                "a frame of this representation takes {one} bytes there"
            )));
        };
        let (pieces, events) = pieces(job, wanted, room)?;
        let left = budget - events.total();
        let frame = recipe.frame_bytes() as u64;
        let at_once = if to_host { ROUND_BYTES } else { u64::MAX };
        let at_once = (at_once / frame).max(1);
        let load = load(job, &pieces, device);
        let bands = (pieces.len() == 1 && job.sorted)
            .then(|| Bands::of(recipe, job.spec.size, load))
            .flatten();
        let (group, round) = if bands.is_some() {
            let fit = (left / Needs::of_bands(recipe, 1).total()).clamp(1, GRID);
            let round = fit.min(at_once).min(n);
            (round, round)
        } else {
            let fit = (left / one).clamp(1, GRID);
            if pieces.len() > 1 {
                // Pieces are decoded once for each round.
                let all = fit.min(at_once).min(n);
                (all, all)
            } else {
                // A group that the second cache holds is painted without going to memory for its
                // sums.
                let cached = device.l2 / 2 / frame.max(recipe.sums_bytes() as u64);
                let group = fit.min(cached.max(1)).min(n);
                let beside = left - Needs::of_frames(recipe, group, 0).total();
                let each = Needs::of_frames(recipe, 0, 1).total();
                (group, (beside / each).min(at_once).clamp(group, n))
            }
        };
        let mut needs = events.and(match bands {
            Some(_) => Needs::of_bands(recipe, round),
            None => Needs::of_frames(recipe, group, round),
        });
        let packing = Packing::of(recipe, round as usize);
        let fits = needs.total().saturating_add(packing.len() as u64) <= budget;
        let packing = (to_host && fits && Packing::pays(recipe, load.events)).then_some(packing);
        needs.packed = packing.map_or(0, |p| p.len() as u64);
        Ok(Self {
            pieces,
            group: group as usize,
            round: round as usize,
            bands,
            packing,
            needs,
        })
    }
}

/// What bands of the windows of a job have to do.
fn load(job: &DeviceJob<'_>, pieces: &[Piece], device: &Shared) -> Load {
    let windows = job.windows.len() as u64;
    let longest = (0..job.windows.len())
        .filter_map(|k| job.windows.positions(k))
        .map(|w| w.end.saturating_sub(w.start))
        .max();
    let events: u64 = pieces.iter().map(|p| p.events.end - p.events.start).sum();
    Load {
        shared: device.shared,
        processors: device.processors,
        windows,
        // Of windows of time it is known only how many share the events.
        events: u64::min(longest.unwrap_or(events / windows.max(1)), events),
    }
}

/// Cuts a job into pieces that need at most `room` bytes, and says what they need.
fn pieces(job: &DeviceJob<'_>, wanted: Wanted, room: u64) -> Result<(Vec<Piece>, Needs)> {
    let selected = job.selection.events.clone().unwrap_or(0..u64::MAX);
    let mut pieces = Vec::new();
    let mut needs = Needs::default();
    for part in parts(job, wanted, room) {
        if part.events.end <= selected.start || part.events.start >= selected.end {
            continue;
        }
        let longer = pieces.last().map(|last: &Piece| Piece {
            chunks: last.chunks.start..part.chunks.end,
            events: last.events.start..part.events.end,
        });
        let fits = |piece: &Piece| {
            let n = piece.events.end - piece.events.start;
            let needs = needs.or(Needs::of_piece(job, piece, wanted));
            let counted = n <= PIECE_EVENTS && piece.chunks.len() as u64 <= GRID;
            (counted && needs.total() <= room).then_some(needs)
        };
        if let Some((longer, more)) = longer.and_then(|p| fits(&p).map(|needs| (p, needs))) {
            needs = more;
            pieces.pop();
            pieces.push(longer);
        } else if let Some(more) = fits(&part) {
            needs = more;
            pieces.push(part);
        } else {
            let takes = Needs::of_piece(job, &part, wanted).total();
            let what = match job.events {
                DeviceEvents::Chunks(_) | DeviceEvents::Staged(_) => {
                    format!("chunk {} of the job", part.chunks.start)
                }
                DeviceEvents::Resident(_) => "what is on the device".to_owned(),
                DeviceEvents::Columns(_) => "a part of the columns".to_owned(),
            };
            return Err(too_small(format!(
                "{what} takes {takes} bytes beside a frame"
            )));
        }
    }
    if pieces.is_empty() {
        pieces.push(Piece {
            chunks: 0..0,
            events: 0..0,
        });
    }
    Ok((pieces, needs))
}

/// The smallest parts that a job can be cut into: chunks, or, of columns, what fits.
fn parts(job: &DeviceJob<'_>, wanted: Wanted, room: u64) -> Vec<Piece> {
    let mut end = 0;
    match job.events {
        DeviceEvents::Chunks(_) | DeviceEvents::Staged(_) => {
            let part = |(k, n_events): (usize, u32)| {
                let start = end;
                end += u64::from(n_events);
                Piece {
                    chunks: k..k + 1,
                    events: start..end,
                }
            };
            (0..job.events.chunks())
                .filter_map(|k| job.events.chunk(k).map(|c| (k, c.n_events)))
                .map(part)
                .collect()
        }
        DeviceEvents::Resident(resident) => vec![Piece {
            chunks: 0..0,
            events: 0..resident.n_events,
        }],
        DeviceEvents::Columns(events) => {
            let n = events.x.len() as u64;
            let few = Piece {
                chunks: 0..0,
                events: 0..COLUMN_ALIGN,
            };
            let few = Needs::of_piece(job, &few, wanted).total();
            let most = (room / few)
                .max(1)
                .saturating_mul(COLUMN_ALIGN)
                .min(PIECE_EVENTS);
            let starts = (0..n).step_by(most as usize);
            let part = |start| Piece {
                chunks: 0..0,
                events: start..n.min(start + most),
            };
            starts.map(part).collect()
        }
    }
}

fn too_small(what: String) -> Error {
    Error::limit(
        "the GPU",
        format!("{what}, more than it may use; allow it more memory, or use fewer lanes"),
    )
}
