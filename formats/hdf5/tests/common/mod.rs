//! What the tests share: all that a source gives, and its digest.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::Read;
use std::path::{Path, PathBuf};

use evz_core::{
    Error, EventBatch, EventSource, Input, Next, Note, OpenOptions, Report, SideRows, StreamInfo,
};
use evz_hdf5::Hdf5Source;
use sha2::{Digest, Sha256};

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) side: Vec<SideRows>,
    pub(crate) report: Report,
    /// What ended it, if not its end.
    pub(crate) error: Option<Error>,
}

impl Recording {
    /// What was lost, and how much of it.
    pub(crate) fn losses(&self) -> Vec<(&str, u64)> {
        let losses = self.report.losses.iter();
        losses.map(|loss| (&*loss.what, loss.count)).collect()
    }

    /// What is said though nothing is lost.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.report.notes.iter().map(Note::to_string).collect()
    }

    /// The rows of a side stream.
    pub(crate) fn side(&self, name: &str) -> &SideRows {
        self.side.iter().find(|rows| rows.stream == name).unwrap()
    }
}

pub(crate) fn read(mut source: Hdf5Source) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    events.shape(&source.info().columns);
    let mut side: Vec<SideRows> = Vec::new();
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(n)) => {
                assert_eq!(n, batch.len());
                batch.as_slice().check().unwrap();
                events.extend(batch.as_slice());
            }
            Ok(Next::Rows(rows)) => {
                match side.iter_mut().find(|known| known.stream == rows.stream) {
                    Some(known) => assert!(known.append(rows)),
                    None => side.push(rows),
                }
            }

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

/// The folder of real recordings, if there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS");
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
    }
    folder.map(PathBuf::from)
}

/// A file of the tests, which `make.py` beside it writes.
pub(crate) fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    folder.join(name)
}

pub(crate) fn open(path: &Path, options: &OpenOptions) -> evz_core::Result<Hdf5Source> {
    evz_hdf5::open(Input::open(path).unwrap(), options)
}

pub(crate) fn read_file(path: &Path) -> Recording {
    read(open(path, &OpenOptions::new()).unwrap())
}

/// SHA-256 over the columns one after the other, little-endian.
pub(crate) fn digest(events: &EventBatch) -> String {
    let mut hash = Sha256::new();
    events.t.iter().for_each(|t| hash.update(t.to_le_bytes()));
    events.x.iter().for_each(|x| hash.update(x.to_le_bytes()));
    events.y.iter().for_each(|y| hash.update(y.to_le_bytes()));
    hash.update(&events.p);
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// A file that `files/make.py` wrote.
pub(crate) fn input(name: &str) -> Input {
    let input = Input::open(file(&format!("{name}.gz"))).unwrap();
    input.unpacked().unwrap()
}

/// Its bytes.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    input(name).into_reader().read_to_end(&mut bytes).unwrap();
    bytes
}

/// SHA-256 of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|b| format!("{b:02x}")).collect()
}
