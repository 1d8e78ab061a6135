//! Speed of the codecs on one core, on recordings made from a seed:
//! `cargo bench -p evz-codec`. Items are events.

#[path = "../tests/data/mod.rs"]
mod data;

use data::{KINDS, Kind, Random};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use evz_codec::{ChunkTime, Codec, FAST, Payload, SMALL};
use evz_core::{ColumnsMut, EventBatch};

const CHUNK: usize = 65_536;
/// As many chunks as make columns that no cache holds.
const CHUNKS: u64 = 32;

/// A codec and the kind of recording it works on.
#[derive(Clone, Copy)]
struct Case(&'static dyn Codec, Kind);

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{:?}", self.0.name(), self.1)
    }
}

fn cases(kinds: &[Kind]) -> Vec<Case> {
    let of = |codec| kinds.iter().map(move |kind| Case(codec, *kind));
    of(&FAST as &dyn Codec).chain(of(&SMALL)).collect()
}

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
    fn new(codec: &dyn Codec, events: &EventBatch) -> Self {
        let time = ChunkTime::of(&events.t);
        let mut bytes = Vec::new();
        let encoded = codec.encode(events.as_slice(), time, &mut bytes);
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
            sorted: true,
        }
    }
}

#[divan::bench(args = cases(&KINDS))]
fn encode(bencher: Bencher<'_, '_>, Case(codec, kind): Case) {
    let recording = recording(kind);
    let mut out = Vec::with_capacity(codec.max_encoded_len(CHUNK));
    bencher
        .counter(ItemsCount::new(CHUNKS * CHUNK as u64))
        .bench_local(|| {
            for events in &recording {
                out.clear();
                let time = ChunkTime::of(&events.t);
                black_box(codec.encode(events.as_slice(), time, &mut out));
            }
        });
}

fn decode_columns(bencher: Bencher<'_, '_>, Case(codec, kind): Case, with_t: bool, with_xyp: bool) {
    let chunks: Vec<_> = recording(kind)
        .iter()
        .map(|e| Encoded::new(codec, e))
        .collect();
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
                codec
                    .decode(chunk.payload(), 0..CHUNK, columns)
                    .expect("the payload is whole");
            }
        });
}

#[divan::bench(args = cases(&KINDS))]
fn decode(bencher: Bencher<'_, '_>, case: Case) {
    decode_columns(bencher, case, true, true);
}

#[divan::bench(args = cases(&KINDS))]
fn decode_t(bencher: Bencher<'_, '_>, case: Case) {
    decode_columns(bencher, case, true, false);
}

#[divan::bench(args = cases(&KINDS))]
fn decode_xyp(bencher: Bencher<'_, '_>, case: Case) {
    decode_columns(bencher, case, false, true);
}

/// 1,100 events from a time on, anywhere.
#[divan::bench(args = cases(&[Kind::Aer, Kind::Bursts]))]
fn window(bencher: Bencher<'_, '_>, Case(codec, kind): Case) {
    const WINDOW: usize = 1_100;
    let recording = recording(kind);
    let chunks: Vec<_> = recording.iter().map(|e| Encoded::new(codec, e)).collect();
    let mut out = Kind::Constant.events(WINDOW, 1, 0);
    let mut random = Random(1);
    bencher.bench_local(|| {
        let number = random.below(CHUNKS) as usize;
        let t = recording[number].t[random.below((CHUNK - WINDOW) as u64) as usize];
        let payload = chunks[number].payload();
        let from = codec.lower_bound(payload, t).expect("the payload is whole");
        let columns = ColumnsMut {
            t: Some(&mut out.t),
            x: Some(&mut out.x),
            y: Some(&mut out.y),
            p: Some(&mut out.p),
        };
        codec
            .decode(payload, from..from + WINDOW, columns)
            .expect("the payload is whole");
    });
}
