//! Writes the inputs that the corpus starts from: `cargo run --example seeds`.

use std::fs;
use std::path::PathBuf;

use evz_core::{
    Event, EventBatch, EventSink, Metadata, Output, SensorSize, StreamInfo, TimeBase, Value,
};
use evz_numpy::{NpySink, NpzSink};

fn main() {
    let corpus: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", "numpy_decode"]
        .iter()
        .collect();
    fs::create_dir_all(&corpus).unwrap();
    let values = [
        ("source.header", Value::Bytes(vec![0, 255])),
        ("source.file", Value::from("é")),
        ("rate", Value::Float(0.5)),
    ];
    let info = StreamInfo::new(TimeBase::MICROSECONDS)
        .with_size(SensorSize {
            width: 346,
            height: 260,
        })
        .with_metadata(values.map(|(key, value)| (key.to_owned(), value)).into());
    for n in [0, 3, 300] {
        let events: EventBatch = (0..n)
            .map(|i| Event {
                t: i * 37 % 1_000 + i,
                x: (i * 31 % 346) as u16,
                y: (i * 17 % 260) as u16,
                p: (i % 3 == 0).into(),
            })
            .collect();
        let create = |name: String| {
            let file = fs::File::create(corpus.join(&name)).unwrap();
            Output::from_writer(file, name)
        };
        let npy = NpySink::create(create(format!("npy-{n}")), &info).unwrap();
        write(Box::new(npy), &events);
        let npz = NpzSink::create(create(format!("npz-{n}")), &info).unwrap();
        write(Box::new(npz), &events);
    }
    for (name, descr, fortran, shape) in [
        (
            "aligned",
            "[('t', '>i8'), ('x', '|u1'), ('', '|V1'), ('y', '>u2'), ('on', '|b1'), ('', '|V3')]",
            "False",
            "(4,)",
        ),
        (
            "times",
            "[('ts', '<M8[us]'), ('x', '<i2'), ('y', '<f4'), (('a', 'p'), '|i1')]",
            "False",
            "(3,)",
        ),
        (
            "further",
            "[('a', '<f4'), ('t', '<i8'), ('x', '|u1'), ('y', '|u1'), ('p', '|b1'), ('b', '>i2')]",
            "False",
            "(3,)",
        ),
        ("rows", "'<f8'", "False", "(2, 4)"),
        ("wide", "'<u2'", "True", "(5, 6)"),
        ("columns", "'>i2'", "True", "(8, 4)"),
        ("sideways", "'<u4'", "False", "(4, 4)"),
    ] {
        let text =
            format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend([0; 64]);
        fs::write(corpus.join(name), bytes).unwrap();
    }
}

fn write(mut sink: Box<dyn EventSink>, events: &EventBatch) {
    sink.write_batch(events.as_slice()).unwrap();
    let _ = sink.finish(&Metadata::new()).unwrap();
}
