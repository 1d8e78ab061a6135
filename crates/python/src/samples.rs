//! The samples of a pack.

use evz::{Sample, Samples as Pack};
use numpy::PyArray1;
use pyo3::prelude::*;

use crate::errors::OrRaise;

/// The samples of a pack. Many threads may read it at once.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct Samples {
    samples: Pack,
}

/// Its name, label, start and end among the times of the pack, what is added to these for its own, number
/// of events, and width and height.
type Row = (String, String, i64, i64, i64, u64, Option<(u32, u32)>);

/// An array of ticks, or of counts.
type Numbers<'py> = Bound<'py, PyArray1<i64>>;

impl Samples {
    pub(crate) fn of(file: &evz::Reader) -> Option<Self> {
        Pack::of(file).map(|samples| Self { samples })
    }
}

#[pymethods]
impl Samples {
    fn __len__(&self) -> usize {
        self.samples.len()
    }

    fn row(&self, py: Python<'_>, number: usize) -> PyResult<Row> {
        let sample = self.samples.get(number).or_raise(py)?;
        let time = sample.time_in_pack();
        Ok((
            sample.name().to_owned(),
            sample.label().to_owned(),
            time.start,
            time.end,
            shift(&sample),
            sample.n_events(),
            sample.size().map(|size| (size.width, size.height)),
        ))
    }

    fn number(&self, py: Python<'_>, name: &str) -> PyResult<usize> {
        py.detach(|| self.samples.number(name)).or_raise(py)
    }

    fn names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        py.detach(|| self.samples.names()).or_raise(py)
    }

    fn labels(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        py.detach(|| self.samples.labels()).or_raise(py)
    }

    fn classes(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let classes = py.detach(|| self.samples.classes().map(<[String]>::to_vec));
        classes.or_raise(py)
    }

    /// Start and end of each among the times of the pack, one pair behind the other; what is added to them for
    /// its own times; and how many events it has.
    fn bounds<'py>(&self, py: Python<'py>) -> PyResult<[Numbers<'py>; 3]> {
        let all = py.detach(|| {
            let mut all: [Vec<i64>; 3] = Default::default();
            for number in 0..self.samples.len() {
                let sample = self.samples.get(number)?;
                let time = sample.time_in_pack();
                all[0].extend([time.start, time.end]);
                all[1].push(shift(&sample));
                all[2].push(i64::try_from(sample.n_events()).unwrap_or(i64::MAX));
            }
            Ok(all)
        });
        Ok(all
            .or_raise(py)?
            .map(|numbers| PyArray1::from_vec(py, numbers)))
    }
}

fn shift(sample: &Sample) -> i64 {
    sample
        .time()
        .start
        .wrapping_sub(sample.time_in_pack().start)
}
