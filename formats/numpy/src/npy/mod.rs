//! An array in a file: a head that says type and shape, then the values.
//!
//! Layout after the numpy reference, `numpy.lib.format`, "Format Version 1.0" to "3.0".

mod dtype;
mod header;
mod literal;

pub(crate) use dtype::{Dtype, Field, Kind, Scalar};
pub(crate) use header::Header;
