//! Further columns of a table: which of its columns they are, and their values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow_schema::{DataType, Field};
use evz_core::columns::{Bad, Roles};
use evz_core::{
    ColumnList, ColumnType, ColumnValue, Error, ExtraColumn, Loss, LossKind, Place, Question,
    Result, Values,
};

use crate::layout::numbers;
use crate::metadata;
use crate::rows::Column;

/// The types of Arrow that further columns have, in the order of [`ColumnType::ALL`].
const TYPES: [DataType; 11] = [
    DataType::Boolean,
    DataType::Int8,
    DataType::Int16,
    DataType::Int32,
    DataType::Int64,
    DataType::UInt8,
    DataType::UInt16,
    DataType::UInt32,
    DataType::UInt64,
    DataType::Float32,
    DataType::Float64,
];

/// Those columns of a table that are further columns of its events.
#[derive(Debug, Default)]
pub(crate) struct Further {
    /// Their numbers in the table.
    pub(crate) numbers: Vec<usize>,
    pub(crate) columns: Vec<ExtraColumn>,
}

impl Further {
    /// All columns that have no role and a type for it, or those of them that are told by name; but
    /// none without a name or with that of another, and not more than a recording may have.
    ///
    /// # Errors
    /// If a column is told that is not there, or not of the type that is told.
    pub(crate) fn find(
        place: &Place,
        table: &[Column],
        roles: Roles,
        told: Option<&ColumnList>,
    ) -> Result<Self> {
        let mut further = Self::default();
        for (number, column) in table.iter().enumerate() {
            let is_told = |told: &ColumnList| told.further().iter().any(|f| f.name == column.name);
            if roles.contains(&number) || !told.is_none_or(is_told) {
                continue;
            }
            let Some(column) = as_further(column) else {
                continue;
            };
            further.columns.push(column);
            match ExtraColumn::check(&further.columns) {
                Ok(()) => further.numbers.push(number),
                Err(_) => _ = further.columns.pop(),
            }
        }
        for told in told.into_iter().flat_map(ColumnList::further) {
            let name = &told.name;
            let found = further.columns.iter().find(|c| c.name == *name);
            let what = match (found.map(|c| c.column_type), told.column_type) {
                (None, _) => {
                    format!("it has no column {name:?} of numbers or truth beside its events")
                }
                (Some(found), Some(told)) if found != told => {
                    format!("column {name:?} is of type {found}, and {told} is told")
                }
                _ => continue,
            };
            return Err(Error::invalid(format!("{place}: {what}")).without(Question::Columns));
        }
        Ok(further)
    }

    /// The refusal of a row that has no value in the column at this place among them, which has no
    /// floats: any value that stood there instead could not be told from a true one.
    pub(crate) fn null(&self, row: usize, place: usize) -> Bad {
        let name = &self.columns[place].name;
        let what = format!("column {name:?} is null, and but for floats every event has a value");
        let others = self.columns.iter().enumerate().filter(|(i, _)| *i != place);
        let others = others.map(|(_, column)| &*column.name);
        let list = ["t", "x", "y", "p"].into_iter().chain(others.clone());
        let list = list.collect::<Vec<_>>().join(",");
        // Not every name can stand in a list.
        let parsed = list.parse::<ColumnList>().ok();
        let parsed = parsed.filter(|l| l.further().iter().map(|f| &*f.name).eq(others));
        let list = parsed.map_or_else(|| "t,x,y,p".to_owned(), |_| list);
        Bad::new(row, what).settled_by(Question::Columns, [list])
    }
}

/// A column of a table as a further one, if it has a type for that.
fn as_further(column: &Column) -> Option<ExtraColumn> {
    let data_type = column.data_type.as_ref().ok()?;
    let number = TYPES.iter().position(|same| same == data_type)?;
    let (unit, description) = metadata::column_words(&column.pairs);
    let column = ExtraColumn::new(&column.name, ColumnType::ALL[number]);
    Some(column.with_unit(unit).with_description(description))
}

/// The field of a further column, which says its unit and what it is.
pub(crate) fn field(column: &ExtraColumn) -> Field {
    let data_type = TYPES[usize::from(column.column_type.number())].clone();
    let pairs = metadata::column_pairs(column).into_iter().collect();
    Field::new(&column.name, data_type, false).with_metadata(pairs)
}

/// Values as an array of the same type.
pub(crate) fn array(values: &Values) -> ArrayRef {
    fn of<T: ArrowPrimitiveType<Native: ColumnValue>>(values: &Values) -> ArrayRef {
        let values: Vec<T::Native> = values.as_slice().to_vec().unwrap_or_default();
        Arc::new(PrimitiveArray::<T>::new(values.into(), None))
    }
    match values.column_type() {
        ColumnType::Bool => {
            let values: Vec<bool> = values.as_slice().to_vec().unwrap_or_default();
            Arc::new(BooleanArray::from(values))
        }
        ColumnType::I8 => of::<Int8Type>(values),
        ColumnType::I16 => of::<Int16Type>(values),
        ColumnType::I32 => of::<Int32Type>(values),
        ColumnType::I64 => of::<Int64Type>(values),
        ColumnType::U8 => of::<UInt8Type>(values),
        ColumnType::U16 => of::<UInt16Type>(values),
        ColumnType::U32 => of::<UInt32Type>(values),
        ColumnType::U64 => of::<UInt64Type>(values),
        ColumnType::F32 => of::<Float32Type>(values),
        ColumnType::F64 => of::<Float64Type>(values),
    }
}

/// Adds the values of an array to those of a column of the same type. Of these only floats may be
/// null, which is NaN.
pub(crate) fn read(array: &ArrayRef, out: &mut Values) {
    fn or_nan<T: ArrowPrimitiveType>(array: &ArrayRef, nan: T::Native) -> Vec<T::Native> {
        let values = array.as_primitive::<T>().iter();
        values.map(|value| value.unwrap_or(nan)).collect()
    }
    let values = match array.data_type() {
        DataType::Boolean => {
            let bits: Vec<bool> = array.as_boolean().values().iter().collect();
            Values::from_slice(&bits)
        }
        DataType::Float32 if array.null_count() > 0 => {
            Values::from_slice(&or_nan::<Float32Type>(array, f32::NAN))
        }
        DataType::Float64 if array.null_count() > 0 => {
            Values::from_slice(&or_nan::<Float64Type>(array, f64::NAN))
        }
        _ => numbers!(array, values => Values::from_slice(values)),
    };
    out.extend(values.as_slice());
}

/// The first row without a value.
pub(crate) fn first_null(array: &ArrayRef) -> Option<usize> {
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0)?;
    (0..nulls.len()).find(|row| nulls.is_null(*row))
}

/// Nulls of floats, which are read as NaN: for pandas and others they are the same, but not for all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nulls {
    count: u64,
    examples: Vec<String>,
}

impl Nulls {
    /// Adds those of an array of the column `name`.
    pub(crate) fn add(&mut self, name: &str, array: &ArrayRef, first_row: u64) {
        self.count += array.null_count() as u64;
        let room = self.examples.len() < Loss::MAX_EXAMPLES;
        if let Some(row) = first_null(array).filter(|_| room) {
            let row = first_row + row as u64;
            self.examples.push(format!("row {row}: {name:?}"));
        }
    }

    /// What is lost, if anything is.
    pub(crate) fn loss(&self) -> Option<Loss> {
        let what = "nulls of further columns of floats, which are NaN now";
        let loss = Loss::new(LossKind::Columns, what, self.count);
        (self.count > 0).then(|| loss.with_examples(self.examples.iter().cloned()))
    }
}
