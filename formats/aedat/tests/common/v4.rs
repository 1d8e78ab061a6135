//! AEDAT 4.0, from the vendor's description and the schemas of dv-processing.

use std::io::Write;

use evz_core::Event;

use super::flat::{self, Blob, Field, finish, table, tables, vector};

/// How packets are compressed: the numbers of the header.
pub(crate) const NONE: i32 = 0;
pub(crate) const LZ4: i32 = 1;
pub(crate) const LZ4_HIGH: i32 = 2;
pub(crate) const ZSTD: i32 = 3;
pub(crate) const ZSTD_HIGH: i32 = 4;

/// A stream as the XML has it.
#[derive(Clone, Copy)]
pub(crate) struct Stream {
    pub(crate) number: i32,
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) source: &'static str,
    pub(crate) size: Option<(u32, u32)>,
}

pub(crate) fn stream(number: i32, kind: &'static str, name: &'static str) -> Stream {
    Stream {
        number,
        kind,
        name,
        source: "DAVIS346_1",
        size: Some((346, 260)),
    }
}

/// The description of the streams, as DV writes it.
pub(crate) fn xml(streams: &[Stream]) -> String {
    let mut xml =
        r#"<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">"#.to_owned();
    for s in streams {
        let attr = |key: &str, kind: &str, value: &str| {
            format!(r#"<attr key="{key}" type="{kind}">{value}</attr>"#)
        };
        xml += &format!(
            r#"<node name="{0}" path="/mainloop/Recorder/outInfo/{0}/">"#,
            s.number
        );
        xml += &attr("compression", "string", "LZ4");
        xml += &attr("originalOutputName", "string", s.name);
        xml += &attr("typeIdentifier", "string", s.kind);
        xml += &format!(
            r#"<node name="info" path="/mainloop/Recorder/outInfo/{}/info/">"#,
            s.number
        );
        if let Some((width, height)) = s.size {
            xml += &attr("sizeX", "int", &width.to_string());
            xml += &attr("sizeY", "int", &height.to_string());
        }
        xml += &attr("source", "string", s.source);
        xml += "</node></node>";
    }
    xml + "</node></dv>"
}

/// A file that grows packet by packet.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    compression: i32,
    /// Where the position of the data table stands.
    table: usize,
    rows: Vec<Blob>,
}

impl File {
    pub(crate) fn new(compression: i32, streams: &[Stream]) -> Self {
        Self::with_xml(compression, &xml(streams))
    }

    /// The header has no position of a data table yet: -1.
    pub(crate) fn with_xml(compression: i32, xml: &str) -> Self {
        let marker = 0x0123_4567_89ab_cdef_i64;
        let root = table(&[
            flat::i32(compression),
            flat::i64(marker),
            Field::Child(vector(xml.len(), xml.as_bytes())),
        ]);
        let mut bytes = b"#!AER-DAT4.0\r\n".to_vec();
        bytes.extend(finish(&root, b"IOHE"));
        let marker = marker.to_le_bytes();
        let at = bytes.windows(8).position(|w| w == marker).unwrap();
        let mut file = Self {
            bytes,
            compression,
            table: at,
            rows: Vec::new(),
        };
        file.set_table(-1);
        file
    }

    pub(crate) fn set_table(&mut self, position: i64) {
        self.bytes[self.table..self.table + 8].copy_from_slice(&position.to_le_bytes());
    }

    /// Adds a packet with this flatbuffer, of one element.
    pub(crate) fn packet(self, stream: i32, flat: &[u8]) -> Self {
        self.packet_of(stream, flat, 1, (0, 0))
    }

    fn packet_of(mut self, stream: i32, flat: &[u8], n: usize, times: (i64, i64)) -> Self {
        let packed = pack(self.compression, flat);
        self.raw(stream, packed.len() as u32, &[]);
        let info = [stream.to_le_bytes(), (packed.len() as u32).to_le_bytes()].concat();
        self.rows.push(table(&[
            flat::i64(self.bytes.len() as i64),
            Field::Inline(info, 4),
            flat::i64(n as i64),
            flat::i64(times.0),
            flat::i64(times.1),
        ]));
        self.bytes.extend(packed);
        self
    }

    /// A head, with whatever size, and a body; the data table does not know of it.
    pub(crate) fn raw(&mut self, stream: i32, size: u32, body: &[u8]) {
        self.bytes.extend(stream.to_le_bytes());
        self.bytes.extend(size.to_le_bytes());
        self.bytes.extend(body);
    }

    pub(crate) fn events(self, stream: i32, events: &[Event]) -> Self {
        let times = (events[0].t, events[events.len() - 1].t);
        self.packet_of(stream, &event_packet(events), events.len(), times)
    }

    /// Adds the data table and says in the header where it is.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let rows = finish(&table(&[Field::Child(tables(&self.rows))]), b"FTAB");
        self.set_table(self.bytes.len() as i64);
        self.bytes.extend(pack(self.compression, &rows));
        self.bytes
    }
}

pub(crate) fn pack(compression: i32, raw: &[u8]) -> Vec<u8> {
    match compression {
        LZ4 | LZ4_HIGH => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(raw).unwrap();
            encoder.finish().unwrap()
        }
        ZSTD => zstd::bulk::compress(raw, 3).unwrap(),
        ZSTD_HIGH => zstd::bulk::compress(raw, 19).unwrap(),
        _ => raw.to_vec(),
    }
}

/// `struct Event { timestamp: int64; x: int16; y: int16; polarity: bool }`, 16 bytes.
pub(crate) fn event_packet(events: &[Event]) -> Vec<u8> {
    let mut elements = Vec::new();
    for e in events {
        elements.extend(e.t.to_le_bytes());
        elements.extend(e.x.to_le_bytes());
        elements.extend(e.y.to_le_bytes());
        elements.extend([e.p, 0, 0, 0]);
    }
    let root = table(&[Field::Child(vector(events.len(), &elements))]);
    finish(&root, b"EVTS")
}

pub(crate) fn trigger_packet(triggers: &[(i64, u8)]) -> Vec<u8> {
    let all: Vec<Blob> = triggers
        .iter()
        .map(|&(t, source)| table(&[flat::i64(t), flat::u8(source)]))
        .collect();
    finish(&table(&[Field::Child(tables(&all))]), b"TRIG")
}

/// Samples of a time and ten values: temperature, acceleration, rotation, magnetic field.
pub(crate) fn imu_packet(samples: &[(i64, [f32; 10])]) -> Vec<u8> {
    let all: Vec<Blob> = samples
        .iter()
        .map(|(t, values)| {
            let values = values.iter().map(|&v| flat::f32(v));
            let fields: Vec<Field> = std::iter::once(flat::i64(*t)).chain(values).collect();
            table(&fields)
        })
        .collect();
    finish(&table(&[Field::Child(tables(&all))]), b"IMUS")
}

/// A frame of the years up to 2021: time, begin and end of it and of its exposure.
pub(crate) fn old_frame(times: [i64; 5], format: u8, size: [i16; 2], pixels: &[u8]) -> Vec<u8> {
    let mut fields: Vec<Field> = times.into_iter().map(flat::i64).collect();
    fields.extend([
        flat::u8(format),
        flat::i16(size[0]),
        flat::i16(size[1]),
        flat::i16(3),
        flat::i16(4),
        Field::Child(vector(pixels.len(), pixels)),
    ]);
    finish(&table(&fields), b"FRME")
}

/// A frame as dv-processing writes it now: time, how long it was exposed, and what took it.
pub(crate) fn new_frame(
    t: i64,
    exposure: i64,
    source: u8,
    size: [i16; 2],
    pixels: &[u8],
) -> Vec<u8> {
    let absent = || Field::Absent;
    finish(
        &table(&[
            flat::i64(t),
            absent(),
            absent(),
            absent(),
            absent(),
            absent(),
            flat::i16(size[0]),
            flat::i16(size[1]),
            absent(),
            absent(),
            Field::Child(vector(pixels.len(), pixels)),
            flat::i64(exposure),
            flat::u8(source),
        ]),
        b"FRME",
    )
}
