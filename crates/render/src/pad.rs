//! Frames with a margin around them, or with a part of them alone.

use evz_core::{Error, Result, Roi, SensorSize};

/// How large frames are made by what is put around them: as much on either side, and the pixel that is left over
/// on the left and above, as `CropParameters` of E2VID has it (uzh-rpg/rpg_e2vid, `utils/inference_utils.py`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pad {
    /// So many columns and rows, of which a frame has no more.
    To(u32, u32),
    /// The next multiple of this in columns and in rows.
    Multiple(u32),
}

impl Pad {
    /// The columns and rows of frames that have these.
    ///
    /// # Errors
    /// If they have more already, or of a multiple of nothing.
    pub(crate) fn sides(self, [width, height]: [usize; 2]) -> Result<[usize; 2]> {
        match self {
            Self::Multiple(0) => Err(Error::invalid(
                "frames are padded to a multiple of 1 or more",
            )),
            Self::Multiple(of) => {
                Ok([width, height].map(|side| side.next_multiple_of(of as usize)))
            }
            Self::To(to_width, to_height) => {
                let to = [to_width as usize, to_height as usize];
                if to[0] < width || to[1] < height {
                    let what = format!(
                        "frames of {width}x{height} are padded to no less, and {to_width}x{to_height} was asked for"
                    );
                    return Err(Error::invalid(what).advise("resize or crop them"));
                }
                Ok(to)
            }
        }
    }
}

/// Refuses a region that is not all of it in frames of this size.
pub(crate) fn check_crop(region: Roi, size: SensorSize) -> Result<()> {
    let ends = |start: u16, length: u32| u64::from(start) + u64::from(length);
    let is_inside = ends(region.x, region.width) <= u64::from(size.width)
        && ends(region.y, region.height) <= u64::from(size.height);
    if is_inside && region.width > 0 && region.height > 0 {
        return Ok(());
    }
    let what = format!(
        "the region {region} is not all of it in frames of {size}, which are cropped to it"
    );
    Err(Error::invalid(what).advise("name a region that is"))
}

/// Where a frame stands in one that is larger, or smaller: what is left and above of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placing {
    /// Columns and rows of the one, and of the other.
    pub(crate) from: [usize; 2],
    pub(crate) to: [usize; 2],
    /// The column and row of the other at which the one begins; less than nothing if it is cut there.
    pub(crate) at: [isize; 2],
}

impl Placing {
    /// A region of a frame of these columns and rows, alone.
    pub(crate) fn cutting(region: Roi, from: [usize; 2]) -> Self {
        Self {
            from,
            to: [region.width as usize, region.height as usize],
            at: [-(region.x as isize), -(region.y as isize)],
        }
    }

    /// In the middle of a larger one.
    pub(crate) fn amid(from: [usize; 2], to: [usize; 2]) -> Self {
        let before = |k: usize| to[k].saturating_sub(from[k]).div_ceil(2) as isize;
        Self {
            from,
            to,
            at: [before(0), before(1)],
        }
    }

    /// Planes in their place, as [`Placing::apply`] puts them there.
    pub(crate) fn applied<T: Copy>(self, values: &[T], empty: T) -> Vec<T> {
        let mut out = Vec::new();
        self.apply(values, empty, &mut out);
        out
    }

    /// Puts planes in their place, with `empty` around them.
    pub(crate) fn apply<T: Copy>(self, values: &[T], empty: T, out: &mut Vec<T>) {
        let ([width, height], [to_width, to_height]) = (self.from, self.to);
        out.clear();
        // What of a row is in both.
        let start = self.at[0].max(0) as usize;
        let cut = self.at[0].min(0).unsigned_abs();
        let run = width
            .saturating_sub(cut)
            .min(to_width.saturating_sub(start));
        for plane in values.chunks_exact((width * height).max(1)) {
            for row in 0..to_height {
                let from = row as isize - self.at[1];
                let line = usize::try_from(from).ok().filter(|y| *y < height);
                let begin = out.len();
                out.resize(begin + to_width, empty);
                if let Some(y) = line.filter(|_| run > 0) {
                    let old = y * width + cut;
                    out[begin + start..][..run].copy_from_slice(&plane[old..old + run]);
                }
            }
        }
    }
}
