//! Events as arrays.

mod npy;
mod npz;

pub use npy::NpySink;
pub use npz::NpzSink;
