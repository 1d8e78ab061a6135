//! What columns of events are called, by the many tools that write them.

use super::{Named, Role};
use crate::{TimeBase, TimeUnit};

/// Words that say nothing of what a column holds.
const FILLERS: [&str; 16] = [
    "addr",
    "address",
    "coord",
    "coords",
    "coordinate",
    "coordinates",
    "event",
    "events",
    "idx",
    "index",
    "loc",
    "pix",
    "pixel",
    "pos",
    "position",
    "px",
];

impl Role {
    /// What the column is called in tables of events in use, in small letters; the first is what evz
    /// calls it.
    pub(super) fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Time => &["t", "ts", "time", "timestamp", "timestamps"],
            Self::X => &["x"],
            Self::Y => &["y"],
            Self::Polarity => &["p", "pol", "polarity", "on"],
        }
    }

    /// Other names, once [`FILLERS`] are taken out of them.
    fn other_names(self) -> &'static [&'static str] {
        match self {
            Self::Time => &["times", "time stamp"],
            Self::X => &["xs", "xpos", "xcoord", "col", "cols", "column", "columns"],
            Self::Y => &["ys", "ypos", "ycoord", "row", "rows"],
            Self::Polarity => &["ps", "pols", "polarities"],
        }
    }

    /// What a column is by its name, in letters of any size. A unit may stand behind that of a time
    /// (`t_us`, `Timestamp [us]`), and the side of the sensor behind that of a coordinate (`x@346`).
    /// A time in a unit that is not known is no column of times.
    pub fn of(name: &str) -> Option<Named> {
        let name = name.to_lowercase();
        usual(&name).or_else(|| understood(&name))
    }
}

fn named(name: &str) -> Option<Role> {
    (Role::ALL.into_iter()).find(|role| role.usual_names().contains(&name))
}

fn is_coordinate(role: &Role) -> bool {
    matches!(role, Role::X | Role::Y)
}

fn usual(name: &str) -> Option<Named> {
    let plain = |role| Named {
        role,
        unit: None,
        extent: None,
        usual: true,
    };
    if let Some(role) = named(name) {
        return Some(plain(role));
    }
    if let Some((stem, side)) = name.split_once('@') {
        return Some(Named {
            extent: Some(extent(side)?),
            ..plain(named(stem).filter(is_coordinate)?)
        });
    }
    let (stem, unit) = name.rsplit_once('_')?;
    Some(Named {
        unit: Some(ticks(unit)?),
        ..plain(named(stem).filter(|role| *role == Role::Time)?)
    })
}

/// The same for names that are seldom, or spelled in another way.
fn understood(name: &str) -> Option<Named> {
    let name = name.trim_matches([' ', '\t', '"', '\'']);
    let named = |role, unit, extent| {
        Some(Named {
            role,
            unit,
            extent,
            usual: false,
        })
    };
    if let Some((stem, side)) = name.split_once('@') {
        let role = of_words(stem).filter(is_coordinate)?;
        return named(role, None, Some(extent(side)?));
    }
    if let Some((stem, unit)) = name.split_once(['[', '(']) {
        let role = of_words(stem)?;
        // Behind a coordinate stands what is no unit of time: `x [px]`.
        return match role {
            Role::Time => named(role, Some(unit_in_brackets(unit)?), None),
            _ => named(role, None, None),
        };
    }
    if let Some((stem, unit)) = name.rsplit_once('_')
        && let Some(unit) = unit_of(unit)
    {
        let role = of_words(stem).filter(|role| *role == Role::Time)?;
        return named(role, Some(unit), None);
    }
    named(of_words(name)?, None, None)
}

fn of_words(name: &str) -> Option<Role> {
    let words: Vec<&str> = name
        .split(['_', '-', ' ', '.'])
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .collect();
    let words = words.join(" ");
    named(&words).or_else(|| {
        (Role::ALL.into_iter()).find(|role| role.other_names().contains(&words.as_str()))
    })
}

fn extent(side: &str) -> Option<u32> {
    side.trim().parse().ok().filter(|side| *side > 0)
}

/// What stands behind `t_` in the tables that evz writes: a unit, nanoseconds as in `25ns`, or a
/// fraction of a second as in `1/24000000s`.
fn ticks(name: &str) -> Option<TimeBase> {
    let unit = TimeUnit::ALL.into_iter().find(|u| u.symbol() == name);
    unit.map(TimeUnit::time_base)
        .or_else(|| TimeBase::from_nanoseconds(name.strip_suffix("ns")?.parse().ok()?))
        .or_else(|| TimeBase::from_fraction(name.strip_suffix('s')?))
}

fn unit_of(name: &str) -> Option<TimeBase> {
    let unit = TimeUnit::from_any_name(name).map(TimeUnit::time_base);
    unit.or_else(|| ticks(name))
}

/// The unit in `us]`, `s)` or `float s)`.
fn unit_in_brackets(text: &str) -> Option<TimeBase> {
    let text = text.trim_end_matches([']', ')', ' ']);
    unit_of(text.split_whitespace().next_back()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_in_many_spellings() {
        for (role, names) in [
            (
                Role::Time,
                &[
                    "T",
                    "time stamp",
                    "Time-Stamp",
                    "event_time",
                    "\"Timestamp [us]\"",
                    "t (float s)",
                    "times_usec",
                    "event_time_25ns",
                ][..],
            ),
            (
                Role::X,
                &[
                    "xs",
                    "x_pos",
                    "x-position",
                    "X [px]",
                    "column",
                    "x_coord",
                    "'col'",
                    "x_pos@346",
                ],
            ),
            (Role::Y, &["ys", "y.addr", "row", "rows", "event y"]),
            (
                Role::Polarity,
                &["ps", "polarities", "event_polarity", "on"],
            ),
        ] {
            for name in names {
                assert_eq!(Role::of(name).map(|n| n.role), Some(role), "{name}");
            }
        }
        for name in [
            "", "a", "index", "t[weeks]", "t []", "x_y", "x y", "pos", "p@3", "x_usec", "x_pos@0",
            "time_min",
        ] {
            assert_eq!(Role::of(name), None, "{name}");
        }
    }

    #[test]
    fn a_unit_may_stand_with_the_time() {
        for (name, unit) in [
            ("timestamp [us]", TimeBase::MICROSECONDS),
            ("time (float s)", TimeBase::SECONDS),
            ("event_time_µs", TimeBase::MICROSECONDS),
            ("times_msec", TimeBase::MILLISECONDS),
        ] {
            assert_eq!(Role::of(name).unwrap().unit, Some(unit), "{name}");
        }
    }
}
