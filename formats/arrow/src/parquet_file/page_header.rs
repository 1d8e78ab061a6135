//! The header of a page: `PageHeader` of
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use super::shape::PAGE_HEADER;
use super::thrift::{Fields, Unread};

const TYPE: i64 = 1;
const UNCOMPRESSED_PAGE_SIZE: i64 = 2;
const COMPRESSED_PAGE_SIZE: i64 = 3;

/// The type of a page of an index, which the `parquet` crate passes over.
const INDEX_PAGE: i64 = 1;

/// What the header of a page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// Bytes of the header.
    pub(super) len: usize,
    /// Bytes that the page takes once it is unpacked.
    pub(super) unpacked_len: u64,
    /// Whether bytes of rows come behind it, and no other header.
    pub(super) has_rows: bool,
}

impl PageHeader {
    /// That at the start of these bytes.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unread> {
        let (mut kind, mut unpacked, mut packed) = (INDEX_PAGE, None, 0);
        let mut fields = Fields::new(bytes);
        PAGE_HEADER.check(&mut fields, |id, mut field| {
            match id {
                TYPE => kind = field.signed()?,
                UNCOMPRESSED_PAGE_SIZE => unpacked = Some(field.signed()?),
                COMPRESSED_PAGE_SIZE => packed = field.signed()?,
                _ => {}
            }
            Ok(())
        })?;
        let unpacked = unpacked.ok_or(Unread::Bad("it says no length"))?;
        let negative = Unread::Bad("its length is negative");
        Ok(Self {
            len: bytes.len() - fields.left(),
            unpacked_len: u64::try_from(unpacked).map_err(|_| negative)?,
            has_rows: kind != INDEX_PAGE && packed > 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked_len(bytes: &[u8]) -> Result<u64, Unread> {
        PageHeader::read(bytes).map(|header| header.unpacked_len)
    }

    /// A data page of 1,000 bytes that unpacks to 3,000: fields 1 to 3 and 5, a structure.
    const HEADER: [u8; 15] = [
        0x15, 0, 0x15, 0xf0, 0x2e, 0x15, 0xd0, 0x0f, 0x2c, 0x15, 2, 0x15, 0, 0, 0,
    ];

    #[test]
    fn the_length_of_a_page() {
        assert_eq!(unpacked_len(&HEADER), Ok(3_000));
        let more = [&HEADER[..], &[7; 100]].concat();
        let header = PageHeader::read(&more).unwrap();
        assert_eq!((header.len, header.has_rows), (HEADER.len(), true));
        let mut without = HEADER;
        without[1] = 2;
        assert!(!PageHeader::read(&without).unwrap().has_rows);
        for cut in 0..HEADER.len() {
            assert_eq!(unpacked_len(&HEADER[..cut]), Err(Unread::Short), "{cut}");
        }
    }

    /// The `parquet` crate would read the list as a number, and what comes behind it as something else.
    #[test]
    fn a_field_is_what_it_should_be() {
        let bad = Err(Unread::Bad("it has a field that is not what it should be"));
        // Field 3 as a list of one byte, field 5 as a list of structures, and a field of its structure as bytes.
        let list = [&HEADER[..4], &[0x19, 0x13, 0, 0][..]].concat();
        assert_eq!(unpacked_len(&list), bad);
        for at in [8, 9] {
            let mut header = HEADER;
            header[at] = header[at] & 0xf0 | 8;
            assert_eq!(unpacked_len(&header), bad, "{at}");
        }
        // A number that is 5 in its low 16 bits.
        let far = [&HEADER[..8], &[0x0c, 0x8a, 0x80, 8, 0, 0]].concat();
        let too_large = Err(Unread::Bad("it has a field whose number is too large"));
        assert_eq!(unpacked_len(&far), too_large);
    }

    #[test]
    fn lists_of_nothing_are_no_work() {
        // An unknown field 9: a list of 2,147,483,647 booleans.
        let mut header = HEADER[..8].to_vec();
        header.extend([0x69, 0xf1, 0xff, 0xff, 0xff, 0xff, 7, 0]);
        let bad = Err(Unread::Bad("it has a list of booleans, or of nothing"));
        assert_eq!(unpacked_len(&header), bad);
        // As many numbers take as many bytes.
        header[9] = 0xf5;
        assert_eq!(unpacked_len(&header), Err(Unread::Short));
        // Structures inside each other.
        let deep = [&HEADER[..8], &[0x6c], &[0x1c; 40], &[0; 42]].concat();
        assert!(matches!(unpacked_len(&deep), Err(Unread::Bad(_))));
    }
}
