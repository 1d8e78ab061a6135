//! What holds of every file.

use std::io::Write;
use std::sync::{Arc, Mutex};

use evz_core::{EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output, SideRows, StreamInfo};
use evz_prophesee::{Encoding, PropheseeSink};

/// All of a file.
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) side: Vec<SideRows>,
}

/// All of a file, if it can be read.
pub(crate) fn read(file: &[u8], options: &OpenOptions) -> Option<Recording> {
    let mut source = evz_prophesee::open(Input::from_bytes(file, "in"), options).ok()?;
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    let mut side = Vec::new();
    loop {
        match source.read_batch(&mut batch).ok()? {
            Next::Events(n) => {
                assert_eq!(n, batch.t.len());
                events.extend(batch.as_slice());
            }
            Next::Rows(rows) => side.push(rows),
            Next::End(_) => break,
        }
    }
    assert!(events.p.iter().all(|&p| p <= 1));
    let info = source.info().clone();
    Some(Recording { info, events, side })
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A recording as a file, if its events fit, and how many triggers do not.
pub(crate) fn write(recording: &Recording, encoding: Encoding) -> Option<(Vec<u8>, u64)> {
    let memory = Memory::default();
    let out = Output::from_writer(memory.clone(), "out");
    let mut sink = Box::new(PropheseeSink::create(out, encoding, &recording.info).ok()?);
    for rows in &recording.side {
        assert_eq!(sink.write_side(rows.clone()).ok()?, !encoding.is_dat());
    }
    sink.write_batch(recording.events.as_slice()).ok()?;
    let report = sink.finish(&Metadata::new()).ok()?;
    let lost = report.losses.iter().map(|loss| loss.count).sum();
    Some((std::mem::take(&mut *memory.0.lock().unwrap()), lost))
}

/// Reads a file; what can be written of it comes back.
pub(crate) fn check(file: &[u8], options: &OpenOptions) {
    let Some(recording) = read(file, options) else {
        return;
    };
    let n = recording.events.len();
    assert!(n <= 6 * file.len(), "no word has more events");
    let written = [
        Encoding::Evt2,
        Encoding::Evt3,
        Encoding::Evt4,
        Encoding::Dat2,
    ];
    for encoding in written {
        let Some((written, lost)) = write(&recording, encoding) else {
            continue;
        };
        let back = read(&written, &OpenOptions::new()).expect("what is written can be read");
        assert_eq!(back.events, recording.events, "{encoding}");
        let times = |side: &[SideRows]| {
            let mut times: Vec<i64> = side.iter().flat_map(|rows| rows.t.clone()).collect();
            times.sort_unstable();
            times
        };
        let (before, after) = (times(&recording.side), times(&back.side));
        if !encoding.is_dat() {
            assert_eq!(after.len() as u64 + lost, before.len() as u64, "{encoding}");
        }
        if lost == 0 && !encoding.is_dat() {
            assert_eq!(after, before, "{encoding}");
        }
    }
}
