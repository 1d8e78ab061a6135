//! The unit of a column of times, by what is known of it.

use super::Times;
use crate::{Error, Place, Question, Result, TimeBase, TimeUnit};

/// What is known of a column of times before it is read.
#[derive(Debug, Clone, Copy)]
pub struct TimeColumn<'a> {
    /// Where it stands, for messages.
    pub place: &'a Place,
    /// What it is called, for messages.
    pub name: &'a str,
    /// The type of its numbers.
    pub time_type: TimeType,
    /// The unit as the user tells it.
    pub told: Option<TimeBase>,
    /// The unit by its name.
    pub by_name: Option<TimeBase>,
    /// The unit by the metadata of the table.
    pub by_metadata: Option<TimeBase>,
}

/// The type of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeType {
    /// Whole numbers in a unit of the type itself.
    Unit(TimeBase),
    /// Whole numbers.
    Whole,
    /// Floats of 32 bits.
    Single,
    /// Floats of 64 bits.
    Double,
}

impl TimeColumn<'_> {
    /// How the times are read, and how that is said. `sample` gives the first of them, and is only
    /// asked for those of floats.
    ///
    /// # Errors
    /// If the user tells another unit than the type, or nothing tells one.
    pub fn times(&self, sample: impl FnOnce() -> Vec<f64>) -> Result<(Times, String)> {
        let Self { place, name, .. } = *self;
        if let TimeType::Unit(base) = self.time_type {
            if self.told.is_some_and(|told| told != base) {
                let what = format!("{place}: the type of column {name:?} says {base}");
                return Err(Error::invalid(what)
                    .without(Question::TimeUnit)
                    .advise("cast the column to whole numbers"));
            }
            return Ok((Times::whole(base), base.to_string()));
        }
        let known = [
            (self.told, "as told"),
            (self.by_name, "by its name"),
            (self.by_metadata, "by the metadata"),
        ];
        let known = known
            .into_iter()
            .find_map(|(unit, how)| unit.map(|unit| (unit, how)));
        if self.time_type != TimeType::Whole {
            let single = self.time_type == TimeType::Single;
            let unit = known.map(|(unit, _)| unit);
            let times = Times::float(place, name, unit, &sample(), single)?;
            let (unit, how) = known.unwrap_or((TimeBase::SECONDS, "for they are floats"));
            let tick = match times.base {
                TimeBase::MICROSECONDS => "microsecond",
                TimeBase::NANOSECONDS => "nanosecond",
                _ => "tick",
            };
            return Ok((times, format!("{unit} {how}, to the {tick}")));
        }
        let (unit, how) = known.ok_or_else(|| {
            let what =
                format!("column {name:?} holds whole numbers, and nothing says of which unit");
            Error::ambiguous(place, what).settled_by(Question::TimeUnit, TimeUnit::ALL)
        })?;
        Ok((Times::whole(unit), format!("{unit} {how}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(column: TimeColumn<'_>) -> String {
        match column.times(|| vec![0.5, 0.000_001]) {
            Ok((_, said)) => said,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn who_knows_the_unit() {
        let place = Place::file("a");
        let column = TimeColumn {
            place: &place,
            name: "t",
            time_type: TimeType::Whole,
            told: None,
            by_name: None,
            by_metadata: None,
        };
        let (us, ms) = (TimeBase::MICROSECONDS, TimeBase::MILLISECONDS);
        let by_metadata = TimeColumn {
            by_metadata: Some(us),
            ..column
        };
        let by_name = TimeColumn {
            by_name: Some(ms),
            ..by_metadata
        };
        let told = TimeColumn {
            told: Some(us),
            ..by_name
        };
        assert_eq!(said(by_metadata), "microseconds by the metadata");
        assert_eq!(said(by_name), "milliseconds by its name");
        assert_eq!(said(told), "microseconds as told");
        let of = |time_type, column: TimeColumn<'_>| {
            said(TimeColumn {
                time_type,
                ..column
            })
        };
        assert_eq!(
            of(TimeType::Double, column),
            "seconds for they are floats, to the microsecond"
        );
        assert_eq!(of(TimeType::Unit(ms), by_metadata), "milliseconds");
        assert_eq!(
            of(TimeType::Unit(ms), told),
            "a: the type of column \"t\" says milliseconds; leave out time_unit, or cast the column to whole numbers"
        );
        assert_eq!(
            said(column),
            "a: column \"t\" holds whole numbers, and nothing says of which unit; set time_unit to s, ms, us or ns"
        );
    }
}
