//! Which arrays, and which fields of them, hold what.

mod further;
mod plain;

use evz_core::columns::{Role, not_read};
use evz_core::{
    Error, ExtraColumn, Loss, LossKind, Note, OpenOptions, Place, Question, Result, SensorSize,
    TimeBase,
};

use crate::array::Array;
use crate::npy::{Dtype, Field, Header, Kind, Scalar};

/// Where the events stand: arrays that are read side by side.
pub(crate) struct Layout {
    pub(crate) streams: Vec<Stream>,
    pub(crate) rows: u64,
    pub(crate) columns: Columns,
    /// What events have beside these, and where.
    pub(crate) further: Vec<ExtraColumn>,
    pub(crate) further_places: Vec<ColumnPlace>,
    /// The sensor, where names say it.
    pub(crate) size: Option<SensorSize>,
    /// What is not read.
    pub(crate) notes: Vec<Note>,
    /// Bytes behind the values that the heads of the arrays claim.
    pub(crate) lost: Vec<Loss>,
}

/// Values in a row, some bytes for each event.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) array: Array,
    /// Where in the array it begins.
    pub(crate) start: u64,
    /// Bytes of an event.
    pub(crate) stride: usize,
}

/// The columns of events, by role or by place.
pub(crate) enum Columns {
    /// In the order of [`Role::ALL`].
    Named([ColumnPlace; 4]),
    /// In that order as the user tells it.
    Told([ColumnPlace; 4]),
    /// In the order of the array: which is which is to be found.
    Unnamed([ColumnPlace; 4]),
}

/// Where a column stands.
#[derive(Clone)]
pub(crate) struct ColumnPlace {
    /// What it is called.
    pub(crate) name: String,
    /// The number of its stream.
    pub(crate) stream: usize,
    /// Bytes of an event in that stream.
    pub(crate) stride: usize,
    /// Where it stands in them.
    pub(crate) offset: usize,
    pub(crate) scalar: Scalar,
    /// The unit of its times, where its name says it.
    pub(crate) unit: Option<TimeBase>,
}

impl Layout {
    /// The events of one array: of records, or of numbers of which the options say what they are.
    ///
    /// # Errors
    /// If it is neither.
    pub(crate) fn of_array(array: Array, options: &OpenOptions) -> Result<Self> {
        match &array.header.dtype {
            Dtype::Record { fields, size } => {
                let (fields, size) = (fields.clone(), *size);
                Self::of_records(array, &fields, size, options)
            }
            Dtype::Scalar(scalar) => {
                let scalar = scalar.clone();
                if options.paths.is_some() {
                    let what = format!("{}: its columns have no names", array.place);
                    return Err(Error::invalid(what).settled_by(Question::Columns, [""; 0]));
                }
                Self::of_numbers(array, &scalar, options.columns.as_ref())
            }
            Dtype::Other(spelled) => Err(no_number(&array.place, "its values", spelled)),
        }
    }

    fn of_records(
        array: Array,
        fields: &[Field],
        stride: usize,
        options: &OpenOptions,
    ) -> Result<Self> {
        let place = &array.place;
        let names: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
        let roles = Role::find_or_told(place, &names, options.paths.as_ref())?;
        let Some(rows) = array.header.rows() else {
            return Err(no_list(place, &array.header));
        };
        let mut extents = [None; 4];
        let mut columns = Vec::new();
        for ((role, index), extent) in Role::ALL.into_iter().zip(roles).zip(&mut extents) {
            let field = &fields[index];
            let what = format!("field {:?}", field.name);
            let scalar =
                (field.scalar.as_ref()).map_err(|spelled| no_number(place, &what, spelled))?;
            check(place, &what, role, scalar)?;
            // The title may say what the name does not.
            let said = [Some(&field.name), field.title.as_ref()];
            let said = || said.into_iter().flatten().filter_map(|n| Role::of(n));
            *extent = said().find_map(|named| named.extent);
            columns.push(ColumnPlace {
                name: field.name.clone(),
                stream: 0,
                stride,
                offset: field.offset,
                scalar: scalar.clone(),
                unit: said().find_map(|named| named.unit),
            });
        }
        let [_, width, height, _] = extents;
        let mut layout = Self {
            rows,
            columns: Columns::Named(four(columns)),
            further: Vec::new(),
            further_places: Vec::new(),
            size: width
                .zip(height)
                .map(|(width, height)| SensorSize { width, height }),
            notes: Vec::new(),
            lost: behind(&array, rows, stride).into_iter().collect(),
            streams: vec![Stream {
                array,
                start: 0,
                stride,
            }],
        };
        let mut read = roles.to_vec();
        for (index, field) in fields.iter().enumerate() {
            if let (false, Ok(scalar)) = (roles.contains(&index), &field.scalar) {
                let place = ColumnPlace {
                    name: field.name.clone(),
                    stream: 0,
                    stride,
                    offset: field.offset,
                    scalar: scalar.clone(),
                    unit: None,
                };
                let title = field.title.as_deref().unwrap_or_default();
                read.extend(layout.take(place, title).then_some(index));
            }
        }
        layout.notes.extend(not_read("fields", &names, &read));
        Ok(layout)
    }

    /// The events of an array for each column; `arrays` are those of the roles.
    ///
    /// # Errors
    /// If they are not of one length, or no numbers.
    pub(crate) fn of_columns(arrays: [Array; 4]) -> Result<Self> {
        let mut columns = Vec::new();
        let mut first: Option<(u64, String)> = None;
        for (stream, (role, array)) in Role::ALL.into_iter().zip(&arrays).enumerate() {
            let place = &array.place;
            let scalar = match &array.header.dtype {
                Dtype::Scalar(scalar) => scalar,
                Dtype::Record { .. } => return Err(no_number(place, "its values", "a record")),
                Dtype::Other(spelled) => return Err(no_number(place, "its values", spelled)),
            };
            check(place, "its values", role, scalar)?;
            let Some(rows) = array.header.rows() else {
                let what = format!(
                    "its shape is {:?}, and a list of numbers is expected",
                    array.header.shape
                );
                return Err(Error::unsupported(place, what));
            };
            let (expected, name) = first.get_or_insert_with(|| (rows, array.name.clone()));
            if rows != *expected {
                let what = format!(
                    "it has {rows} values, and {name:?} has {expected}: they are not of one length"
                );
                return Err(Error::corrupt(place, what));
            }
            columns.push(ColumnPlace {
                name: array.name.clone(),
                stream,
                stride: scalar.size,
                offset: 0,
                scalar: scalar.clone(),
                unit: Role::of(&array.name).and_then(|named| named.unit),
            });
        }
        let columns = four(columns);
        let rows = first.map_or(0, |(rows, _)| rows);
        let lost = arrays.iter().zip(&columns);
        let lost = lost.filter_map(|(array, column)| behind(array, rows, column.stride));
        let lost = lost.collect();
        let streams = arrays
            .into_iter()
            .zip(&columns)
            .map(|(array, column)| Stream {
                array,
                start: 0,
                stride: column.scalar.size,
            });
        Ok(Self {
            streams: streams.collect(),
            rows,
            columns: Columns::Named(columns),
            further: Vec::new(),
            further_places: Vec::new(),
            size: None,
            notes: Vec::new(),
            lost,
        })
    }
}

/// The loss of bytes behind the values of an array, if there are any: its head may claim too few, or
/// another array may have been put behind it.
fn behind(array: &Array, rows: u64, stride: usize) -> Option<Loss> {
    let len = rows.checked_mul(stride as u64)?;
    let count = array.bytes_behind(len).filter(|n| *n > 0)?;
    let at = array.header.len + len;
    let place = array.place.clone().with_byte(at);
    let what = format!(
        "{place}: its head says that it has {rows} rows, which end here; if several arrays were put into one file, take them apart"
    );
    let loss = Loss::new(LossKind::Other, "bytes behind the array", count);
    Some(loss.with_examples([what]))
}

fn four(columns: Vec<ColumnPlace>) -> [ColumnPlace; 4] {
    columns
        .try_into()
        .unwrap_or_else(|_| unreachable!("a column for each role"))
}

/// Refuses a type that a column cannot have.
fn check(place: &Place, what: &str, role: Role, scalar: &Scalar) -> Result<()> {
    let fits = match scalar.kind {
        Kind::Int | Kind::Uint | Kind::Float => true,
        Kind::Bool => role == Role::Polarity,
        Kind::Time(_) => role == Role::Time,
    };
    if fits {
        return Ok(());
    }
    Err(no_number(place, what, &scalar.spelled))
}

fn no_number(place: &Place, what: &str, spelled: &str) -> Error {
    let verb = if what.starts_with("its") { "are" } else { "is" };
    let what = format!("{what} {verb} of type {spelled}, and a number is expected");
    Error::unsupported(place, what).advise("cast it first")
}

fn no_list(place: &Place, header: &Header) -> Error {
    Error::unsupported(
        place,
        format!(
            "its shape is {:?}, and a list of records with the fields t, x, y and p or an array of numbers with four columns is expected",
            header.shape
        ),
    )
}

pub(crate) fn too_many(place: &Place, rows: u64) -> Error {
    Error::limit(
        place,
        format!("{rows} rows are claimed, more than a file can have"),
    )
}
