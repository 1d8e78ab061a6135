//! Where the events of a chunk are decoded to.

use std::ops::Range;

use evz_core::{Columns, ColumnsMut, EventBatch, ValuesMut};

/// The columns that are wanted, each exactly as long as the range asked for; none of those that are not.
#[derive(Debug, Default)]
pub(crate) struct Out<'a> {
    pub(crate) columns: ColumnsMut<'a>,
    /// Further columns, in the order of the stream.
    pub(crate) extra: Vec<Option<ValuesMut<'a>>>,
}

impl<'a> Out<'a> {
    /// These events of a batch, these columns alone, which are long enough.
    pub(crate) fn of(batch: &'a mut EventBatch, range: Range<usize>, wanted: Columns) -> Self {
        let extra = batch.extra.iter_mut().enumerate();
        let extra = extra.map(|(i, values)| {
            let values = wanted.extra.contains(i).then_some(values)?;
            values.get_mut(range.clone())
        });
        Self {
            extra: extra.collect(),
            columns: ColumnsMut {
                t: wanted.t.then(|| &mut batch.t[range.clone()]),
                x: wanted.x.then(|| &mut batch.x[range.clone()]),
                y: wanted.y.then(|| &mut batch.y[range.clone()]),
                p: wanted.p.then(|| &mut batch.p[range]),
            },
        }
    }

    /// The columns of the first `n` events, and those of the events behind.
    ///
    /// # Panics
    /// If a wanted column has fewer.
    pub(crate) fn split_at(self, n: usize) -> (Self, Self) {
        let (columns, columns_rest) = self.columns.split_at(n);
        let extra = self.extra.into_iter();
        let (extra, extra_rest) = extra.map(|v| v.map(|v| v.split_at(n)).unzip()).unzip();
        (
            Self { columns, extra },
            Self {
                columns: columns_rest,
                extra: extra_rest,
            },
        )
    }
}
