//! Metadata as values of Python.

use evz::{Metadata, Value};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyString};

/// A dict of them; what is nested is what JSON makes of it.
pub(crate) fn to_dict<'py>(py: Python<'py>, metadata: &Metadata) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in metadata {
        let value = match value {
            Value::Text(text) => text.into_pyobject(py)?.into_any(),
            Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
            Value::Int(n) => n.into_pyobject(py)?.into_any(),
            Value::Float(n) => n.into_pyobject(py)?.into_any(),
            Value::Bool(b) => PyBool::new(py, *b).to_owned().into_any(),
            Value::Json(text) => py.import("json")?.call_method1("loads", (text,))?,
        };
        dict.set_item(key, value)?;
    }
    Ok(dict)
}

/// The metadata of a dict.
pub(crate) fn from_dict(dict: &Bound<'_, PyDict>) -> PyResult<Metadata> {
    let mut metadata = Metadata::new();
    for (key, value) in dict {
        metadata.insert(key.extract()?, value_of(&value)?);
    }
    Ok(metadata)
}

fn value_of(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = value.py();
    Ok(if value.is_instance_of::<PyBool>() {
        Value::Bool(value.extract()?)
    } else if value.is_instance_of::<PyInt>() {
        Value::Int(value.extract()?)
    } else if value.is_instance_of::<PyFloat>() {
        Value::Float(value.extract()?)
    } else if value.is_instance_of::<PyString>() {
        Value::Text(value.extract()?)
    } else if let Ok(bytes) = value.cast::<PyBytes>() {
        Value::Bytes(bytes.as_bytes().to_vec())
    } else {
        let json = py.import("json")?.call_method1("dumps", (value,));
        let wrong = |_| {
            let what =
                "metadata of a type that is no str, bytes, int, float, bool or what JSON holds";
            PyTypeError::new_err(what)
        };
        Value::Json(json.map_err(wrong)?.extract()?)
    })
}
