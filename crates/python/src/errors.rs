//! Errors of the library as exceptions of the package, which are made in `evz/errors.py`.

use std::error::Error as _;
use std::io;

use evz::{Error, ErrorKind, Place, WayOut};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception for an error.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failed| failed)
}

/// A result of the library as one of Python.
pub(crate) trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for evz::Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raised(py, &error))
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let make = MAKE.get_or_try_init(py, || {
        let module = py.import("evz.errors")?;
        Ok::<_, PyErr>(module.getattr("_of_library")?.unbind())
    })?;
    let cause = error.source().and_then(|e| e.downcast_ref::<io::Error>());
    // What a file object of Python raised: an interrupt goes on as what it is.
    let raised = cause.and_then(io::Error::get_ref);
    let raised = raised.and_then(|e| e.downcast_ref::<PyErr>());
    if let Some(raised) = raised.filter(|e| !e.is_instance_of::<PyException>(py)) {
        return Ok(raised.clone_ref(py));
    }
    let ways: Vec<_> = error.ways_out().iter().map(way).collect();
    let made = make.bind(py).call1((
        kind(error.kind()),
        error.what(),
        place(py, error.place())?,
        error.place().to_string(),
        ways,
        cause.and_then(io::Error::raw_os_error),
        cause.map(ToString::to_string),
    ))?;
    if !error.further().is_empty() {
        let further = error.further().iter().map(|e| exception(py, e));
        let further: Vec<PyErr> = further.collect::<PyResult<_>>()?;
        made.call_method1("_and", (further,))?;
    }
    let exception = PyErr::from_value(made);
    if let Some(raised) = raised {
        exception.set_cause(py, Some(raised.clone_ref(py)));
    }
    Ok(exception)
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Io => "io",
        ErrorKind::Corrupt => "corrupt",
        ErrorKind::InsufficientData => "insufficient_data",
        ErrorKind::LimitExceeded => "limit",
        ErrorKind::Ambiguous => "ambiguous",
        ErrorKind::InvalidArgument => "invalid_argument",
        // Any that is to come is something that this version does not know.
        _ => "unsupported",
    }
}

/// What to do, the question that it answers, and its answers.
fn way(way: &WayOut) -> (&'static str, String, Vec<String>) {
    match way {
        WayOut::Tell(question, readings) => ("tell", question.name().to_owned(), readings.clone()),
        WayOut::LeaveOut(question) => ("leave_out", question.name().to_owned(), Vec::new()),
        WayOut::Recover => ("recover", String::new(), Vec::new()),
        WayOut::Do(what) => ("do", what.clone(), Vec::new()),
        other => ("do", other.to_string(), Vec::new()),
    }
}

fn place<'py>(py: Python<'py>, place: &Place) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, text) in [("file", &place.file), ("part", &place.part)] {
        if let Some(text) = text {
            dict.set_item(name, text)?;
        }
    }
    let numbers = [
        ("chunk", place.chunk),
        ("byte", place.byte),
        ("line", place.line),
        ("row", place.row),
        ("event", place.event),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            dict.set_item(name, number)?;
        }
    }
    Ok(dict)
}
