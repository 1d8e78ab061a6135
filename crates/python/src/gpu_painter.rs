//! Frames of any windows, made and left on a GPU.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evz::cuda::DeviceArray as Values;
use evz::render::{FrameSpec, Job, JobEvents, JobWindows, Painter as _};
use evz::{GpuPainter as OfFile, Result, Selection};
use pyo3::prelude::*;

use crate::device_array::DeviceArray;
use crate::errors::OrRaise;
use crate::gpu::gpu;
use crate::look::{Look, frame_len, shape};
use crate::many::{Bounds, Windows};
use crate::reader::Reader;
use crate::selection::{Choice, selection};
use crate::turns::Turns;

/// Bytes of the frames of a job, if it is more than one frame.
const JOB_BYTES: usize = 128 << 20;

/// Paints frames of windows of a recording on a GPU. Many threads may use it at once.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct GpuPainter {
    reader: Py<Reader>,
    painter: Arc<OfFile>,
    /// As many as jobs that the painter takes at once: a thread of a pool must not wait for one.
    turns: Turns,
    spec: FrameSpec,
    selection: Selection,
    sorted: bool,
    beyond: AtomicU64,
}

#[pymethods]
impl GpuPainter {
    #[new]
    fn new(
        py: Python<'_>,
        reader: Bound<'_, Reader>,
        look: Look,
        choice: Choice,
        device: usize,
    ) -> PyResult<Self> {
        let file = &reader.get().file;
        let spec = look.spec(file, look.made().or_raise(py)?.representation, None);
        let (roi, polarity) = choice;
        let selection = selection((None, None, roi, polarity), (15, 0)).or_raise(py)?;
        let painter = py.detach(|| OfFile::new(&gpu(device)?, file, spec));
        let painter = painter.or_raise(py)?;
        Ok(Self {
            turns: Turns::new(painter.sizes().at_once),
            painter: Arc::new(painter),
            spec,
            selection,
            sorted: file.sorted(),
            beyond: AtomicU64::new(0),
            reader: reader.unbind(),
        })
    }

    /// Channels, height and width.
    #[getter]
    fn shape(&self) -> (usize, usize, usize) {
        shape(&self.spec).into()
    }

    /// Events that lay beyond the frames so far, once for each window that they are in.
    #[getter]
    fn beyond(&self) -> u64 {
        self.beyond.load(Ordering::Relaxed)
    }

    /// The frames of all windows, at least one.
    fn paint(&self, py: Python<'_>, windows: Bounds<'_>) -> PyResult<DeviceArray> {
        let windows = Windows::of(&windows)?;
        let (bounds, by_number) = (windows.bounds().collect::<Vec<_>>(), windows.by_number);
        let reader = self.reader.get();
        let painted = py.detach(|| {
            let _turn = self.turns.take();
            reader.pool.enter(|| {
                let groups = self.groups(&bounds, by_number).into_iter();
                let jobs = groups.map(|group| self.job(&bounds[group], by_number));
                let arrays = jobs.map(|job| self.painter.paint_on_device(job));
                Values::joined(arrays.collect::<Result<_>>()?)
            })
        });
        let array = painted.or_raise(py)?;
        let beyond = array.frames().iter().map(|frame| frame.beyond).sum();
        self.beyond.fetch_add(beyond, Ordering::Relaxed);
        Ok(DeviceArray::of(array))
    }
}

impl GpuPainter {
    /// Which windows are made by one job: those that follow each other, with no longer a gap before one
    /// than what the job reads so far, so that what it reads in vain is at most as much as what it needs.
    fn groups(&self, bounds: &[(i64, i64)], by_number: bool) -> Vec<Range<usize>> {
        let value_bytes = self.spec.representation.value_type().bytes();
        let bytes = frame_len(shape(&self.spec)).saturating_mul(value_bytes);
        let most = (JOB_BYTES / bytes.max(1)).max(1);
        // Positions are counted among selected events; and ticks need times in order.
        let picks = self.selection.roi.is_some() || self.selection.polarity.is_some();
        let together = if by_number { !picks } else { self.sorted };
        let mut groups: Vec<Range<usize>> = Vec::new();
        let mut span = 0..0;
        for (number, (start, end)) in bounds.iter().copied().enumerate() {
            if let Some(group) = groups.last_mut()
                && together
                && group.len() < most
                && start >= bounds[number - 1].0
                && start.saturating_sub(span.end) <= span.end.saturating_sub(span.start)
            {
                group.end += 1;
                span.end = span.end.max(end);
            } else {
                groups.push(number..number + 1);
                span = start..end;
            }
        }
        groups
    }

    fn job(&self, bounds: &[(i64, i64)], by_number: bool) -> Job {
        let start = bounds[0].0;
        let end = bounds.iter().map(|b| b.1).max().unwrap_or(start);
        let selection = self.selection.clone();
        let (selection, windows) = if by_number {
            let place = |at: i64| at.max(0) as u64;
            let first = place(start);
            let all = std::iter::once(0..u64::MAX);
            let positions = match bounds {
                [_] => all.collect(),
                _ => (bounds.iter())
                    .map(|(start, end)| place(*start) - first..place(*end) - first)
                    .collect(),
            };
            let selection = selection.with_events(first..place(end));
            (selection, JobWindows::Positions(positions))
        } else {
            let ticks = bounds.iter().map(|(start, end)| *start..*end).collect();
            (selection.with_time(start..end), JobWindows::Ticks(ticks))
        };
        Job {
            events: JobEvents::Read(selection),
            windows,
        }
    }
}
