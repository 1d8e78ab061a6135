//! Frames of any windows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evz::render::{ArrayType, Job, JobEvents, JobWindows, Painted, Preparer, processor};
use evz::{Error, EventIndex, Result, Selection, parallel};
use numpy::PyReadwriteArray1;
use pyo3::prelude::*;

use crate::errors::OrRaise;
use crate::look::{Look, flat, frame_len, shape};
use crate::many::{Bounds, Windows};
use crate::memory::Block;
use crate::reader::Reader;
use crate::selection::{Choice, selection};

/// A window that may hold so many events is painted part by part.
const IN_PARTS: u64 = 1 << 22;

/// Paints frames of windows of a recording. Many threads may use it at once.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct Painter {
    reader: Py<Reader>,
    painter: Arc<dyn evz::render::Painter>,
    /// Channels, height and width.
    shape: [usize; 3],
    /// What prepares the frames, if they are not as they are painted.
    preparer: Option<Preparer>,
    array_type: ArrayType,
    selection: Selection,
    /// Events that lay beyond the frames, and those that a map to rectify by puts there.
    beyond: AtomicU64,
    moved_out: AtomicU64,
}

#[pymethods]
impl Painter {
    #[new]
    fn new(
        py: Python<'_>,
        reader: Bound<'_, Reader>,
        look: Look,
        choice: Choice,
    ) -> PyResult<Self> {
        let file = &reader.get().file;
        let made = look.made().or_raise(py)?;
        let map = look.map(py, file.info())?;
        let spec = look.spec(file, made.representation, map.as_deref());
        let array_type = made.painted_type();
        let (shape, preparation) = match &made.preparer {
            Some(preparer) => {
                let size = spec.representation.frame_size(spec.size);
                let shape = preparer.shape(size).or_raise(py)?;
                (shape, Some(preparer.preparation()))
            }
            None => (shape(&spec), None),
        };
        let (roi, polarity) = choice;
        let selection = selection((None, None, roi, polarity), (15, 0)).or_raise(py)?;
        let painter = processor(Arc::new(file.clone()), spec, map, preparation).or_raise(py)?;
        Ok(Self {
            reader: reader.unbind(),
            painter,
            shape,
            array_type,
            preparer: made.preparer,
            selection,
            beyond: AtomicU64::new(0),
            moved_out: AtomicU64::new(0),
        })
    }

    /// Channels, height and width.
    #[getter]
    fn shape(&self) -> (usize, usize, usize) {
        self.shape.into()
    }

    /// The type of the values, as NumPy writes it: `<f4`.
    #[getter]
    fn dtype(&self) -> &'static str {
        self.array_type.descr()
    }

    /// Events that lay beyond the frames so far, once for each window that they are in.
    #[getter]
    fn beyond(&self) -> u64 {
        self.beyond.load(Ordering::Relaxed)
    }

    /// Those of the others that a map to rectify by puts beyond the frames.
    #[getter]
    fn moved_out(&self) -> u64 {
        self.moved_out.load(Ordering::Relaxed)
    }

    /// A frame of each window, each an array of its own and flat.
    fn paint<'py>(
        &self,
        py: Python<'py>,
        windows: Bounds<'py>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let jobs = self.jobs(Windows::of(&windows)?);
        let frames = self.reader.get().work(py, || match jobs.as_slice() {
            [one] => Ok(vec![self.block(one)?]),
            jobs => parallel::try_map(jobs, |window| self.block(window)),
        })?;
        let frames = frames.into_iter();
        frames.map(|block| self.flat(py, block, 1)).collect()
    }

    /// The frames of all windows in one array, which is flat.
    fn paint_all<'py>(&self, py: Python<'py>, windows: Bounds<'py>) -> PyResult<Bound<'py, PyAny>> {
        let jobs = self.jobs(Windows::of(&windows)?);
        let n = jobs.len();
        let block = self.reader.get().work(py, || {
            let bytes = self.bytes().saturating_mul(n);
            let mut block = Block::new::<u8>(bytes)?;
            self.paint_to(&jobs, block.values(bytes))?;
            Ok(block)
        })?;
        self.flat(py, block, n)
    }

    /// The same into the bytes of an array of the caller.
    fn paint_into(
        &self,
        py: Python<'_>,
        windows: Bounds<'_>,
        mut out: PyReadwriteArray1<'_, u8>,
    ) -> PyResult<()> {
        let jobs = self.jobs(Windows::of(&windows)?);
        let out = out.as_slice_mut()?;
        self.reader.get().work(py, || self.paint_to(&jobs, out))
    }
}

/// A window, and the events in it.
struct Wanted {
    selection: Selection,
    start: i64,
    end: i64,
    by_number: bool,
}

impl Painter {
    fn jobs(&self, windows: Windows<'_>) -> Vec<Wanted> {
        let selections = windows.selections(&self.selection).into_iter();
        let wanted = selections
            .zip(windows.bounds())
            .map(|(selection, (start, end))| Wanted {
                selection,
                start,
                end,
                by_number: windows.by_number,
            });
        wanted.collect()
    }

    /// Bytes of a frame.
    fn bytes(&self) -> usize {
        frame_len(self.shape).saturating_mul(self.array_type.bytes())
    }

    /// `n` frames of a block as a flat array of their type.
    fn flat<'py>(&self, py: Python<'py>, block: Block, n: usize) -> PyResult<Bound<'py, PyAny>> {
        flat(py, block, n * frame_len(self.shape), self.array_type)
    }

    fn block(&self, window: &Wanted) -> Result<Block> {
        let bytes = self.bytes();
        let mut block = Block::new::<u8>(bytes)?;
        self.paint_one(window, block.values(bytes))?;
        Ok(block)
    }

    fn paint_to(&self, windows: &[Wanted], out: &mut [u8]) -> Result<()> {
        let bytes = self.bytes();
        if out.len() != bytes.saturating_mul(windows.len()) {
            return Err(Error::invalid("an array of another size than the frames"));
        }
        match windows {
            [] => Ok(()),
            [one] => self.paint_one(one, out),
            windows => {
                let jobs = windows.iter().zip(out.chunks_exact_mut(bytes));
                parallel::try_each(jobs.collect(), |(window, out)| self.paint_one(window, out))
            }
        }
    }

    /// Paints a window on the calling thread.
    fn paint_one(&self, window: &Wanted, out: &mut [u8]) -> Result<()> {
        for mut painted in self.painter.paint(self.job(window))? {
            if let Some(preparer) = &self.preparer {
                painted.prepare(preparer);
            }
            painted.copy_to(out);
            self.take_back(painted);
        }
        Ok(())
    }

    fn take_back(&self, painted: Painted) {
        self.beyond.fetch_add(painted.beyond, Ordering::Relaxed);
        (self.moved_out).fetch_add(painted.moved_out(), Ordering::Relaxed);
        self.painter.take_back(painted);
    }

    fn job(&self, window: &Wanted) -> Job {
        let selection = window.selection.clone();
        let ticks = window.start..window.end;
        let many = self.most_events(window) > IN_PARTS;
        let all = 0..u64::MAX;
        Job {
            events: match many {
                true => JobEvents::Visit(selection),
                false => JobEvents::Read(selection),
            },
            windows: match (window.by_number, many) {
                (true, _) => JobWindows::Positions([all].into()),
                (false, true) => JobWindows::Ticks([ticks].into()),
                // All that is read lies in the window: its times need not be looked at.
                (false, false) => JobWindows::Located(vec![(all, ticks)]),
            },
        }
    }

    /// How many events there may be, were they spread evenly.
    fn most_events(&self, window: &Wanted) -> u64 {
        let length = window.end.abs_diff(window.start);
        if window.by_number {
            return length;
        }
        let extent = EventIndex::extent(&self.reader.get().file);
        let all = extent.t_max.abs_diff(extent.t_min).max(1);
        let part = u128::from(extent.n_events) * u128::from(length.min(all)) / u128::from(all);
        part as u64
    }
}
