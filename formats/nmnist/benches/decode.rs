//! How fast `.bin` files are read: `cargo bench -p evz-nmnist`.

use divan::Bencher;
use divan::counter::ItemsCount;
use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions};

fn main() {
    divan::main();
}

const EVENTS: usize = 1 << 20;

/// Made-up records of an encoding, the same on every run.
fn records(encoding: &str) -> Vec<u8> {
    let record = |i: usize| {
        let (t, x, y, p) = (i as u32 / 16, i % 128, i / 7 % 128, i as u32 % 2);
        match encoding {
            "cvpr2016" => {
                let data = p << 17 | (y as u32) << 9 | x as u32;
                [t.to_le_bytes(), data.to_le_bytes()].concat()
            }
            // A mark every 8,192 records.
            _ if i.is_multiple_of(8_192) => vec![0, 240, 0, 0, 0],
            _ => {
                let [_, high, mid, low] = (p << 23 | t).to_be_bytes();
                vec![x as u8, y as u8, high, mid, low]
            }
        }
    };
    (0..EVENTS).flat_map(record).collect()
}

#[divan::bench(args = ["nmnist", "cvpr2016"])]
fn read(bencher: Bencher, encoding: &str) {
    let bytes = records(encoding);
    let options = OpenOptions::new().with_encoding(encoding);
    let mut batch = EventBatch::default();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| Input::from_bytes(bytes.clone(), "a.bin"))
        .bench_local_values(|input| {
            let mut source = evz_nmnist::open(input, &options).unwrap();
            let mut events = 0;
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
                events += batch.len();
            }
            events
        });
}
