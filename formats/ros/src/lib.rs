//! Recordings of robots: ROS 1 bags and MCAP.
#![forbid(unsafe_code)]

mod choose;
mod container;
mod encoding;
mod fields;
mod formats;
mod losses;
mod message;
mod open;
mod packets;
mod pieces;
mod roles;
mod side;
mod source;
mod survey;
mod topics;

pub use formats::FORMATS;
pub use open::{open, open_streams};
