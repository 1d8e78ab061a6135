//! Arrow IPC: a schema and record batches, each a message of its own
//! (<https://arrow.apache.org/docs/format/Columnar.html>, "Serialization and Interprocess
//! Communication").
//!
//! The messages are taken apart here, on the tables that `arrow-ipc` verifies, and not by its
//! readers: those allocate what a message claims and panic at lengths that make no sense.

mod batch;
mod body;
mod message;
mod schema;

pub use batch::batch;
pub use message::{CONTINUATION, End, MAX_HEAD, Message, Messages};
pub use schema::{Column, Schema};

/// The longest body of a message, and the most that the columns taken out of one may be
/// uncompressed: some 80 million events.
const MAX_BATCH: usize = 1 << 30;

/// The most rows of a batch: bits, and nothing at all, take too little room to be limited by it.
const MAX_ROWS: usize = MAX_BATCH / 8;

/// The way out of a batch that is too long.
const SMALLER_BATCHES: &str = "write it again in smaller batches, of a million rows or so";
