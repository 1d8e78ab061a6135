//! The lines at the start of a file: `% key value`.
//!
//! OpenEB, `sdk/modules/base/cpp/src/generic_header.cpp`.

pub(crate) mod dat;
pub(crate) mod family;
pub(crate) mod raw;
mod system;

use evz_core::{Error, Result, SensorSize};

/// Bytes at the start of a file in which its header ends.
pub(crate) const MAX_LEN: usize = 64 * 1024;

/// What every line starts with.
const MARK: &[u8] = b"% ";

/// The fields of a header, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    fields: Vec<(String, String)>,
    /// Bytes of the header; the events follow.
    pub(crate) len: usize,
    /// Whether it ends in `% end` rather than at the first byte that is no line of it.
    pub(crate) has_end: bool,
    /// Whether the events start like a line and were told from one by their control characters.
    pub(crate) events_look_alike: bool,
}

impl Header {
    /// The header at the start of `head`.
    pub(crate) fn parse(head: &[u8]) -> Self {
        let mut header = Self::default();
        while let Some((line, len)) = line(&head[header.len..]) {
            // An old header without `% end` may be followed by events whose first bytes are `% `.
            if line.iter().any(|&b| b < b' ' && b != b'\t' && b != b'\r') {
                header.events_look_alike = true;
                break;
            }
            header.len += len;
            // Headers hold what the maker's tools put in them, in whatever code page: each byte is
            // taken for the character of that number.
            let text: String = line.iter().map(|&b| char::from(b)).collect();
            let mut words = text.split_whitespace();
            match words.next() {
                Some("end") => {
                    header.has_end = true;
                    break;
                }
                Some(key) => {
                    let value = words.collect::<Vec<_>>().join(" ");
                    header.fields.push((key.to_owned(), value));
                }
                None => {}
            }
        }
        header
    }

    /// Whether there is no line.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the file ends within a line, or so long a header that it was not read to its end.
    pub(crate) fn is_cut(&self, head: &[u8]) -> bool {
        let rest = &head[self.len..];
        !self.has_end
            && !self.events_look_alike
            && (rest.starts_with(MARK) || (!rest.is_empty() && MARK.starts_with(rest)))
            && rest.iter().all(|&b| b >= b' ' || b == b'\t' || b == b'\r')
    }

    /// The value of the first of these keys that is there.
    pub(crate) fn get(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| {
            // The last line of a key wins, as in the maker's reader.
            let found = self.fields.iter().rev().find(|(k, _)| k == key);
            found.map(|(_, value)| value.as_str())
        })
    }

    /// The key of the first line that has one.
    pub(crate) fn first_key(&self) -> Option<&str> {
        self.fields.first().map(|(key, _)| key.as_str())
    }

    /// Microseconds to add to every time: what faery writes when it has taken them off, as `t0` into
    /// RAW and as `T0` into DAT. An error if it is no number that a time can be moved by.
    pub(crate) fn t0(&self, name: &str) -> Result<i64> {
        let Some(text) = self.get(&["t0", "T0"]) else {
            return Ok(0);
        };
        text.parse()
            .ok()
            .filter(|t0| (-MAX_T0..=MAX_T0).contains(t0))
            .ok_or_else(|| {
                let what = format!("its header says `t0 {text}`, which is no time in microseconds");
                Error::corrupt(name, what).advise("mend that line")
            })
    }
}

/// So that no time leaves 64 bits: 146 thousand years.
pub(crate) const MAX_T0: i64 = 1 << 62;

/// The first line without its mark and end, and its length with both.
fn line(rest: &[u8]) -> Option<(&[u8], usize)> {
    let line = rest.strip_prefix(MARK)?;
    let end = line.iter().position(|&b| b == b'\n')?;
    Some((&line[..end], MARK.len() + end + 1))
}

/// `1280x720`, of at least one pixel.
fn parse_size(text: &str) -> Option<SensorSize> {
    let (width, height) = text.split_once('x')?;
    size_of(width, height)
}

fn size_of(width: &str, height: &str) -> Option<SensorSize> {
    let [width, height] = [width, height].map(|n| n.trim().parse().ok().filter(|&n| n > 0));
    Some(SensorSize {
        width: width?,
        height: height?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_at_its_end_or_at_the_first_byte_of_no_line() {
        let with_end = Header::parse(b"% evt 3.0\n% end\n% x\n\x80");
        assert_eq!((with_end.len, with_end.has_end), (16, true));
        assert_eq!(with_end.get(&["x"]), None);
        let without = Header::parse(b"% evt 3.0\n\xae\x8a");
        assert_eq!((without.len, without.has_end), (10, false));
        // `25 20` are the first bytes of a word of EVT3.
        let alike = Header::parse(b"% evt 3.0\n% \x00\x80\n");
        assert_eq!((alike.len, alike.events_look_alike), (10, true));
    }

    #[test]
    fn bytes_that_are_no_utf8_are_kept() {
        let header = Header::parse(b"% owner Ren\xe9  M.\r\n% system_ID 21\n");
        assert_eq!(header.get(&["owner"]), Some("Ren\u{e9} M."));
        assert_eq!(header.get(&["SYSTEM_ID", "system_ID"]), Some("21"));
    }

    #[test]
    fn a_cut_header_is_seen() {
        let whole = b"% evt 3.0\n% end\n";
        for len in 0..whole.len() {
            let head = &whole[..len];
            let cut = Header::parse(head).is_cut(head);
            assert_eq!(cut, !matches!(len, 0 | 10), "{len}");
        }
        assert!(!Header::parse(whole).is_cut(whole));
    }
}
