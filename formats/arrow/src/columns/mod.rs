//! Columns of other people's tables as columns of events: what they are called, and what their
//! numbers mean.

mod bad;
mod name;
mod number;
mod pixel;
mod polarity;
mod time;

pub(crate) use bad::Bad;
pub(crate) use name::{Role, Roles};
pub(crate) use number::Number;
pub(crate) use pixel::pixels;
pub(crate) use polarity::Signs;
pub(crate) use time::{Rounded, Times};
