//! Maps to rectify by, from files.

use evz_core::{Error, Input, Place, Result, npy};
use evz_render::RectifyMap;

/// The dataset of DSEC's `rectify_map.h5`.
#[cfg(feature = "hdf5")]
const DATASET: &str = "rectify_map";

/// Reads a map to rectify by: DSEC's `rectify_map.h5`, or an NPY file of the same shape, `[height, width, 2]`
/// with the column first, of any type of numbers.
///
/// # Errors
/// If it is neither, or of another shape, or damaged, or leaves no pixel on the frame.
pub fn rectify_map(input: Input) -> Result<RectifyMap> {
    let place = Place::file(input.name());
    let (values, shape) = numbers(input)?;
    RectifyMap::from_array(&shape, values.into_iter().map(|v| v as f32), place)
}

/// The numbers of an array, and its sides.
fn numbers(input: Input) -> Result<(Vec<f64>, Vec<u64>)> {
    let head = input.clues().head;
    if head.is_empty() {
        let what = "it is empty, and a map to rectify by is an NPY or HDF5 file";
        return Err(Error::insufficient(input.name(), what));
    }
    if head.starts_with(&npy::MAGIC) {
        return of_numpy(input);
    }
    of_hdf5(input)
}

#[cfg(feature = "numpy")]
fn of_numpy(input: Input) -> Result<(Vec<f64>, Vec<u64>)> {
    use evz_numpy::{PlainValues, plain_array};

    let array = plain_array(input)?;
    let values = match array.values {
        PlainValues::Real(values) => values,
        PlainValues::Whole(values) => values.iter().map(|v| *v as f64).collect(),
    };
    Ok((values, array.shape))
}

#[cfg(feature = "hdf5")]
fn of_hdf5(input: Input) -> Result<(Vec<f64>, Vec<u64>)> {
    let read = evz_hdf5::plain_dataset(input, DATASET);
    let way = "take a rectify_map.h5 as DSEC has it, or save the map with numpy.save";
    let dataset = read.map_err(|e| e.advise(way))?;
    Ok((dataset.values, dataset.shape))
}

#[cfg(not(feature = "numpy"))]
fn of_numpy(input: Input) -> Result<(Vec<f64>, Vec<u64>)> {
    Err(Error::unsupported(input.name(), "this build reads no NPY"))
}

#[cfg(not(feature = "hdf5"))]
fn of_hdf5(input: Input) -> Result<(Vec<f64>, Vec<u64>)> {
    let what = "it is no NPY, and this build reads no HDF5";
    Err(Error::unsupported(input.name(), what))
}
