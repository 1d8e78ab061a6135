//! What the tests share: records built by hand, and all that a source gives.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{self, Read};

use evz_core::{
    Clues, Error, Event, EventBatch, EventSource, Input, Next, Note, OpenOptions, Report, Result,
    StreamInfo,
};
use evz_nmnist::NmnistSource;

/// `(t, x, y, p)`.
pub(crate) type Row = (i64, u16, u16, u8);

/// An overflow mark.
pub(crate) const MARK: [u8; 5] = [0, 240, 0, 0, 0];

/// A record of 40 bits.
pub(crate) fn nmnist((t, x, y, p): Row) -> [u8; 5] {
    let [_, _, _, x, y, high, mid, low] =
        (i64::from(x) << 32 | i64::from(y) << 24 | i64::from(p) << 23 | t).to_be_bytes();
    [x, y, high, mid, low]
}

/// A record of 64 bits.
pub(crate) fn cvpr2016((t, x, y, p): Row) -> [u8; 8] {
    let data = u64::from(x) | u64::from(y) << 9 | u64::from(p) << 17;
    (data << 32 | t as u64).to_le_bytes()
}

/// So many events on a sensor of this size, the same on every run.
pub(crate) fn some(n: i64, width: i64, height: i64) -> Vec<Row> {
    let row = |i: i64| {
        let (x, y) = (i * 31 % width, i * 17 % height);
        (i * 7 + 3, x as u16, y as u16, (i % 3 == 0).into())
    };
    (0..n).map(row).collect()
}

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) report: Report,
    /// What ended it, if not its end.
    pub(crate) error: Option<Error>,
}

impl Recording {
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |Event { t, x, y, p }| (t, x, y, p);
        self.events.iter().map(row).collect()
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

pub(crate) fn read(mut source: NmnistSource) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
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

/// A file called `a.bin` of which nothing is told.
pub(crate) fn open(bytes: impl Into<Vec<u8>>) -> Result<NmnistSource> {
    evz_nmnist::open(Input::from_bytes(bytes, "a.bin"), &OpenOptions::new())
}

/// The same as an encoding.
pub(crate) fn read_as(encoding: &str, bytes: impl Into<Vec<u8>>) -> Recording {
    let options = OpenOptions::new().with_encoding(encoding);
    read(evz_nmnist::open(Input::from_bytes(bytes, "a.bin"), &options).unwrap())
}

/// How sure the format is of a whole file.
pub(crate) fn probe(name: &str, head: &[u8]) -> Option<u8> {
    let len = Some(head.len() as u64);
    (evz_nmnist::FORMATS[0].probe)(&Clues { head, len, name })
}

/// Bytes, and then an error.
pub(crate) struct Failing(pub(crate) Vec<u8>);

impl Read for Failing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is gone"));
        }
        let n = out.len().min(self.0.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0.drain(..n);
        Ok(n)
    }
}
