//! What frames are.

use std::time::Duration;

use evz::render::{FrameSpec, Representation, ValueType};
use evz::{Error, EventIndex, Result, SensorSize};
use pyo3::prelude::*;

use crate::arrays::array;
use crate::memory::Block;

/// A representation: its name, the type of its values, what it is in a line, and how many bins or
/// nanoseconds of a time constant it takes by default.
type Mode = (
    &'static str,
    &'static str,
    &'static str,
    Option<usize>,
    Option<u64>,
);

/// The representations.
#[pyfunction]
pub(crate) fn modes() -> Vec<Mode> {
    let modes = Representation::ALL.into_iter();
    modes
        .map(|mode| {
            let facts = mode.facts();
            let (bins, tau) = (facts.bins, facts.tau.map(|tau| tau.as_nanos() as u64));
            let of_type = facts.value_type.name();
            (facts.name, of_type, facts.line, bins, tau)
        })
        .collect()
}

/// What frames are: mode, bins, time constant in seconds, width and height.
pub(crate) type Look<'a> = (&'a str, Option<usize>, Option<f64>, Option<(u32, u32)>);

/// The frames of a file that look so.
pub(crate) fn spec(file: &evz::Reader, (mode, bins, tau, size): Look<'_>) -> Result<FrameSpec> {
    let time_base = file.info().time_base;
    let extent = EventIndex::extent(file);
    let told = size.map(|(width, height)| SensorSize { width, height });
    Ok(FrameSpec {
        reversed: false,
        representation: representation(mode, bins, tau)?,
        size: told.or(file.info().size).unwrap_or(SensorSize {
            width: u32::from(extent.x_max) + 1,
            height: u32::from(extent.y_max) + 1,
        }),
        time_base,
    })
}

/// Channels, height and width.
pub(crate) fn shape(spec: &FrameSpec) -> (usize, u32, u32) {
    let SensorSize { width, height } = spec.size;
    (spec.representation.channels(), height, width)
}

/// Bytes of a frame.
pub(crate) fn frame_bytes(spec: &FrameSpec) -> usize {
    let (channels, height, width) = shape(spec);
    let values = (channels)
        .saturating_mul(height as usize)
        .saturating_mul(width as usize);
    values.saturating_mul(spec.representation.value_type().bytes())
}

/// So many values of a block as a flat array.
pub(crate) fn flat(
    py: Python<'_>,
    block: Block,
    values: usize,
    of_type: ValueType,
) -> PyResult<Bound<'_, PyAny>> {
    Ok(match of_type {
        ValueType::I16 => array::<i16>(py, block, values)?.into_any(),
        ValueType::U16 => array::<u16>(py, block, values)?.into_any(),
        ValueType::F32 => array::<f32>(py, block, values)?.into_any(),
    })
}

/// The representation of a name, with so many bins, or a time constant in seconds.
fn representation(mode: &str, bins: Option<usize>, tau: Option<f64>) -> Result<Representation> {
    let known = Representation::ALL;
    let Some(found) = known.into_iter().find(|r| r.facts().name == mode) else {
        let names = known.map(|r| r.facts().name);
        let what = format!(
            "there is no mode {mode:?}; it is {}",
            evz::alternatives(&names)
        );
        return Err(Error::invalid(what));
    };
    let facts = found.facts();
    for (name, told, has) in [
        ("bins", bins.is_some(), facts.bins.is_some()),
        ("tau", tau.is_some(), facts.tau.is_some()),
    ] {
        if told && !has {
            let what = format!("{mode} has no {name}; leave it out");
            return Err(Error::invalid(what));
        }
    }
    let tau = tau.map(Duration::try_from_secs_f64).transpose();
    let tau = tau.map_err(|_| Error::invalid("a decay takes a tau of more than 0"))?;
    let found = bins.map_or(found, |bins| found.with_bins(bins));
    Ok(tau.map_or(found, |tau| found.with_tau(tau)))
}
