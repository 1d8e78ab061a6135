//! HDF5 files: their groups, datasets and attributes, read by ranges of bytes. Nothing is held of a
//! dataset but where it stands, and nothing in the file is followed out of it.
//!
//! Written after the [file format specification][1] 3.0, whose sections the parts name.
//!
//! [1]: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html

mod apart;
mod attribute;
mod dataset;
mod datatype;
mod fields;
mod file;
mod fractal;
mod group;
mod heap;
mod index;
mod layout;
mod object;
mod pipeline;
mod space;
mod store;
mod superblock;
mod tree1;
mod tree2;

pub(crate) use attribute::Said;
pub(crate) use dataset::{Dataset, Part, Parts};
pub(crate) use datatype::{Kind, Names, Scalar, Type};
pub(crate) use file::{Attributes, Entry, File};
pub(crate) use group::Link;
pub(crate) use pipeline::Filter;
pub(crate) use superblock::find as find_superblock;
