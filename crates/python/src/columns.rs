//! Events read into memory that becomes arrays.

use evz::file::Found;
use evz::{ColumnType, Columns, ColumnsMut, EventBatch, ExtraColumn, Result, ValuesMut};
use pyo3::prelude::*;

use crate::arrays::array;
use crate::memory::Block;

/// Columns of events; those that were not asked for are missing.
pub(crate) struct Read {
    n: usize,
    t: Option<Block>,
    x: Option<Block>,
    y: Option<Block>,
    p: Option<Block>,
    extra: Vec<Option<(ColumnType, Block)>>,
}

/// t, x, y, p and the further columns as arrays.
pub(crate) type Arrays<'py> = (
    usize,
    Option<Bound<'py, PyAny>>,
    Option<Bound<'py, PyAny>>,
    Option<Bound<'py, PyAny>>,
    Option<Bound<'py, PyAny>>,
    Vec<Option<Bound<'py, PyAny>>>,
);

/// Columns to write to.
pub(crate) type Parts<'a> = (ColumnsMut<'a>, Vec<Option<ValuesMut<'a>>>);

impl Read {
    /// Reads what was found, these columns of it.
    pub(crate) fn of(found: &Found, columns: Columns, further: &[ExtraColumn]) -> Result<Self> {
        match found.n_events() {
            Some(n) => {
                let mut read = Self::new(n, columns, further)?;
                let (columns, extra) = read.all();
                found.read_into(columns, extra)?;
                Ok(read)
            }
            None => {
                let mut batch = EventBatch::default();
                found.read(&mut batch)?;
                let mut read = Self::new(batch.len(), columns, further)?;
                let (columns, extra) = read.all();
                fill(columns, extra, &batch);
                Ok(read)
            }
        }
    }

    pub(crate) fn new(n: usize, columns: Columns, further: &[ExtraColumn]) -> Result<Self> {
        let extra = further.iter().enumerate().map(|(i, column)| {
            let column_type = column.column_type;
            let wanted = columns.extra.contains(i);
            let block = || Block::new::<u8>(n.saturating_mul(column_type.size()));
            wanted.then(|| Ok((column_type, block()?))).transpose()
        });
        Ok(Self {
            n,
            t: columns.t.then(|| Block::new::<i64>(n)).transpose()?,
            x: columns.x.then(|| Block::new::<u16>(n)).transpose()?,
            y: columns.y.then(|| Block::new::<u16>(n)).transpose()?,
            p: columns.p.then(|| Block::new::<u8>(n)).transpose()?,
            extra: extra.collect::<Result<_>>()?,
        })
    }

    /// All of it, to be written to.
    fn all(&mut self) -> Parts<'_> {
        let n = self.n;
        let columns = ColumnsMut {
            t: self.t.as_mut().map(|block| block.values(n)),
            x: self.x.as_mut().map(|block| block.values(n)),
            y: self.y.as_mut().map(|block| block.values(n)),
            p: self.p.as_mut().map(|block| block.values(n)),
        };
        let extra = self.extra.iter_mut().map(|column| {
            let (column_type, block) = column.as_mut()?;
            Some(ValuesMut {
                column_type: *column_type,
                bytes: block.values(n * column_type.size()),
            })
        });
        (columns, extra.collect())
    }

    /// All of it, in parts of so many events each.
    pub(crate) fn parts(&mut self, counts: &[usize]) -> Vec<Parts<'_>> {
        let (mut columns, mut extra) = self.all();
        let part = |n: &usize| {
            let (front, rest) = std::mem::take(&mut columns).split_at(*n);
            columns = rest;
            let halves = std::mem::take(&mut extra).into_iter();
            let halves = halves.map(|values| values.map(|v| v.split_at(*n)).unzip());
            let (extra_front, extra_rest) = halves.unzip();
            extra = extra_rest;
            (front, extra_front)
        };
        counts.iter().map(part).collect()
    }

    /// The arrays, which own their memory.
    pub(crate) fn into_arrays(self, py: Python<'_>) -> PyResult<Arrays<'_>> {
        let n = self.n;
        let extra = self.extra.into_iter().map(|column| {
            let of_type = |(column_type, block)| typed(py, column_type, block, n);
            column.map(of_type).transpose()
        });
        Ok((
            n,
            plain::<i64>(py, self.t, n)?,
            plain::<u16>(py, self.x, n)?,
            plain::<u16>(py, self.y, n)?,
            plain::<u8>(py, self.p, n)?,
            extra.collect::<PyResult<_>>()?,
        ))
    }
}

/// Copies a batch into columns of its length.
pub(crate) fn fill(columns: ColumnsMut<'_>, extra: Vec<Option<ValuesMut<'_>>>, batch: &EventBatch) {
    let ColumnsMut { t, x, y, p } = columns;
    if let Some(t) = t {
        t.copy_from_slice(&batch.t);
    }
    if let Some(x) = x {
        x.copy_from_slice(&batch.x);
    }
    if let Some(y) = y {
        y.copy_from_slice(&batch.y);
    }
    if let Some(p) = p {
        p.copy_from_slice(&batch.p);
    }
    for (out, values) in extra.into_iter().zip(&batch.extra) {
        if let Some(out) = out {
            out.bytes.copy_from_slice(values.as_slice().as_bytes());
        }
    }
}

fn plain<T: numpy::Element + bytemuck::Pod>(
    py: Python<'_>,
    block: Option<Block>,
    n: usize,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    let array = |block| Ok(array::<T>(py, block, n)?.into_any());
    block.map(array).transpose()
}

/// An array of the type of a further column.
pub(crate) fn typed(
    py: Python<'_>,
    column_type: ColumnType,
    block: Block,
    n: usize,
) -> PyResult<Bound<'_, PyAny>> {
    Ok(match column_type {
        ColumnType::Bool => array::<u8>(py, block, n)?.call_method1("view", ("?",))?,
        ColumnType::I8 => array::<i8>(py, block, n)?.into_any(),
        ColumnType::I16 => array::<i16>(py, block, n)?.into_any(),
        ColumnType::I32 => array::<i32>(py, block, n)?.into_any(),
        ColumnType::I64 => array::<i64>(py, block, n)?.into_any(),
        ColumnType::U8 => array::<u8>(py, block, n)?.into_any(),
        ColumnType::U16 => array::<u16>(py, block, n)?.into_any(),
        ColumnType::U32 => array::<u32>(py, block, n)?.into_any(),
        ColumnType::U64 => array::<u64>(py, block, n)?.into_any(),
        ColumnType::F32 => array::<f32>(py, block, n)?.into_any(),
        ColumnType::F64 => array::<f64>(py, block, n)?.into_any(),
    })
}
