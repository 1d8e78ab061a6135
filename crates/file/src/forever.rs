//! Constants that may never change: a file written with other values is another format.

/// First bytes of every file. The high bit catches 7-bit transfers, CR LF and LF catch newline
/// conversion, 0x1A ends a listing on a terminal that honours it.
pub const FILE_MAGIC: [u8; 8] = *b"\x89EVZ\r\n\x1a\n";
/// First bytes of every record.
pub const RECORD_MAGIC: [u8; 4] = *b"EVZR";
/// Last bytes of every whole file.
pub const TAIL_MAGIC: [u8; 8] = *b"EVZ-TAIL";
/// Records start at multiples of this.
pub const ALIGNMENT: u64 = 64;
/// The side stream that makes a file a pack: its table of recordings.
pub const SAMPLES: &str = "samples";
/// The major version that this crate writes and reads.
pub const VERSION_MAJOR: u16 = 0;
/// The minor version that this crate writes and reads.
pub const VERSION_MINOR: u16 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_change_these_constants() {
        assert_eq!(FILE_MAGIC, [0x89, 0x45, 0x56, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a]);
        assert_eq!(&RECORD_MAGIC, b"EVZR");
        assert_eq!(&TAIL_MAGIC, b"EVZ-TAIL");
        assert_eq!(ALIGNMENT, 64);
        assert_eq!(SAMPLES, "samples");
    }
}
