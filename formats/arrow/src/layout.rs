//! Which columns of a table hold what, and how they are read.

use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use evz_core::{Error, Result, TimeBase};

use crate::columns::{Bad, Role, Roles, Rounded, Times};
use crate::rows::{Column, Pairs};
use crate::{Options, metadata};

/// Calls `$act` with the numbers of `$array`, whatever their type, without regard to nulls.
macro_rules! numbers {
    ($array:expr, $values:ident => $act:expr) => {{
        use arrow_schema::DataType as D;
        let data = $array.to_data();
        macro_rules! of {
            ($number:ty) => {{
                let $values = &data.buffer::<$number>(0)[..data.len()];
                $act
            }};
        }
        match data.data_type() {
            D::Int8 => of!(i8),
            D::Int16 => of!(i16),
            D::Int32 => of!(i32),
            D::UInt8 => of!(u8),
            D::UInt16 => of!(u16),
            D::UInt32 => of!(u32),
            D::UInt64 => of!(u64),
            D::Float32 => of!(f32),
            D::Float64 => of!(f64),
            // The layout lets in nothing else but times, which are numbers of this type.
            _ => of!(i64),
        }
    }};
}
pub(crate) use numbers;

/// Times that are looked at to find the tick of floats.
const MAX_SAMPLE: usize = 1 << 20;

/// How the columns of a table are read as events.
pub(crate) struct Layout {
    pub(crate) times: Times,
    /// What was found, for people.
    pub(crate) summary: String,
    /// What is not read.
    pub(crate) notes: Vec<String>,
}

impl Layout {
    /// Looks at names and types; `sample` gives the first times, where only they can tell.
    ///
    /// # Errors
    /// If a type is none of a column of events, or times may be in two units.
    pub(crate) fn find(
        place: &str,
        columns: &[Column],
        roles: Roles,
        pairs: &Pairs,
        options: &Options,
        sample: impl FnOnce() -> Option<ArrayRef>,
    ) -> Result<Self> {
        let mut said = Vec::new();
        let mut types = Vec::new();
        for (role, index) in Role::ALL.into_iter().zip(roles) {
            let Column { name, data_type } = &columns[index];
            let found = match data_type {
                Ok(data_type) if fits(role, data_type) => data_type,
                other => {
                    let found = match other {
                        Ok(data_type) => data_type.to_string(),
                        Err(name) => name.clone(),
                    };
                    let what = format!(
                        "column {name:?} is of type {found}, and a number is expected; cast it first"
                    );
                    return Err(Error::unsupported(place, what));
                }
            };
            said.push(format!("{} = {name:?} ({found})", role.letter()));
            types.push(found);
        }
        let column = &columns[roles[0]].name;
        let (times, unit) = times(place, column, types[0], pairs, options, sample)?;
        said[0] = format!("t = {column:?} ({}, {unit})", types[0]);
        let unread: Vec<String> = columns
            .iter()
            .enumerate()
            .filter(|(i, _)| !roles.contains(i))
            .map(|(_, column)| format!("{:?}", column.name))
            .collect();
        Ok(Self {
            times,
            summary: format!("read as: {}", said.join(", ")),
            notes: (!unread.is_empty())
                .then(|| format!("columns that are not read: {}", unread.join(", ")))
                .into_iter()
                .collect(),
        })
    }

    /// Adds times to `out`, as far as they are some.
    pub(crate) fn read_times(
        &self,
        array: &ArrayRef,
        first_row: u64,
        rounded: &mut Rounded,
        out: &mut Vec<i64>,
    ) -> Option<Bad> {
        let data = array.to_data();
        match data.data_type() {
            DataType::Float32 => {
                let values = data.buffer::<f32>(0)[..data.len()].iter();
                let values = values.map(|v| f64::from(*v));
                self.times.read_floats(values, first_row, rounded, out)
            }
            DataType::Float64 => {
                let values = data.buffer::<f64>(0)[..data.len()].iter().copied();
                self.times.read_floats(values, first_row, rounded, out)
            }
            _ => numbers!(array, values => Times::read_whole(values, out)),
        }
    }
}

/// Whether a column of this type may have this role.
fn fits(role: Role, data_type: &DataType) -> bool {
    let number =
        data_type.is_integer() || matches!(data_type, DataType::Float32 | DataType::Float64);
    number
        || match role {
            Role::Time => matches!(data_type, DataType::Timestamp(..) | DataType::Duration(_)),
            Role::Polarity => *data_type == DataType::Boolean,
            Role::X | Role::Y => false,
        }
}

/// How times are read, and how that is said.
fn times(
    place: &str,
    column: &str,
    data_type: &DataType,
    pairs: &Pairs,
    options: &Options,
    sample: impl FnOnce() -> Option<ArrayRef>,
) -> Result<(Times, String)> {
    let told = options.time_unit;
    if let DataType::Timestamp(unit, _) | DataType::Duration(unit) = data_type {
        let base = base_of(*unit);
        if told.is_some_and(|told| told != base) {
            let what = format!(
                "{place}: the type of column {column:?} says {base}; leave out --time-unit, or cast the column to whole numbers"
            );
            return Err(Error::invalid(what));
        }
        return Ok((Times::whole(base), base.to_string()));
    }
    let by_name = Role::of(column).and_then(|(_, unit)| unit);
    let known = [
        (told, "as told"),
        (by_name, "by its name"),
        (metadata::time_base(pairs), "by the metadata"),
    ];
    let known = known
        .into_iter()
        .find_map(|(unit, how)| unit.map(|unit| (unit, how)));
    let single = *data_type == DataType::Float32;
    if single || *data_type == DataType::Float64 {
        let array = sample();
        let sample: Vec<f64> = array.map_or_else(Vec::new, |array| floats(&array));
        let times = Times::float(place, column, known.map(|(unit, _)| unit), &sample, single)?;
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
            "column {column:?} holds whole numbers, and nothing says of which unit; pass --time-unit s, ms, us or ns"
        );
        Error::ambiguous(place, what)
    })?;
    Ok((Times::whole(unit), format!("{unit} {how}")))
}

/// Times of a column of floats, without those that are null.
fn floats(array: &ArrayRef) -> Vec<f64> {
    let data = array.to_data();
    let valid = |i: &usize| data.nulls().is_none_or(|nulls| nulls.is_valid(*i));
    let rows = (0..data.len()).filter(valid).take(MAX_SAMPLE);
    if *data.data_type() == DataType::Float32 {
        let values = data.buffer::<f32>(0);
        rows.map(|i| f64::from(values[i])).collect()
    } else {
        let values = data.buffer::<f64>(0);
        rows.map(|i| values[i]).collect()
    }
}

fn base_of(unit: TimeUnit) -> TimeBase {
    match unit {
        TimeUnit::Second => TimeBase::SECONDS,
        TimeUnit::Millisecond => TimeBase::MILLISECONDS,
        TimeUnit::Microsecond => TimeBase::MICROSECONDS,
        TimeUnit::Nanosecond => TimeBase::NANOSECONDS,
    }
}
