//! Speed of the sections of further columns on one core, on columns made from a seed:
//! `cargo bench -p evz-codec --bench extra`. Items are values.

#[path = "../tests/columns/mod.rs"]
mod columns;

use columns::columns;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use evz_codec::extra::{ColumnType, Section, encode};

const CHUNK: usize = 65_536;

fn main() {
    divan::main();
}

fn names() -> Vec<&'static str> {
    columns(1, 0).iter().map(|c| c.name).collect()
}

fn column(name: &str) -> (ColumnType, Vec<u8>) {
    let column = columns(CHUNK, 1).into_iter().find(|c| c.name == name);
    let column = column.expect("a column of this name");
    (column.column_type, column.values)
}

#[divan::bench(name = "encode", args = names())]
fn encodes(bencher: Bencher<'_, '_>, name: &str) {
    let (column_type, values) = column(name);
    let mut out = Vec::with_capacity(values.len());
    bencher.counter(ItemsCount::new(CHUNK)).bench_local(|| {
        out.clear();
        black_box(encode(column_type, &values, &mut out));
    });
}

#[divan::bench(args = names())]
fn decode(bencher: Bencher<'_, '_>, name: &str) {
    let (column_type, mut values) = column(name);
    let mut bytes = Vec::new();
    let codec = encode(column_type, &values, &mut bytes);
    let section = Section {
        codec,
        column_type,
        n_events: CHUNK,
        bytes: &bytes,
    };
    bencher.counter(ItemsCount::new(CHUNK)).bench_local(|| {
        section
            .decode(0..CHUNK, &mut values)
            .expect("the section is whole");
    });
}
