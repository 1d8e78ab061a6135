//! Writes the inputs that the corpus starts from: `cargo run --example seeds`.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use evz_codec::{Codec, FAST, SMALL};
use evz_core::{
    Event, EventBatch, EventSink, Metadata, Output, SensorSize, SideColumn, SideRows, SideValues,
    StreamInfo, TimeBase,
};
use evz_file::{EvzSink, WriteOptions};

fn main() -> evz_core::Result<()> {
    let corpus: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", "evz_file"]
        .iter()
        .collect();
    fs::create_dir_all(&corpus).unwrap();
    let info = StreamInfo::new(TimeBase::MICROSECONDS)
        .with_size(SensorSize {
            width: 346,
            height: 260,
        })
        .with_metadata(Metadata::from([("source.file".to_owned(), "é".into())]));
    for codec in [&FAST as &dyn Codec, &SMALL] {
        for (name, n, scrambled) in [("none", 0, false), ("some", 90, false), ("back", 70, true)] {
            let events: EventBatch = (0..n)
                .map(|i| Event {
                    t: if scrambled { i * 37 % 100 } else { i * 3 },
                    x: (i * 31 % 346) as u16,
                    y: (i * 17 % 260) as u16,
                    p: (i % 3 == 0).into(),
                })
                .collect();
            let bytes = Shared::default();
            let options = WriteOptions::new().with_codec(codec).with_chunk_events(40);
            let out = Output::from_writer(bytes.clone(), "seed");
            let mut sink = Box::new(EvzSink::create(out, &info, options)?);
            sink.write_batch(events.as_slice())?;
            if n > 0 {
                sink.write_side(SideRows {
                    stream: "triggers".to_owned(),
                    of: None,
                    t: vec![5, 60],
                    columns: vec![SideColumn::new("id", SideValues::U8(vec![0, 1]))],
                })?;
            }
            let _ = sink.finish(&Metadata::from([("closing".to_owned(), 1i64.into())]))?;
            let file = corpus.join(format!("{name}-{}", codec.name()));
            fs::write(file, &*bytes.0.lock().unwrap()).unwrap();
        }
    }
    Ok(())
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
