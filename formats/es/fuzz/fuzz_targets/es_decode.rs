//! Any bytes as an Event Stream: an error or some events, never a panic; what comes is written and
//! read back.
#![no_main]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use evz_core::{EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output, StreamInfo};
use evz_es::{Encoding, EsSink};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((info, events)) = decode(bytes.to_vec()) else {
        return;
    };
    if info.size.is_none() {
        return;
    }
    let encoding = match info.columns.len() {
        0 => Encoding::Dvs,
        _ => Encoding::Color,
    };
    let shared = Shared::default();
    let out = Output::from_writer(shared.clone(), "fuzz.es");
    let mut sink = Box::new(EsSink::create(out, &info, encoding).unwrap());
    sink.write_batch(events.as_slice()).unwrap();
    let _ = sink.finish(&Metadata::new()).unwrap();
    let written = std::mem::take(&mut *shared.0.lock().unwrap());
    let (back_info, back) = decode(written).unwrap();
    assert_eq!((back_info.size, back), (info.size, events));
});

/// Reads everything.
fn decode(bytes: Vec<u8>) -> Option<(StreamInfo, EventBatch)> {
    let input = Input::from_bytes(bytes, "fuzz.es");
    (evz_es::FORMATS[0].probe)(&input.clues());
    let mut source = evz_es::open(input, &OpenOptions::new()).ok()?;
    let (mut batch, mut events) = (EventBatch::default(), EventBatch::default());
    loop {
        // Of generic events some are too long.
        match source.read_batch(&mut batch).ok()? {
            Next::Events(_) => {
                batch.as_slice().check().unwrap();
                events.extend(batch.as_slice());
            }
            Next::Rows(_) => {}
            Next::End(_) => break,
        }
    }
    Some((source.info().clone(), events))
}

/// Bytes that can be looked at once they are written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
