//! What the tests share: files put together by hand, and readers of them.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use evz_core::{
    Clues, CreateOptions, Error, Event, EventBatch, EventSource, Input, Metadata, Next,
    OpenOptions, Output, Report, Result, StreamInfo, TimeBase, TimeUnit,
};
use evz_numpy::{FORMATS, NumpySource};

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) report: Report,
    /// What ended it, if not its end.
    pub(crate) error: Option<Error>,
}

pub(crate) fn read(mut source: NumpySource) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    events.shape(&source.info().columns);
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(_)) => events.extend(batch.as_slice()),
            Ok(Next::Rows(rows)) => panic!("{rows:?}"),
            Ok(Next::End(_)) => break None,
            Err(e) => break Some(e),
        }
    };
    // After its end there is nothing.
    assert!(matches!(
        source.read_batch(&mut batch).unwrap(),
        Next::End(_)
    ));
    Recording {
        info: source.info().clone(),
        events,
        report: source.report(),
        error,
    }
}

pub(crate) fn open_bytes(bytes: impl Into<Vec<u8>>, options: &OpenOptions) -> Result<NumpySource> {
    evz_numpy::open(Input::from_bytes(bytes, "events"), options)
}

/// All events of bytes that have nothing wrong.
pub(crate) fn read_whole(bytes: impl Into<Vec<u8>>, options: &OpenOptions) -> Recording {
    let recording = read(open_bytes(bytes, options).unwrap());
    assert!(recording.error.is_none(), "{recording:?}");
    assert_eq!(recording.report.losses, []);
    recording
}

/// Why bytes cannot be opened, or not be read to their end.
pub(crate) fn error(bytes: impl Into<Vec<u8>>, options: &OpenOptions) -> Error {
    let error = match open_bytes(bytes, options) {
        Ok(source) => read(source).error.expect("an error"),
        Err(e) => e,
    };
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

/// Notes as people read them.
pub(crate) fn notes(report: &Report) -> Vec<String> {
    report.notes.iter().map(ToString::to_string).collect()
}

/// How sure NPY and NPZ are of bytes.
pub(crate) fn probe(head: &[u8]) -> [Option<u8>; 2] {
    let len = Some(head.len() as u64);
    let name = "events";
    let clues = Clues { head, len, name };
    [0, 1].map(|i| (FORMATS[i].probe)(&clues))
}

pub(crate) fn us() -> OpenOptions {
    OpenOptions::new().with_time_unit(TimeUnit::Microseconds)
}

pub(crate) fn events(rows: &[(i64, u16, u16, u8)]) -> EventBatch {
    let event = |&(t, x, y, p): &(i64, u16, u16, u8)| Event { t, x, y, p };
    rows.iter().map(event).collect()
}

/// An array: version 1, the head without padding.
pub(crate) fn npy(descr: &str, fortran: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(values);
    bytes
}

/// A list of numbers or records.
pub(crate) fn list(descr: &str, len: usize, values: &[u8]) -> Vec<u8> {
    npy(descr, "False", &format!("({len},)"), values)
}

/// The bytes of numbers, one after the other.
pub(crate) fn le<const SIZE: usize, N: Copy>(numbers: &[N], bytes: fn(N) -> [u8; SIZE]) -> Vec<u8> {
    numbers.iter().flat_map(|n| bytes(*n)).collect()
}

/// A member of an archive.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: u32,
    pub(crate) len: u64,
    pub(crate) packed: Vec<u8>,
    pub(crate) zip64: bool,
}

impl Member {
    pub(crate) fn stored(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            method: 0,
            flags: 0,
            crc: crc32(&bytes),
            len: bytes.len() as u64,
            packed: bytes,
            zip64: false,
        }
    }

    /// Packed by zlib.
    pub(crate) fn deflated(name: &str, bytes: Vec<u8>) -> Self {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&bytes).unwrap();
        Self {
            method: 8,
            packed: encoder.finish().unwrap(),
            ..Self::stored(name, bytes)
        }
    }

    /// With sizes of 64 bits, as `numpy.savez` has them.
    pub(crate) fn with_zip64(mut self) -> Self {
        self.zip64 = true;
        self
    }

    /// What stands in the local header and in the directory alike.
    fn common(&self, behind: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        for n in [20, self.flags, self.method, 0, 33] {
            bytes.extend(n.to_le_bytes());
        }
        let short = |n: u64| if self.zip64 { u32::MAX } else { n as u32 };
        let numbers = [self.crc, short(self.packed.len() as u64), short(self.len)];
        for n in if behind { [0; 3] } else { numbers } {
            bytes.extend(n.to_le_bytes());
        }
        bytes.extend((self.name.len() as u16).to_le_bytes());
        bytes.extend((self.extra().len() as u16).to_le_bytes());
        bytes
    }

    fn extra(&self) -> Vec<u8> {
        if !self.zip64 {
            return Vec::new();
        }
        let mut bytes = vec![1, 0, 16, 0];
        bytes.extend(self.len.to_le_bytes());
        bytes.extend((self.packed.len() as u64).to_le_bytes());
        bytes
    }
}

/// An archive, by the description of its layout in PKWARE's APPNOTE.TXT.
pub(crate) fn zip(members: &[Member]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let at = bytes.len() as u32;
        let behind = member.flags & 8 != 0;
        bytes.extend(b"PK\x03\x04");
        bytes.extend(member.common(behind));
        bytes.extend(member.name.as_bytes());
        bytes.extend(member.extra());
        bytes.extend(&member.packed);
        if behind {
            bytes.extend(b"PK\x07\x08");
            for n in [member.crc, member.packed.len() as u32, member.len as u32] {
                bytes.extend(n.to_le_bytes());
            }
        }
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(member.common(false));
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(member.name.as_bytes());
        directory.extend(member.extra());
    }
    let at = bytes.len() as u32;
    let count = members.len() as u16;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// Some events for archives.
pub(crate) fn three() -> EventBatch {
    events(&[(3, 10, 20, 1), (5, 65_535, 0, 0), (1 << 40, 7, 300, 1)])
}

/// Their columns, as arrays of these names.
pub(crate) fn columns_of(events: &EventBatch, names: [&str; 4]) -> [(String, Vec<u8>); 4] {
    let n = events.len();
    let [t, x, y, p] = names.map(|name| format!("{name}.npy"));
    [
        (t, list("'<i8'", n, &le(&events.t, i64::to_le_bytes))),
        (x, list("'<u2'", n, &le(&events.x, u16::to_le_bytes))),
        (y, list("'<u2'", n, &le(&events.y, u16::to_le_bytes))),
        (p, list("'|u1'", n, &events.p)),
    ]
}

pub(crate) fn archive(
    columns: [(String, Vec<u8>); 4],
    member: fn(&str, Vec<u8>) -> Member,
) -> Vec<u8> {
    zip(&columns.map(|(name, bytes)| member(&name, bytes)))
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Npy,
    Npz,
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Npy, Kind::Npz];

pub(crate) fn info(time_base: TimeBase) -> StreamInfo {
    StreamInfo::new(time_base)
}

/// Events as a file by the sinks, written `step` at a time.
pub(crate) fn write(
    kind: Kind,
    info: &StreamInfo,
    events: &EventBatch,
    closing: &Metadata,
    step: usize,
) -> Result<Vec<u8>> {
    let shared = Shared::default();
    let out = Output::from_writer(shared.clone(), "out");
    let create = FORMATS[kind as usize].create.unwrap();
    let mut sink = create(out, info, &CreateOptions::new())?;
    for start in (0..events.len()).step_by(step.max(1)) {
        let end = events.len().min(start + step);
        sink.write_batch(events.as_slice().slice(start..end))?;
    }
    let _ = sink.finish(closing)?;
    let bytes = std::mem::take(&mut *shared.0.lock().unwrap());
    Ok(bytes)
}
