//! Samples of an inertial unit in MVSEC: `imu`, N x 6, of which each has a time in `imu_ts`.

use evz_core::columns::Number;
use evz_core::{Error, Result, SideColumn, SideRows, SideValues, TimeBase};

use super::{Table, times};
use crate::column::{Values, numbers};
use crate::find::Contents;
use crate::h5::{Dataset, Parts, Scalar, Type};

/// What the side stream is called.
const STREAM: &str = "imu";

/// Columns, at most.
const MAX_COLUMNS: u64 = 16;

/// The samples of a camera. No document says what its columns hold, so that they have numbers for names.
pub(super) struct Imu {
    dataset: Dataset,
    parts: Parts,
    scalar: Scalar,
    columns: usize,
    times: Vec<i64>,
    row: u64,
}

impl Imu {
    /// Opens those of a group, if there are any.
    pub(super) fn open(contents: &Contents, group: &str, base: TimeBase) -> Result<Option<Self>> {
        let at = |name: &str| contents.at(&format!("{group}/{name}"));
        let (Some(dataset), Some(of_times)) = (at("imu"), at("imu_ts")) else {
            return Ok(None);
        };
        let (Type::Number(scalar), &[_, columns @ 1..=MAX_COLUMNS]) =
            (&dataset.of, &dataset.space.shape[..])
        else {
            let what = format!("{} of {:?} are no samples", dataset.of, dataset.space.shape);
            return Err(Error::unsupported(dataset.place(), what));
        };
        Ok(Some(Self {
            parts: dataset.parts(0)?,
            times: times::ticks(of_times, base)?,
            scalar: *scalar,
            columns: columns as usize,
            dataset: dataset.clone(),
            row: 0,
        }))
    }
}

impl Table for Imu {
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
        let t = (self.times).get(self.row as usize..(self.row + n) as usize);
        let Some(t) = t.map(<[i64]>::to_vec) else {
            let place = self.dataset.place().with_row(self.row);
            return Err(Error::insufficient(
                place,
                "samples without a time in imu_ts",
            ));
        };
        let bytes = self.parts.slab(self.row / self.parts.rows, n)?;
        let size = self.scalar.size;
        let column = |i: usize| {
            let values = Values::new(&bytes, self.columns * size, i * size, self.scalar);
            let values = numbers!(values, numbers => numbers.map(|v| v.float() as f32).collect());
            SideColumn::new(format!("imu{i}"), SideValues::F32(values))
        };
        let columns = (0..self.columns).map(column).collect();
        self.row += n;
        Ok(Some(SideRows {
            t,
            ..SideRows::new(STREAM, columns)
        }))
    }
}
