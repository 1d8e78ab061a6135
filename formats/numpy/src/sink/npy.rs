//! Events as one array of records.

use std::io::{self, BufWriter, Seek, Write};

use evz_core::columns::time_name;
use evz_core::{
    Error, EventSink, EventSlice, ExtraColumn, Loss, LossKind, Metadata, Output, Report, Result,
    StreamInfo, Temporary,
};

use super::{check, descr_of};
use crate::metadata::head_with;
use crate::names;

/// Writes events as an NPY array of records. They go through a temporary file, for their number
/// stands before them.
pub struct NpySink {
    out: Output,
    descr: String,
    remark: String,
    columns: Vec<ExtraColumn>,
    /// Bytes of an event with its further columns.
    record: usize,
    lost: Vec<Loss>,
    spool: BufWriter<Temporary>,
    count: u64,
}

/// Bytes of t, x, y and p.
const EVENT: usize = 13;

/// Characters of a type; numpy reads no head of more than 10,000 bytes.
const MAX_DESCR: usize = 9_800;

impl NpySink {
    /// A sink that writes to `out` the events of a stream.
    ///
    /// # Errors
    /// If the names of further columns are too long, or there is no temporary file.
    pub fn create(out: Output, info: &StreamInfo) -> Result<Self> {
        let descr = descr(info);
        if descr.len() > MAX_DESCR {
            let what = "the names of its further columns are longer than the head of an NPY file";
            return Err(Error::unsupported(out.name(), what).advise("write it as .npz"));
        }
        let spool = Temporary::new("NPY")?;
        Ok(Self {
            out,
            descr,
            remark: remark(info),
            columns: info.columns.clone(),
            record: EVENT
                + info
                    .columns
                    .iter()
                    .map(|c| c.column_type.size())
                    .sum::<usize>(),
            lost: (info.clock.lost_epoch().into_iter())
                .chain(lost_words(&info.columns))
                .collect(),
            spool: BufWriter::with_capacity(1 << 17, spool),
            count: 0,
        })
    }

    fn write(&mut self) -> io::Result<()> {
        self.out
            .write_all(&head_with(&self.descr, &[self.count], &self.remark))?;
        self.spool.flush()?;
        let spool = self.spool.get_mut();
        spool.rewind()?;
        io::copy(spool, &mut self.out).map(drop)
    }
}

impl EventSink for NpySink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        check(&self.columns, events)?;
        /// Events that are put together at a time.
        const STEP: usize = 1 << 12;
        let mut bytes = vec![0; events.len().min(STEP) * self.record];
        for start in (0..events.len()).step_by(STEP) {
            let part = events.slice(start..events.len().min(start + STEP));
            let bytes = &mut bytes[..part.len() * self.record];
            let records = bytes.chunks_exact_mut(self.record);
            let records = records.filter_map(|record| record.first_chunk_mut::<EVENT>());
            for (i, record) in records.enumerate() {
                record[..8].copy_from_slice(&part.t[i].to_le_bytes());
                record[8..10].copy_from_slice(&part.x[i].to_le_bytes());
                record[10..12].copy_from_slice(&part.y[i].to_le_bytes());
                record[12] = part.p[i];
            }
            let mut offset = EVENT;
            for values in part.extra.iter() {
                let size = values.column_type().size();
                let records = bytes.chunks_exact_mut(self.record);
                for (record, value) in records.zip(values.as_bytes().chunks_exact(size)) {
                    record[offset..offset + size].copy_from_slice(value);
                }
                offset += size;
            }
            self.spool
                .write_all(bytes)
                .map_err(|e| Error::io(self.out.name(), "cannot write", e))?;
        }
        self.count += events.len() as u64;
        Ok(())
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn finish(mut self: Box<Self>, _: &Metadata) -> Result<Report> {
        self.write().map_err(|e| self.out.failed(e))?;
        self.out.commit()?;
        let mut report = Report::default();
        report.losses.extend(self.lost);
        Ok(report)
    }
}

/// What there is no place for of what further columns say of themselves.
fn lost_words(columns: &[ExtraColumn]) -> Option<Loss> {
    let said = |c: &&ExtraColumn| !(c.unit.is_empty() && c.description.is_empty());
    let names: Vec<&str> = columns.iter().filter(said).map(|c| &*c.name).collect();
    let what = "units and descriptions of further columns that the output has no place for";
    let loss = Loss::new(LossKind::Other, what, names.len() as u64);
    let examples = names.iter().take(Loss::MAX_EXAMPLES).copied();
    (!names.is_empty()).then(|| loss.with_examples(examples))
}

/// Second names of the fields, which say the unit of the times and the size of the sensor: as titles of
/// the fields they would be part of the type, and arrays of other sensors could not be joined.
fn remark(info: &StreamInfo) -> String {
    let time = time_name(info.time_base);
    match info.size {
        Some(size) => format!("evz: {time}, x@{}, y@{}", size.width, size.height),
        None => format!("evz: {time}"),
    }
}

/// The type of the records.
fn descr(info: &StreamInfo) -> String {
    let mut descr = "[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|b1')".to_owned();
    for column in &info.columns {
        let name = quoted(&names::written(&column.name));
        descr += &format!(", ({name}, '{}')", descr_of(column.column_type));
    }
    descr + "]"
}

/// A name as Python writes it, in characters that every version of the format has.
fn quoted(name: &str) -> String {
    let mut quoted = "'".to_owned();
    for c in name.chars() {
        match (c, u32::from(c)) {
            ('\'' | '\\', _) => quoted.extend(['\\', c]),
            (' '..='~', _) => quoted.push(c),
            (_, code @ ..=0xff) => quoted += &format!("\\x{code:02x}"),
            (_, code @ ..=0xffff) => quoted += &format!("\\u{code:04x}"),
            (_, code) => quoted += &format!("\\U{code:08x}"),
        }
    }
    quoted + "'"
}
