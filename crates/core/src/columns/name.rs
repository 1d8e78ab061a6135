//! Which column holds what, by its name.

use crate::{ColumnPaths, Error, ErrorKind, Note, Place, Question, Result, TimeBase};

/// What a column of events holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// When: `t`.
    Time,
    /// The pixel from the left.
    X,
    /// The pixel from the top.
    Y,
    /// ON or OFF: `p`.
    Polarity,
}

/// For each role, in the order of [`Role::ALL`], the number of the column that has it.
pub type Roles = [usize; 4];

/// What the name of a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// What the column holds.
    pub role: Role,
    /// The unit of its times: `t_us`.
    pub unit: Option<TimeBase>,
    /// The side of the sensor along it: `x@346`.
    pub extent: Option<u32>,
    /// Whether it is one of the names that tables of events usually have, and not another one that
    /// is understood, such as `x_pos` for `x`.
    pub usual: bool,
}

impl Role {
    /// All of them, in the order in which columns are named.
    pub const ALL: [Self; 4] = [Self::Time, Self::X, Self::Y, Self::Polarity];

    /// What evz calls the column.
    pub fn letter(self) -> &'static str {
        self.usual_names()[0]
    }

    /// The columns of a table that hold its events; `place` is for messages.
    ///
    /// The letter itself wins over other [usual](Named::usual) names, and these over those that are
    /// understood as well.
    ///
    /// # Errors
    /// If one is missing, or two have names that fit; [`Question::Paths`] settles it.
    pub fn find(place: impl Into<Place>, names: &[&str]) -> Result<Roles> {
        let place = place.into();
        let fitting = Self::ALL.map(|role| role.fitting(names));
        let first = fitting.each_ref().map(|columns| columns.first().copied());
        let told = |columns: [Option<usize>; 4]| told(columns, names);
        for (i, (role, columns)) in Self::ALL.into_iter().zip(&fitting).enumerate() {
            match columns.as_slice() {
                [_] => {}
                [] => {
                    let what = format!(
                        "it has no column {}; it has {}",
                        role.usual_names().join(", "),
                        list(names)
                    );
                    let error = Error::unsupported(place, what);
                    return Err(match names.len() < Self::ALL.len() {
                        true => error.advise("name the columns of its events t, x, y and p"),
                        false => error.settled_by(Question::Paths, [told(first)]),
                    });
                }
                [a, b, ..] => {
                    let what = format!(
                        "both {:?} and {:?} may be {}",
                        names[*a],
                        names[*b],
                        role.letter()
                    );
                    let readings = [a, b].map(|column| {
                        let mut columns = first;
                        columns[i] = Some(*column);
                        told(columns)
                    });
                    return Err(Error::ambiguous(place, what).settled_by(Question::Paths, readings));
                }
            }
        }
        // One each, as was seen.
        Ok(first.map(Option::unwrap_or_default))
    }

    /// The same, or the columns that are told by their names.
    ///
    /// # Errors
    /// As [`Role::find`], or if one that is told is not there.
    pub fn find_or_told(
        place: impl Into<Place>,
        names: &[&str],
        told: Option<&ColumnPaths>,
    ) -> Result<Roles> {
        let Some(told) = told else {
            return Self::find(place, names);
        };
        let place = place.into();
        let mut roles = [0; 4];
        for (path, found) in told.paths().into_iter().zip(&mut roles) {
            *found = names.iter().position(|name| *name == path).ok_or_else(|| {
                let what = format!("it has no column {path:?}; it has {}", list(names));
                Error::new(ErrorKind::InvalidArgument, &place, what)
                    .settled_by(Question::Paths, [""; 0])
            })?;
        }
        Ok(roles)
    }

    /// The columns that this may be, by the best names for it that there are.
    fn fitting(self, names: &[&str]) -> Vec<usize> {
        let of = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..names.len()).filter(|i| fits(names[*i])).collect()
        };
        let named =
            |name: &str, usual| Self::of(name).is_some_and(|n| n.role == self && n.usual == usual);
        // Among further columns there may be another time, or another `y_pos`.
        let mut columns = of(&|name| name.eq_ignore_ascii_case(self.letter()));
        for usual in [true, false] {
            if columns.is_empty() {
                columns = of(&|name| named(name, usual));
            }
        }
        columns
    }
}

/// These columns as they can be told, NAME for those that are not known.
fn told(columns: [Option<usize>; 4], names: &[&str]) -> String {
    let name = |column: Option<usize>| {
        let name = column.map(|column| names[column]);
        // Not every name can stand in a list.
        name.filter(|name| !name.contains([',', '=']) && name.trim() == *name)
            .unwrap_or("NAME")
    };
    ColumnPaths::new(columns.map(name)).to_string()
}

/// What evz calls a column of times in this unit: `t_us`, `t_25ns`, `t_1/24000000s`.
pub fn time_name(base: TimeBase) -> String {
    match base {
        TimeBase::SECONDS => "t_s".to_owned(),
        TimeBase::MILLISECONDS => "t_ms".to_owned(),
        TimeBase::MICROSECONDS => "t_us".to_owned(),
        TimeBase::NANOSECONDS => "t_ns".to_owned(),
        base => match base.whole_nanoseconds() {
            Some(nanoseconds) => format!("t_{nanoseconds}ns"),
            None => format!("t_{}s", base.fraction()),
        },
    }
}

/// What is said of the columns that are not `read`, if there are any; `what` they are is for the
/// message.
pub fn not_read(what: &str, names: &[&str], read: &[usize]) -> Option<Note> {
    let unread = names.iter().enumerate().filter(|(i, _)| !read.contains(i));
    let names: Vec<String> = unread.map(|(_, name)| (*name).to_owned()).collect();
    (!names.is_empty()).then(|| Note::NotRead {
        what: what.to_owned(),
        names,
    })
}

/// The names of columns, not more of them than a message can hold.
fn list(names: &[&str]) -> String {
    const MAX_SHOWN: usize = 12;
    let shown: Vec<String> = names
        .iter()
        .take(MAX_SHOWN)
        .map(|name| format!("{:?}", name.chars().take(40).collect::<String>()))
        .collect();
    match names.len() {
        0 => "no columns".to_owned(),
        n if n > MAX_SHOWN => format!("{} and {} others", shown.join(", "), n - MAX_SHOWN),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_use() {
        let tables = [
            ["t", "x", "y", "p"],
            ["ts", "x", "y", "pol"],
            ["Timestamp", "X", "Y", "Polarity"],
            ["time_ns", "x@346", "y@260", "on"],
        ];
        for names in tables {
            assert_eq!(Role::find("", &names).unwrap(), [0, 1, 2, 3], "{names:?}");
        }
        assert_eq!(
            Role::find("", &["on", "extra", "y", "timestamps", "x"]).unwrap(),
            [3, 4, 2, 0]
        );
        for name in [
            "x_us", "t_min", "t@5", "x@", "y@0", "p@3", "t_0ns", "t_-1ns", "t_1/0s", "t_1/3",
            "t_/s",
        ] {
            assert_eq!(Role::of(name), None, "{name}");
        }
        assert_eq!(Role::of("x@346").unwrap().extent, Some(346));
    }

    #[test]
    fn a_usual_name_wins() {
        let names = [
            "x_pos",
            "x",
            "y",
            "event_time",
            "t_us",
            "index",
            "p",
            "polarities",
        ];
        assert_eq!(Role::find("", &names).unwrap(), [4, 1, 2, 6]);
        let names = ["xs", "ys", "ts", "ps"];
        assert_eq!(Role::find("", &names).unwrap(), [2, 0, 1, 3]);
        let two = Role::find("a", &["t", "x_pos", "col", "y", "p"]).unwrap_err();
        assert_eq!(
            two.to_string(),
            "a: both \"x_pos\" and \"col\" may be x; set paths to t=t,x=x_pos,y=y,p=p or t=t,x=col,y=y,p=p"
        );
    }

    #[test]
    fn names_say_the_unit() {
        for (base, expected) in [
            ((1, 1_000_000_000), "t_ns"),
            ((1, 40_000_000), "t_25ns"),
            ((1, 1_000_000), "t_us"),
            ((1, 1_000), "t_ms"),
            ((1, 1), "t_s"),
            ((1, 24_000_000), "t_1/24000000s"),
            ((2, 3), "t_2/3s"),
        ] {
            let base = TimeBase::new(base.0, base.1);
            let name = time_name(base.unwrap());
            assert_eq!(name, expected);
            assert_eq!(Role::of(&name).unwrap().unit, base, "{name}");
        }
    }

    #[test]
    fn the_letter_wins_over_names_that_a_further_column_may_have() {
        let names = ["timestamp", "x_pos", "P", "t", "polarity", "y", "x"];
        assert_eq!(Role::find("", &names).unwrap(), [3, 6, 5, 2]);
    }

    #[test]
    fn names_that_do_not_fit() {
        let none = Role::find("a", &["t", "x", "y"]).unwrap_err().to_string();
        assert_eq!(
            none,
            "a: it has no column p, pol, polarity, on; it has \"t\", \"x\", \"y\"; name the columns of its events t, x, y and p"
        );
        let two = Role::find("a", &["ts", "timestamp", "x", "y", "p"]).unwrap_err();
        assert_eq!(two.kind(), crate::ErrorKind::Ambiguous, "{two}");
    }

    #[test]
    fn what_is_not_read_is_named_as_far_as_a_message_can() {
        let said = |names: &[&str], read: &[usize]| {
            not_read("fields", names, read).map(|note| note.to_string())
        };
        assert_eq!(said(&["t", "x"], &[1, 0]), None);
        assert_eq!(
            said(&["t", "a", "x"], &[2, 0]).unwrap(),
            "fields that are not read: \"a\""
        );
        let many = said(&["a"; 15], &[0]).unwrap();
        assert!(many.ends_with("\"a\" and 2 others"), "{many}");
    }
}
