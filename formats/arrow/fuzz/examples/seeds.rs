//! Writes the inputs that the corpus starts from: `cargo run --example seeds`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt16Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use evz_arrow::{IpcSink, ParquetSink};
use evz_core::{
    Event, EventBatch, EventSink, Metadata, Output, SideColumn, SideRows, SideValues, StreamInfo,
    TimeBase,
};

fn main() {
    let corpus: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus"].iter().collect();
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    for n in [0, 3, 300] {
        let events: EventBatch = (0..n)
            .map(|i| Event {
                t: i * 37 % 1_000 + i,
                x: (i * 31 % 346) as u16,
                y: (i * 17 % 260) as u16,
                p: (i % 3 == 0).into(),
            })
            .collect();
        let parquet = corpus.join("parquet_decode");
        fs::create_dir_all(&parquet).unwrap();
        let path = parquet.join(format!("events-{n}"));
        let out = Output::from_writer(fs::File::create(&path).unwrap(), "seed.parquet");
        write(Box::new(ParquetSink::create(out, &info)), &events);
        // The target puts the magic back.
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[4..bytes.len() - 4]).unwrap();

        let path = ipc(&corpus).join(format!("events-{n}"));
        let out = Output::from_writer(fs::File::create(&path).unwrap(), "seed.arrows");
        write(Box::new(IpcSink::create(out, &info)), &events);
    }
    let side = SideRows {
        stream: "frames".to_owned(),
        of: None,
        t: vec![1, 2],
        columns: vec![
            SideColumn::new("gain", SideValues::F32(vec![0.5, 2.0])),
            SideColumn::new("pixels", SideValues::Bytes(vec![vec![1, 2, 3], vec![]])),
        ],
    };
    let bytes = evz_table::to_ipc(&side, TimeBase::MICROSECONDS).unwrap();
    fs::write(ipc(&corpus).join("side"), bytes).unwrap();
    for (name, codec) in [
        ("lz4", CompressionType::LZ4_FRAME),
        ("zstd", CompressionType::ZSTD),
    ] {
        let mut file = fs::File::create(ipc(&corpus).join(name)).unwrap();
        file.write_all(&compressed(codec)).unwrap();
    }
}

fn ipc(corpus: &Path) -> PathBuf {
    let folder = corpus.join("ipc_decode");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(mut sink: Box<dyn EventSink>, events: &EventBatch) {
    sink.write_batch(events.as_slice()).unwrap();
    let _ = sink.finish(&Metadata::new()).unwrap();
}

/// A table of somebody else, with floats and text.
fn compressed(codec: CompressionType) -> Vec<u8> {
    let columns: [(&str, ArrayRef); 5] = [
        ("label", Arc::new(StringArray::from(vec!["a label"; 40]))),
        (
            "time",
            Arc::new(Float64Array::from_iter_values(
                (0..40).map(|i| f64::from(i) * 1e-4 + 1e-6),
            )),
        ),
        ("x", Arc::new(Int64Array::from_iter_values(0..40))),
        ("y", Arc::new(UInt16Array::from(vec![7; 40]))),
        ("on", Arc::new(BooleanArray::from(vec![true; 40]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let options = IpcWriteOptions::default()
        .try_with_compression(Some(codec))
        .unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}
