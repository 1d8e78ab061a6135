//! An archive that is written from front to back.
//!
//! Layout after PKWARE's APPNOTE.TXT: 4.3.7 local file header, 4.3.12 central directory, 4.3.14
//! zip64 end of central directory, 4.3.15 its locator, 4.3.16 end of central directory, 4.5.3 zip64
//! extended information.

use std::io::{self, Write};

use super::deflate::Packed;

/// Marks of the records.
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";

/// The bit of the flags for a name in UTF-8.
const UTF_8: u16 = 1 << 11;
/// The way of packing.
const DEFLATED: u16 = 8;
/// A number of 32 bits that stands for "see the zip64 field".
const SEE_EXTRA: u32 = u32::MAX;
const ZIP64_EXTRA: u16 = 1;

/// The first of January 1980, so that the same events give the same bytes.
const DATE: u16 = (1 << 5) | 1;
/// The version that a reader needs, with and without zip64.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;

/// Writes members one after the other, then the directory.
pub(crate) struct ZipWriter<W: Write> {
    out: W,
    at: u64,
    directory: Vec<u8>,
    count: u64,
}

impl<W: Write> ZipWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            at: 0,
            directory: Vec::new(),
            count: 0,
        }
    }

    pub(crate) fn add(&mut self, name: &str, mut packed: Packed) -> io::Result<()> {
        let name_len = u16::try_from(name.len())
            .map_err(|_| io::Error::other("a name of more than 64 KiB"))?;
        let start = self.at;
        let sizes = [packed.len, packed.packed_len];
        let local_extra = zip64_extra(&sizes);
        let flags = if name.is_ascii() { 0 } else { UTF_8 };
        // From the version to the checksum, the same in both places.
        let mut common = Vec::new();
        let version = if local_extra.is_empty() {
            VERSION
        } else {
            VERSION_64
        };
        for number in [version, flags, DEFLATED, 0, DATE] {
            common.extend(number.to_le_bytes());
        }
        common.extend(packed.crc.to_le_bytes());
        common.extend(short(packed.packed_len, !local_extra.is_empty()).to_le_bytes());
        common.extend(short(packed.len, !local_extra.is_empty()).to_le_bytes());
        common.extend(name_len.to_le_bytes());

        let mut local = LOCAL.to_vec();
        local.extend(&common);
        local.extend((local_extra.len() as u16).to_le_bytes());
        local.extend(name.as_bytes());
        local.extend(&local_extra);
        self.write(&local)?;
        self.at += io::copy(&mut packed.bytes, &mut self.out)?;

        // In the directory the offset may be long too.
        let long = !local_extra.is_empty();
        let far = start >= u64::from(SEE_EXTRA);
        let mut numbers = if long { sizes.to_vec() } else { Vec::new() };
        numbers.extend(far.then_some(start));
        let extra = extra_field(&numbers);
        self.directory.extend(CENTRAL);
        self.directory.extend(VERSION_64.to_le_bytes());
        self.directory.extend(common);
        self.directory.extend((extra.len() as u16).to_le_bytes());
        // No comment, first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(short(start, far).to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.directory.extend(extra);
        self.count += 1;
        Ok(())
    }

    /// Writes the directory, and gives back the output.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let (start, len, count) = (self.at, self.directory.len() as u64, self.count);
        let directory = std::mem::take(&mut self.directory);
        self.write(&directory)?;
        let far = start >= u64::from(SEE_EXTRA) || count >= u64::from(u16::MAX);
        let mut end = Vec::new();
        if far {
            let at = self.at;
            end.extend(END_64);
            // Bytes of the record behind this number.
            end.extend(44u64.to_le_bytes());
            end.extend(VERSION_64.to_le_bytes());
            end.extend(VERSION_64.to_le_bytes());
            end.extend([0; 8]);
            for number in [count, count, len, start] {
                end.extend(number.to_le_bytes());
            }
            end.extend(LOCATOR_64);
            end.extend([0; 4]);
            end.extend(at.to_le_bytes());
            end.extend(1u32.to_le_bytes());
        }
        end.extend(END);
        end.extend([0; 4]);
        let short_count = u16::try_from(count).unwrap_or(u16::MAX);
        end.extend(short_count.to_le_bytes());
        end.extend(short_count.to_le_bytes());
        end.extend(short(len, false).to_le_bytes());
        end.extend(short(start, far).to_le_bytes());
        end.extend([0; 2]);
        self.write(&end)?;
        Ok(self.out)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// A number in the 32 bits that it has where it does not stand in the zip64 field.
fn short(number: u64, in_extra: bool) -> u32 {
    if in_extra {
        return SEE_EXTRA;
    }
    u32::try_from(number).unwrap_or(SEE_EXTRA)
}

/// The zip64 field of the two sizes, if one is too long for 32 bits; a local header then has both.
fn zip64_extra(sizes: &[u64; 2]) -> Vec<u8> {
    match sizes.iter().any(|n| *n >= u64::from(SEE_EXTRA)) {
        true => extra_field(sizes),
        false => Vec::new(),
    }
}

fn extra_field(numbers: &[u64]) -> Vec<u8> {
    if numbers.is_empty() {
        return Vec::new();
    }
    let mut field = ZIP64_EXTRA.to_le_bytes().to_vec();
    field.extend((numbers.len() as u16 * 8).to_le_bytes());
    numbers.iter().for_each(|n| field.extend(n.to_le_bytes()));
    field
}
