//! What an Arrow IPC file starts with.

use std::io::{self, Read};

/// The first and the last bytes of a file.
pub(crate) const FILE_MAGIC: &[u8; 6] = b"ARROW1";

/// Reads the magic of a file and what pads it, to a multiple of eight bytes or more; returns where
/// the first message starts, and as much of it as was read.
pub(super) fn skip_magic(reader: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
    /// No writer pads to more than a cache line or two.
    const MAX_PADDING: u64 = 512;
    let mut at = 0;
    loop {
        let mut word = Vec::new();
        reader.take(8).read_to_end(&mut word)?;
        let is_padding = if at == 0 {
            word.starts_with(FILE_MAGIC)
        } else {
            word == [0; 8]
        };
        if !is_padding || at >= MAX_PADDING {
            return Ok((at, word));
        }
        at += 8;
    }
}
