//! The records of SPEC.md as structs, byte by byte; no I/O.

mod chunk;
mod entry;
mod fields;
mod file_header;
mod metadata;
mod record;
mod root;
mod side;
mod stream;
mod tail;
mod tree;

pub use chunk::{CHUNK_SORTED, ChunkHead, ColumnSection, table_len};
pub use entry::{BatchEntry, ChunkEntry, Entry, TreeId};
pub use file_header::FileHeader;
pub use metadata::{read_metadata, write_metadata};
pub use record::{CRITICAL, Kind, RecordHeader};
pub use root::{Root, SideRoot, StreamRoot, StreamSummary};
pub use side::{PACK_NONE, PACK_ZSTD, SideBatchHead, SideDeclaration};
pub use stream::{ColumnDeclaration, StreamDeclaration};
pub use tail::Tail;
pub(crate) use tree::refs_in;
pub use tree::{
    Bins, Leaf, NodeRef, RecordRef, Span, Tree, read_activity, read_node, write_activity,
    write_node,
};

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

/// Bytes that nobody reads as such, by their number.
fn len_of<S: serde::Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u64(bytes.len() as u64)
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
        assert_eq!(
            to_bytes(&ColumnSection::default()).len(),
            ColumnSection::ENCODED_SIZE
        );
        assert_eq!(to_bytes(&Tail::default()).len(), Tail::ENCODED_SIZE);
    }
}
