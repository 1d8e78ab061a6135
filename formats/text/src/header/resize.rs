//! A header of a source with another size of the sensor in it.

use evz_core::SensorSize;

use super::{BOM, Header, Names, geometry, names_behind_mark, size_line};
use crate::line::{is_comment, without_end};

impl Header {
    /// The same lines, with this size in each place where they have another.
    pub(crate) fn with_size(text: &[u8], size: SensorSize) -> Vec<u8> {
        let (mark, text) = match text.strip_prefix(BOM) {
            Some(text) => (BOM, text),
            None => (&b""[..], text),
        };
        let lines = text.split_inclusive(|&b| b == b'\n').flat_map(|line| {
            let bare = without_end(line);
            let end = &line[bare.len()..];
            match resized(bare, size) {
                Some(changed) => [changed.as_bytes(), end].concat(),
                None => line.to_vec(),
            }
        });
        mark.iter().copied().chain(lines).collect()
    }
}

/// A line with this size, if it has another.
fn resized(line: &[u8], size: SensorSize) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    if !is_comment(line) && size_line(line).is_some_and(|s| s != size) {
        return Some(format!("{} {}", size.width, size.height));
    }
    let at = text.to_ascii_lowercase().find("geometry");
    if let Some(at) = at.filter(|_| is_comment(line)) {
        let (before, sides) = text.split_at(at + "geometry".len());
        return geometry(sides).filter(|s| *s != size).map(|_| {
            let [width, height] = [size.width, size.height].map(|n| n.to_string());
            let sides = with_number(sides, 0, &width);
            format!("{before}{}", with_number(&sides, 1, &height))
        });
    }
    let sides = Names::parse(names_behind_mark(line)).next()?.sides?;
    (sides != (size.width, size.height)).then(|| {
        // `t,x@320,y@240,on`: the sides stand in the order of x and y.
        let mut parts = text.split('@');
        let mut changed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let side = match changed.trim_end().ends_with(['x', 'X']) {
                true => size.width,
                false => size.height,
            };
            changed += &format!("@{}", with_number(part, 0, &side.to_string()));
        }
        changed
    })
}

/// The text with its number `index`, counted from 0, replaced.
fn with_number(text: &str, index: usize, number: &str) -> String {
    let mut start = 0;
    for i in 0..=index {
        let Some(from) = text[start..].find(|c: char| c.is_ascii_digit()) else {
            break;
        };
        let from = start + from;
        let len = text[from..].find(|c: char| !c.is_ascii_digit());
        start = len.map_or(text.len(), |len| from + len);
        if i == index {
            return format!("{}{number}{}", &text[..from], &text[start..]);
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_size_changes() {
        let size = SensorSize {
            width: 1280,
            height: 720,
        };
        for (before, after) in [
            ("\u{feff}240 180\n", "\u{feff}1280 720\n"),
            ("240 180\r\n# two\n", "1280 720\r\n# two\n"),
            (
                "% date 2020\n%geometry:640,480\n",
                "% date 2020\n%geometry:1280,720\n",
            ),
            ("# Geometry 640x480", "# Geometry 1280x720"),
            ("t,x@320,y@240,on\n", "t,x@1280,y@720,on\n"),
            ("y@240,x@320,t,on\n", "y@720,x@1280,t,on\n"),
            ("1280  720\n", "1280  720\n"),
            ("# made by hand\nt x y p\n", "# made by hand\nt x y p\n"),
        ] {
            let resized = Header::with_size(before.as_bytes(), size);
            assert_eq!(String::from_utf8(resized).unwrap(), after);
        }
    }
}
