//! Times of side streams: floats of seconds.

use evz_core::columns::Number;
use evz_core::{Error, Place, Result, TimeBase};

use crate::h5::{Dataset, Kind, Type};

/// Bytes of the times of a table, at most.
const MAX_LEN: u64 = 64 << 20;

/// Seconds as a tick; none if there is no such tick.
pub(super) fn tick(seconds: f64, base: TimeBase) -> Option<i64> {
    let per_second = 1e9 / base.approximate_nanoseconds();
    (seconds * per_second).round().whole()
}

/// The ticks of a dataset of seconds.
pub(super) fn ticks(dataset: &Dataset, base: TimeBase) -> Result<Vec<i64>> {
    let is_float = matches!(dataset.of, Type::Number(s) if s.kind == Kind::Float && s.size == 8 && !s.big_endian);
    if !is_float || dataset.space.shape.len() != 1 {
        let what = format!(
            "it holds {}, and seconds as float64 are expected",
            dataset.of
        );
        return Err(Error::unsupported(dataset.place(), what));
    }
    let bytes = dataset.all(MAX_LEN)?;
    let seconds = bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|b| f64::from_le_bytes(*b));
    let ticks = seconds.enumerate().map(|(row, seconds)| {
        tick(seconds, base).ok_or_else(|| {
            let place: Place = dataset.place().with_row(row as u64);
            Error::corrupt(place, format!("the time is {seconds}"))
        })
    });
    ticks.collect()
}
