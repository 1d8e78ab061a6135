//! The lines before the data. Nothing marks their end but the first byte that is no `#`, which the
//! first address may also begin with.

use evz_core::{Error, Result};

use crate::byte_reader::ByteReader;

/// Bytes of a header; jAER keeps all its settings there, about a megabyte.
const MAX_HEADER: usize = 64 << 20;

const STEP: usize = 64 * 1024;

/// The header, with what was read of it before, and the first bytes of the data.
pub(super) fn read(input: &mut ByteReader, mut bytes: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>)> {
    let (mut end, mut has_crlf) = (0, false);
    loop {
        let Some(len) = bytes[end..].iter().position(|&b| b == b'\n') else {
            if bytes.get(end).is_some_and(|&b| b != b'#') || has_controls(&bytes[end..]) {
                break;
            }
            if bytes.len() > MAX_HEADER {
                let what = format!("its header has no end within {} MiB", MAX_HEADER >> 20);
                return Err(Error::limit(input.place(end as u64), what));
            }
            let before = bytes.len();
            input.append_there(&mut bytes, STEP, 1)?;
            if bytes.len() == before {
                end = before;
                break;
            }
            continue;
        };
        let line = &bytes[end..end + len];
        // An event in row 140 may be a `#` and the end of a line. In a header those of jAER are
        // longer.
        if line.first() != Some(&b'#') || has_controls(line) || (line.len() == 1 && has_crlf) {
            break;
        }
        has_crlf |= line.ends_with(b"\r");
        end += len + 1;
        if is_last(&bytes[..end]) {
            break;
        }
    }
    let data = bytes.split_off(end);
    Ok((bytes, data))
}

/// Whether there are bytes that no text has. An address that begins with `#` is that of an event of
/// a DAVIS, for those of a DVS128 begin with 0; its ten lowest bits are 0, and so is its last byte.
fn has_controls(line: &[u8]) -> bool {
    line.iter()
        .any(|&b| b.is_ascii_control() && b != b'\t' && b != b'\r')
}

/// Whether the last line of the header is the one that jAER ends a header with.
fn is_last(header: &[u8]) -> bool {
    let line = header.trim_ascii_end();
    let start = line.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let text = line[start..].strip_prefix(b"#").unwrap_or_default();
    text.trim_ascii_start()
        .eq_ignore_ascii_case(b"end of ascii header")
}
