//! A line of names of columns.

use evz_core::columns::{Named, Role};
use evz_core::{Column, ColumnOrder, ColumnType, ExtraColumn, TimeBase, TimeUnit};

use crate::{line::Split, line_columns::LineColumns, number::Decimal};

/// What a line of names says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) order: ColumnOrder,
    /// Which of the columns are t, x, y and p, and which others have a name.
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

/// The names in a line, in each way that it may be split.
fn parts(line: &[u8]) -> Vec<Vec<String>> {
    let Ok(text) = std::str::from_utf8(line) else {
        return Vec::new();
    };
    let split = |text: &str, separator| -> Vec<String> {
        text.split(separator).map(|s| s.trim().to_owned()).collect()
    };
    let bare = text.trim();
    match bare.chars().find(|c| ",;\t".contains(*c)) {
        Some('\t') => {
            // Lines of data take a run of tabs for one: an empty name is that of a column, or none.
            let all = split(text, '\t');
            let some = all.iter().filter(|name| !name.is_empty()).cloned();
            let some: Vec<String> = some.collect();
            match some.len() == all.len() {
                true => vec![all],
                false => vec![all, some],
            }
        }
        Some(separator) => vec![split(bare, separator)],
        None => {
            // `timestamp [us]` is one name.
            let joined = bare.replace(" [", "[").replace(" (", "(");
            vec![joined.split_whitespace().map(str::to_owned).collect()]
        }
    }
}

/// Whether a line has a word for each of the four columns, understood or not.
pub(super) fn are_four_words(line: &[u8]) -> bool {
    let are = |parts: &Vec<String>| parts.len() == 4 && parts.iter().all(|p| is_word(p));
    parts(line).iter().any(are)
}

/// Where t, x, y and p stand by a line of names, whatever the others are called.
pub(crate) fn places(line: &[u8]) -> Option<Vec<Option<Column>>> {
    let names = parts(line).pop()?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut places = vec![None; names.len()];
    for (place, column) in Role::find("", &names).ok()?.into_iter().zip(Column::ALL) {
        places[place] = Some(column);
    }
    Some(places)
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
    /// The names of the columns, if that is what a line is, for each number of them that it may be: those
    /// of t, x, y and p are understood, and all others are names of further columns. One without a name, as
    /// pandas writes the numbers of rows, is none of these.
    pub(crate) fn parse(line: &[u8]) -> impl Iterator<Item = Self> {
        let has_comma = line.contains(&b',');
        let all = parts(line).into_iter();
        all.filter_map(move |parts| Self::of(&parts, has_comma))
    }

    fn of(parts: &[String], has_comma: bool) -> Option<Self> {
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let roles = Role::find("", &names).ok()?;
        let named = roles.map(|place| Role::of(names[place]));
        let [time, x, y, _] = &named;
        let side = |named: &Option<Named>| named.as_ref()?.extent;
        let mut line_columns = LineColumns::around(roles, names.len());
        let order = line_columns.four.map(|place| {
            let role = roles.iter().position(|p| *p == place);
            Column::ALL[role.unwrap_or(0)]
        });
        let unquoted = |place: &usize| names[*place].trim_matches(['"', '\'']).to_owned();
        (line_columns.further).retain(|place| !unquoted(place).trim().is_empty());
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
            dv: parts.len() == 4 && parts.iter().zip(dv).all(is) && has_comma,
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
            assert_eq!(names.collect::<Vec<_>>(), [order], "{line}");
        }
        for line in [
            "a b c d",
            "t x y",
            "t x y p id id",
            "x x y p",
            "t[weeks] x y p",
            "t x_y y p",
        ] {
            assert_eq!(Names::parse(line.as_bytes()).count(), 0, "{line}");
        }
    }

    #[test]
    fn others_are_further_columns() {
        let mut all = Names::parse(b"x,y,Label,\"signal ratio\",t_us,p");
        let names = all.next().unwrap();
        assert_eq!(names.order.to_string(), "xytp");
        assert_eq!(names.further, ["Label", "signal ratio"]);
        assert_eq!(names.line.four, [0, 1, 4, 5]);
        assert_eq!(names.line.further, [2, 3]);
        assert_eq!(names.unit, Some(TimeBase::MICROSECONDS));
    }

    #[test]
    fn columns_without_a_name_are_no_further_ones() {
        let found = |line: &str| -> Vec<([usize; 4], Vec<usize>, usize)> {
            let names = Names::parse(line.as_bytes()).map(|n| n.line);
            names
                .map(|line| (line.four, line.further, line.len))
                .collect()
        };
        assert_eq!(found(",t,x,y,p"), [([1, 2, 3, 4], vec![], 5)]);
        assert_eq!(found("\"\";t;a;x; ;y;p;"), [([1, 3, 5, 6], vec![2], 8)]);
        let tabs = [([1, 2, 3, 4], vec![], 5), ([0, 1, 2, 3], vec![], 4)];
        assert_eq!(found("\tt\tx\ty\tp"), tabs);
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
