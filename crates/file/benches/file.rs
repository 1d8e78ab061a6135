//! Encoding, decoding and windows, on ten million synthetic events at 1280x720.
//!
//!     cargo bench -p evz-file

use std::io::Write;
use std::sync::LazyLock;

use divan::counter::ItemsCount;
use evz_core::{
    Columns, EventBatch, EventSource, Metadata, Next, Selection, SensorSize, StreamInfo, TimeBase,
};
use evz_file::{ReadOptions, Reader, WriteOptions};
use evz_synth::SynthOptions;

const EVENTS: u64 = 10_000_000;

static RECORDING: LazyLock<EventBatch> = LazyLock::new(|| {
    let size = SensorSize {
        width: 1280,
        height: 720,
    };
    let mut source = SynthOptions::default()
        .with_size(size)
        .with_events(EVENTS)
        .with_seed(7)
        .open()
        .unwrap();
    let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        all.extend(batch.as_slice());
    }
    all
});

static FILE: LazyLock<tempfile::NamedTempFile> = LazyLock::new(|| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    encode_into(&mut file);
    file
});

/// The file, mapped or read.
fn reader(map: bool) -> Reader {
    let options = ReadOptions::new().with_map(map);
    options.open(FILE.path()).unwrap()
}

fn encode_into(out: &mut impl Write) {
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let mut writer = WriteOptions::new().write_to(out, &info).unwrap();
    writer.write_batch(RECORDING.as_slice()).unwrap();
    writer.finish_into(&Metadata::new()).unwrap();
}

#[divan::bench(sample_count = 5)]
fn encode_fast(bencher: divan::Bencher<'_, '_>) {
    LazyLock::force(&RECORDING);
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench(|| encode_into(&mut std::io::sink()));
}

#[divan::bench(sample_count = 10, args = [Columns::ALL, Columns::XYP, Columns::T])]
fn decode_fast(bencher: divan::Bencher<'_, '_>, columns: &Columns) {
    let reader = reader(true);
    let selection = Selection::default().with_columns(*columns);
    let mut batch = EventBatch::default();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| reader.read(&selection, &mut batch).unwrap());
}

/// Windows of a length in microseconds, each at another place, of a file that is mapped or read.
#[divan::bench(sample_count = 1_000, args = [100, 1_000, 10_000], consts = [true, false])]
fn window_fast<const MAP: bool>(bencher: divan::Bencher<'_, '_>, length_us: i64) {
    let reader = reader(MAP);
    let span = reader.summary().span;
    let (mut batch, mut at) = (EventBatch::default(), 0u64);
    bencher
        .with_inputs(|| {
            at = at.wrapping_add(0x9e37_79b9_7f4a_7c15);
            span.t_min + (at % (span.t_max - span.t_min) as u64) as i64
        })
        .bench_local_values(|start| {
            let window = Selection::default().with_time(start..start + length_us);
            reader.read(&window, &mut batch).unwrap();
            batch.len()
        });
}

fn main() {
    divan::main();
}
