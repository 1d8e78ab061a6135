//! Where bytes come from and go to: [`ReadAt`] for ranges of what has a length, [`Input`] for a
//! recording whose format nobody knows yet, [`Output`] for one being written.

mod at_reader;
mod file_at;
mod input;
mod output;
#[cfg(feature = "files")]
mod output_file;
mod read_at;
mod seek_at;
#[cfg(feature = "unpack")]
mod unpack;

pub use at_reader::AtReader;
pub use file_at::FileAt;
pub use input::{BytesRead, Clues, Input, InputReader};
pub use output::{Commit, Output};
#[cfg(feature = "files")]
pub use output_file::OutputFile;
pub use read_at::{ReadAt, read_range};
pub use seek_at::SeekAt;
#[cfg(feature = "unpack")]
pub use unpack::unpack_error;
