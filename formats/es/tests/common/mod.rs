//! What the tests share: streams built by hand, and all that a source gives.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use evz_core::{
    Error, Event, EventBatch, EventSink, EventSource, Input, Metadata, Next, Note, OpenOptions,
    Output, Report, Result, SensorSize, SideColumn, SideRows, SideValues, StreamInfo, TimeBase,
};
use evz_es::{Encoding, EsSink, EsSource};

/// `(t, x, y, p)`.
pub(crate) type Row = (i64, u16, u16, u8);

/// Version 2.0.0 of a stream of this type on a sensor of 10x8.
pub(crate) fn stream(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let header = [2, 0, 0, kind, 10, 0, 8, 0];
    [b"Event Stream", &header[..], bytes].concat()
}

pub(crate) fn rows(events: &EventBatch) -> Vec<Row> {
    let row = |Event { t, x, y, p }| (t, x, y, p);
    events.iter().map(row).collect()
}

pub(crate) fn batch(rows: &[Row]) -> EventBatch {
    let event = |&(t, x, y, p): &Row| Event { t, x, y, p };
    rows.iter().map(event).collect()
}

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    /// The rows of the side stream.
    pub(crate) side: Vec<(i64, Vec<u8>)>,
    pub(crate) report: Report,
    /// What ended it, if not its end.
    pub(crate) error: Option<Error>,
}

impl Recording {
    pub(crate) fn rows(&self) -> Vec<Row> {
        rows(&self.events)
    }

    /// What was lost, and how much of it.
    pub(crate) fn losses(&self) -> Vec<(&str, u64)> {
        let losses = self.report.losses.iter();
        losses.map(|loss| (&*loss.what, loss.count)).collect()
    }

    /// What is said though nothing is lost.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.report.notes.iter().map(Note::to_string).collect()
    }
}

pub(crate) fn read(mut source: EsSource) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    events.shape(&source.info().columns);
    let mut side = Vec::new();
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(n)) => {
                assert_eq!(n, batch.len());
                batch.as_slice().check().unwrap();
                events.extend(batch.as_slice());
            }
            Ok(Next::Rows(rows)) => add(rows, &mut side),
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
        side,
        report: source.report(),
        error,
    }
}

fn add(rows: SideRows, side: &mut Vec<(i64, Vec<u8>)>) {
    if rows.stream == "exposure" {
        let crossings = crossings(&rows).into_iter();
        let bytes = |(x, y, second): (u16, u16, bool)| {
            let (x, y) = (x.to_le_bytes(), y.to_le_bytes());
            vec![x[0], x[1], y[0], y[1], u8::from(second)]
        };
        side.extend(rows.t.iter().copied().zip(crossings.map(bytes)));
        return;
    }
    assert_eq!(rows.stream, "generic");
    let [column] = &rows.columns[..] else {
        panic!("{rows:?}");
    };
    assert_eq!(column.name, "data");
    let SideValues::Bytes(data) = &column.values else {
        panic!("{rows:?}");
    };
    assert_eq!(data.len(), rows.t.len());
    side.extend(rows.t.iter().copied().zip(data.iter().cloned()));
}

/// Threshold crossings as a side stream.
pub(crate) fn exposure(rows: &[(i64, u16, u16, bool)]) -> SideRows {
    let columns = vec![
        SideColumn::new("x", SideValues::U16(rows.iter().map(|r| r.1).collect())),
        SideColumn::new("y", SideValues::U16(rows.iter().map(|r| r.2).collect())),
        SideColumn::new(
            "is_second",
            SideValues::Bool(rows.iter().map(|r| r.3).collect()),
        ),
    ];
    SideRows {
        t: rows.iter().map(|r| r.0).collect(),
        ..SideRows::new("exposure", columns)
    }
}

fn crossings(rows: &SideRows) -> Vec<(u16, u16, bool)> {
    let [x, y, second] = &rows.columns[..] else {
        panic!("{rows:?}");
    };
    let names = [x, y, second].map(|column| &*column.name);
    assert_eq!(names, ["x", "y", "is_second"]);
    let (SideValues::U16(x), SideValues::U16(y), SideValues::Bool(second)) =
        (&x.values, &y.values, &second.values)
    else {
        panic!("{rows:?}");
    };
    let rows = x.iter().zip(y).zip(second);
    rows.map(|((x, y), second)| (*x, *y, *second)).collect()
}

pub(crate) fn open(bytes: impl Into<Vec<u8>>) -> Result<EsSource> {
    evz_es::open(Input::from_bytes(bytes, "a.es"), &OpenOptions::new())
}

pub(crate) fn read_all(bytes: impl Into<Vec<u8>>) -> Recording {
    read(open(bytes).unwrap())
}

/// Why bytes cannot be opened.
pub(crate) fn refused(bytes: impl Into<Vec<u8>>) -> Error {
    let Err(error) = open(bytes) else {
        panic!("opened");
    };
    error
}

pub(crate) fn info(base: TimeBase, width: u32, height: u32) -> StreamInfo {
    StreamInfo::new(base).with_size(SensorSize { width, height })
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Events as a file of DVS, written `step` at a time; nothing is lost.
pub(crate) fn write(info: &StreamInfo, events: &EventBatch, step: usize) -> Result<Vec<u8>> {
    let (bytes, report) = write_as(Encoding::Dvs, info, events, step)?;
    assert_eq!(report, Report::default());
    Ok(bytes)
}

/// Events as a file, written `step` at a time, and what was lost.
pub(crate) fn write_as(
    encoding: Encoding,
    info: &StreamInfo,
    events: &EventBatch,
    step: usize,
) -> Result<(Vec<u8>, Report)> {
    write_with(encoding, info, events, step, exposure(&[]))
}

/// The same with threshold crossings, all of which come first.
pub(crate) fn write_with(
    encoding: Encoding,
    info: &StreamInfo,
    events: &EventBatch,
    step: usize,
    crossings: SideRows,
) -> Result<(Vec<u8>, Report)> {
    let shared = Shared::default();
    let out = Output::from_writer(shared.clone(), "out.es");
    let mut sink = Box::new(EsSink::create(out, info, encoding)?);
    assert!(sink.keeps_columns());
    assert_eq!(sink.write_side(crossings)?, encoding == Encoding::Atis);
    for start in (0..events.len()).step_by(step) {
        let end = events.len().min(start + step);
        sink.write_batch(events.as_slice().slice(start..end))?;
    }
    let report = sink.finish(&Metadata::new())?;
    let bytes = std::mem::take(&mut *shared.0.lock().unwrap());
    Ok((bytes, report))
}
