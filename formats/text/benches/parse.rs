//! How fast text is read and printed: `cargo bench -p evz-text`.

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use evz_core::{
    CreateOptions, EventBatch, EventSource, Input, Metadata, Next, OpenOptions, Output, TimeUnit,
};

fn main() {
    divan::main();
}

const EVENTS: u64 = 1_000_000;

/// Made-up events, the same on every run: microseconds, 240x180.
fn made_up() -> impl Iterator<Item = (u64, u64, u64, u64)> {
    let (mut state, mut t) = (1u64, 3811);
    (0..EVENTS).map(move |_| {
        // Knuth's generator; the high bits are the random ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let random = state >> 33;
        t += random % 4;
        (
            t,
            (random >> 2) % 240,
            (random >> 10) % 180,
            (random >> 20) % 2,
        )
    })
}

const DIALECTS: [&str; 4] = ["seconds-9", "seconds-epoch-6", "metavision", "true-false"];

fn text(dialect: &str) -> Vec<u8> {
    let mut text = String::new();
    for (t, x, y, p) in made_up() {
        text += &match dialect {
            "seconds-9" => format!("{}.{:06}000 {x} {y} {p}\n", t / 1_000_000, t % 1_000_000),
            "seconds-epoch-6" => {
                format!(
                    "{}.{:06} {x} {y} {p}\n",
                    1_589_163_147 + t / 1_000_000,
                    t % 1_000_000
                )
            }
            "metavision" => format!("{x},{y},{p},{t}\n"),
            _ => format!("{t},{x},{y},{}\n", if p == 1 { "True" } else { "False" }),
        };
    }
    text.into_bytes()
}

fn options_of(dialect: &str) -> OpenOptions {
    let unit = if dialect.starts_with("seconds") {
        TimeUnit::Seconds
    } else {
        TimeUnit::Microseconds
    };
    OpenOptions::default().with_time_unit(unit)
}

#[divan::bench(args = DIALECTS)]
fn parse(bencher: Bencher, dialect: &str) {
    let text = text(dialect);
    bencher
        .counter(BytesCount::new(text.len()))
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| Input::from_bytes(text.clone(), "-"))
        .bench_local_values(|input| {
            let mut source = evz_text::open(input, &options_of(dialect)).unwrap();
            let mut batch = EventBatch::default();
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {}
            source.closing_metadata()
        });
}

#[divan::bench(args = DIALECTS)]
fn print(bencher: Bencher, dialect: &str) {
    let text = text(dialect);
    let input = Input::from_bytes(text.clone(), "-");
    let mut source = evz_text::open(input, &options_of(dialect)).unwrap();
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        events.extend(batch.as_slice());
    }
    bencher
        .counter(BytesCount::new(text.len()))
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| {
            let out = Output::from_writer(std::io::sink(), "-");
            let mut sink = evz_text::create(out, source.info(), &CreateOptions::new()).unwrap();
            sink.write_batch(events.as_slice()).unwrap();
            sink.finish(&Metadata::new()).unwrap()
        });
}
