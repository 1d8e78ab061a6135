//! What the numbers of the columns mean.

use evz_core::columns::{Role, TimeColumn, TimeType, Times};
use evz_core::{Column, ColumnList, ExtraColumn, OpenOptions, Place, Result, TimeBase};

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
            Columns::Told(columns) => {
                let told = options.columns.as_ref().map(spaced).unwrap_or_default();
                (columns.clone(), Some(format!("{told} as told")))
            }
            Columns::Unnamed(columns) => {
                let first = columns.each_ref().map(&mut sample);
                let order = find_order(place, &first, options.size)?;
                let by_role = [Column::T, Column::X, Column::Y, Column::P];
                let columns = by_role.map(|column| columns[order.place(column)].clone());
                (columns, Some(format!("{} by their values", order.spaced())))
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
            Some(order) => format!("read as: {order} ({}, {unit})", columns[0].scalar.spelled),
            None => {
                let said = Role::ALL.into_iter().zip(&columns).map(|(role, column)| {
                    let unit = match role {
                        Role::Time => format!(", {unit}"),
                        _ => String::new(),
                    };
                    let spelled = &column.scalar.spelled;
                    format!("{} = {:?} ({spelled}{unit})", role.letter(), column.name)
                });
                let said: Vec<String> = said.collect();
                format!("read as: {}{}", said.join(", "), further(&layout.further))
            }
        };
        Ok(Self {
            columns,
            times,
            summary,
        })
    }
}

/// The columns as told, for people.
fn spaced(told: &ColumnList) -> String {
    match told.further() {
        [] if told.len() == 4 => told.order().spaced(),
        _ => told.to_string().replace(',', " "),
    }
}

/// What is said of further columns, not more than a message can hold.
fn further(columns: &[ExtraColumn]) -> String {
    const MAX_SHOWN: usize = 12;
    let shown = columns.iter().take(MAX_SHOWN);
    let shown = shown.map(|c| format!("{:?} ({})", c.name, c.column_type));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match columns.len() {
        0 => String::new(),
        n if n > MAX_SHOWN => format!("; also {shown} and {} others", n - MAX_SHOWN),
        _ => format!("; also {shown}"),
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
