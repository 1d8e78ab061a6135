//! Recordings that are still being made: written while they come, and read while they are written.

mod arriving;
mod flushing;
mod record;

pub use flushing::Flushing;
pub use record::{DEFAULT_LIVE_PROFILE, RecordOptions, RecordWatch, Recorded, record};

pub use arriving::Lag;
