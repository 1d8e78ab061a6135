//! The records of an archive, as they stand in the file.

/// Marks of the records.
pub(crate) const LOCAL: [u8; 4] = *b"PK\x03\x04";
pub(crate) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
pub(crate) const END: [u8; 4] = *b"PK\x05\x06";
pub(crate) const END_64: [u8; 4] = *b"PK\x06\x06";
pub(crate) const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";

/// Bits of the flags: encrypted; sizes and checksum stand behind the data; the name is UTF-8.
pub(crate) const ENCRYPTED: u16 = 1;
pub(crate) const SIZES_BEHIND: u16 = 1 << 3;
pub(crate) const UTF_8: u16 = 1 << 11;

/// Ways of packing.
pub(crate) const STORED: u16 = 0;
pub(crate) const DEFLATED: u16 = 8;

/// A number of 32 bits that stands for "see the zip64 field".
pub(crate) const SEE_EXTRA: u32 = u32::MAX;
pub(crate) const ZIP64_EXTRA: u16 = 1;

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// What stands before the bytes of a member; its name and an extra field follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LocalHeader {
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed_len: u32,
    pub(crate) len: u32,
    pub(crate) name_len: u16,
    pub(crate) extra_len: u16,
}

impl LocalHeader {
    pub(crate) const ENCODED_SIZE: usize = 30;

    pub(crate) fn read_from(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(&LOCAL) {
            return None;
        }
        Some(Self {
            flags: u16_at(bytes, 6)?,
            method: u16_at(bytes, 8)?,
            crc: u32_at(bytes, 14)?,
            packed_len: u32_at(bytes, 18)?,
            len: u32_at(bytes, 22)?,
            name_len: u16_at(bytes, 26)?,
            extra_len: u16_at(bytes, 28)?,
        })
    }

    /// Bytes from the start of this to those of the member.
    pub(crate) fn before_data(&self) -> u64 {
        Self::ENCODED_SIZE as u64 + u64::from(self.name_len) + u64::from(self.extra_len)
    }
}

/// The zip64 field of an extra field.
pub(crate) fn zip64_field(mut extra: &[u8]) -> Option<&[u8]> {
    loop {
        let (id, len) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let field = extra.get(4..4 + len)?;
        if id == ZIP64_EXTRA {
            return Some(field);
        }
        extra = &extra[4 + len..];
    }
}

/// Numbers that may stand in the zip64 field instead: there follow, in order, those that do.
pub(crate) fn with_zip64<const N: usize>(short: [u32; N], extra: &[u8]) -> Option<[u64; N]> {
    let mut long = zip64_field(extra);
    let mut out = [0; N];
    for (out, short) in out.iter_mut().zip(short) {
        *out = if short == SEE_EXTRA {
            let field = long?;
            long = Some(field.get(8..)?);
            u64_at(field, 0)?
        } else {
            short.into()
        };
    }
    Some(out)
}
