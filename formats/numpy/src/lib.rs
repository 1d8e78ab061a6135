//! Event recordings as NumPy arrays: NPY and NPZ, both ways.
#![forbid(unsafe_code)]

mod array;
mod columns;
mod file;
mod layout;
mod meaning;
mod npy;
mod npz;
mod open;
mod options;
mod probe;
mod rows;
mod sink;
mod source;
mod zip;

pub use open::{from_reader, open};
pub use options::Options;
pub use probe::{probe_npy, probe_npz};
pub use sink::{NpySink, NpzSink};
pub use source::NumpySource;
