//! Opening a recording of any format.

use std::path::PathBuf;
use std::sync::Arc;

use evz::{
    Format, Input, OpenOptions, Reader as File, Recording, Report, SensorSize, open_streams,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::OrRaise;
use crate::in_memory::{Started, held};
use crate::interrupt::Raised;
use crate::of_use::{check_reading, check_stream};
use crate::python_file::PythonFile;
use crate::reader::Reader;
use crate::threads::pool;

/// Opens every event stream of a recording, or the one that the options name: of `source`, a path or an
/// object of `evz/sources.py`, which is called `name` in messages.
#[pyfunction]
#[pyo3(signature = (source, name, options, threads))]
pub(crate) fn open<'py>(
    py: Python<'py>,
    source: Bound<'py, PyAny>,
    name: String,
    options: &Bound<'py, PyDict>,
    threads: Option<usize>,
) -> PyResult<Vec<Reader>> {
    let input = input(source, name)?;
    let (options, format) = open_options(options)?;
    let (pool, raised) = (pool(threads).or_raise(py)?, Raised::default());
    let opened = py.detach(|| {
        pool.enter(|| {
            let recordings = open_streams(input()?, format, &options)?;
            let formats: Vec<&Format> = recordings.iter().map(Recording::format).collect();
            check_reading(&options, &formats, false)?;
            check_stream(&options, &recordings)?;
            let (format, bytes) = (recordings[0].format().name, recordings[0].bytes());
            let (files, report) = files(recordings, &raised)?;
            Ok((files, report, format, bytes))
        })
    });
    let (files, report, format, bytes) = raised.or(opened)?.or_raise(py)?;
    let reader = |(file, origin)| Reader::new(file, origin, pool.clone(), format, bytes, &report);
    Ok(files.into_iter().map(reader).collect())
}

/// The bytes of a path or of an object of `evz/sources.py`, to be opened without the interpreter.
pub(crate) fn input(
    source: Bound<'_, PyAny>,
    name: String,
) -> PyResult<impl FnOnce() -> evz::Result<Input> + Send + use<>> {
    let path: Option<PathBuf> = source.extract().ok();
    let file = match path {
        Some(_) => None,
        None => Some(PythonFile::new(source)?),
    };
    Ok(move || match (path, file) {
        (Some(path), _) => Input::open(path),
        (None, Some(file)) => Input::from_read_at(Arc::new(file), name),
        (None, None) => Ok(Input::from_bytes(Vec::new(), name)),
    })
}

/// What each stream is read from, and what there is to say of them all.
fn files(recordings: Vec<Recording>, raised: &Raised) -> evz::Result<(Vec<Started>, Report)> {
    let indexed: Option<Vec<File>> = recordings
        .iter()
        .map(|one| one.evz_reader().or(one.index_reader()).cloned())
        .collect();
    match indexed {
        Some(files) => {
            let mut report = Report::default();
            for recording in &recordings {
                report.merge(recording.report());
            }
            let files = files.into_iter().map(|file| (file, None));
            Ok((files.collect(), report))
        }
        None => held(recordings, raised),
    }
}

/// The options of a dict with the names of the arguments of `evz.open`.
pub(crate) fn open_options(
    told: &Bound<'_, PyDict>,
) -> PyResult<(OpenOptions, Option<&'static Format>)> {
    let py = told.py();
    let (mut options, mut format) = (OpenOptions::new(), None);
    for (name, value) in told {
        let name: String = name.extract()?;
        if value.is_none() {
            continue;
        }
        if name == "size" {
            options.size = Some(size(&value)?);
            continue;
        }
        if name == "index" {
            options.index_in_memory = true;
            continue;
        }
        if name == "decimals" {
            options.decimals = Some(value.extract()?);
            continue;
        }
        if name == "filters" {
            let filters: Vec<String> = value.extract()?;
            for filter in filters {
                options.filters.push(filter.parse().or_raise(py)?);
            }
            continue;
        }
        let text: String = value.str()?.extract()?;
        match name.as_str() {
            "format" => format = Some(evz::format(&text).or_raise(py)?),
            // Of files of many tables, where the columns stand.
            "columns" if text.contains('=') => options.paths = Some(text.parse().or_raise(py)?),
            "columns" => options.columns = Some(text.parse().or_raise(py)?),
            "time_unit" => options.time_unit = Some(text.parse().or_raise(py)?),
            "polarity_map" => options.polarity_map = Some(text.parse().or_raise(py)?),
            "on_bad_line" => options.on_bad_line = Some(text.parse().or_raise(py)?),
            "round" => options.round = Some(text.parse().or_raise(py)?),
            "drop" => options.drop = Some(text.parse().or_raise(py)?),
            "sample" => options.sample = Some(text),
            "stream" => options.stream = Some(text),
            "encoding" => options.encoding = Some(text),
            "word_order" => options.word_order = Some(text),
            _ => return Err(unknown(&name)),
        }
    }
    Ok((options, format))
}

/// A sensor of (width, height).
pub(crate) fn size(value: &Bound<'_, PyAny>) -> PyResult<SensorSize> {
    let (width, height) = value.extract()?;
    Ok(SensorSize { width, height })
}

pub(crate) fn unknown(name: &str) -> PyErr {
    PyTypeError::new_err(format!("there is no option {name:?}"))
}
