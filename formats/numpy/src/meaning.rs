//! What the numbers of the columns mean.

use evz_core::{Error, Result, TimeBase};

use crate::Options;
use crate::columns::{Order, Role, Times, find_order};
use crate::layout::{Columns, Layout, Place};
use crate::npy::Kind;

/// How the columns are read as events.
pub(crate) struct Meaning {
    /// In the order of [`Role::ALL`].
    pub(crate) columns: [Place; 4],
    pub(crate) times: Times,
    /// What was found, for people.
    pub(crate) summary: String,
}

impl Meaning {
    /// Looks at names and types, and where they do not tell at the first values of a column, which
    /// `sample` gives; `time_base` is what the file says of its times.
    ///
    /// # Errors
    /// If the columns, or their times, may be read in two ways.
    pub(crate) fn find(
        place: &str,
        layout: &Layout,
        time_base: Option<TimeBase>,
        options: &Options,
        mut sample: impl FnMut(&Place) -> Vec<f64>,
    ) -> Result<Self> {
        let (columns, order) = match &layout.columns {
            Columns::Named(columns) => (columns.clone(), None),
            Columns::Unnamed(columns) => {
                let (order, how) = match &options.columns {
                    Some(letters) => (Order::parse(letters)?, "by --columns"),
                    None => {
                        let first = columns.each_ref().map(&mut sample);
                        let order = find_order(place, &first, options.size)?;
                        (order, "by their values")
                    }
                };
                let columns = order.0.map(|place| columns[place].clone());
                (columns, Some((order, how)))
            }
        };
        let (times, unit) = times(place, &columns[0], time_base, options, &mut sample)?;
        let summary = match order {
            Some((order, how)) => {
                let letters: Vec<String> = order.to_string().chars().map(String::from).collect();
                format!(
                    "read as: {} {how} ({}, {unit})",
                    letters.join(" "),
                    columns[0].scalar.spelled
                )
            }
            None => {
                let said = Role::ALL.into_iter().zip(&columns).map(|(role, column)| {
                    let unit = match role {
                        Role::Time => format!(", {unit}"),
                        _ => String::new(),
                    };
                    let spelled = &column.scalar.spelled;
                    format!("{} = {:?} ({spelled}{unit})", role.letter(), column.name)
                });
                format!("read as: {}", said.collect::<Vec<_>>().join(", "))
            }
        };
        Ok(Self {
            columns,
            times,
            summary,
        })
    }
}

/// How times are read, and how that is said.
fn times(
    place: &str,
    column: &Place,
    time_base: Option<TimeBase>,
    options: &Options,
    sample: impl FnOnce(&Place) -> Vec<f64>,
) -> Result<(Times, String)> {
    let name = &column.name;
    let told = options.time_unit;
    if let Kind::Time(Some(base)) = column.scalar.kind {
        if told.is_some_and(|told| told != base) {
            let what = format!(
                "{place}: the type of {name:?} says {base}; leave out --time-unit, or cast it to whole numbers"
            );
            return Err(Error::invalid(what));
        }
        return Ok((Times::whole(base), base.to_string()));
    }
    let known = [
        (told, "as told"),
        (column.unit, "by its name"),
        (time_base, "by the metadata"),
    ];
    let known = known
        .into_iter()
        .find_map(|(unit, how)| unit.map(|unit| (unit, how)));
    if column.scalar.kind == Kind::Float {
        let single = column.scalar.size == size_of::<f32>();
        let unit = known.map(|(unit, _)| unit);
        let times = Times::float(place, name, unit, &sample(column), single)?;
        let (unit, how) = known.unwrap_or((TimeBase::SECONDS, "for they are floats"));
        let tick = if times.base == TimeBase::MICROSECONDS {
            "microsecond"
        } else {
            "nanosecond"
        };
        return Ok((times, format!("{unit} {how}, to the {tick}")));
    }
    let (unit, how) = known.ok_or_else(|| {
        let what = format!(
            "{name:?} holds whole numbers, and nothing says of which unit; pass --time-unit s, ms, us or ns"
        );
        Error::ambiguous(place, what)
    })?;
    Ok((Times::whole(unit), format!("{unit} {how}")))
}
