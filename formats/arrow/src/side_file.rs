//! Side streams into files of their own: Parquet, Arrow IPC and lines of text.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use evz_core::{Clock, Error, Output, Place, Result, SideRows, SideValues, TimeBase};
use parquet::arrow::ArrowWriter;

use crate::written_times::WrittenTimes;
use crate::{ipc, metadata, parquet_file};

/// Bytes of a row group: frames are large.
const MAX_ROW_GROUP: usize = 64 << 20;

/// Writes the rows of a side stream of a recording with this time base and clock as Parquet; `t` comes out as
/// the time of an event would. Returns the number of rows.
///
/// # Errors
/// If rows cannot be had or written, do not look like the first, or there are none.
pub fn side_to_parquet(
    out: Output,
    base: TimeBase,
    clock: Clock,
    rows: impl IntoIterator<Item = Result<SideRows>>,
) -> Result<u64> {
    let name = out.name().to_owned();
    let mut tables = Tables::begin(&name, base, clock, rows.into_iter())?;
    let properties = parquet_file::properties()
        .set_max_row_group_bytes(Some(MAX_ROW_GROUP))
        .build();
    let failed = |e| parquet_file::failed(&name, e);
    let mut writer =
        ArrowWriter::try_new(out, tables.schema.clone(), Some(properties)).map_err(failed)?;
    while let Some(batch) = tables.next()? {
        writer.write(&batch).map_err(failed)?;
    }
    writer.into_inner().map_err(failed)?.commit()?;
    Ok(tables.rows_written)
}

/// The same as Arrow IPC: a stream or a file, as [`IpcSink`](crate::IpcSink) chooses.
///
/// # Errors
/// As [`side_to_parquet`].
pub fn side_to_ipc(
    out: Output,
    base: TimeBase,
    clock: Clock,
    rows: impl IntoIterator<Item = Result<SideRows>>,
) -> Result<u64> {
    let name = out.name().to_owned();
    let mut tables = Tables::begin(&name, base, clock, rows.into_iter())?;
    let failed = |e| ipc::failed(&name, e);
    let mut writer = ipc::Writer::create(out, &tables.schema).map_err(failed)?;
    while let Some(batch) = tables.next()? {
        writer.write(&batch).map_err(failed)?;
    }
    writer.finish().map_err(failed)?.commit()?;
    Ok(tables.rows_written)
}

/// The same as lines of text behind a line with the names of the columns, with commas between them:
/// times in ticks, truth as 0 and 1, bytes as how many there are.
///
/// # Errors
/// If rows cannot be had or written, or do not look like the first.
pub fn side_to_text(
    mut out: Output,
    rows: impl IntoIterator<Item = Result<SideRows>>,
) -> Result<u64> {
    let (mut n, mut columns) = (0, None);
    let mut text = Vec::new();
    for rows in rows {
        let rows = rows?;
        let names = names(&rows);
        match &columns {
            None => {
                writeln!(text, "{}", names.join(",")).map_err(|e| out.failed(e))?;
                columns = Some(names);
            }
            Some(first) if *first != names => return Err(different(&rows)),
            Some(_) => {}
        }
        if rows.columns.iter().any(|c| c.values.len() != rows.len()) {
            let what = format!(
                "rows of {:?} whose columns have several lengths",
                rows.stream
            );
            return Err(Error::invalid(what));
        }
        n += rows.len() as u64;
        lines(&rows, &mut text, &mut out).map_err(|e| out.failed(e))?;
    }
    out.write_all(&text).map_err(|e| out.failed(e))?;
    out.commit()?;
    Ok(n)
}

fn names(rows: &SideRows) -> Vec<String> {
    let columns = rows.columns.iter().map(|c| c.name.clone());
    std::iter::once("t".to_owned()).chain(columns).collect()
}

/// Words as a field between commas (RFC 4180): in quotes where they would be taken for several.
fn quoted(words: &str) -> Cow<'_, str> {
    match words.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", words.replace('"', "\"\"")).into(),
        false => words.into(),
    }
}

fn lines(rows: &SideRows, text: &mut Vec<u8>, out: &mut Output) -> io::Result<()> {
    /// Bytes of text that are written at a time.
    const TEXT: usize = 64 * 1024;
    for (row, t) in rows.t.iter().enumerate() {
        write!(text, "{t}")?;
        for column in &rows.columns {
            text.push(b',');
            match &column.values {
                SideValues::Bool(v) => write!(text, "{}", u8::from(v[row]))?,
                SideValues::U8(v) => write!(text, "{}", v[row])?,
                SideValues::U16(v) => write!(text, "{}", v[row])?,
                SideValues::I64(v) => write!(text, "{}", v[row])?,
                // Shortest that reads back as the same number.
                SideValues::F32(v) => write!(text, "{}", v[row])?,
                SideValues::F64(v) => write!(text, "{}", v[row])?,
                SideValues::Bytes(v) => write!(text, "{}", v[row].len())?,
                SideValues::Text(v) => text.extend_from_slice(quoted(&v[row]).as_bytes()),
            }
        }
        text.push(b'\n');
        if text.len() > TEXT {
            out.write_all(text)?;
            text.clear();
        }
    }
    Ok(())
}

/// Rows as tables, with their times as those of events.
struct Tables<I> {
    rows: I,
    first: Option<SideRows>,
    base: TimeBase,
    times: WrittenTimes,
    schema: SchemaRef,
    rows_written: u64,
}

impl<I: Iterator<Item = Result<SideRows>>> Tables<I> {
    fn begin(name: &str, base: TimeBase, clock: Clock, mut rows: I) -> Result<Self> {
        let Some(first) = rows.next().transpose()? else {
            let what = format!("{name}: the stream has no rows, of which a table could be made");
            return Err(Error::invalid(what));
        };
        let at_name = |e: Error| e.within(name);
        let times = WrittenTimes::new(base, clock).map_err(at_name)?;
        let t = Field::new("t", times.data_type(), false);
        let schema = evz_table::schema(&first, base);
        let columns = schema.fields().iter().skip(1).cloned();
        let fields: Vec<_> = std::iter::once(Arc::new(t)).chain(columns).collect();
        let pairs = metadata::stream_pairs(times, first.t.first().copied(), None);
        let pairs = pairs.map_err(at_name)?;
        let schema = Schema::new(fields).with_metadata(pairs.into_iter().collect());
        Ok(Self {
            rows,
            first: Some(first),
            base,
            times,
            schema: Arc::new(schema),
            rows_written: 0,
        })
    }

    fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(rows) = self.first.take().map(Ok).or_else(|| self.rows.next()) else {
            return Ok(None);
        };
        let rows = rows?;
        self.rows_written += rows.len() as u64;
        let batch = evz_table::record_batch(&rows, self.base)?;
        let same = batch.schema_ref().fields()[1..] == self.schema.fields()[1..];
        if !same {
            return Err(different(&rows));
        }
        let mut columns = batch.columns().to_vec();
        columns[0] = self.times.column(rows.t)?;
        RecordBatch::try_new(self.schema.clone(), columns)
            .map(Some)
            .map_err(|e| Error::invalid(format!("rows that make no table ({e})")))
    }
}

fn different(rows: &SideRows) -> Error {
    let place = Place::part(format!("side stream {:?}", rows.stream));
    Error::corrupt(place, "some of its rows have other columns than the first")
}
