//! Frames of another size, as `torch.nn.functional.interpolate` makes them.

use std::fmt;
use std::str::FromStr;

use evz_core::{Error, Result, alternatives};

/// The size that frames are given, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resize {
    /// Columns, more than none.
    pub width: u32,
    /// Rows, more than none.
    pub height: u32,
    /// What a new pixel is made of.
    pub by: ResizeBy,
}

/// What a pixel of a resized frame is made of: the modes of PyTorch's `interpolate`, `align_corners=False`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResizeBy {
    /// The one at `floor(i * from / to)`, in floats of 32 bits.
    #[default]
    Nearest,
    /// The one around whose centre it lies: `floor((i + 1/2) * from / to)`, in floats of 32 bits.
    NearestExact,
    /// The mean of those that it covers in part: from `floor(i * from / to)` to `ceil((i + 1) * from / to)`, not
    /// included.
    Area,
    /// Those around `(i + 1/2) * from / to - 1/2`, in proportion to how near they are in each direction.
    Bilinear,
}

impl Resize {
    /// This size, by the nearest pixel.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            by: ResizeBy::default(),
        }
    }

    /// Refuses a size of no pixels.
    pub(crate) fn check(self) -> Result<()> {
        match self.width > 0 && self.height > 0 {
            true => Ok(()),
            false => Err(Error::invalid("frames are resized to a pixel or more")),
        }
    }

    /// Bytes of what its pixels are made of, at least.
    pub(crate) fn bytes(self) -> u64 {
        let places = u64::from(self.width) + u64::from(self.height);
        // Each has a list of its own.
        places * (size_of::<Place>() as u64 + 32)
    }

    /// Makes planes of `from` columns and rows such of this size.
    pub(crate) fn apply(self, values: &[f32], from: [usize; 2], out: &mut Vec<f32>) {
        let (width, height) = (self.width as usize, self.height as usize);
        let columns = places(self.by, from[0], width);
        let rows = places(self.by, from[1], height);
        out.clear();
        for plane in values.chunks_exact((from[0] * from[1]).max(1)) {
            for row in &rows {
                out.extend(
                    columns
                        .iter()
                        .map(|column| mean(plane, from[0], row, column)),
                );
            }
        }
    }
}

impl ResizeBy {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Nearest,
        Self::NearestExact,
        Self::Area,
        Self::Bilinear,
    ];

    /// Its name, as PyTorch writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::NearestExact => "nearest-exact",
            Self::Area => "area",
            Self::Bilinear => "bilinear",
        }
    }

    /// Whether each new value is one of the old ones.
    pub(crate) fn keeps_values(self) -> bool {
        matches!(self, Self::Nearest | Self::NearestExact)
    }
}

impl FromStr for ResizeBy {
    type Err = Error;

    /// One by its name.
    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|by| by.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            Error::invalid(format!(
                "no way to resize {text:?}; it is {}",
                alternatives(&names)
            ))
        })
    }
}

impl fmt::Display for ResizeBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What of one direction a new pixel is made of: old ones that follow each other, and how much each counts.
struct Place {
    first: usize,
    weights: Vec<f32>,
}

fn places(by: ResizeBy, from: usize, to: usize) -> Vec<Place> {
    let scale = from as f32 / to as f32;
    let last = from.saturating_sub(1);
    let one = |at: f32| Place {
        first: (at as usize).min(last),
        weights: vec![1.0],
    };
    let place = |i: usize| match by {
        ResizeBy::Nearest => one(i as f32 * scale),
        ResizeBy::NearestExact => one((i as f32 + 0.5) * scale),
        ResizeBy::Area => {
            let (first, end) = (i * from / to, ((i + 1) * from).div_ceil(to));
            let weights = vec![1.0 / (end - first) as f32; end - first];
            Place { first, weights }
        }
        ResizeBy::Bilinear => {
            let at = ((i as f32 + 0.5) * scale - 0.5).max(0.0);
            let first = (at as usize).min(last);
            let behind = at - first as f32;
            match first < last {
                true => Place {
                    first,
                    weights: vec![1.0 - behind, behind],
                },
                false => one(at),
            }
        }
    };
    (0..to).map(place).collect()
}

fn mean(plane: &[f32], width: usize, row: &Place, column: &Place) -> f32 {
    let mut sum = 0.0;
    for (y, of_row) in row.weights.iter().enumerate() {
        let start = (row.first + y) * width + column.first;
        let values = &plane[start..start + column.weights.len()];
        let of_columns = values.iter().zip(&column.weights).map(|(v, w)| v * w);
        sum += of_row * of_columns.sum::<f32>();
    }
    sum
}
