//! Which column holds what, by its name.

use evz_core::{Error, Result, TimeBase};

/// What a column of events holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Time,
    X,
    Y,
    Polarity,
}

/// For each role, in the order of [`Role::ALL`], the number of the column that has it.
pub(crate) type Roles = [usize; 4];

impl Role {
    pub(crate) const ALL: [Self; 4] = [Self::Time, Self::X, Self::Y, Self::Polarity];

    /// What evz calls the column.
    pub(crate) fn letter(self) -> &'static str {
        self.names()[0]
    }

    /// What the column is called in recordings in use, in small letters.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Time => &["t", "ts", "time", "timestamp", "timestamps"],
            Self::X => &["x"],
            Self::Y => &["y"],
            Self::Polarity => &["p", "pol", "polarity", "on"],
        }
    }

    /// The role of a column, and the unit of its times where its name ends in one: `t_us`.
    pub(crate) fn of(name: &str) -> Option<(Self, Option<TimeBase>)> {
        let name = name.to_lowercase();
        let named = |name: &str| Self::ALL.into_iter().find(|r| r.names().contains(&name));
        if let Some(role) = named(&name) {
            return Some((role, None));
        }
        let (stem, unit) = name.rsplit_once('_')?;
        let base = match unit {
            "s" => TimeBase::SECONDS,
            "ms" => TimeBase::MILLISECONDS,
            "us" => TimeBase::MICROSECONDS,
            "ns" => TimeBase::NANOSECONDS,
            _ => return None,
        };
        (named(stem) == Some(Self::Time)).then_some((Self::Time, Some(base)))
    }

    /// The columns of a table that hold its events; `place` is for messages.
    ///
    /// # Errors
    /// If one is missing, or two have names that fit.
    pub(crate) fn find(place: &str, names: &[&str]) -> Result<Roles> {
        let mut roles = [0; 4];
        for (role, found) in Self::ALL.into_iter().zip(&mut roles) {
            let mut fitting = names
                .iter()
                .enumerate()
                .filter(|(_, name)| Self::of(name).is_some_and(|(r, _)| r == role));
            let Some((index, first)) = fitting.next() else {
                return Err(Error::unsupported(
                    place,
                    format!(
                        "it has no column {}; it has {}. Name the columns of its events t, x, y and p",
                        role.names().join(", "),
                        list(names)
                    ),
                ));
            };
            if let Some((_, second)) = fitting.next() {
                return Err(Error::ambiguous(
                    place,
                    format!(
                        "both {first:?} and {second:?} may be {}; rename or drop one of them",
                        role.letter()
                    ),
                ));
            }
            *found = index;
        }
        Ok(roles)
    }
}

/// The names of a table, not more of them than a message can hold.
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
            ["time_ns", "x", "y", "on"],
        ];
        for names in tables {
            assert_eq!(Role::find("", &names).unwrap(), [0, 1, 2, 3], "{names:?}");
        }
        assert_eq!(
            Role::find("", &["on", "extra", "y", "timestamps", "x"]).unwrap(),
            [3, 4, 2, 0]
        );
        assert_eq!(Role::of("x_us"), None);
        assert_eq!(Role::of("t_min"), None);
    }

    #[test]
    fn names_that_do_not_fit() {
        let none = Role::find("a", &["t", "x", "y"]).unwrap_err().to_string();
        assert_eq!(
            none,
            "a: it has no column p, pol, polarity, on; it has \"t\", \"x\", \"y\". Name the columns of its events t, x, y and p"
        );
        let two = Role::find("a", &["t", "timestamp", "x", "y", "p"]).unwrap_err();
        assert!(matches!(two, Error::Ambiguous { .. }), "{two}");
    }
}
