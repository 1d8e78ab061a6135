//! A line of names of columns.

use evz_core::columns::{Named, Role};
use evz_core::{Column, ColumnOrder, ColumnType, ExtraColumn, TimeBase, TimeUnit};

use crate::{line::Split, line_columns::LineColumns, number::Decimal};

/// What a line of names says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) order: ColumnOrder,
    /// Which of the columns are t, x, y and p.
    pub(crate) line: LineColumns,
    /// The names of the others.
    pub(crate) further: Vec<String>,
    /// The unit that stands with the time.
    pub(crate) unit: Option<TimeBase>,
    /// Width and height, behind an `@`.
    pub(crate) sides: Option<(u32, u32)>,
    /// Whether they are the names that DV exports have, which are in microseconds.
    pub(crate) dv: bool,
}

/// The names in a line.
fn parts(line: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(line).ok()?.trim();
    Some(match text.chars().find(|c| ",;\t".contains(*c)) {
        Some(separator) => text.split(separator).map(|s| s.trim().to_owned()).collect(),
        None => {
            // `timestamp [us]` is one name.
            let joined = text.replace(" [", "[").replace(" (", "(");
            joined.split_whitespace().map(str::to_owned).collect()
        }
    })
}

/// Whether a line has a word for each of the four columns, understood or not.
pub(super) fn are_four_words(line: &[u8]) -> bool {
    parts(line).is_some_and(|parts| parts.len() == 4 && parts.iter().all(|p| is_word(p)))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && Decimal::parse(text.as_bytes()).is_none()
}

/// Whether a line is made of nothing but words, as many as there are columns or more.
pub(super) fn are_words(line: &[u8]) -> bool {
    let (tokens, count) = Split::of(line).tokens(line);
    count >= 4
        && tokens
            .iter()
            .take(count)
            .all(|t| Decimal::parse(t).is_none())
        && std::str::from_utf8(line).is_ok_and(|s| s.chars().all(|c| c == '\t' || !c.is_control()))
}

impl Names {
    /// The names of the columns, if that is what a line is: those of t, x, y and p are understood, and
    /// all others are names of further columns.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let parts = parts(line)?;
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let roles = Role::find("", &names).ok()?;
        let named = roles.map(|place| Role::of(names[place]));
        let [time, x, y, _] = &named;
        let side = |named: &Option<Named>| named.as_ref()?.extent;
        let line_columns = LineColumns::around(roles, names.len());
        let order = line_columns.four.map(|place| {
            let role = roles.iter().position(|p| *p == place);
            Column::ALL[role.unwrap_or(0)]
        });
        let unquoted = |place: &usize| names[*place].trim_matches(['"', '\'']).to_owned();
        let further: Vec<String> = line_columns.further.iter().map(unquoted).collect();
        let columns = further.iter();
        let columns: Vec<ExtraColumn> = columns
            .map(|name| ExtraColumn::new(name, ColumnType::U8))
            .collect();
        ExtraColumn::check(&columns).ok()?;
        let is = |(part, name): (&String, &str)| part.eq_ignore_ascii_case(name);
        let dv = ["timestamp", "x", "y", "polarity"];
        Some(Self {
            order: ColumnOrder::new(order)?,
            unit: time.as_ref()?.unit,
            sides: side(x).zip(side(y)),
            dv: parts.len() == 4 && parts.iter().zip(dv).all(is) && line.contains(&b','),
            line: line_columns,
            further,
        })
    }
}

/// The unit in `us]`, `s)` or `float s)`.
fn unit_in_brackets(text: &str) -> Option<TimeBase> {
    let text = text.trim_end_matches([']', ')', ' ']);
    TimeUnit::from_any_name(text.split_whitespace().next_back()?).map(TimeUnit::time_base)
}

/// The unit in a remark that tells of the columns, such as v2e's `Format is time (float s), x, y,
/// polarity (0=off, 1=on)`. The text is in lower case.
pub(super) fn unit_in_remark(text: &str) -> Option<TimeBase> {
    let (_, rest) = text.split_once("time")?;
    let rest = rest.strip_prefix("stamp").unwrap_or(rest).trim_start();
    let (unit, after) = rest.strip_prefix(['(', '['])?.split_once([')', ']'])?;
    // An exposure time has no coordinates behind it.
    after
        .trim_start_matches([',', ';', ' ', '\t'])
        .starts_with('x')
        .then(|| unit_in_brackets(unit))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_in_many_spellings() {
        for (line, order) in [
            ("t x y p", "txyp"),
            ("row,col,timestamp,polarity", "yxtp"),
            ("column row time pol", "xytp"),
            ("y_coord x_coord t p", "yxtp"),
            ("x-position;y-position;time stamp;on", "xytp"),
            ("x_pos,y_pos,p,event_time", "xypt"),
            ("t_25ns x y p", "txyp"),
            ("t_1/24000000s,x,y,p", "txyp"),
            ("\"X [px]\",\"Y [px]\",\"t (float s)\",\"p\"", "xytp"),
        ] {
            let names = Names::parse(line.as_bytes()).map(|n| n.order.to_string());
            assert_eq!(names.as_deref(), Some(order), "{line}");
        }
        for line in [
            "a b c d",
            "t x y",
            "t x y p id id",
            "x x y p",
            "t[weeks] x y p",
            "t x_y y p",
        ] {
            assert_eq!(Names::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn others_are_further_columns() {
        let names = Names::parse(b"x,y,Label,\"signal ratio\",t_us,p").unwrap();
        assert_eq!(names.order.to_string(), "xytp");
        assert_eq!(names.further, ["Label", "signal ratio"]);
        assert_eq!(names.line.four, [0, 1, 4, 5]);
        assert_eq!(names.line.further, [2, 3]);
        assert_eq!(names.unit, Some(TimeBase::MICROSECONDS));
    }

    #[test]
    fn a_remark_may_name_the_unit() {
        let v2e = "# format is time (float s), x, y, polarity (0=off, 1=on)";
        assert_eq!(unit_in_remark(v2e), Some(TimeBase::SECONDS));
        let us = "# timestamp [us] x y p";
        assert_eq!(unit_in_remark(us), Some(TimeBase::MICROSECONDS));
        assert_eq!(unit_in_remark("# exposure time (ms): 10"), None);
        assert_eq!(unit_in_remark("# time x y p"), None);
    }
}
