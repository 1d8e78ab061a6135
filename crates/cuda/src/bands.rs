//! Frames painted by bands: sums live in the shared memory of a thread block, which writes a band's
//! values once.

use evz_core::SensorSize;

use crate::layout::{BAND_THREADS, PAINT_EVENTS};
use crate::recipe::{Paint, Recipe};

/// Bytes of a block's shared memory that are not sums: those that make bands start aligned.
const BESIDE: u64 = 64;
/// Bytes that the driver takes of each block's.
const RESERVED: u64 = 1 << 10;
/// Each band looks at all events of its frame. So many looks cost no more than the passes over sums in
/// memory that bands save: measured on an H200 with frames of 1280x720.
const CHEAP_BANDS: u64 = 8;
/// With more bands, a frame may have so many looks for each of its pixels: measured alike.
const LOOKS_A_PIXEL: u64 = 5;
/// Events that a block looks at while a launch by pixels would have hardly begun.
const SHORT: u64 = 16 * BAND_THREADS as u64;

/// How the frames of a recipe are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bands {
    /// Rows of a band.
    pub(crate) rows: u32,
    /// Blocks of a frame: the bands of all its planes.
    pub(crate) blocks: u32,
    /// Threads of a block.
    pub(crate) threads: u32,
    /// Bytes of shared memory that a block takes.
    pub(crate) shared: u32,
}

/// What decides whether bands are the faster way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Bytes of shared memory that a block may have.
    pub(crate) shared: u64,
    /// Blocks that run at the same time, at least.
    pub(crate) processors: u64,
    /// Windows, and the events of one of them, about.
    pub(crate) windows: u64,
    pub(crate) events: u64,
}

impl Bands {
    /// Bands for frames of this size, where they fit and are the faster way.
    pub(crate) fn of(recipe: &Recipe, size: SensorSize, load: Load) -> Option<Self> {
        let (width, height) = (u64::from(size.width), u64::from(size.height));
        // Signs have 16 bits, and half the rows with 32 where these do not do.
        let (pixel, planes, at_least) = match recipe.paint {
            Paint::Signed => (2, 1, 2),
            Paint::Counts { by_polarity: true } => (4, 1, 1),
            // A band has both polarities apart.
            Paint::Counts { by_polarity: false } => return None,
            Paint::Latest { by_polarity, .. } => (4, 1 + u64::from(by_polarity), 1),
            Paint::Histogram { bins } => (4, u64::from(bins), 1),
            Paint::Voxel {
                bins, by_polarity, ..
            } => (4, u64::from(bins) * (1 + u64::from(by_polarity)), 1),
        };
        // Few events of a window are in a bin, and a band is cleared and written longer than it is
        // painted: of two blocks on a processor, the one does this while the other does that.
        let blocks = 1 + u64::from(recipe.starts() > 0);
        let room = (load.shared / blocks).checked_sub(RESERVED + BESIDE)? / at_least;
        let most = room / (pixel * width).max(1) * at_least;
        if width == 0 || height == 0 || most == 0 {
            return None;
        }
        // As even as can be.
        let bands = height.div_ceil(most);
        let rows = height.div_ceil(bands).next_multiple_of(at_least);
        let bands = height.div_ceil(rows);
        let of_frame = u32::try_from(bands * planes).ok()?;
        let looks = load.events.saturating_mul(bands);
        let pays = bands <= CHEAP_BANDS || looks <= LOOKS_A_PIXEL * width * height;
        let fills = load.windows.saturating_mul(of_frame.into()) >= load.processors;
        // No more than have something to do.
        let work = load.events.max(rows * width) / u64::from(PAINT_EVENTS);
        let threads = work
            .next_multiple_of(32)
            .clamp(32, u64::from(BAND_THREADS) / blocks);
        (pays && (fills || load.events <= SHORT)).then_some(Self {
            rows: rows as u32,
            blocks: of_frame,
            threads: threads as u32,
            shared: (rows * width * pixel + BESIDE) as u32,
        })
    }
}

#[cfg(test)]
mod tests {
    use evz_core::TimeBase;
    use evz_render::{FrameSpec, Representation};

    use super::*;

    #[test]
    fn what_a_block_has_decides_how_many_bands_there_are() {
        let size = SensorSize {
            width: 20,
            height: 10,
        };
        let blocks = |representation, shared| {
            let recipe = Recipe::of(FrameSpec {
                reversed: false,
                representation,
                size,
                time_base: TimeBase::MICROSECONDS,
            });
            let load = Load {
                shared,
                processors: 4,
                windows: 6,
                events: 700,
            };
            Bands::of(&recipe.unwrap(), size, load).map(|bands| (bands.rows, bands.blocks))
        };
        let voxel = Representation::voxel(3);
        assert_eq!(blocks(Representation::Signed, 0), None);
        assert_eq!(blocks(Representation::Signed, 1_200), Some((2, 5)));
        assert_eq!(blocks(Representation::Signed, 99 << 10), Some((10, 1)));
        // 1,088 bytes are no sums; three rows of 80 fit into the other 312, in two planes.
        assert_eq!(blocks(Representation::TimeSurface, 1_400), Some((3, 8)));
        assert_eq!(blocks(voxel, 1_400), None);
        // Half of it for a block: two rows, in three planes.
        assert_eq!(blocks(voxel, 2_600), Some((2, 15)));
    }
}
