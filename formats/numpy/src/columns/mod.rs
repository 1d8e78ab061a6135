//! Columns of arrays: the numbers in their bytes, their times, further columns, and their order where
//! they have no names.

mod number;
mod order;
mod time;
mod values;

pub(crate) use number::{Column, numbers};
pub(crate) use order::find_order;
pub(crate) use time::read_times;
pub(crate) use values::read_values;
