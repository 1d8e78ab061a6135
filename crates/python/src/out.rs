//! Arrays of the caller that events are read into.

use evz::file::Found;
use evz::{ColumnSet, Columns, ColumnsMut, Error, EventBatch, ExtraColumn, Result, ValuesMut};
use numpy::{Element, PyReadwriteArray1};
use pyo3::prelude::*;

use crate::columns::fill;

/// Arrays for t, x, y and p.
pub(crate) type Four<'py> = (
    Option<PyReadwriteArray1<'py, i64>>,
    Option<PyReadwriteArray1<'py, u16>>,
    Option<PyReadwriteArray1<'py, u16>>,
    Option<PyReadwriteArray1<'py, u8>>,
);

/// Arrays for the columns that are wanted; further columns by their bytes.
pub(crate) struct Out<'py> {
    pub(crate) t: Option<PyReadwriteArray1<'py, i64>>,
    pub(crate) x: Option<PyReadwriteArray1<'py, u16>>,
    pub(crate) y: Option<PyReadwriteArray1<'py, u16>>,
    pub(crate) p: Option<PyReadwriteArray1<'py, u8>>,
    pub(crate) extra: Vec<Option<PyReadwriteArray1<'py, u8>>>,
}

/// Their memory.
pub(crate) struct Slices<'a> {
    t: Option<&'a mut [i64]>,
    x: Option<&'a mut [u16]>,
    y: Option<&'a mut [u16]>,
    p: Option<&'a mut [u8]>,
    extra: Vec<Option<&'a mut [u8]>>,
}

impl Out<'_> {
    /// The columns that there are arrays for.
    pub(crate) fn columns(&self) -> Columns {
        let extra = self.extra.iter().enumerate();
        let extra = extra.filter(|(_, array)| array.is_some());
        Columns {
            t: self.t.is_some(),
            x: self.x.is_some(),
            y: self.y.is_some(),
            p: self.p.is_some(),
            extra: extra.fold(ColumnSet::NONE, |set, (i, _)| set.with(i)),
        }
    }

    pub(crate) fn slices(&mut self) -> PyResult<Slices<'_>> {
        let extra = self.extra.iter_mut().map(|array| slice(array.as_mut()));
        Ok(Slices {
            t: slice(self.t.as_mut())?,
            x: slice(self.x.as_mut())?,
            y: slice(self.y.as_mut())?,
            p: slice(self.p.as_mut())?,
            extra: extra.collect::<PyResult<_>>()?,
        })
    }
}

fn slice<'a, T: Element>(
    array: Option<&'a mut PyReadwriteArray1<'_, T>>,
) -> PyResult<Option<&'a mut [T]>> {
    Ok(array.map(|array| array.as_slice_mut()).transpose()?)
}

impl Slices<'_> {
    /// Reads what was found into the fronts of the arrays; returns how many events there are.
    pub(crate) fn read(self, found: &Found, further: &[ExtraColumn]) -> Result<usize> {
        if let Some(n) = found.n_events() {
            let (columns, extra) = self.fronts(n, further)?;
            found.read_into(columns, extra)?;
            return Ok(n);
        }
        let mut batch = EventBatch::default();
        found.read(&mut batch)?;
        let n = batch.len();
        let (columns, extra) = self.fronts(n, further)?;
        fill(columns, extra, &batch);
        Ok(n)
    }

    fn fronts<'a>(
        self,
        n: usize,
        further: &[ExtraColumn],
    ) -> Result<(ColumnsMut<'a>, Vec<Option<ValuesMut<'a>>>)>
    where
        Self: 'a,
    {
        let extra = self.extra.into_iter().zip(further).map(|(bytes, column)| {
            let column_type = column.column_type;
            let bytes = front(bytes, n * column_type.size(), &column.name)?;
            Ok(bytes.map(|bytes| ValuesMut { column_type, bytes }))
        });
        let extra = extra.collect::<Result<_>>()?;
        let columns = ColumnsMut {
            t: front(self.t, n, "t")?,
            x: front(self.x, n, "x")?,
            y: front(self.y, n, "y")?,
            p: front(self.p, n, "p")?,
        };
        Ok((columns, extra))
    }
}

fn front<'a, T>(array: Option<&'a mut [T]>, n: usize, name: &str) -> Result<Option<&'a mut [T]>> {
    let Some(array) = array else { return Ok(None) };
    let len = array.len();
    match array.get_mut(..n) {
        Some(front) => Ok(Some(front)),
        None => Err(Error::invalid(format!(
            "out[{name:?}] has room for {len} values, and {n} are selected"
        ))),
    }
}
