//! A Parquet file as a sink: row groups are encoded side by side and written in order.

use arrow_array::RecordBatch;
use evz_core::parallel::{self, InOrder};
use evz_core::{
    ColumnType, Columns, Error, EventBatch, EventSink, EventSlice, ExtraColumn, Metadata, Output,
    Report, Result, StreamInfo,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::metadata;
use crate::table::EventTable;

/// Events of a row group: what DuckDB and Polars skip or read at a time. For 10 ms out of 10 M events
/// DuckDB takes half as long again with 65,536, as the footer is twice as long, and both take two to
/// four times as long with a million. The size of the file hardly changes.
const ROW_GROUP: usize = 1 << 17;

/// Row groups of one size; further ones are twice as long, as the footer is held in memory and a
/// file has no more than [`MAX_GROUPS`].
const GROUPS_OF_A_SIZE: usize = 1 << 12;

/// The longest row group: every core has some of them in memory.
const MAX_ROW_GROUP: usize = 1 << 20;

/// Row groups are numbered by 16 bits with a sign.
const MAX_GROUPS: usize = i16::MAX as usize;

/// Events of a page, which readers of the page index skip or read at a time.
const PAGE: usize = 1 << 14;

/// What level 3 makes smaller by one percent takes a tenth longer.
const ZSTD_LEVEL: i32 = 1;

/// Writes events as Parquet.
pub struct ParquetSink {
    name: String,
    info: StreamInfo,
    /// Until the first event says how times are written.
    out: Option<Output>,
    file: Option<OpenFile>,
    /// Events of the next row group.
    pending: EventBatch,
    in_flight: InOrder<Result<Vec<ArrowColumnChunk>, ParquetError>>,
    /// Row groups begun.
    groups: usize,
}

struct OpenFile {
    writer: SerializedFileWriter<Output>,
    columns: ArrowRowGroupWriterFactory,
    table: EventTable,
}

/// What a Parquet file is written with, all but what depends on its columns.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by(concat!("evz ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// The encodings that were smallest and fastest on recordings: differences for the times; the bytes
/// of the coordinates apart, so that zstd sees the high ones, which rarely change, together. The
/// bounds of the coordinates are no help, for a row group reaches over the whole sensor, and cost a
/// tenth of the time. Further columns are as coordinates: labels and small numbers have high bytes
/// that are 0, floats some that are alike, and no values make it longer than they are.
fn event_properties(further: &[ExtraColumn]) -> WriterProperties {
    let column = |name: &str| ColumnPath::from(name);
    let mut properties = properties()
        .set_dictionary_enabled(false)
        .set_column_encoding(column("t"), Encoding::DELTA_BINARY_PACKED)
        .set_column_encoding(column("x"), Encoding::BYTE_STREAM_SPLIT)
        .set_column_encoding(column("y"), Encoding::BYTE_STREAM_SPLIT)
        .set_column_encoding(column("p"), Encoding::PLAIN)
        .set_data_page_row_count_limit(PAGE)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(column("t"), EnabledStatistics::Page);
    for ExtraColumn {
        name, column_type, ..
    } in further
    {
        let encoding = match column_type {
            ColumnType::Bool => Encoding::PLAIN,
            _ => Encoding::BYTE_STREAM_SPLIT,
        };
        properties = properties.set_column_encoding(column(name), encoding);
    }
    properties.build()
}

impl ParquetSink {
    /// A sink that writes the events of a stream to `out`, which is empty until the first event says
    /// what the file looks like.
    pub fn create(out: Output, info: &StreamInfo) -> Self {
        Self {
            name: out.name().to_owned(),
            info: info.clone(),
            out: Some(out),
            file: None,
            pending: EventBatch::default(),
            in_flight: InOrder::default(),
            groups: 0,
        }
    }

    fn begin(&mut self, first: Option<i64>) -> Result<()> {
        let Some(out) = self.out.take() else {
            return Ok(());
        };
        let table = EventTable::new(&self.info, first, Columns::ALL);
        let table = table.map_err(|e| e.within(self.name.as_str()))?;
        let schema = table.schema.clone();
        let (writer, columns) =
            ArrowWriter::try_new(out, schema, Some(event_properties(&self.info.columns)))
                .and_then(ArrowWriter::into_serialized_writer)
                .map_err(|e| self.failed(e))?;
        self.file = Some(OpenFile {
            writer,
            columns,
            table,
        });
        Ok(())
    }

    /// Events of the row group that is being filled.
    fn group_len(&self) -> usize {
        let doublings = (self.groups / GROUPS_OF_A_SIZE).min(usize::BITS as usize - 1) as u32;
        ROW_GROUP
            .saturating_mul(1usize.wrapping_shl(doublings))
            .clamp(ROW_GROUP, MAX_ROW_GROUP)
    }

    /// Has the pending events encoded, and writes what is done.
    fn start_group(&mut self) -> Result<()> {
        let next = EventBatch::with_capacity(self.pending.len().min(ROW_GROUP));
        let events = std::mem::replace(&mut self.pending, next);
        let Some(file) = &self.file else {
            return Ok(());
        };
        if self.groups == MAX_GROUPS {
            let what = "a Parquet file has no more than 32,767 row groups, here 25 billion events";
            return Err(Error::unsupported(&self.name, what).advise("write it in parts"));
        }
        let batch = file.table.record_batch(events);
        let batch = batch.map_err(|e| e.within(self.name.as_str()))?;
        let writers = file.columns.create_column_writers(self.groups);
        let writers = writers.map_err(|e| self.failed(e))?;
        self.groups += 1;
        self.in_flight.push(move || encode(&batch, writers));
        while self.in_flight.len() > groups_at_once() {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let Some((chunks, file)) = self.in_flight.pop().zip(self.file.as_mut()) else {
            return Ok(());
        };
        chunks
            .and_then(|chunks| {
                let mut group = file.writer.next_row_group()?;
                for chunk in chunks {
                    chunk.append_to_row_group(&mut group)?;
                }
                group.close().map(|_| ())
            })
            .map_err(|e| self.failed(e))
    }

    fn failed(&self, error: ParquetError) -> Error {
        failed(&self.name, error)
    }
}

/// An error of writing.
pub(crate) fn failed(name: &str, error: ParquetError) -> Error {
    match error {
        ParquetError::External(e) => {
            let what = "cannot write";
            match e.downcast::<std::io::Error>() {
                Ok(e) => Error::io(name, what, *e),
                Err(e) => Error::io(name, what, std::io::Error::other(e)),
            }
        }
        e => Error::unsupported(name, format!("it cannot be written as Parquet ({e})")),
    }
}

/// A row group, column by column.
fn encode(
    batch: &RecordBatch,
    mut writers: Vec<ArrowColumnWriter>,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    let fields = batch.schema_ref().fields();
    for ((field, column), writer) in fields.iter().zip(batch.columns()).zip(&mut writers) {
        for leaf in compute_leaves(field, column)? {
            writer.write(&leaf)?;
        }
    }
    writers.into_iter().map(ArrowColumnWriter::close).collect()
}

/// Row groups that are encoded while others are written.
fn groups_at_once() -> usize {
    (2 * parallel::threads()).clamp(2, 32)
}

impl EventSink for ParquetSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        let mut from = 0;
        while from < events.len() {
            self.begin(events.t.first().copied())?;
            let room = self.group_len() - self.pending.len();
            let to = events.len().min(from + room);
            self.pending.extend(events.slice(from..to));
            from = to;
            if self.pending.len() == self.group_len() {
                self.start_group()?;
            }
        }
        Ok(())
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn finish(mut self: Box<Self>, closing: &Metadata) -> Result<Report> {
        self.begin(None)?;
        if !self.pending.is_empty() {
            self.start_group()?;
        }
        while !self.in_flight.is_empty() {
            self.write_group()?;
        }
        let Some(mut file) = self.file.take() else {
            return Ok(Report::default());
        };
        // Beside the Arrow schema, which holds what was known at the start: for readers that look
        // at no Arrow schema, with what is known now.
        let mut pairs = file.table.schema.metadata().clone();
        pairs.extend(metadata::metadata_pairs(closing));
        let mut pairs: Vec<(String, String)> = pairs.into_iter().collect();
        pairs.sort();
        for (key, value) in pairs {
            file.writer
                .append_key_value_metadata(KeyValue::new(key, value));
        }
        let out = file.writer.into_inner().map_err(|e| self.failed(e))?;
        out.commit()?;
        Ok(Report::default())
    }
}
