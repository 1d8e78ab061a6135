//! An event stream of an open recording.

use std::sync::Arc;

use evz::parallel::{self, Pool};
use evz::{EventIndex, ExtraColumn, KeptRows, Place, Report, Selection, SideRows};
use numpy::{PyArray1, PyReadonlyArray1, PyReadwriteArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::columns::{Arrays, Read};
use crate::errors::OrRaise;
use crate::many::{self, Bounds, Windows};
use crate::out::{Four, Out};
use crate::report::{Words, words};
use crate::samples::Samples;
use crate::selection::{Bits, Choice, Wish, selection};
use crate::{metadata, side};

/// An event stream of an open recording. Many threads may read it at once.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct Reader {
    pub(crate) file: evz::Reader,
    /// The time that relative ones count from, where that is not the first event's.
    origin: Option<i64>,
    pub(crate) pool: Arc<Pool>,
    format: &'static str,
    bytes: Option<u64>,
    report: Words,
}

impl Reader {
    pub(crate) fn new(
        file: evz::Reader,
        origin: Option<i64>,
        pool: Arc<Pool>,
        format: &'static str,
        bytes: Option<u64>,
        report: &Report,
    ) -> Self {
        Self {
            file,
            origin,
            pool,
            format,
            bytes,
            report: words(report),
        }
    }

    fn further(&self) -> &[ExtraColumn] {
        &self.file.info().columns
    }

    /// Works without the interpreter, on the threads of this reader.
    pub(crate) fn work<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce() -> evz::Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| self.pool.enter(work)).or_raise(py)
    }
}

#[pymethods]
impl Reader {
    fn __len__(&self) -> usize {
        self.file.n_events() as usize
    }

    /// The samples of a pack.
    fn samples(&self) -> Option<Samples> {
        Samples::of(&self.file)
    }

    /// Width and height.
    #[getter]
    fn size(&self) -> Option<(u32, u32)> {
        let size = self.file.info().size?;
        Some((size.width, size.height))
    }

    /// Earliest and latest time, if there is an event.
    #[getter]
    fn times(&self) -> Option<(i64, i64)> {
        let extent = EventIndex::extent(&self.file);
        (extent.n_events > 0).then_some((extent.t_min, extent.t_max))
    }

    /// The time that relative ones count from: that of the first event, also of one that filters left out.
    #[getter]
    fn start(&self) -> Option<i64> {
        let extent = EventIndex::extent(&self.file);
        let first = (extent.n_events > 0).then_some(extent.t_first);
        self.origin.or(first)
    }

    /// Right-most column and lowest row of an event.
    #[getter]
    fn reach(&self) -> (u16, u16) {
        let extent = EventIndex::extent(&self.file);
        (extent.x_max, extent.y_max)
    }

    #[getter]
    fn sorted(&self) -> bool {
        self.file.sorted()
    }

    /// The seconds in a tick, as a fraction.
    #[getter]
    fn tick(&self) -> (u64, u64) {
        let base = self.file.info().time_base;
        (base.numerator(), base.denominator())
    }

    /// The kind of its clock and what tick 0 is on it.
    #[getter]
    fn clock(&self) -> (String, i64) {
        let clock = self.file.info().clock;
        (clock.kind.to_string(), clock.epoch)
    }

    #[getter]
    fn name(&self) -> &str {
        &self.file.info().name
    }

    #[getter]
    fn serial(&self) -> &str {
        &self.file.info().serial
    }

    #[getter]
    fn format(&self) -> &'static str {
        self.format
    }

    /// Bytes of the file, where it has a length.
    #[getter]
    fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// Bytes of the `.evz` file that is read, which may be held in memory.
    #[getter]
    fn held_bytes(&self) -> u64 {
        self.file.file_len()
    }

    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        metadata::to_dict(py, &self.file.info().metadata)
    }

    /// The further columns: name, type, unit, description.
    #[getter]
    fn columns(&self) -> Vec<(String, &'static str, String, String)> {
        let columns = self.further().iter();
        columns
            .map(|c| {
                let of_type = c.column_type.name();
                (
                    c.name.clone(),
                    of_type,
                    c.unit.clone(),
                    c.description.clone(),
                )
            })
            .collect()
    }

    #[getter]
    fn report(&self) -> Words {
        self.report.clone()
    }

    /// The side streams: name and rows.
    fn side_streams(&self, py: Python<'_>) -> PyResult<Vec<(String, u64)>> {
        self.work(py, || EventIndex::side_streams(&self.file))
    }

    /// How the chunks are encoded.
    fn profiles(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.work(py, || self.file.profiles())
    }

    /// The selected events as arrays.
    fn read<'py>(&self, py: Python<'py>, wish: Wish, columns: Bits) -> PyResult<Arrays<'py>> {
        let selection = selection(wish, columns).or_raise(py)?;
        let read = self.work(py, || {
            let found = self.file.find(&selection)?;
            Read::of(&found, selection.columns, self.further())
        })?;
        read.into_arrays(py)
    }

    /// The same into arrays of the caller: t, x, y, p, and the bytes of further columns. Returns how many
    /// events there are.
    fn read_into(
        &self,
        py: Python<'_>,
        wish: Wish,
        main: Four<'_>,
        extra: Vec<Option<PyReadwriteArray1<'_, u8>>>,
    ) -> PyResult<usize> {
        let (t, x, y, p) = main;
        let mut out = Out { t, x, y, p, extra };
        let columns = out.columns();
        let selection = Selection {
            columns,
            ..selection(wish, (0, 0)).or_raise(py)?
        };
        let slices = out.slices()?;
        self.work(py, || {
            let found = self.file.find(&selection)?;
            slices.read(&found, self.further())
        })
    }

    /// Many windows, of time in ticks or of event numbers, one behind the other; and where each begins.
    fn read_many<'py>(
        &self,
        py: Python<'py>,
        windows: Bounds<'py>,
        choice: Choice,
        columns: Bits,
    ) -> PyResult<(Arrays<'py>, Bound<'py, PyArray1<i64>>)> {
        let selection = selection((None, None, choice.0, choice.1), columns).or_raise(py)?;
        let windows = Windows::of(&windows)?;
        let (read, offsets) = self.work(py, || many::read(&self.file, windows, &selection))?;
        Ok((read.into_arrays(py)?, PyArray1::from_vec(py, offsets)))
    }

    /// Number of events before each time, in a recording in order.
    fn events_before<'py>(
        &self,
        py: Python<'py>,
        times: PyReadonlyArray1<'py, i64>,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let times = times.as_slice()?;
        let numbers = self.work(py, || match times {
            [] => Ok(Vec::new()),
            [one] => Ok(vec![self.file.events_before(*one)? as i64]),
            times => parallel::try_map(times, |t| Ok(self.file.events_before(*t)? as i64)),
        })?;
        Ok(PyArray1::from_vec(py, numbers))
    }

    /// Of each chunk, from the index: the number of its first event, how many it has, its earliest and
    /// its latest time.
    fn chunks<'py>(&self, py: Python<'py>) -> PyResult<[Bound<'py, PyArray1<i64>>; 4]> {
        let columns = self.work(py, || {
            let mut columns: [Vec<i64>; 4] = Default::default();
            for chunk in self.file.listed(&Selection::default()) {
                let chunk = chunk?;
                let e = chunk.entry();
                let row = [
                    e.first_event as i64,
                    i64::from(e.n_events),
                    e.t_min,
                    e.t_max,
                ];
                for (column, value) in columns.iter_mut().zip(row) {
                    column.push(value);
                }
            }
            Ok(columns)
        })?;
        Ok(columns.map(|column| PyArray1::from_vec(py, column)))
    }

    /// Events in each of equal parts of the time, and what there is to say of it.
    fn activity<'py>(
        &self,
        py: Python<'py>,
        bins: usize,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, Words)> {
        let bins = self.work(py, || self.file.activity(bins))?;
        let report = Report {
            losses: self.file.lost_activity(),
            ..Report::default()
        };
        Ok((PyArray1::from_vec(py, bins), words(&report)))
    }

    /// The rows of a side stream, part by part.
    fn side_rows<'py>(
        &self,
        py: Python<'py>,
        stream: &str,
        time: Option<(i64, i64)>,
    ) -> PyResult<Vec<Vec<side::Column<'py>>>> {
        let time = time.map(|(from, to)| from..to.max(from));
        let parts: Vec<KeptRows> = self.work(py, || {
            let parts = EventIndex::side_rows(&self.file, stream, time)?;
            let kept =
                |rows: evz::Result<SideRows>| KeptRows::new(rows?, Place::file(self.file.name()));
            parts.map(kept).collect()
        })?;
        let parts = parts.into_iter().map(KeptRows::into_rows);
        parts.map(|rows| side::columns(py, rows)).collect()
    }
}
