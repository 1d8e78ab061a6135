//! The header of a page: `PageHeader` of
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use super::thrift::{Fields, I32, Unread};

const UNCOMPRESSED_PAGE_SIZE: i64 = 2;

/// Bytes that the page at the start of these takes once it is unpacked.
pub(super) fn unpacked_len(bytes: &[u8]) -> Result<u64, Unread> {
    let mut fields = Fields::new(bytes);
    let (mut id, mut len) = (0, None);
    while let Some((field, kind)) = fields.field(id)? {
        id = field;
        if field == UNCOMPRESSED_PAGE_SIZE && kind == I32 {
            len = Some(fields.signed()?);
        } else {
            fields.skip(kind)?;
        }
    }
    let len = len.ok_or(Unread::Bad("it says no length"))?;
    u64::try_from(len).map_err(|_| Unread::Bad("its length is negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 1,000 bytes that unpacks to 3,000: fields 1 to 3 and 5, a structure.
    const HEADER: [u8; 15] = [
        0x15, 0, 0x15, 0xf0, 0x2e, 0x15, 0xd0, 0x0f, 0x2c, 0x15, 2, 0x15, 0, 0, 0,
    ];

    #[test]
    fn the_length_of_a_page() {
        assert_eq!(unpacked_len(&HEADER), Ok(3_000));
        for cut in 0..HEADER.len() {
            assert_eq!(unpacked_len(&HEADER[..cut]), Err(Unread::Short), "{cut}");
        }
    }

    #[test]
    fn lists_of_nothing_are_no_work() {
        // An unknown field 9: a list of 2,147,483,647 booleans.
        let mut header = HEADER[..8].to_vec();
        header.extend([0x69, 0xf1, 0xff, 0xff, 0xff, 0xff, 7, 0]);
        let bad = Err(Unread::Bad("it has a list of what has no bytes"));
        assert_eq!(unpacked_len(&header), bad);
        // As many numbers take as many bytes.
        header[9] = 0xf5;
        assert_eq!(unpacked_len(&header), Err(Unread::Short));
        // Structures inside each other.
        let deep = [&HEADER[..8], &[0x6c], &[0x1c; 40], &[0; 42]].concat();
        assert!(matches!(unpacked_len(&deep), Err(Unread::Bad(_))));
    }
}
