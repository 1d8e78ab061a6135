//! Columns of other people's arrays as columns of events: what they are called, and what their
//! numbers mean.

mod bad;
mod name;
mod number;
mod order;
mod pixel;
mod polarity;
mod time;

pub(crate) use bad::Bad;
pub(crate) use name::{Role, Roles, time_title};
pub(crate) use number::{Column, Number, numbers};
pub(crate) use order::{Order, find_order};
pub(crate) use pixel::pixels;
pub(crate) use polarity::Signs;
pub(crate) use time::{Rounded, Times};
