//! Writing a recording.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evz::parallel::Pool;
use evz::{
    ColumnType, CreateOptions, Error, EventSink, EventSlice, ExtraColumn, ExtraSlice, Metadata,
    Noticed, Result, SensorSize, SideColumn, SideRows, SideValues, StreamInfo, TimeBase, Values,
    columns_left_out,
};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::OrRaise;
use crate::metadata::from_dict;
use crate::report::{Words, words};
use crate::threads::pool;
use crate::write_options::create_options;

/// Events that are handed on at once; after each part a signal may stop it.
const PART: usize = 1 << 20;

/// A recording that is being written. What is dropped before it is finished leaves no file.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct Writer {
    open: Mutex<Option<Open>>,
    pool: Arc<Pool>,
    time_base: TimeBase,
    /// The process that began it: in a child of fork, chunks that are on their way never come.
    process: u32,
}

/// An output, and its event streams.
struct Open {
    sink: Box<dyn EventSink>,
    streams: Vec<Written>,
}

/// What was told of an event stream, and what was noticed of the events that were written.
struct Written {
    size: Option<SensorSize>,
    columns: Vec<ExtraColumn>,
    has_events: bool,
    noticed: Noticed,
}

impl Written {
    fn new(info: StreamInfo) -> Self {
        Self {
            size: info.size,
            columns: info.columns,
            has_events: false,
            noticed: Noticed::default(),
        }
    }
}

/// The path, the format if it is told, and whether a file there is replaced.
pub(crate) type Place<'a> = (PathBuf, Option<&'a str>, bool);

/// Columns t, x, y and p.
type Four<'py> = (
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, u16>,
    PyReadonlyArray1<'py, u16>,
    PyReadonlyArray1<'py, u8>,
);

/// What is known of a stream: its name, the size of the sensor, and the further columns.
type Stream = (String, Option<(u32, u32)>, Vec<(String, String)>);

#[pymethods]
impl Writer {
    #[new]
    fn new(
        py: Python<'_>,
        place: Place<'_>,
        tick: (u64, u64),
        stream: Stream,
        metadata: &Bound<'_, PyDict>,
        options: &Bound<'_, PyDict>,
        threads: Option<usize>,
    ) -> PyResult<Self> {
        let (path, output_format, replace) = place;
        let metadata = from_dict(metadata)?;
        let options = create_options(options)?;
        let pool = pool(threads).or_raise(py)?;
        let created = py.detach(|| {
            pool.enter(|| {
                let time_base = TimeBase::new(tick.0, tick.1).ok_or_else(|| no_tick(tick))?;
                let info = info(time_base, stream)?.with_metadata(metadata);
                let sink = create(&path, &info, &options, output_format, replace)?;
                let streams = vec![Written::new(info)];
                Ok((Open { sink, streams }, time_base))
            })
        });
        let (open, time_base) = created.or_raise(py)?;
        Ok(Self {
            open: Mutex::new(Some(open)),
            pool: pool.clone(),
            time_base,
            process: std::process::id(),
        })
    }

    /// Begins another event stream; returns its number.
    fn add_stream(&self, py: Python<'_>, stream: Stream) -> PyResult<u16> {
        self.work(py, |open| {
            let info = info(self.time_base, stream)?;
            let number = open.sink.add_stream(&info)?.ok_or_else(|| {
                Error::unsupported("", "the output has a place for one event stream")
            })?;
            open.streams.push(Written::new(info));
            Ok(number)
        })
    }

    /// Writes events: the columns, and the types and bytes of further ones.
    fn write(
        &self,
        py: Python<'_>,
        stream: u16,
        main: Four<'_>,
        further: Vec<(String, PyReadonlyArray1<'_, u8>)>,
    ) -> PyResult<()> {
        let (t, x, y, p) = main;
        let extra = further.iter().map(|(of_type, bytes)| {
            let values = Values::from_bytes(column_type(of_type)?, bytes.as_slice()?.to_vec());
            values.or_raise(py)
        });
        let extra: Vec<Values> = extra.collect::<PyResult<_>>()?;
        let all = EventSlice {
            t: t.as_slice()?,
            x: x.as_slice()?,
            y: y.as_slice()?,
            p: p.as_slice()?,
            extra: ExtraSlice::new(&extra, 0..t.len()?),
        };
        all.check().or_raise(py)?;
        for start in (0..all.len()).step_by(PART) {
            let part = all.slice(start..all.len().min(start + PART));
            self.work(py, |open| {
                open.sink.write_events(stream, part)?;
                if let Some(of) = open.streams.get_mut(usize::from(stream)) {
                    of.has_events = true;
                    of.noticed.add(&Noticed::of(part, of.size));
                }
                Ok(())
            })?;
            py.check_signals()?;
        }
        Ok(())
    }

    /// Writes rows of a side stream; false if the output has no place for them.
    fn write_side(
        &self,
        py: Python<'_>,
        name: String,
        of: Option<u16>,
        t: Vec<i64>,
        columns: Vec<(String, Bound<'_, PyAny>)>,
    ) -> PyResult<bool> {
        let columns = columns.into_iter();
        let columns =
            columns.map(|(name, values)| Ok(SideColumn::new(name, side_values(&values)?)));
        let rows = SideRows {
            of,
            t,
            ..SideRows::new(name, columns.collect::<PyResult<_>>()?)
        };
        self.work(py, |open| open.sink.write_side(rows))
    }

    /// Makes the file whole, with metadata that is known only now.
    fn finish(&self, py: Python<'_>, closing: &Bound<'_, PyDict>) -> PyResult<Words> {
        let closing: Metadata = from_dict(closing)?;
        self.check(py)?;
        let finished = py.detach(|| {
            let open = self.lock().take().ok_or_else(ended)?;
            let keeps_columns = open.sink.keeps_columns();
            let mut report = self.pool.enter(|| open.sink.finish(&closing))?;
            let place = |event| evz::Place::default().with_event(event);
            let mut left_out = Vec::new();
            for of in open.streams {
                report.notes.extend(of.noticed.notes(of.size, place));
                if of.has_events && !keeps_columns {
                    left_out.extend(of.columns);
                }
            }
            report.losses.extend(columns_left_out(&left_out));
            Ok(report)
        });
        Ok(words(&finished.or_raise(py)?))
    }

    /// Leaves it: there will be no file.
    fn abort(&self) {
        drop(self.lock().take());
    }
}

impl Writer {
    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, py: Python<'_>) -> PyResult<()> {
        let here = self.process == std::process::id();
        let error = || Error::invalid("a writer writes in the process that began it alone");
        here.then_some(()).ok_or_else(error).or_raise(py)
    }

    fn work<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Open) -> Result<T> + Send,
    ) -> PyResult<T> {
        self.check(py)?;
        let done = py.detach(|| {
            let mut open = self.lock();
            let open = open.as_mut().ok_or_else(ended)?;
            self.pool.enter(|| work(open))
        });
        done.or_raise(py)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // The unfinished file is the parent's, who goes on writing it.
            std::mem::forget(self.lock().take());
        }
    }
}

/// An output of the format that was told, or else that its name stands for.
pub(crate) fn create(
    path: &std::path::Path,
    info: &StreamInfo,
    options: &CreateOptions,
    format: Option<&str>,
    replace: bool,
) -> Result<Box<dyn EventSink>> {
    let format = match format {
        Some(name) => evz::format(name)?,
        None => evz::output_format(path)?,
    };
    evz::create_in(evz::create_output(path, replace)?, format, info, options)
}

fn info(time_base: TimeBase, (name, size, further): Stream) -> Result<StreamInfo> {
    let mut columns = Vec::new();
    for (name, of_type) in further {
        let column_type = ColumnType::from_name(&of_type);
        let unknown = || Error::invalid(format!("column {name:?} has no type called {of_type:?}"));
        columns.push(ExtraColumn::new(&name, column_type.ok_or_else(unknown)?));
    }
    ExtraColumn::check(&columns)?;
    let size = size.map(|(width, height)| SensorSize { width, height });
    Ok(StreamInfo::new(time_base)
        .with_size(size)
        .with_name(name)
        .with_columns(columns))
}

fn column_type(name: &str) -> PyResult<ColumnType> {
    let unknown = || pyo3::exceptions::PyTypeError::new_err(format!("no type {name:?}"));
    ColumnType::from_name(name).ok_or_else(unknown)
}

/// The values of a column of a side stream, by the type of their array.
fn side_values(values: &Bound<'_, PyAny>) -> PyResult<SideValues> {
    let Ok(dtype) = values.getattr("dtype") else {
        return Ok(match values.extract() {
            Ok(text) => SideValues::Text(text),
            Err(_) => SideValues::Bytes(values.extract()?),
        });
    };
    let name: String = dtype.getattr("name")?.extract()?;
    Ok(match name.as_str() {
        "bool" => SideValues::Bool(values.extract()?),
        "uint8" => SideValues::U8(values.extract()?),
        "uint16" => SideValues::U16(values.extract()?),
        "int64" => SideValues::I64(values.extract()?),
        "float32" => SideValues::F32(values.extract()?),
        "float64" => SideValues::F64(values.extract()?),
        other => {
            let what = format!(
                "a column of a side stream of {other}; it is of bool, uint8, uint16, int64, float32, \
                 float64, or a list of bytes or str"
            );
            return Err(pyo3::exceptions::PyTypeError::new_err(what));
        }
    })
}

fn ended() -> Error {
    Error::invalid("the writer is closed")
}

fn no_tick((numerator, denominator): (u64, u64)) -> Error {
    Error::invalid(format!("a tick of {numerator}/{denominator} seconds"))
}
