//! The launches that make frames out of columns with sums in shared memory.

use evz_core::Result;

use crate::bands::Bands;
use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::CanvasDesc;
use crate::loaded::Loaded;
use crate::method::Method;
use crate::paint::Group;
use crate::recipe::{Paint, Recipe, Value};

impl Lane {
    /// Paints windows that lie in one piece, whose events are in order.
    pub(crate) fn paint_by_bands(
        &self,
        loaded: &Loaded,
        recipe: &Recipe,
        method: &Method,
        canvas: &CanvasDesc,
        group: &Group,
        bands: Bands,
    ) -> Result<()> {
        self.settle(loaded, recipe, method, group)?;
        self.find_bins(loaded, recipe, group)?;
        let (stream, kernels) = (&self.stream, &self.shared.kernels);
        let (columns, filter, canvas) = (loaded.columns, method.filter, *canvas);
        let (frames, starts) = (self.frame_at(group), self.bin_starts.at());
        let values = self.values.at() + (group.frames.start * recipe.frame_bytes()) as u64;
        let Bands { rows, .. } = bands;
        let grid = Grid {
            blocks: bands.blocks,
            frames: group.frames.len() as u32,
            threads: bands.threads,
            shared: bands.shared,
        };
        // SAFETY: events lie within the columns, starts of bins and values have room for the frames
        // of the group, a block has the shared memory that its band takes, and whatever the events
        // are, the kernels write within their band.
        unsafe {
            match recipe.paint {
                Paint::Signed => {
                    let mut params = params![columns, filter, frames, canvas, rows, values];
                    launch(stream, &kernels.band_signed, grid, &mut params)
                }
                Paint::Counts { .. } => {
                    let mut params = params![columns, filter, frames, canvas, rows, values];
                    launch(stream, &kernels.band_counts, grid, &mut params)
                }
                Paint::Latest {
                    value: Value::Sign, ..
                } => {
                    let mut params = params![columns, filter, frames, canvas, rows, values];
                    launch(stream, &kernels.band_binary, grid, &mut params)
                }
                Paint::Latest {
                    by_polarity,
                    value: Value::Time { kind, scale },
                } => {
                    let by = u32::from(by_polarity);
                    let mut params = params![
                        columns, filter, frames, canvas, rows, by, kind, scale, values
                    ];
                    launch(stream, &kernels.band_latest, grid, &mut params)
                }
                Paint::Histogram { bins } => {
                    let mut params =
                        params![columns, filter, frames, canvas, rows, starts, bins, values];
                    launch(stream, &kernels.band_histogram, grid, &mut params)
                }
                Paint::Voxel {
                    bins,
                    places,
                    by_polarity,
                } => {
                    let by = u32::from(by_polarity);
                    let mut params = params![
                        columns, filter, frames, canvas, rows, starts, bins, places, by, values
                    ];
                    launch(stream, &kernels.band_voxel, grid, &mut params)
                }
            }
        }
    }

    /// Finds where bins start.
    fn find_bins(&self, loaded: &Loaded, recipe: &Recipe, group: &Group) -> Result<()> {
        let (stream, kernels) = (&self.stream, &self.shared.kernels);
        let (t, frames) = (loaded.columns.t, self.frame_at(group));
        let (starts, ends) = (self.bin_starts.at(), self.bin_ends.at());
        let grid = Grid {
            blocks: recipe.starts() as u32,
            frames: group.frames.len() as u32,
            threads: 32,
            shared: 0,
        };
        // SAFETY: there is room for the starts of each frame's bins, whose ends the clock settled.
        unsafe {
            match recipe.paint {
                Paint::Histogram { bins } => {
                    let mut params = params![t, frames, ends, bins, starts];
                    launch(stream, &kernels.histogram_starts, grid, &mut params)
                }
                Paint::Voxel { bins, places, .. } => {
                    let mut params = params![t, frames, bins, places, starts];
                    launch(stream, &kernels.voxel_starts, grid, &mut params)
                }
                _ => Ok(()),
            }
        }
    }
}
