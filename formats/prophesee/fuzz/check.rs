//! What holds of every file.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use evz_core::{EventBatch, EventSink, EventSource, Metadata, StreamInfo};
use evz_prophesee::{Encoding, Options, PropheseeSink};

/// All events of a file, if it can be read, and what it says of itself.
pub(crate) fn read(file: &[u8], options: &Options) -> Option<(EventBatch, StreamInfo)> {
    let file = Cursor::new(file.to_vec());
    let mut source = evz_prophesee::from_reader(file, "in", options).ok()?;
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    while source.read_batch(&mut batch).ok()? > 0 {
        assert_eq!(batch.len(), batch.t.len());
        events.extend(batch.as_slice());
        for rows in source.take_side_rows() {
            assert_eq!(rows.columns.len(), 2);
        }
    }
    let _ = source.report();
    assert!(events.p.iter().all(|&p| p <= 1));
    Some((events, source.info().clone()))
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

/// The events as a file, if they fit.
pub(crate) fn write(events: &EventBatch, encoding: Encoding, info: &StreamInfo) -> Option<Vec<u8>> {
    let out = Memory::default();
    let sink = PropheseeSink::create(Box::new(out.clone()), "out", encoding, info);
    let mut sink = Box::new(sink.ok()?);
    sink.write_batch(events.as_slice()).ok()?;
    sink.finish(&Metadata::new()).ok()?;
    Some(std::mem::take(&mut *out.0.lock().unwrap()))
}

/// Reads a file; what can be written of it comes back.
pub(crate) fn check(file: &[u8], options: &Options) {
    let Some((events, info)) = read(file, options) else {
        return;
    };
    assert!(events.len() <= 6 * file.len(), "no word has more events");
    for encoding in [Encoding::Evt2, Encoding::Evt3, Encoding::Dat2] {
        if let Some(written) = write(&events, encoding, &info) {
            let back = read(&written, &Options::default()).map(|(events, _)| events);
            assert_eq!(back.as_ref(), Some(&events), "{encoding}");
        }
    }
}
