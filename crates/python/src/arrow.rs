//! Events as Arrow, by the capsules of its C interface.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, PrimitiveArray, RecordBatch, RecordBatchIterator,
    RecordBatchReader, StructArray,
};
use arrow_buffer::{Buffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use evz::file::Batches;
use evz::parallel::Pool;
use evz::{ColumnType, Columns, EventBatch, ExtraColumn, Selection, ValuesSlice};
use numpy::{Element, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::arrays::buffer;
use crate::errors::OrRaise;
use crate::reader::Reader;
use crate::selection::{Bits, Wish, selection};

/// Columns by name, the type that each is called by in `evz`, and what there is to say of all.
type Named<'py> = Vec<(String, String, Bound<'py, PyAny>)>;
type Said = HashMap<String, String>;
type Capsules<'py> = (Bound<'py, PyCapsule>, Bound<'py, PyCapsule>);

/// Columns as a struct array: the capsules of its schema and of itself. Its memory is theirs.
#[pyfunction]
pub(crate) fn struct_array<'py>(
    py: Python<'py>,
    columns: Named<'py>,
    said: Said,
) -> PyResult<Capsules<'py>> {
    let batch = batch_of(columns, said)?;
    let schema = FFI_ArrowSchema::try_from(&*batch.schema()).map_err(failed)?;
    let (array, _) = to_ffi(&StructArray::from(batch).into_data()).map_err(failed)?;
    let array: FFI_ArrowArray = array;
    Ok((
        PyCapsule::new_with_value(py, schema, c"arrow_schema")?,
        PyCapsule::new_with_value(py, array, c"arrow_array")?,
    ))
}

/// The same as a stream of one record batch.
#[pyfunction]
pub(crate) fn struct_stream<'py>(
    py: Python<'py>,
    columns: Named<'py>,
    said: Said,
) -> PyResult<Bound<'py, PyCapsule>> {
    let batch = batch_of(columns, said)?;
    let schema = batch.schema();
    stream(py, RecordBatchIterator::new([Ok(batch)], schema))
}

#[pymethods]
impl Reader {
    /// The selected events as a stream of record batches, which are decoded as they are taken.
    fn arrow_stream<'py>(
        &self,
        py: Python<'py>,
        said: Said,
        wish: Wish,
        columns: Bits,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let selection = selection(wish, columns).or_raise(py)?;
        let further = &self.file.info().columns;
        let schema = Arc::new(schema(&selection, further, said));
        stream(
            py,
            Stream {
                batches: self.pool.enter(|| self.file.batches(&selection)),
                pool: self.pool.clone(),
                process: std::process::id(),
                selection,
                schema,
            },
        )
    }
}

/// Record batches of a recording.
struct Stream {
    batches: Batches,
    pool: Arc<Pool>,
    /// Of which the threads are that decode ahead.
    process: u32,
    selection: Selection,
    schema: SchemaRef,
}

impl Iterator for Stream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.process != std::process::id() {
            let what = "a stream is read in the process that began it alone".to_owned();
            return Some(Err(ArrowError::ExternalError(what.into())));
        }
        // Whoever takes the stream may hold the interpreter, which a file object of Python needs.
        let batch = Python::attach(|py| {
            py.detach(|| {
                let batches = &mut self.batches;
                self.pool.enter(|| batches.next())
            })
        });
        let batch = batch?.map_err(|e| ArrowError::ExternalError(e.to_string().into()));
        Some(batch.and_then(|batch| record_batch(batch, self.selection.columns, &self.schema)))
    }
}

impl RecordBatchReader for Stream {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

fn stream<'py>(
    py: Python<'py>,
    batches: impl RecordBatchReader + Send + 'static,
) -> PyResult<Bound<'py, PyCapsule>> {
    let stream = FFI_ArrowArrayStream::new(Box::new(batches));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

fn schema(selection: &Selection, further: &[ExtraColumn], said: Said) -> Schema {
    let columns = selection.columns;
    let main = [
        ("t", columns.t, DataType::Int64),
        ("x", columns.x, DataType::UInt16),
        ("y", columns.y, DataType::UInt16),
        ("p", columns.p, DataType::UInt8),
    ];
    let main = main.into_iter().filter(|(_, wanted, _)| *wanted);
    let main = main.map(|(name, _, of_type)| Field::new(name, of_type, false));
    let extra = further.iter().enumerate();
    let extra = extra.filter(|(i, _)| columns.extra.contains(*i));
    let extra = extra.map(|(_, c)| Field::new(&c.name, data_type(c.column_type), false));
    Schema::new_with_metadata(main.chain(extra).collect::<Vec<_>>(), said)
}

/// Events as a record batch of the wanted columns.
fn record_batch(
    batch: EventBatch,
    columns: Columns,
    schema: &SchemaRef,
) -> Result<RecordBatch, ArrowError> {
    let mut arrays: Vec<ArrayRef> = Vec::new();
    if columns.t {
        arrays.push(Arc::new(PrimitiveArray::<Int64Type>::from(batch.t)));
    }
    if columns.x {
        arrays.push(Arc::new(PrimitiveArray::<UInt16Type>::from(batch.x)));
    }
    if columns.y {
        arrays.push(Arc::new(PrimitiveArray::<UInt16Type>::from(batch.y)));
    }
    if columns.p {
        arrays.push(Arc::new(PrimitiveArray::<UInt8Type>::from(batch.p)));
    }
    let extra = batch.extra.iter().enumerate();
    let extra = extra.filter(|(i, _)| columns.extra.contains(*i));
    arrays.extend(extra.map(|(_, values)| further(values.as_slice())));
    RecordBatch::try_new(schema.clone(), arrays)
}

fn further(values: ValuesSlice<'_>) -> ArrayRef {
    let bytes = values.as_bytes();
    match values.column_type() {
        ColumnType::Bool => {
            let bools = bytes.iter().map(|b| *b != 0).collect::<Vec<bool>>();
            Arc::new(BooleanArray::from(bools))
        }
        of_type => of_buffer(of_type, Buffer::from(bytes)),
    }
}

/// An array of numbers.
fn of_buffer(of_type: ColumnType, buffer: Buffer) -> ArrayRef {
    fn array<T: ArrowPrimitiveType>(buffer: Buffer) -> ArrayRef {
        let values: ScalarBuffer<T::Native> = buffer.into();
        Arc::new(PrimitiveArray::<T>::new(values, None))
    }
    match of_type {
        ColumnType::I8 => array::<Int8Type>(buffer),
        ColumnType::I16 => array::<Int16Type>(buffer),
        ColumnType::I32 => array::<Int32Type>(buffer),
        ColumnType::I64 => array::<Int64Type>(buffer),
        ColumnType::Bool | ColumnType::U8 => array::<UInt8Type>(buffer),
        ColumnType::U16 => array::<UInt16Type>(buffer),
        ColumnType::U32 => array::<UInt32Type>(buffer),
        ColumnType::U64 => array::<UInt64Type>(buffer),
        ColumnType::F32 => array::<Float32Type>(buffer),
        ColumnType::F64 => array::<Float64Type>(buffer),
    }
}

fn data_type(of_type: ColumnType) -> DataType {
    match of_type {
        ColumnType::Bool => DataType::Boolean,
        ColumnType::I8 => DataType::Int8,
        ColumnType::I16 => DataType::Int16,
        ColumnType::I32 => DataType::Int32,
        ColumnType::I64 => DataType::Int64,
        ColumnType::U8 => DataType::UInt8,
        ColumnType::U16 => DataType::UInt16,
        ColumnType::U32 => DataType::UInt32,
        ColumnType::U64 => DataType::UInt64,
        ColumnType::F32 => DataType::Float32,
        ColumnType::F64 => DataType::Float64,
    }
}

fn batch_of(columns: Named<'_>, said: Said) -> PyResult<RecordBatch> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, of_type, values) in columns {
        let unknown = || PyValueError::new_err(format!("no column type {of_type:?}"));
        let of_type = ColumnType::from_name(&of_type).ok_or_else(unknown)?;
        fields.push(Field::new(name, data_type(of_type), false));
        arrays.push(of_numpy(of_type, &values)?);
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, said));
    RecordBatch::try_new(schema, arrays).map_err(failed)
}

fn of_numpy(of_type: ColumnType, values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    fn memory<T: Element>(values: &Bound<'_, PyAny>) -> PyResult<Buffer> {
        let array = values.cast::<PyArray1<T>>().map_err(PyErr::from)?;
        buffer(array)
            .ok_or_else(|| PyValueError::new_err("a column that is not one piece of memory"))
    }
    let buffer = match of_type {
        ColumnType::Bool => {
            let bools: Vec<bool> = values.extract()?;
            return Ok(Arc::new(BooleanArray::from(bools)));
        }
        ColumnType::I8 => memory::<i8>(values),
        ColumnType::I16 => memory::<i16>(values),
        ColumnType::I32 => memory::<i32>(values),
        ColumnType::I64 => memory::<i64>(values),
        ColumnType::U8 => memory::<u8>(values),
        ColumnType::U16 => memory::<u16>(values),
        ColumnType::U32 => memory::<u32>(values),
        ColumnType::U64 => memory::<u64>(values),
        ColumnType::F32 => memory::<f32>(values),
        ColumnType::F64 => memory::<f64>(values),
    };
    Ok(of_buffer(of_type, buffer?))
}

fn failed(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
