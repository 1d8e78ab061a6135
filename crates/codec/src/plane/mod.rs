//! Planes: the lowest bits of 256 numbers, in a layout that suits vector registers. Both codecs use
//! them.

mod pack;
mod size;
mod unpack;

pub(crate) use pack::{pack, pack_bitmap};
pub(crate) use size::{BIT_SIZE, PLANE_LEN};
pub(crate) use unpack::{unpack, unpack_bitmap};
