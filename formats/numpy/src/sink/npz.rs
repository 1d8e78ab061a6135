//! Events as an archive of arrays, one for each column.

use std::io;

use evz_core::{
    Error, EventSink, EventSlice, ExtraColumn, Metadata, Output, Report, Result, StreamInfo, Value,
};

use super::{check, descr_of};
use crate::metadata::{
    CLOCK, DESCRIPTION, EPOCH, HEIGHT, META, TICK, TIME_BASE, UNIT, WIDTH, array_of, head,
};
use crate::names;
use crate::zip::{Deflated, ZipWriter};

/// How hard deflate tries: the least with which no recording at hand came out larger than
/// `numpy.savez_compressed` makes it (6 made one 0.7% larger; 8 takes three times the time of 7 for
/// another 0.2%).
const LEVEL: u32 = 7;

/// Bytes that are packed in one go, of all columns together: a recording with many of them takes no
/// more memory.
const BLOCKS: usize = 1 << 22;

/// Bytes that the name of a column may have: a zip counts those of a member in 16 bits, and there is
/// one called `description.NAME.npy`.
const MAX_NAME: usize = 65_000;

/// Writes events as an NPZ archive of compressed arrays. The columns, compressed, go through
/// temporary files, for an archive has its members one after the other.
pub struct NpzSink {
    out: Output,
    info: StreamInfo,
    /// `t`, `x`, `y` and `p`.
    columns: [Deflated; 4],
    further: Vec<Deflated>,
    /// Bytes of a column that are packed in one go.
    block: usize,
    count: u64,
}

impl NpzSink {
    /// A sink that writes to `out` the events of a stream.
    ///
    /// # Errors
    /// If a further column has a name that no member can have, or there are no temporary files.
    pub fn create(out: Output, info: &StreamInfo) -> Result<Self> {
        // Readers take the name of a member for ended at a zero byte.
        let wrong = |name: &&str| name.contains('\0') || name.len() > MAX_NAME;
        if let Some(name) = info.columns.iter().map(|c| &*c.name).find(wrong) {
            let shown: String = name.chars().take(40).collect();
            let what = format!("no member of an archive can have the name of column {shown:?}");
            return Err(Error::unsupported(out.name(), what)
                .advise("give it a shorter one without zero bytes"));
        }
        let block = BLOCKS / (4 + info.columns.len());
        let column =
            || Deflated::new(LEVEL, block).map_err(|e| Error::io(out.name(), "cannot write", e));
        let columns = [column()?, column()?, column()?, column()?];
        let further = info.columns.iter().map(|_| column());
        let further = further.collect::<Result<_>>()?;
        Ok(Self {
            out,
            info: info.clone(),
            columns,
            further,
            block,
            count: 0,
        })
    }

    fn add(&mut self, events: EventSlice<'_>) -> io::Result<()> {
        // Events that are taken at a time, so that a large batch is packed on all cores.
        let step = (self.block / size_of::<i64>()).min(1 << 16);
        let [t, x, y, p] = &mut self.columns;
        for start in (0..events.len()).step_by(step) {
            let part = events.slice(start..events.len().min(start + step));
            t.add(|bytes| extend(bytes, part.t, |t| t.to_le_bytes()))?;
            x.add(|bytes| extend(bytes, part.x, |x| x.to_le_bytes()))?;
            y.add(|bytes| extend(bytes, part.y, |y| y.to_le_bytes()))?;
            p.add(|bytes| bytes.extend_from_slice(part.p))?;
            for (column, values) in self.further.iter_mut().zip(part.extra.iter()) {
                column.add(|bytes| bytes.extend_from_slice(values.as_bytes()))?;
            }
        }
        self.count += events.len() as u64;
        Ok(())
    }

    fn write(self, closing: &Metadata) -> io::Result<Output> {
        let mut zip = ZipWriter::new(self.out);
        // What the columns are read by comes before them, should the file be cut.
        let (base, clock) = (self.info.time_base, self.info.clock);
        // No more than 62 bits.
        let whole = base.whole_nanoseconds().map(|ns| Value::Int(ns as i64));
        let mut values = vec![match whole {
            Some(nanoseconds) => (TIME_BASE.to_owned(), nanoseconds),
            None => (TICK.to_owned(), Value::Text(base.fraction())),
        }];
        if !clock.is_unknown() {
            values.push((CLOCK.to_owned(), Value::from(clock.kind.name())));
            values.push((EPOCH.to_owned(), Value::Int(clock.epoch)));
        }
        if let Some(size) = self.info.size {
            values.push((WIDTH.to_owned(), Value::Int(size.width.into())));
            values.push((HEIGHT.to_owned(), Value::Int(size.height.into())));
        }
        let mut metadata = self.info.metadata;
        metadata.extend(closing.clone());
        let metadata = metadata.into_iter();
        values.extend(metadata.map(|(key, value)| (format!("{META}{key}"), value)));
        for ExtraColumn {
            name,
            unit,
            description,
            ..
        } in &self.info.columns
        {
            for (key, text) in [(UNIT, unit), (DESCRIPTION, description)] {
                let value = (!text.is_empty()).then(|| Value::from(&**text));
                values.extend(value.map(|value| (format!("{key}{name}"), value)));
            }
        }
        for (name, value) in values {
            let (head, bytes) = array_of(&value);
            let mut packed = Deflated::new(LEVEL, self.block)?;
            packed.add(|buffer| buffer.extend_from_slice(&bytes))?;
            zip.add(&format!("{name}.npy"), packed.finish(&head)?)?;
        }
        let types = [("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "|b1")];
        let types = types.map(|(name, descr)| (name.to_owned(), descr));
        let further = self.info.columns.iter();
        let further = further.map(|c| (names::written(&c.name), descr_of(c.column_type)));
        let columns = self.columns.into_iter().chain(self.further);
        for ((name, descr), column) in types.into_iter().chain(further).zip(columns) {
            let head = head(&format!("'{descr}'"), &[self.count]);
            zip.add(&format!("{name}.npy"), column.finish(&head)?)?;
        }
        zip.finish()
    }
}

impl EventSink for NpzSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        check(&self.info.columns, events)?;
        self.add(events)
            .map_err(|e| Error::io(self.out.name(), "cannot write", e))
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn finish(self: Box<Self>, closing: &Metadata) -> Result<Report> {
        let name = self.out.name().to_owned();
        let out = self.write(closing);
        out.map_err(|e| Error::io(name, "cannot write", e))?
            .commit()?;
        Ok(Report::default())
    }
}

/// Adds numbers to bytes.
fn extend<N: Copy, const SIZE: usize>(
    bytes: &mut Vec<u8>,
    numbers: &[N],
    le_bytes: impl Fn(N) -> [u8; SIZE],
) {
    let start = bytes.len();
    bytes.resize(start + numbers.len() * SIZE, 0);
    let places = bytes[start..].as_chunks_mut::<SIZE>().0.iter_mut();
    for (place, number) in places.zip(numbers) {
        *place = le_bytes(*number);
    }
}
