//! Frames of MVSEC: `image_raw`, of which each has a time in `image_raw_ts`.

use evz_core::{Error, Result, SideColumn, SideRows, SideValues, TimeBase};

use super::{Table, times};
use crate::find::Contents;
use crate::h5::{Dataset, Kind, Parts, Type};

/// What the side stream is called.
pub(super) const STREAM: &str = "frames";

/// The frames of a camera.
pub(super) struct Frames {
    dataset: Dataset,
    parts: Parts,
    times: Vec<i64>,
    row: u64,
}

/// The type of pixels as OpenCV numbers it, for images of this shape; none if frames have none like
/// that.
pub(super) fn format(of: &Type, sides: &[u64]) -> Option<u8> {
    let channels = match sides {
        [_, _] => 1,
        [_, _, n @ 1..=4] => *n as u8,
        _ => return None,
    };
    let depth = match of {
        Type::Number(s) if s.kind == Kind::Uint && s.size == 1 => 0,
        Type::Number(s) if s.kind == Kind::Uint && s.size == 2 && !s.big_endian => 2,
        _ => return None,
    };
    let fits = sides.iter().all(|side| u16::try_from(*side).is_ok());
    fits.then_some(depth | (channels - 1) << 3)
}

/// Frames as rows: all of this format and these sides, height first.
pub(super) fn rows(t: Vec<i64>, format: u8, sides: &[u64], pixels: Vec<Vec<u8>>) -> SideRows {
    let n = t.len();
    let side = |i: usize| SideValues::U16(vec![sides[i] as u16; n]);
    let columns = vec![
        SideColumn::new("format", SideValues::U8(vec![format; n])),
        SideColumn::new("width", side(1)),
        SideColumn::new("height", side(0)),
        SideColumn::new("pixels", SideValues::Bytes(pixels)),
    ];
    SideRows {
        t,
        ..SideRows::new(STREAM, columns)
    }
}

impl Frames {
    /// Opens those of a group, if there are any.
    pub(super) fn open(contents: &Contents, group: &str, base: TimeBase) -> Result<Option<Self>> {
        let at = |name: &str| contents.at(&format!("{group}/{name}"));
        let (Some(dataset), Some(of_times)) = (at("image_raw"), at("image_raw_ts")) else {
            return Ok(None);
        };
        let sides = dataset.space.shape.get(1..).unwrap_or(&[]);
        if format(&dataset.of, sides).is_none() {
            let what = format!("{} of {:?} are no frames", dataset.of, dataset.space.shape);
            return Err(Error::unsupported(dataset.place(), what));
        }
        Ok(Some(Self {
            parts: dataset.parts(0)?,
            times: times::ticks(of_times, base)?,
            dataset: dataset.clone(),
            row: 0,
        }))
    }
}

impl Table for Frames {
    fn name(&self) -> &'static str {
        STREAM
    }

    fn left(&self) -> u64 {
        self.dataset.rows() - self.row
    }

    fn next(&mut self) -> Result<Option<SideRows>> {
        let n = self.left().min(self.parts.rows);
        if n == 0 {
            return Ok(None);
        }
        let sides = self.dataset.space.shape[1..].to_vec();
        let format = format(&self.dataset.of, &sides).unwrap_or_default();
        let t = (self.times).get(self.row as usize..(self.row + n) as usize);
        let Some(t) = t.map(<[i64]>::to_vec) else {
            let place = self.dataset.place().with_row(self.row);
            return Err(Error::insufficient(
                place,
                "frames without a time in image_raw_ts",
            ));
        };
        let bytes = self.parts.slab(self.row / self.parts.rows, n)?;
        let frame = (bytes.len() / n as usize).max(1);
        self.row += n;
        let mut pixels: Vec<Vec<u8>> = bytes.chunks_exact(frame).map(<[u8]>::to_vec).collect();
        pixels.resize(n as usize, Vec::new());
        Ok(Some(rows(t, format, &sides, pixels)))
    }
}
