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

/// Where the places of pages say that one begins at the rows of another, its header is looked at there all the same.
#[test]
fn a_page_at_the_rows_of_another_is_looked_at() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(1_000)
        .set_write_batch_size(500);
    let whole = written(properties.build());
    let reader = SerializedFileReader::new(bytes::Bytes::from(whole.clone())).unwrap();
    let column = reader.metadata().row_group(0).column(0);
    let first = column.data_page_offset() as usize;
    let places = column.offset_index_offset().unwrap() as usize;
    let number = |at: usize| [(2 * at) as u8 | 0x80, u8::try_from((2 * at) >> 7).unwrap()];
    // The second page is behind 8,000 bytes of rows and the header of the first.
    let (second, at) = (first + 8_000..first + 8_100)
        .find_map(|page| {
            let told = [&[0x16][..], &number(page)].concat();
            let list = &whole[places..places + 40];
            let at = list.windows(3).position(|bytes| bytes == told)?;
            Some((page, places + at + 1))
        })
        .unwrap();
    let open_parts = FORMATS.iter().find_map(|format| format.open_parts).unwrap();
    let options = OpenOptions::new();
    let mut source = open_bytes(whole.clone(), &options.clone().with_small_parts()).unwrap();
    let mut batch = EventBatch::default();
    let _ = source.read_events(&mut batch).unwrap();
    let part = source.part().unwrap();
    let rows = second - 8_000;
    let mut wild = whole;
    wild[at..at + 2].copy_from_slice(&number(rows));
    let parts = open_parts(Input::from_bytes(wild, "events"), &options).unwrap();
    let found = parts.read_part(&part, &mut batch).unwrap_err();
    let header = format!("the header of the page at byte {rows} cannot be read");
    assert!(found.what().contains(&header), "{found}");
}
