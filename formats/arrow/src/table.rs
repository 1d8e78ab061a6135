//! Events as the table that is written: `t` as Timestamp, `x` and `y` as UInt16, `p` as
//! Boolean, further columns as what they are, none of them nullable.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch, UInt16Array};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use evz_core::{Columns, Error, EventBatch, Result, StreamInfo};

use crate::written_times::WrittenTimes;
use crate::{further, metadata};

/// The table of the events of a recording.
#[derive(Debug, Clone)]
pub(crate) struct EventTable {
    pub(crate) schema: SchemaRef,
    times: WrittenTimes,
    columns: Columns,
}

impl EventTable {
    /// The table of these columns, whose first time is `first`.
    ///
    /// # Errors
    /// If it has no type for such times.
    pub(crate) fn new(info: &StreamInfo, first: Option<i64>, columns: Columns) -> Result<Self> {
        let times = WrittenTimes::new(info.time_base, info.clock)?;
        let field = |name: &str, data_type| Field::new(name, data_type, false);
        let fields = [
            columns.t.then(|| field("t", times.data_type())),
            columns.x.then(|| field("x", DataType::UInt16)),
            columns.y.then(|| field("y", DataType::UInt16)),
            columns.p.then(|| field("p", DataType::Boolean)),
        ];
        let mut pairs = metadata::stream_pairs(times, first, info.size)?;
        pairs.extend(metadata::metadata_pairs(&info.metadata));
        let further = info.columns.iter().enumerate();
        let further = further.filter(|(i, _)| columns.extra.contains(*i));
        let further = further.map(|(_, column)| further::field(column));
        let fields: Vec<Field> = fields.into_iter().flatten().chain(further).collect();
        let schema = Schema::new(fields).with_metadata(pairs.into_iter().collect());
        Ok(Self {
            schema: Arc::new(schema),
            times,
            columns,
        })
    }

    /// Events as rows; the columns that the table lacks are not looked at.
    ///
    /// # Errors
    /// If a time does not fit.
    pub(crate) fn record_batch(&self, events: EventBatch) -> Result<RecordBatch> {
        let EventBatch { t, x, y, p, extra } = events;
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(4);
        if self.columns.t {
            arrays.push(self.times.column(t)?);
        }
        if self.columns.x {
            arrays.push(Arc::new(UInt16Array::from(x)));
        }
        if self.columns.y {
            arrays.push(Arc::new(UInt16Array::from(y)));
        }
        if self.columns.p {
            let bits = BooleanBuffer::collect_bool(p.len(), |i| p[i] != 0);
            arrays.push(Arc::new(BooleanArray::new(bits, None)));
        }
        let extra = extra.iter().enumerate();
        let extra = extra.filter(|(i, _)| self.columns.extra.contains(*i));
        arrays.extend(extra.map(|(_, values)| further::array(values)));
        RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|e| Error::invalid(format!("columns that make no table ({e})")))
    }
}
