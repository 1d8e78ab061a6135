//! Parts of Parquet files as others write them: with and without places of pages, by dictionaries or not, in pages of
//! both versions, packed or not. Each part is the batch that it is of.

mod common;

use std::sync::Arc;

use arrow_array::{BooleanArray, DurationMicrosecondArray, RecordBatch, UInt16Array};
use common::open_bytes;
use evz_arrow::FORMATS;
use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

/// Rows that are written, in row groups of most of them and the rest.
const ROWS: usize = 60_000;

fn written(properties: WriterProperties) -> Vec<u8> {
    let n = ROWS as i64;
    let column = |of: fn(i64) -> u16| Arc::new((0..n).map(of).collect::<UInt16Array>());
    let t = DurationMicrosecondArray::from_iter_values((0..n).map(|i| i * i));
    let p: BooleanArray = (0..n).map(|i| Some(i % 3 == 0)).collect();
    let batch = RecordBatch::try_from_iter([
        ("t", Arc::new(t) as _),
        ("x", column(|i| (i * 31 % 640) as u16) as _),
        ("y", column(|i| (i / 7 % 480) as u16) as _),
        ("p", Arc::new(p) as _),
    ]);
    let batch = batch.unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn a_part_is_the_batch_that_it_is_of() {
    let open_parts = FORMATS.iter().find_map(|format| format.open_parts).unwrap();
    for case in 0..32 {
        let has = |bit: u32| case >> bit & 1 == 1;
        let version = match has(3) {
            true => WriterVersion::PARQUET_2_0,
            false => WriterVersion::PARQUET_1_0,
        };
        let compression = match has(4) {
            true => Compression::LZ4_RAW,
            false => Compression::UNCOMPRESSED,
        };
        let properties = WriterProperties::builder()
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(has(0))
            .set_dictionary_enabled(has(1))
            .set_data_page_row_count_limit(if has(2) { 1_000 } else { usize::MAX })
            .set_write_batch_size(500)
            .set_max_row_group_row_count(Some(50_000))
            .set_writer_version(version)
            .set_compression(compression);
        let bytes = written(properties.build());
        let options = OpenOptions::new();
        let input = Input::from_bytes(bytes.clone(), "events");
        let parts = open_parts(input, &options).unwrap();
        let mut source = open_bytes(bytes, &options.with_small_parts()).unwrap();
        let (mut batch, mut again, mut found) = (EventBatch::default(), EventBatch::default(), 0);
        while let Next::Events(n) = source.read_events(&mut batch).unwrap() {
            parts
                .read_part(&source.part().unwrap(), &mut again)
                .unwrap();
            assert_eq!(again, batch, "{case}");
            found += n;
        }
        assert_eq!(found, ROWS, "{case}");
    }
}
