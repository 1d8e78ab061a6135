//! Packs: many short recordings in one file, any of which is read at the cost of a window.
//!
//! Their events stand one recording behind the other on one timeline, so a pack is an ordinary `.evz`
//! with a side stream `samples`, which says of each where it stands and how its own times are had back.

mod check;
mod order;
mod rows;
mod sample;
mod samples;
mod unpack;
mod write;

use evz_file::forever::SAMPLES;

pub use sample::Sample;
pub use samples::Samples;
pub use unpack::Unpacking;
pub use write::{Packing, sample_name};

/// What says the file of a recording, which its name says too.
const SOURCE_FILE: &str = "source.file";

/// The file that a sample was, by its name.
fn file_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}
