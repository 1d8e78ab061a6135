//! AEDAT 4 as a sink of events.

use std::io::{self, Seek, Write};

use evz_core::{
    Error, EventBatch, EventSink, EventSlice, Metadata, Result, SensorSize, StreamInfo, Value,
};
use quick_xml::escape::escape;
use rayon::prelude::*;
use tempfile::SpooledTempFile;

use super::{
    compression::Compression,
    encode::{self, Row},
    fit::Fit,
};

/// Events of a packet, as many as dv-processing writes by itself.
const PACKET: usize = 10_000;

/// Packets that are encoded at once.
const PACKETS_AT_ONCE: usize = 32;

/// Bytes of packets that are kept in memory; more of them go into a temporary file.
const MAX_IN_MEMORY: usize = 16 << 20;

/// The metadata that names the camera.
pub(super) const CAMERA: &str = "aedat.camera";

const VERSION: &[u8] = b"#!AER-DAT4.0\r\n";

/// Writes events as AEDAT 4, with a data table, so that other tools can seek in it.
///
/// The header, which comes first, must say where the data table lies, which comes last. So the
/// packets go into a temporary file until the end, or stay in memory while they are few.
pub struct Aedat4Sink {
    out: Box<dyn Write + Send>,
    name: String,
    compression: Compression,
    size: SensorSize,
    camera: String,
    fit: Fit,
    /// Events that do not fill a packet yet.
    pending: EventBatch,
    packets: SpooledTempFile,
    /// Bytes of the packets.
    len: u64,
    rows: Vec<Row>,
}

impl Aedat4Sink {
    /// A sink that writes to `out` the events of a stream; `name` is for messages.
    ///
    /// # Errors
    /// If the size of the sensor is not known, which AEDAT 4 must say.
    pub fn create(out: Box<dyn Write + Send>, name: &str, info: &StreamInfo) -> Result<Self> {
        let size = info.size.ok_or_else(|| {
            let what = "AEDAT 4 must say the size of the sensor, and the source does not; pass \
                        --size WxH";
            Error::unsupported(name, what)
        })?;
        let camera = info.metadata.get(CAMERA).and_then(Value::as_text);
        Ok(Self {
            out,
            name: name.to_owned(),
            compression: Compression::default(),
            size,
            camera: camera.unwrap_or("evz").to_owned(),
            fit: Fit::new(name, info.time_base),
            pending: EventBatch::default(),
            packets: SpooledTempFile::new(MAX_IN_MEMORY),
            len: 0,
            rows: Vec::new(),
        })
    }

    /// Compresses packets so; LZ4 otherwise.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes the pending events; those that do not fill a packet only if all are wanted.
    fn write_pending(&mut self, all: bool) -> Result<()> {
        let n = match all {
            true => self.pending.len(),
            false => self.pending.len() / PACKET * PACKET,
        };
        let compression = self.compression;
        let events = self.pending.as_slice().slice(0..n);
        let starts: Vec<usize> = (0..n).step_by(PACKET).collect();
        let encode = |&start: &usize| {
            let events = events.slice(start..n.min(start + PACKET));
            let (mut raw, mut packed) = (Vec::new(), Vec::new());
            encode::events(events, &mut raw);
            compression.pack(&raw, &mut packed)?;
            let row = Row {
                byte: 0,
                len: packed.len() as u32,
                events: events.len() as u32,
                first_t: events.t[0],
                last_t: events.t[events.len() - 1],
            };
            Ok((packed, row))
        };
        let encoded: io::Result<Vec<_>> = starts.par_iter().map(encode).collect();
        for (packed, mut row) in encoded.map_err(|e| self.failed(e))? {
            // The only stream is number 0.
            let head = [[0; 4], row.len.to_le_bytes()].concat();
            row.byte = self.len + head.len() as u64;
            self.len = row.byte + packed.len() as u64;
            self.rows.push(row);
            let written = self.packets.write_all(&head);
            written
                .and_then(|()| self.packets.write_all(&packed))
                .map_err(|e| Error::io(&self.name, "cannot write its temporary file", e))?;
        }
        if self.rows.len() > encode::MAX_ROWS {
            let what = format!("AEDAT 4 holds at most {} packets", encode::MAX_ROWS);
            return Err(Error::limit(&self.name, what));
        }
        self.pending.drop_front(n);
        Ok(())
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.name, "cannot write to it", error)
    }

    /// What the header tells of the only stream.
    fn xml(&self) -> String {
        let compression = self.compression.name();
        let SensorSize { width, height } = self.size;
        let camera = escape(&*self.camera);
        format!(
            r#"<dv version="2.0">
    <node name="outInfo" path="/mainloop/Recorder/outInfo/">
        <node name="0" path="/mainloop/Recorder/outInfo/0/">
            <attr key="compression" type="string">{compression}</attr>
            <attr key="originalModuleName" type="string">evz</attr>
            <attr key="originalOutputName" type="string">events</attr>
            <attr key="typeDescription" type="string">Array of events (polarity ON/OFF).</attr>
            <attr key="typeIdentifier" type="string">EVTS</attr>
            <node name="info" path="/mainloop/Recorder/outInfo/0/info/">
                <attr key="sizeX" type="int">{width}</attr>
                <attr key="sizeY" type="int">{height}</attr>
                <attr key="source" type="string">{camera}</attr>
                <attr key="tsOffset" type="long">0</attr>
            </node>
        </node>
    </node>
</dv>
"#
        )
    }

    /// Header, packets and data table.
    fn write_file(&mut self) -> io::Result<()> {
        let number = self.compression.number();
        let xml = self.xml();
        let start = (VERSION.len() + encode::header(number, 0, &xml).len()) as u64;
        for row in &mut self.rows {
            row.byte += start;
        }
        let mut table = Vec::new();
        let rows = encode::data_table(&self.rows);
        self.compression.pack(&rows, &mut table)?;
        let header = encode::header(number, (start + self.len) as i64, &xml);
        self.out.write_all(VERSION)?;
        self.out.write_all(&header)?;
        self.packets.rewind()?;
        io::copy(&mut self.packets, &mut self.out)?;
        self.out.write_all(&table)?;
        self.out.flush()
    }
}

impl EventSink for Aedat4Sink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        for start in (0..events.len()).step_by(PACKET * PACKETS_AT_ONCE) {
            let end = events.len().min(start + PACKET * PACKETS_AT_ONCE);
            self.fit.add(events.slice(start..end), &mut self.pending)?;
            self.write_pending(false)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<()> {
        self.write_pending(true)?;
        self.write_file().map_err(|e| self.failed(e))
    }
}
