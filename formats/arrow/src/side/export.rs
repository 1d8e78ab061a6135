//! Side streams into files of their own: Parquet, Arrow IPC and lines of text.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use evz_core::{Error, Result, TimeBase};
use parquet::arrow::ArrowWriter;

use crate::ipc::{IpcLayout, Output};
use crate::layout::numbers;
use crate::table::Clock;
use crate::{ipc, metadata, parquet_file};

/// Bytes of a row group: frames are large.
const MAX_ROW_GROUP: usize = 64 << 20;

/// Writes the batches of a side stream of a recording with this time base as Parquet; `t` comes out
/// as the time of an event would. Returns the number of rows.
///
/// # Errors
/// If a batch cannot be had or written, does not look like the first, or there is none.
pub fn side_to_parquet(
    out: Box<dyn Write + Send>,
    name: &str,
    base: TimeBase,
    batches: impl IntoIterator<Item = Result<RecordBatch>>,
) -> Result<u64> {
    let (mut tables, schema) = Tables::begin(name, base, batches.into_iter())?;
    let properties = parquet_file::properties()
        .set_max_row_group_bytes(Some(MAX_ROW_GROUP))
        .build();
    let failed = |e| parquet_file::failed(name, e);
    let mut writer = ArrowWriter::try_new(out, schema, Some(properties)).map_err(failed)?;
    while let Some(batch) = tables.next()? {
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(tables.rows)
}

/// The same as Arrow IPC.
///
/// # Errors
/// As [`side_to_parquet`].
pub fn side_to_ipc(
    out: Box<dyn Write + Send>,
    name: &str,
    layout: IpcLayout,
    base: TimeBase,
    batches: impl IntoIterator<Item = Result<RecordBatch>>,
) -> Result<u64> {
    let (mut tables, schema) = Tables::begin(name, base, batches.into_iter())?;
    let failed = |e| ipc::failed(name, e);
    let mut output = Output::create(out, layout, &schema).map_err(failed)?;
    while let Some(batch) = tables.next()? {
        output.write(&batch).map_err(failed)?;
    }
    output.finish().map_err(failed)?;
    Ok(tables.rows)
}

/// The same as lines of text behind a line with the names of the columns, with commas between them:
/// times in ticks, truth as 0 and 1, bytes as how many there are, nothing for null.
///
/// # Errors
/// As [`side_to_parquet`]; none if there is no batch.
pub fn side_to_text(
    mut out: impl Write,
    name: &str,
    batches: impl IntoIterator<Item = Result<RecordBatch>>,
) -> Result<u64> {
    let failed = |e| Error::io(name, "cannot write to it", e);
    let (mut rows, mut begun) = (0, false);
    for batch in batches {
        let batch = batch?;
        if !std::mem::replace(&mut begun, true) {
            let fields = batch.schema_ref().fields();
            let names: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
            writeln!(out, "{}", names.join(",")).map_err(failed)?;
        }
        rows += batch.num_rows() as u64;
        lines(&batch, &mut out).map_err(failed)?;
    }
    out.flush().map_err(failed)?;
    Ok(rows)
}

/// Bytes of text that are written at a time.
const TEXT: usize = 64 * 1024;

fn lines(batch: &RecordBatch, out: &mut impl Write) -> io::Result<()> {
    let mut text = Vec::new();
    for row in 0..batch.num_rows() {
        for (i, column) in batch.columns().iter().enumerate() {
            if i > 0 {
                text.push(b',');
            }
            if column.is_valid(row) {
                value(column, row, &mut text)?;
            }
        }
        text.push(b'\n');
        if text.len() > TEXT {
            out.write_all(&text)?;
            text.clear();
        }
    }
    out.write_all(&text)
}

fn value(column: &ArrayRef, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
    match column.data_type() {
        DataType::Boolean => write!(out, "{}", u8::from(column.as_boolean().value(row))),
        DataType::Binary => write!(out, "{}", column.as_binary::<i32>().value(row).len()),
        DataType::LargeBinary => write!(out, "{}", column.as_binary::<i64>().value(row).len()),
        DataType::Utf8 => write!(out, "{}", column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => write!(out, "{}", column.as_string::<i64>().value(row)),
        // Shortest that reads back as the same number.
        DataType::Float32 => write!(out, "{}", column.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => write!(out, "{}", column.as_primitive::<Float64Type>().value(row)),
        _ => {
            let cell = column.slice(row, 1);
            numbers!(cell, values => write!(out, "{}", values[0]))
        }
    }
}

/// Batches with their times as those of events.
struct Tables<I> {
    batches: I,
    first: Option<RecordBatch>,
    schema: SchemaRef,
    clock: Clock,
    rows: u64,
}

impl<I: Iterator<Item = Result<RecordBatch>>> Tables<I> {
    fn begin(name: &str, base: TimeBase, mut batches: I) -> Result<(Self, SchemaRef)> {
        let Some(first) = batches.next().transpose()? else {
            let what = format!("{name}: the stream has no rows, of which a table could be made");
            return Err(Error::invalid(what));
        };
        let ticks = first.columns().first().and_then(|t| ticks(t).ok());
        let clock = Clock::new(base, ticks.and_then(|t| t.first().copied()));
        let mut fields: Vec<Field> = first
            .schema()
            .fields()
            .iter()
            .map(|f| (**f).clone())
            .collect();
        if let Some(t) = fields.first_mut() {
            *t = Field::new(t.name(), clock.data_type(), t.is_nullable());
        }
        let pairs = metadata::stream_pairs(clock.base(), None);
        let schema = Schema::new(fields).with_metadata(pairs.into_iter().collect());
        let schema = Arc::new(schema);
        let tables = Self {
            batches,
            first: Some(first),
            schema: schema.clone(),
            clock,
            rows: 0,
        };
        Ok((tables, schema))
    }

    fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(batch) = self.first.take().map(Ok).or_else(|| self.batches.next()) else {
            return Ok(None);
        };
        let batch = batch?;
        self.rows += batch.num_rows() as u64;
        let mut columns = batch.columns().to_vec();
        if let Some(t) = columns.first_mut() {
            *t = self.clock.column(ticks(t)?)?;
        }
        RecordBatch::try_new(self.schema.clone(), columns)
            .map(Some)
            .map_err(different)
    }
}

/// The times of a batch in ticks.
fn ticks(t: &ArrayRef) -> Result<Vec<i64>> {
    match t.data_type() {
        DataType::Int64 | DataType::Duration(_) | DataType::Timestamp(..)
            if t.null_count() == 0 =>
        {
            Ok(t.to_data().buffer::<i64>(0)[..t.len()].to_vec())
        }
        other => {
            let what = format!(
                "the first column of a side stream is of type {other}, and its times are expected"
            );
            Err(Error::unsupported("side stream", what))
        }
    }
}

fn different(error: ArrowError) -> Error {
    let what = format!("a batch has other columns than the first ({error})");
    Error::corrupt("side stream", what)
}
