//! Event recordings in HDF5, read with no plugin and no library of the system.
#![forbid(unsafe_code)]
mod column;
mod ecf;
mod filter;
mod find;
mod formats;
mod found;
mod h5;
mod meaning;
mod open;
mod order;
mod sample;
mod side;
mod sink;
mod source;
mod stream;

pub use formats::FORMATS;
pub use open::{open, open_streams};
pub use sink::Hdf5Sink;
pub use source::Hdf5Source;
