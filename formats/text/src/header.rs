//! What the lines before the first event say.

use evz_core::SensorSize;

use crate::{
    ColumnOrder, TimeUnit,
    columns::Column,
    line::{Split, is_comment, trim, without_end},
    number::Decimal,
};

/// The byte order mark of UTF-8.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What a header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The order of the columns, from their names.
    pub(crate) columns: Option<ColumnOrder>,
    /// The unit of the times, from the name of their column.
    pub(crate) unit: Option<TimeUnit>,
    /// The size of the sensor.
    pub(crate) size: Option<SensorSize>,
    /// Whether the size is a first line `W H`.
    pub(crate) size_is_first_line: bool,
    /// Whether it has `x@W`, as faery writes it.
    pub(crate) faery: bool,
    /// Whether it has `%geometry`, as Metavision writes it.
    pub(crate) geometry: bool,
}

impl Header {
    /// Reads the lines of a header.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut header = Self::default();
        let text = text.strip_prefix(BOM).unwrap_or(text);
        for line in text.split_inclusive(|&b| b == b'\n') {
            header.take_line(without_end(line));
        }
        header
    }

    fn take_line(&mut self, line: &[u8]) {
        if is_comment(line) {
            self.take_comment(line);
        } else if let Some(size) = size_line(line) {
            self.size_is_first_line = self.size.is_none();
            self.size = self.size.or(Some(size));
        } else {
            self.take_names(line);
        }
    }

    fn take_comment(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line).to_lowercase();
        if let Some((_, rest)) = text.split_once("geometry")
            && let Some(size) = geometry(rest)
        {
            self.size = self.size.or(Some(size));
            self.geometry |= text.starts_with("%geometry");
        } else {
            let names = line.iter().position(|b| !b"#%/! \t".contains(b));
            self.take_names(&line[names.unwrap_or(line.len())..]);
        }
    }

    fn take_names(&mut self, line: &[u8]) {
        let Some(names) = names(line) else { return };
        let Some(columns) = ColumnOrder::new(names.each_ref().map(|n| n.column)) else {
            return;
        };
        self.columns = Some(columns);
        self.unit = names.iter().find_map(|n| n.unit).or(self.unit);
        let side = |column| names.iter().find(|n| n.column == column)?.side;
        if let (Some(width), Some(height)) = (side(Column::X), side(Column::Y)) {
            self.size = Some(SensorSize { width, height });
            self.faery = true;
        }
    }
}

/// Whether a line can stand before the events: a remark, nothing, a size, or names of columns.
pub(crate) fn is_header_line(line: &[u8]) -> bool {
    let words = |line: &[u8]| {
        let (tokens, count) = Split::of(line).tokens(line);
        count >= 4
            && tokens
                .iter()
                .take(count)
                .all(|t| Decimal::parse(t).is_none())
            && std::str::from_utf8(line)
                .is_ok_and(|s| s.chars().all(|c| c == '\t' || !c.is_control()))
    };
    trim(line).is_empty() || is_comment(line) || size_line(line).is_some() || words(line)
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

struct Name {
    column: Column,
    unit: Option<TimeUnit>,
    side: Option<u32>,
}

/// The names of four columns, if that is what a line is.
fn names(line: &[u8]) -> Option<[Name; 4]> {
    let text = std::str::from_utf8(line).ok()?.to_lowercase();
    let parts: Vec<String> = match text.chars().find(|c| ",;\t".contains(*c)) {
        Some(separator) => text.split(separator).map(str::to_owned).collect(),
        None => {
            // `timestamp [us]` is one name.
            let joined = text.replace(" [", "[").replace(" (", "(");
            joined.split_whitespace().map(str::to_owned).collect()
        }
    };
    let names: Option<Vec<Name>> = parts.iter().map(|p| name(p)).collect();
    names?.try_into().ok()
}

fn name(text: &str) -> Option<Name> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let (text, side) = match text.split_once('@') {
        Some((name, side)) => (name, Some(side.trim().parse().ok()?)),
        None => (text, None),
    };
    let (stem, unit) = match text.split_once(['[', '(']) {
        Some((stem, unit)) => (stem.trim(), Some(unit.trim_end_matches([']', ')']).trim())),
        None => match text.rsplit_once('_') {
            Some((stem, unit)) if TimeUnit::from_any_name(unit).is_some() => (stem, Some(unit)),
            _ => (text, None),
        },
    };
    let column = match stem {
        "t" | "ts" | "time" | "timestamp" | "timestamps" | "times" => Column::T,
        "x" | "xs" => Column::X,
        "y" | "ys" => Column::Y,
        "p" | "pol" | "polarity" | "polarities" | "on" => Column::P,
        _ => return None,
    };
    let unit = unit
        .filter(|_| column == Column::T)
        .and_then(TimeUnit::from_any_name);
    Some(Name { column, unit, side })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, Option<TimeUnit>, Option<String>) {
        let h = Header::parse(text.as_bytes());
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
            (some("xytp"), Some(TimeUnit::Microseconds), none())
        );
        assert_eq!(
            parsed("# time (s) x y p\n"),
            (some("txyp"), Some(TimeUnit::Seconds), none())
        );
        assert_eq!(
            parsed("\u{feff}x y p t_ns\n"),
            (some("xypt"), Some(TimeUnit::Nanoseconds), none())
        );
        assert_eq!(parsed("a,b,c,d\n"), (none(), None, none()));
        assert_eq!(parsed("x,x,y,p\n# geometry\n0 0\n"), (none(), None, none()));
    }
}
