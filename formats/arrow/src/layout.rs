//! Which columns of a table hold what, and how they are read.

use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use evz_core::columns::{Bad, Role, Roles, Rounded, TimeColumn, TimeType, Times, not_read};
use evz_core::{Clock, ClockKind, Error, Note, OpenOptions, Place, Result, SensorSize, TimeBase};

use crate::further::Further;
use crate::metadata;
use crate::rows::{Column, Pairs};

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

/// Times of a batch that are looked at to find the tick of floats.
const MAX_SAMPLE: usize = 1 << 20;

/// Further columns that are named in the summary.
const MAX_SAID: usize = 12;

/// How the columns of a table are read as events.
pub(crate) struct Layout {
    pub(crate) times: Times,
    pub(crate) clock: Clock,
    /// The sensor, where names say it.
    pub(crate) size: Option<SensorSize>,
    /// What was found, for people.
    pub(crate) summary: String,
    /// What is not read.
    pub(crate) note: Option<Note>,
}

impl Layout {
    /// Looks at names and types; `sample` gives the first times, where only they can tell.
    ///
    /// # Errors
    /// If a type is none of a column of events, or times may be in two units.
    pub(crate) fn find(
        place: &Place,
        columns: &[Column],
        roles: Roles,
        further: &Further,
        pairs: &Pairs,
        options: &OpenOptions,
        sample: impl FnOnce() -> Vec<ArrayRef>,
    ) -> Result<Self> {
        let mut said = Vec::new();
        let mut types = Vec::new();
        for (role, index) in Role::ALL.into_iter().zip(roles) {
            let Column {
                name, data_type, ..
            } = &columns[index];
            let found = match data_type {
                Ok(data_type) if fits(role, data_type) => data_type,
                other => {
                    let found = match other {
                        Ok(data_type) => data_type.to_string(),
                        Err(name) => name.clone(),
                    };
                    let what =
                        format!("column {name:?} is of type {found}, and a number is expected");
                    return Err(Error::unsupported(place, what).advise("cast it first"));
                }
            };
            said.push(format!("{} = {name:?} ({found})", role.letter()));
            types.push(found);
        }
        let [t, x, y, _] = roles.map(|index| columns[index].name.as_str());
        let time_column = TimeColumn {
            place,
            name: t,
            time_type: time_type(types[0]),
            told: options.time_unit.map(|unit| unit.time_base()),
            by_name: Role::of(t).and_then(|named| named.unit),
            by_metadata: metadata::time_base(pairs),
        };
        let sample = || sample().iter().flat_map(floats).collect();
        let (times, unit) = time_column.times(sample)?;
        said[0] = format!("t = {t:?} ({}, {unit})", types[0]);
        for column in further.columns.iter().take(MAX_SAID) {
            said.push(format!("{:?} ({})", column.name, column.column_type));
        }
        if further.columns.len() > MAX_SAID {
            said.push(format!("{} others", further.columns.len() - MAX_SAID));
        }
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        let read = [roles.as_slice(), &further.numbers].concat();
        let side = |name| Role::of(name)?.extent;
        Ok(Self {
            times,
            clock: clock(types[0], pairs),
            size: side(x)
                .zip(side(y))
                .map(|(width, height)| SensorSize { width, height }),
            summary: format!("read as: {}", said.join(", ")),
            note: not_read("columns", &names, &read),
        })
    }

    /// Adds times to `out`, up to the first value that is none.
    pub(crate) fn read_times(
        &self,
        array: &ArrayRef,
        first_row: u64,
        rounded: &mut Rounded,
        out: &mut Vec<i64>,
    ) -> Option<Bad> {
        let times = self.times;
        if array.data_type().is_floating() {
            return numbers!(array, values => {
                times.read_floats(values.iter().copied(), first_row, rounded, out)
            });
        }
        numbers!(array, values => Times::read_whole(values.iter().copied(), out))
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

/// The clock that the metadata tells of; otherwise that of a timestamp with a time zone, which
/// counts from 1970 in UTC, where an empty one is none (`Schema.fbs`, `Timestamp`).
fn clock(times: &DataType, pairs: &Pairs) -> Clock {
    let of_type = match times {
        DataType::Timestamp(_, Some(zone)) if !zone.is_empty() => Clock::of(ClockKind::Unix),
        _ => Clock::default(),
    };
    metadata::clock(pairs).unwrap_or(of_type)
}

fn time_type(data_type: &DataType) -> TimeType {
    match data_type {
        DataType::Timestamp(unit, _) | DataType::Duration(unit) => TimeType::Unit(base_of(*unit)),
        DataType::Float32 => TimeType::Single,
        DataType::Float64 => TimeType::Double,
        _ => TimeType::Whole,
    }
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
