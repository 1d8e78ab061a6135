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
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

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
    for places in [false, true] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let name = format!("pages-{}-{places}", version.as_num());
            let bytes = of_pages(version, places);
            fs::write(
                corpus.join("parquet_decode").join(name),
                &bytes[4..bytes.len() - 4],
            )
            .unwrap();
        }
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
    let schema = evz_table::schema_to_ipc(&side, TimeBase::MICROSECONDS).unwrap();
    let rows = evz_table::rows_to_ipc(&side, TimeBase::MICROSECONDS).unwrap();
    // The target takes its first byte for where the schema ends.
    let words = u8::try_from(schema.len() / 8).unwrap();
    fs::write(
        ipc(&corpus).join("side"),
        [vec![words], schema, rows].concat(),
    )
    .unwrap();
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

/// A file of somebody else, of several pages, that says where they are or not.
fn of_pages(version: WriterVersion, places: bool) -> Vec<u8> {
    let columns: [(&str, ArrayRef); 4] = [
        (
            "t_us",
            Arc::new(Int64Array::from_iter_values((0..300).map(|i| i * i))),
        ),
        (
            "x",
            Arc::new(UInt16Array::from_iter_values((0..300).map(|i| i % 7))),
        ),
        (
            "y",
            Arc::new(UInt16Array::from_iter_values((0..300).map(|i| i * 3 % 260))),
        ),
        (
            "p",
            Arc::new(BooleanArray::from_iter((0..300).map(|i| Some(i % 3 == 0)))),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_offset_index_disabled(!places)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
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
