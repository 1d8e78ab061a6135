//! What the lines before the first event say.

pub(crate) mod names;
mod resize;

use evz_core::{ColumnOrder, SensorSize, TimeBase};

use crate::{
    columns_remark::Listed,
    line::{Split, is_comment, trim, without_end},
    number::Decimal,
    remarks::Remarks,
};
use names::Names;

/// How the remarks begin that evz writes.
const REMARK: &[u8] = b"# evz.";

/// The byte order mark of UTF-8.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What a header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The order of the columns, from their names or a remark.
    pub(crate) columns: Option<ColumnOrder>,
    /// The names of the columns.
    pub(crate) names: Option<Names>,
    /// What a remark says of the columns.
    pub(crate) listed: Option<Listed>,
    /// The unit of the times, from the name of their column or a remark.
    pub(crate) unit: Option<TimeBase>,
    /// What remarks say of the tick and the clock.
    pub(crate) remarks: Remarks,
    /// The size of the sensor.
    pub(crate) size: Option<SensorSize>,
    /// Whether the size is a first line `W H`.
    pub(crate) size_is_first_line: bool,
    /// Whether it has `x@W`, as faery writes it.
    pub(crate) faery: bool,
    /// Whether it has `%geometry`, as Metavision writes it.
    pub(crate) geometry: bool,
    /// Whether it has the names of columns that DV exports have.
    pub(crate) dv: bool,
    /// Whether it starts with `#!events.txt`, as v2e writes it.
    pub(crate) v2e: bool,
    /// The first remark of evz that is not understood, or is of other columns, and its number.
    pub(crate) strange_remark: Option<(u64, Vec<u8>)>,
    /// The first line that looks like names of columns and is not understood, and its number.
    pub(crate) strange_names: Option<(u64, Vec<u8>)>,
}

impl Header {
    /// Reads the lines of a header before lines of so many columns.
    pub(crate) fn parse(text: &[u8], line_len: usize) -> Self {
        let mut header = Self::default();
        let text = text.strip_prefix(BOM).unwrap_or(text);
        for (number, line) in (1..).zip(text.split_inclusive(|&b| b == b'\n')) {
            header.take_line(number, without_end(line), line_len);
        }
        if let Some(listed) = &header.listed {
            header.columns = Some(listed.order);
        }
        header
    }

    fn take_line(&mut self, number: u64, line: &[u8], line_len: usize) {
        if is_comment(line) {
            self.take_comment(number, line, line_len);
        } else if let Some(size) = size_line(line) {
            self.size_is_first_line = self.size.is_none();
            self.size = self.size.or(Some(size));
        } else if !self.take_names(line, line_len) && !trim(line).is_empty() {
            self.take_strange(number, line);
        }
    }

    fn take_comment(&mut self, number: u64, line: &[u8], line_len: usize) {
        let listed = Listed::parse(line).filter(|listed| listed.line.len == line_len);
        if listed.is_some() {
            self.listed = listed;
            return;
        }
        if self.remarks.take(line) {
            self.unit = self.remarks.tick.or(self.unit);
            return;
        }
        if line.starts_with(REMARK) {
            self.strange_remark
                .get_or_insert_with(|| (number, line.to_vec()));
            return;
        }
        let text = String::from_utf8_lossy(line).to_lowercase();
        if let Some((_, rest)) = text.split_once("geometry")
            && let Some(size) = geometry(rest)
        {
            self.size = self.size.or(Some(size));
            self.geometry |= text.starts_with("%geometry");
            return;
        }
        self.v2e |= number == 1 && text.starts_with("#!events.txt");
        let names = names_behind_mark(line);
        if !self.take_names(names, line_len) {
            self.unit = self.unit.or(names::unit_in_remark(&text));
            if names::are_four_words(names) {
                self.take_strange(number, line);
            }
        }
    }

    /// Takes the names of columns, if a line is that and they are understood.
    fn take_names(&mut self, line: &[u8], line_len: usize) -> bool {
        let Some(names) = Names::parse(line).find(|names| names.line.len == line_len) else {
            return false;
        };
        self.columns = Some(names.order);
        self.unit = names.unit.or(self.unit);
        self.dv |= names.dv;
        if let Some((width, height)) = names.sides {
            self.size = Some(SensorSize { width, height });
            self.faery = true;
        }
        self.names = Some(names);
        true
    }

    fn take_strange(&mut self, number: u64, line: &[u8]) {
        self.strange_names
            .get_or_insert_with(|| (number, line.to_vec()));
    }
}

/// A remark without the mark in front of it.
pub(crate) fn names_behind_mark(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|b| !b"#%/! \t".contains(b));
    &line[start.unwrap_or(line.len())..]
}

/// Whether a line can stand before the events: a remark, nothing, a size, or names of columns.
pub(crate) fn is_header_line(line: &[u8]) -> bool {
    trim(line).is_empty() || is_comment(line) || size_line(line).is_some() || names::are_words(line)
}

/// A line `W H`.
fn size_line(line: &[u8]) -> Option<SensorSize> {
    let (tokens, count) = Split::of(line).tokens(line);
    let side = |token: &[u8]| {
        let value = Decimal::parse(token)?.to_ticks(0, false).ok()?.0;
        (1..=1 << 16).contains(&value).then_some(value as u32)
    };
    (count == 2).then_some(())?;
    Some(SensorSize {
        width: side(tokens[0])?,
        height: side(tokens[1])?,
    })
}

/// `:1280,720`, ` 1280x720` and the like.
fn geometry(text: &str) -> Option<SensorSize> {
    let mut numbers = text
        .trim_start_matches([':', '=', ' ', '\t'])
        .split([',', 'x', ' ', '\t'])
        .filter(|s| !s.is_empty())
        .map(|s| {
            s.trim()
                .parse::<u32>()
                .ok()
                .filter(|n| (1..=1 << 16).contains(n))
        });
    Some(SensorSize {
        width: numbers.next()??,
        height: numbers.next()??,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, Option<TimeBase>, Option<String>) {
        let h = Header::parse(text.as_bytes(), 4);
        (
            h.columns.map(|c| c.to_string()),
            h.unit,
            h.size.map(|s| s.to_string()),
        )
    }

    #[test]
    fn headers_say_columns_unit_and_size() {
        let none = || None::<String>;
        let some = |s: &str| Some(s.to_owned());
        assert_eq!(parsed("240 180\n"), (none(), None, some("240x180")));
        assert_eq!(
            parsed("%geometry:1280,720\n"),
            (none(), None, some("1280x720"))
        );
        assert_eq!(
            parsed("% geometry 640x480\r\n"),
            (none(), None, some("640x480"))
        );
        assert_eq!(
            parsed("t,x@320,y@240,on\n"),
            (some("txyp"), None, some("320x240"))
        );
        assert_eq!(
            parsed("timestamp,x,y,polarity\n"),
            (some("txyp"), None, none())
        );
        assert_eq!(
            parsed("x;y;\"Timestamp [us]\";pol\n"),
            (some("xytp"), Some(TimeBase::MICROSECONDS), none())
        );
        assert_eq!(
            parsed("# time (s) x y p\n"),
            (some("txyp"), Some(TimeBase::SECONDS), none())
        );
        assert_eq!(
            parsed("\u{feff}x y p t_ns\n"),
            (some("xypt"), Some(TimeBase::NANOSECONDS), none())
        );
        assert_eq!(parsed("a,b,c,d\n"), (none(), None, none()));
        assert_eq!(parsed("x,x,y,p\n# geometry\n0 0\n"), (none(), None, none()));
    }

    #[test]
    fn names_that_are_not_understood_are_kept() {
        let strange = |text: &str| {
            let (number, line) = Header::parse(text.as_bytes(), 4).strange_names?;
            Some((number, String::from_utf8(line).unwrap()))
        };
        let at = |number, line: &str| Some((number, line.to_owned()));
        assert_eq!(strange("a b c d\n"), at(1, "a b c d"));
        assert_eq!(
            strange("240 180\nnan nan nan nan\n"),
            at(2, "nan nan nan nan")
        );
        assert_eq!(strange("# t x why p\n"), at(1, "# t x why p"));
        assert_eq!(strange("t,x,x,p\n"), at(1, "t,x,x,p"));
        // Prose is no names, unless it has a word for each column.
        assert_eq!(strange("# made by hand on a Monday\n"), None);
        assert_eq!(strange("# 240 180 0 1\n\n240 180\nt x y p\n"), None);
    }
}
