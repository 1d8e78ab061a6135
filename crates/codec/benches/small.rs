//! Speed of the codec `small` on one core, on recordings made from a seed:
//! `cargo bench -p evz-codec`. Items are events.

#[path = "../tests/data/mod.rs"]
mod data;

use data::{KINDS, Kind, Random};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use evz_codec::{ChunkTime, Codec, Payload, SMALL};
use evz_core::{ColumnsMut, EventBatch};

const CHUNK: usize = 65_536;
/// As many chunks as make columns that no cache holds.
const CHUNKS: u64 = 32;

fn main() {
    divan::main();
}

fn recording(kind: Kind) -> Vec<EventBatch> {
    (0..CHUNKS).map(|i| kind.events(CHUNK, 1, i)).collect()
}

struct Encoded {
    bytes: Vec<u8>,
    toc_len: usize,
    time: ChunkTime,
}

impl Encoded {
    fn new(events: &EventBatch) -> Self {
        let time = ChunkTime::of(&events.t);
        let mut bytes = Vec::new();
        let encoded = SMALL.encode(events.as_slice(), time, &mut bytes);
        Self {
            bytes,
            toc_len: encoded.toc_len as usize,
            time,
        }
    }

    fn payload(&self) -> Payload<'_> {
        Payload {
            bytes: &self.bytes,
            toc_len: self.toc_len,
            n_events: CHUNK,
            time: self.time,
        }
    }
}

#[divan::bench(args = KINDS)]
fn encode(bencher: Bencher<'_, '_>, kind: Kind) {
    let recording = recording(kind);
    let mut out = Vec::with_capacity(SMALL.max_encoded_len(CHUNK));
    bencher
        .counter(ItemsCount::new(CHUNKS * CHUNK as u64))
        .bench_local(|| {
            for events in &recording {
                out.clear();
                let time = ChunkTime::of(&events.t);
                black_box(SMALL.encode(events.as_slice(), time, &mut out));
            }
        });
}

fn decode_columns(bencher: Bencher<'_, '_>, kind: Kind, with_t: bool, with_xyp: bool) {
    let chunks: Vec<_> = recording(kind).iter().map(Encoded::new).collect();
    let mut out = Kind::Constant.events(CHUNK, 1, 0);
    bencher
        .counter(ItemsCount::new(CHUNKS * CHUNK as u64))
        .bench_local(|| {
            for chunk in &chunks {
                let columns = ColumnsMut {
                    t: with_t.then_some(&mut out.t),
                    x: with_xyp.then_some(&mut out.x),
                    y: with_xyp.then_some(&mut out.y),
                    p: with_xyp.then_some(&mut out.p),
                };
                SMALL
                    .decode(chunk.payload(), 0..CHUNK, columns)
                    .expect("the payload is whole");
            }
        });
}

#[divan::bench(args = KINDS)]
fn decode(bencher: Bencher<'_, '_>, kind: Kind) {
    decode_columns(bencher, kind, true, true);
}

#[divan::bench(args = KINDS)]
fn decode_t(bencher: Bencher<'_, '_>, kind: Kind) {
    decode_columns(bencher, kind, true, false);
}

#[divan::bench(args = KINDS)]
fn decode_xyp(bencher: Bencher<'_, '_>, kind: Kind) {
    decode_columns(bencher, kind, false, true);
}

/// 1,100 events from a time on, anywhere.
#[divan::bench(args = [Kind::Aer, Kind::Bursts])]
fn window(bencher: Bencher<'_, '_>, kind: Kind) {
    const WINDOW: usize = 1_100;
    let recording = recording(kind);
    let chunks: Vec<_> = recording.iter().map(Encoded::new).collect();
    let mut out = Kind::Constant.events(WINDOW, 1, 0);
    let mut random = Random(1);
    bencher.bench_local(|| {
        let number = random.below(CHUNKS) as usize;
        let t = recording[number].t[random.below((CHUNK - WINDOW) as u64) as usize];
        let payload = chunks[number].payload();
        let from = SMALL.lower_bound(payload, t).expect("the payload is whole");
        let columns = ColumnsMut {
            t: Some(&mut out.t),
            x: Some(&mut out.x),
            y: Some(&mut out.y),
            p: Some(&mut out.p),
        };
        SMALL
            .decode(payload, from..from + WINDOW, columns)
            .expect("the payload is whole");
    });
}
