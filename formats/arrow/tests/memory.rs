//! What a page claims to take is drawn from the memory that there may be.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, UInt8Array, UInt16Array};
use evz_core::{
    Error, EventBatch, EventSource, Input, Next, OpenOptions, Question, set_max_memory,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

const ROWS: usize = 4 << 20;

/// A table whose columns have one page each: 1 MB that takes 80 MB unpacked.
fn one_page() -> Vec<u8> {
    let columns: [(&str, ArrayRef); 4] = [
        ("t_us", Arc::new(Int64Array::from(vec![7; ROWS]))),
        ("x", Arc::new(UInt16Array::from(vec![1; ROWS]))),
        ("y", Arc::new(UInt16Array::from(vec![2; ROWS]))),
        ("p", Arc::new(UInt8Array::from(vec![1; ROWS]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_dictionary_enabled(false)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_data_page_size_limit(usize::MAX)
        .set_data_page_row_count_limit(usize::MAX)
        .set_max_row_group_row_count(Some(ROWS))
        .build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert!(file.len() < 2_000_000, "{}", file.len());
    file
}

/// Events of the file, or the error that reading it ended with.
fn read(file: &[u8]) -> Result<usize, Error> {
    let input = Input::from_bytes(file.to_vec(), "a.parquet");
    let mut source = evz_arrow::open(input, &OpenOptions::new())?;
    let (mut batch, mut events) = (EventBatch::default(), 0);
    loop {
        match source.read_events(&mut batch)? {
            Next::End(report) => {
                assert!(!report.has_losses());
                return Ok(events);
            }
            _ => events += batch.len(),
        }
    }
}

/// One test, for what may be taken is of the process.
#[test]
fn a_page_that_takes_more_is_refused_and_what_is_named_is_enough() {
    let file = one_page();
    assert_eq!(read(&file).unwrap(), ROWS);
    // The page of the times stays while that of another column comes.
    set_max_memory(36 << 20);
    let error = read(&file).unwrap_err().to_string();
    let beside = "takes 16MiB beside 32MiB that are taken, and 36MiB may be taken in all";
    assert!(error.contains(beside), "{error}");
    set_max_memory(16 << 20);
    let mut told = 0;
    let events = loop {
        let error = match read(&file) {
            Ok(events) => break events,
            Err(error) => error,
        };
        assert_eq!(error.question(), Some(Question::MaxMemory), "{error}");
        assert!(
            error.to_string().contains("a page of the column"),
            "{error}"
        );
        let enough = error.to_string();
        let enough = enough
            .rsplit(' ')
            .next()
            .unwrap()
            .strip_suffix("MiB")
            .unwrap();
        let enough = enough.parse::<u64>().unwrap() << 20;
        assert!(enough > told, "{error}");
        told = enough;
        set_max_memory(enough);
    };
    assert_eq!(events, ROWS);
    // What was taken is given back.
    assert_eq!(read(&file).unwrap(), ROWS);
}
