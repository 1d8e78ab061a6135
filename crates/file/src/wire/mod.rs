//! The records of SPEC.md as structs, byte by byte; no I/O.

mod chunk;
mod file_header;
mod index;
mod metadata;
mod record;
mod side;
mod tail;

pub use chunk::{CHUNK_SORTED, ChunkHead};
pub use file_header::FileHeader;
pub use index::{
    ChunkEntry, FILE_SORTED, IndexRoot, LeafRef, MetadataRef, RootHead, SideRef, read_leaf,
    write_leaf,
};
pub use metadata::{read_metadata, write_metadata};
pub use record::{CRITICAL, Kind, RecordHeader};
pub use side::{SideBatchHead, SideStream};
pub use tail::Tail;

use binrw::{BinRead, BinWrite, io::Cursor};

/// The bytes of a record struct.
pub(crate) fn to_bytes<T>(value: &T) -> Vec<u8>
where
    T: BinWrite,
    for<'a> T::Args<'a>: Default,
{
    let mut out = Cursor::new(Vec::new());
    value.write_le(&mut out).expect("a vector takes every byte");
    out.into_inner()
}

/// A record struct from its bytes; none if they are too few or break one of its assertions.
pub(crate) fn from_bytes<T>(bytes: &[u8]) -> Option<T>
where
    T: BinRead,
    for<'a> T::Args<'a>: Default,
{
    T::read_le(&mut Cursor::new(bytes)).ok()
}

/// The checksum of the format: CRC-32 as in zlib, gzip and PNG.
pub(crate) fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_sizes_are_what_is_written() {
        assert_eq!(
            to_bytes(&FileHeader::default()).len(),
            FileHeader::ENCODED_SIZE
        );
        assert_eq!(
            to_bytes(&RecordHeader::default()).len(),
            RecordHeader::ENCODED_SIZE
        );
        assert_eq!(
            to_bytes(&ChunkHead::default()).len(),
            ChunkHead::ENCODED_SIZE
        );
        assert_eq!(to_bytes(&RootHead::default()).len(), RootHead::ENCODED_SIZE);
        assert_eq!(to_bytes(&LeafRef::default()).len(), LeafRef::ENCODED_SIZE);
        assert_eq!(
            to_bytes(&MetadataRef::default()).len(),
            MetadataRef::ENCODED_SIZE
        );
        assert_eq!(to_bytes(&SideRef::default()).len(), SideRef::ENCODED_SIZE);
        assert_eq!(
            to_bytes(&SideBatchHead::default()).len(),
            SideBatchHead::ENCODED_SIZE
        );
        assert_eq!(to_bytes(&Tail::default()).len(), Tail::ENCODED_SIZE);
    }
}
