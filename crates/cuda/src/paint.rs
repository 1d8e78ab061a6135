//! The launches that make frames out of columns.

use std::ops::Range;

use evz_core::Result;

use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{
    CLOCK_ENDS, CLOCK_EVENTS, CLOCK_FOUND, CLOCK_WINDOW, CanvasDesc, FrameDesc, PAINT_EVENTS,
    PAINT_THREADS, PIECE_FIRST, PIECE_LAST,
};
use crate::loaded::Loaded;
use crate::method::Method;
use crate::recipe::{Paint, Recipe, Value};

/// Frames of a round that are painted together.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Which frames of the round.
    pub(crate) frames: Range<usize>,
    /// Events of the longest of them, or what is likely to be.
    pub(crate) longest: u64,
    /// Where the piece of their windows stands among them: flags of the kernels.
    pub(crate) piece: u32,
}

impl Lane {
    pub(crate) fn frame_at(&self, group: &Group) -> u64 {
        self.frames.at() + (group.frames.start * size_of::<FrameDesc>()) as u64
    }

    /// Blocks of each frame, and frames: enough to fill the device, and no more than have events.
    fn grid(&self, group: &Group) -> Grid {
        let block = u64::from(PAINT_THREADS * PAINT_EVENTS);
        let frames = group.frames.len() as u64;
        // 8 blocks of 256 threads fill a processor; four times that evens out windows of
        // different lengths.
        let enough = (32 * self.shared.processors).div_ceil(frames).max(8);
        Grid {
            frames: frames as u32,
            ..Grid::of(group.longest.div_ceil(block).clamp(1, enough) as u32)
        }
    }

    /// Finds the borders of windows of time.
    fn bounds(&self, loaded: &Loaded, method: &Method, group: &Group) -> Result<()> {
        let (t, filter, frames) = (loaded.columns.t, method.filter, self.frame_at(group));
        let grid = Grid {
            blocks: group.frames.len() as u32,
            frames: 1,
            threads: 32,
            shared: 0,
        };
        // SAFETY: the frames' events lie within the columns, and `t` is one of them.
        unsafe {
            let mut params = params![t, filter, frames];
            launch(&self.stream, &self.shared.kernels.bounds, grid, &mut params)
        }
    }

    /// Finds the first and the last times of windows by looking at each event.
    pub(crate) fn find_span(&self, loaded: &Loaded, method: &Method, group: &Group) -> Result<()> {
        if method.timed && method.by_borders {
            self.bounds(loaded, method, group)?;
        }
        let (columns, filter, frames) = (loaded.columns, method.filter, self.frame_at(group));
        let timed = u32::from(method.timed && !method.by_borders);
        // SAFETY: as for the borders.
        unsafe {
            let mut params = params![columns, filter, frames, timed];
            launch(
                &self.stream,
                &self.shared.kernels.span,
                self.grid(group),
                &mut params,
            )
        }
    }

    /// Paints the events of a piece.
    pub(crate) fn paint(
        &self,
        loaded: &Loaded,
        recipe: &Recipe,
        method: &Method,
        canvas: &CanvasDesc,
        group: &Group,
    ) -> Result<()> {
        let kernels = &self.shared.kernels;
        self.settle(loaded, recipe, method, group)?;
        let (columns, filter, canvas) = (loaded.columns, method.filter, *canvas);
        let (frames, sums, bin_ends) = (self.frame_at(group), self.sums.at(), self.bin_ends.at());
        let values = self.values.at() + (group.frames.start * recipe.frame_bytes()) as u64;
        let grid = self.grid(group);
        // SAFETY: events lie within the columns; sums, ends of bins and values have room for the
        // frames of the group; and whatever the events are, the kernels write within their frame.
        unsafe {
            match recipe.paint {
                Paint::Signed => {
                    let mut params = params![columns, filter, frames, canvas, sums];
                    launch(&self.stream, &kernels.paint_signed, grid, &mut params)?;
                }
                Paint::Counts { by_polarity } => {
                    // Planes no pixels apart are one.
                    let plane = if by_polarity { canvas.plane } else { 0 };
                    let canvas = CanvasDesc { plane, ..canvas };
                    let mut params = params![columns, filter, frames, canvas, sums];
                    launch(&self.stream, &kernels.paint_counts, grid, &mut params)?;
                }
                Paint::Histogram { bins } => {
                    let mut params = params![columns, filter, frames, canvas, bin_ends, bins, sums];
                    launch(&self.stream, &kernels.paint_histogram, grid, &mut params)?;
                }
                Paint::Latest { by_polarity, .. } => {
                    let by_polarity = u32::from(by_polarity);
                    let mut params = params![columns, filter, frames, canvas, by_polarity, sums];
                    launch(&self.stream, &kernels.paint_latest, grid, &mut params)?;
                }
                Paint::Voxel {
                    bins,
                    places,
                    by_polarity,
                } => {
                    let by = u32::from(by_polarity);
                    let len = group.frames.len() * recipe.frame_bytes();
                    let start = group.frames.start * recipe.frame_bytes();
                    if group.piece & PIECE_FIRST != 0 {
                        self.values.clear(start..start + len, &self.stream)?;
                    }
                    let mut params =
                        params![columns, filter, frames, canvas, bins, places, by, values];
                    launch(&self.stream, &kernels.paint_voxel, grid, &mut params)?;
                }
            }
        }
        self.finish(loaded, recipe, group, values)
    }

    /// Finds what the windows need to know of their events, and settles the clocks.
    pub(crate) fn settle(
        &self,
        loaded: &Loaded,
        recipe: &Recipe,
        method: &Method,
        group: &Group,
    ) -> Result<()> {
        if method.span && !method.ends && !method.found {
            self.find_span(loaded, method, group)?;
        } else if method.timed && method.by_borders {
            self.bounds(loaded, method, group)?;
        }
        let mut flags = 0;
        if method.span {
            flags |= if method.ends { CLOCK_ENDS } else { CLOCK_FOUND };
            flags |= if method.window { CLOCK_WINDOW } else { 0 };
            flags |= if recipe.of_events { CLOCK_EVENTS } else { 0 };
        }
        let (t, frames) = (loaded.columns.t, self.frame_at(group));
        let (bin_ends, bins) = (self.bin_ends.at(), recipe.bins());
        let grid = Grid::of(group.frames.len() as u32);
        // SAFETY: there is room for the ends of each frame's bins, and times where ends are asked.
        unsafe {
            let mut params = params![t, frames, flags, bin_ends, bins];
            launch(&self.stream, &self.shared.kernels.clock, grid, &mut params)
        }
    }

    /// Makes values of sums.
    fn finish(&self, loaded: &Loaded, recipe: &Recipe, group: &Group, values: u64) -> Result<()> {
        let kernels = &self.shared.kernels;
        let stride = recipe.stride as u64;
        let len = group.frames.len() as u64 * stride;
        let blocks = |len: u64| {
            let threads = len / 8;
            let enough = 8 * self.shared.processors;
            threads.div_ceil(u64::from(PAINT_THREADS)).clamp(1, enough) as u32
        };
        let (sums, frames, t) = (self.sums.at(), self.frame_at(group), loaded.columns.t);
        let (piece, ends) = (group.piece, group.piece & PIECE_LAST != 0);
        // SAFETY: sums and values have `stride` for each frame of the group; a latest event is one
        // of its frame, and so in the columns.
        unsafe {
            match recipe.paint {
                Paint::Signed if ends => {
                    let mut params = params![sums, len, values];
                    let grid = Grid::of(blocks(len));
                    launch(&self.stream, &kernels.finish_signed, grid, &mut params)
                }
                Paint::Counts { .. } | Paint::Histogram { .. } if ends => {
                    let mut params = params![sums, len, values];
                    let grid = Grid::of(blocks(len));
                    launch(&self.stream, &kernels.finish_counts, grid, &mut params)
                }
                Paint::Latest {
                    value: Value::Sign, ..
                } => {
                    let mut params = params![sums, len, piece, values];
                    let grid = Grid::of(blocks(len));
                    launch(&self.stream, &kernels.finish_binary, grid, &mut params)
                }
                Paint::Latest {
                    value: Value::Time { kind, scale },
                    ..
                } => {
                    let mut params = params![sums, stride, piece, kind, scale, t, frames, values];
                    let grid = Grid {
                        frames: group.frames.len() as u32,
                        ..Grid::of(blocks(stride))
                    };
                    launch(&self.stream, &kernels.finish_latest, grid, &mut params)
                }
                Paint::Signed
                | Paint::Counts { .. }
                | Paint::Histogram { .. }
                | Paint::Voxel { .. } => Ok(()),
            }
        }
    }
}
