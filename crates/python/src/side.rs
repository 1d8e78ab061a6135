//! Rows of side streams as arrays.

use evz::{SideRows, SideValues};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

/// A column: its name and its values.
pub(crate) type Column<'py> = (String, Bound<'py, PyAny>);

/// The columns of rows, t first. Bytes and text are lists, as each value has a length of its own.
pub(crate) fn columns(py: Python<'_>, rows: SideRows) -> PyResult<Vec<Column<'_>>> {
    let mut columns = vec![("t".to_owned(), PyArray1::from_vec(py, rows.t).into_any())];
    for column in rows.columns {
        let values = match column.values {
            SideValues::Bool(v) => PyArray1::from_vec(py, v).into_any(),
            SideValues::U8(v) => PyArray1::from_vec(py, v).into_any(),
            SideValues::U16(v) => PyArray1::from_vec(py, v).into_any(),
            SideValues::I64(v) => PyArray1::from_vec(py, v).into_any(),
            SideValues::F32(v) => PyArray1::from_vec(py, v).into_any(),
            SideValues::F64(v) => PyArray1::from_vec(py, v).into_any(),
            SideValues::Bytes(v) => {
                let bytes = v.iter().map(|bytes| PyBytes::new(py, bytes));
                PyList::new(py, bytes)?.into_any()
            }
            SideValues::Text(v) => PyList::new(py, v)?.into_any(),
        };
        columns.push((column.name, values));
    }
    Ok(columns)
}
