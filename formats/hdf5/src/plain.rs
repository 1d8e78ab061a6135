//! Datasets of plain numbers, which are no events: maps to rectify by, say.

use evz_core::columns::Number;
use evz_core::{Error, Input, Result};

use crate::column::{Values, numbers};
use crate::find::Contents;
use crate::h5::{File, Type, find_superblock};

/// The numbers of a dataset, the last index the fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainDataset {
    /// The numbers.
    pub values: Vec<f64>,
    /// Its sides.
    pub shape: Vec<u64>,
}

/// The most bytes that are read: all of them are held.
const MOST_BYTES: u64 = 1 << 30;

/// Reads the dataset at a path such as `rectify_map`, of numbers of any type.
///
/// # Errors
/// If there is none, or it is damaged or holds no numbers or more than 1 GiB of them.
pub fn plain_dataset(input: Input, path: &str) -> Result<PlainDataset> {
    let name = input.name().to_owned();
    read(input, path).map_err(|e| match e.place().file {
        Some(_) => e,
        None => e.within(name),
    })
}

fn read(input: Input, path: &str) -> Result<PlainDataset> {
    let at = find_superblock(input.head());
    let at = at.ok_or_else(|| Error::unsupported(input.name(), "it is no HDF5"))?;
    let file = File::open(input.into_read_at()?, at)?;
    let Some(dataset) = file.dataset(path)? else {
        let there = Contents::of(&file, None)?.listed();
        let what = format!("it has no dataset {path}; it has {there}");
        return Err(Error::unsupported("", what));
    };
    let Type::Number(scalar) = dataset.of else {
        let what = format!("it holds {}, and numbers are expected", dataset.of);
        return Err(Error::unsupported(dataset.place(), what));
    };
    let bytes = dataset.all(MOST_BYTES)?;
    let values = Values::new(&bytes, scalar.size, 0, scalar);
    Ok(PlainDataset {
        values: numbers!(values, numbers => numbers.map(Number::float).collect()),
        shape: dataset.space.shape.clone(),
    })
}
