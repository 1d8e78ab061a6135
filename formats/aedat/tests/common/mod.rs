//! Recordings put together byte by byte from the descriptions of their layouts, and what a reader
//! makes of them.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod flat;
pub(crate) mod v2;
pub(crate) mod v3;
pub(crate) mod v4;

use std::{
    io::{Cursor, Read},
    path::PathBuf,
};

use evz_core::{
    Error, Event, EventBatch, EventSource, Input, Next, OpenOptions, Report, SideRows, SideValues,
    StreamInfo,
};

/// All that a reader gives.
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: Vec<Event>,
    pub(crate) side: Vec<SideRows>,
    pub(crate) report: Report,
}

pub(crate) fn read(bytes: &[u8]) -> Recording {
    try_read(bytes, &OpenOptions::default()).unwrap()
}

pub(crate) fn read_with(bytes: &[u8], options: &OpenOptions) -> Recording {
    try_read(bytes, options).unwrap()
}

pub(crate) fn try_read(bytes: &[u8], options: &OpenOptions) -> Result<Recording, Error> {
    drain(evz_aedat::open(
        Input::from_bytes(bytes, "a.aedat"),
        options,
    )?)
}

/// Every event stream of a recording.
pub(crate) fn read_streams(bytes: &[u8]) -> Vec<Recording> {
    read_streams_with(bytes, &OpenOptions::default())
}

pub(crate) fn read_streams_with(bytes: &[u8], options: &OpenOptions) -> Vec<Recording> {
    let input = Input::from_bytes(bytes, "a.aedat");
    let sources = evz_aedat::open_streams(input, options).unwrap();
    sources
        .into_iter()
        .map(|source| drain(source).unwrap())
        .collect()
}

pub(crate) fn read_from(
    reader: impl Read + Send + 'static,
    options: &OpenOptions,
) -> Result<Recording, Error> {
    drain(open_reader(reader, options)?)
}

/// What can be read once.
pub(crate) fn open_reader(
    reader: impl Read + Send + 'static,
    options: &OpenOptions,
) -> Result<Box<dyn EventSource>, Error> {
    evz_aedat::open(Input::from_reader(reader, "a.aedat")?, options)
}

pub(crate) fn drain(mut source: Box<dyn EventSource>) -> Result<Recording, Error> {
    let (mut batch, mut events, mut side) = (EventBatch::default(), Vec::new(), Vec::new());
    loop {
        match source.read_batch(&mut batch)? {
            Next::Events(n) => {
                assert_eq!(n, batch.len());
                events.extend(batch.iter());
            }
            Next::Rows(rows) => merge(&mut side, rows),
            Next::End(_) => break,
        }
    }
    Ok(Recording {
        info: source.info().clone(),
        events,
        side,
        report: source.report(),
    })
}

fn merge(side: &mut Vec<SideRows>, rows: SideRows) {
    for column in &rows.columns {
        assert_eq!(column.values.len(), rows.len(), "{}", column.name);
    }
    let Some(table) = side.iter_mut().find(|t| t.stream == rows.stream) else {
        side.push(rows);
        return;
    };
    table.t.extend(rows.t);
    for (column, more) in table.columns.iter_mut().zip(rows.columns) {
        assert_eq!(column.name, more.name);
        match (&mut column.values, more.values) {
            (SideValues::U8(a), SideValues::U8(b)) => a.extend(b),
            (SideValues::U16(a), SideValues::U16(b)) => a.extend(b),
            (SideValues::I64(a), SideValues::I64(b)) => a.extend(b),
            (SideValues::F32(a), SideValues::F32(b)) => a.extend(b),
            (SideValues::Bytes(a), SideValues::Bytes(b)) => a.extend(b),
            (a, b) => panic!("{a:?} and {b:?}"),
        }
    }
}

impl Recording {
    /// The side stream of this name.
    pub(crate) fn side(&self, name: &str) -> &SideRows {
        let table = self.side.iter().find(|t| t.stream == name);
        table.unwrap_or_else(|| panic!("no {name} among {:?}", self.side_names()))
    }

    pub(crate) fn side_names(&self) -> Vec<&str> {
        self.side.iter().map(|t| t.stream.as_str()).collect()
    }

    /// Times, and a column, of a side stream.
    pub(crate) fn column(&self, stream: &str, column: &str) -> &SideValues {
        let columns = &self.side(stream).columns;
        &columns.iter().find(|c| c.name == column).unwrap().values
    }

    /// What was lost: how many of what.
    pub(crate) fn losses(&self) -> Vec<(&str, u64)> {
        let losses = self.report.losses.iter();
        losses
            .map(|loss| (loss.what.as_str(), loss.count))
            .collect()
    }

    /// What the user should know.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.report
            .notes
            .iter()
            .map(|note| note.to_string())
            .collect()
    }

    /// All that the report says.
    pub(crate) fn said(&self) -> String {
        format!("{:#?}", self.report)
    }
}

/// An event.
pub(crate) fn event(t: i64, x: u16, y: u16, p: u8) -> Event {
    Event { t, x, y, p }
}

/// Gives a byte at a time.
pub(crate) struct OneByte(pub(crate) Cursor<Vec<u8>>);

impl Read for OneByte {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(1);
        self.0.read(&mut buffer[..n])
    }
}

/// The folder of real recordings; says that there is none, if there is none.
pub(crate) fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: EVZ_RECORDINGS names no folder of recordings");
    }
    folder
}
