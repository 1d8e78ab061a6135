//! Events as one array of records.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use evz_core::columns::time_name;
use evz_core::{
    Error, EventSink, EventSlice, Loss, Metadata, Output, Report, Result, SensorSize, StreamInfo,
    TimeBase,
};

use crate::metadata::head;

/// Writes events as an NPY array of records. They go through a temporary file, for their number
/// stands before them.
pub struct NpySink {
    out: Output,
    descr: String,
    lost: Option<Loss>,
    spool: BufWriter<File>,
    count: u64,
}

/// Bytes of an event.
const RECORD: usize = 13;

impl NpySink {
    /// A sink that writes to `out` the events of a stream.
    ///
    /// # Errors
    /// If there is no temporary file.
    pub fn create(out: Output, info: &StreamInfo) -> Result<Self> {
        let spool = tempfile::tempfile()
            .map_err(|e| Error::io(out.name(), "cannot make a temporary file for it", e))?;
        Ok(Self {
            out,
            descr: descr(info.time_base, info.size),
            lost: info.clock.lost_epoch(),
            spool: BufWriter::with_capacity(1 << 17, spool),
            count: 0,
        })
    }

    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(&head(&self.descr, &[self.count]))?;
        self.spool.flush()?;
        let mut spool = self.spool.get_ref();
        spool.rewind()?;
        io::copy(&mut spool, &mut self.out).map(drop)
    }
}

impl EventSink for NpySink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        /// Events that are put together at a time.
        const STEP: usize = 1 << 12;
        let mut bytes = [0; STEP * RECORD];
        for start in (0..events.len()).step_by(STEP) {
            let part = events.slice(start..events.len().min(start + STEP));
            let records = bytes.as_chunks_mut::<RECORD>().0;
            for (i, record) in records[..part.len()].iter_mut().enumerate() {
                record[..8].copy_from_slice(&part.t[i].to_le_bytes());
                record[8..10].copy_from_slice(&part.x[i].to_le_bytes());
                record[10..12].copy_from_slice(&part.y[i].to_le_bytes());
                record[12] = part.p[i];
            }
            self.spool
                .write_all(&bytes[..part.len() * RECORD])
                .map_err(|e| Error::io(self.out.name(), "cannot write to its temporary file", e))?;
        }
        self.count += events.len() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &Metadata) -> Result<Report> {
        self.write().map_err(|e| self.out.failed(e))?;
        self.out.commit()?;
        let mut report = Report::default();
        report.losses.extend(self.lost);
        Ok(report)
    }
}

/// The type of the records. Titles, which numpy takes as second names of the fields, say the unit of
/// the times and the size of the sensor.
fn descr(base: TimeBase, size: Option<SensorSize>) -> String {
    let side = |name: char, side: Option<u32>| match side {
        Some(side) => format!("('{name}@{side}', '{name}')"),
        None => format!("'{name}'"),
    };
    format!(
        "[(('{}', 't'), '<i8'), ({}, '<u2'), ({}, '<u2'), ('p', '|b1')]",
        time_name(base),
        side('x', size.map(|s| s.width)),
        side('y', size.map(|s| s.height)),
    )
}
