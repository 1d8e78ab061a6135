//! What the numbers of the columns mean.

use evz_core::columns::{Role, TimeColumn, TimeType, Times};
use evz_core::{Column, ColumnList, OpenOptions, Place, Result, TimeBase};

use crate::columns::find_order;
use crate::layout::{ColumnPlace, Columns, Layout};
use crate::npy::{Kind, Scalar};

/// How the columns are read as events.
pub(crate) struct Meaning {
    /// In the order of [`Role::ALL`].
    pub(crate) columns: [ColumnPlace; 4],
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
        place: &Place,
        layout: &Layout,
        time_base: Option<TimeBase>,
        options: &OpenOptions,
        mut sample: impl FnMut(&ColumnPlace) -> Vec<f64>,
    ) -> Result<Self> {
        let (columns, order) = match &layout.columns {
            Columns::Named(columns) => (columns.clone(), None),
            Columns::Unnamed(columns) => {
                let (order, how) = match options.columns.as_ref().map(ColumnList::order) {
                    Some(order) => (order, "as told"),
                    None => {
                        let first = columns.each_ref().map(&mut sample);
                        let order = find_order(place, &first, options.size)?;
                        (order, "by their values")
                    }
                };
                let by_role = [Column::T, Column::X, Column::Y, Column::P];
                let columns = by_role.map(|column| columns[order.place(column)].clone());
                (columns, Some((order, how)))
            }
        };
        let t = &columns[0];
        let time_column = TimeColumn {
            place,
            name: &t.name,
            time_type: time_type(&t.scalar),
            told: options.time_unit.map(|unit| unit.time_base()),
            by_name: t.unit,
            by_metadata: time_base,
        };
        let (times, unit) = time_column.times(|| sample(t))?;
        let summary = match order {
            Some((order, how)) => format!(
                "read as: {} {how} ({}, {unit})",
                order.spaced(),
                columns[0].scalar.spelled
            ),
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

fn time_type(scalar: &Scalar) -> TimeType {
    match scalar.kind {
        Kind::Time(Some(base)) => TimeType::Unit(base),
        Kind::Float if scalar.size == size_of::<f32>() => TimeType::Single,
        Kind::Float => TimeType::Double,
        _ => TimeType::Whole,
    }
}
