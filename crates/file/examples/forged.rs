//! Writes files that lie into a folder, for a check of what cannot run where tests do: in each, a field or
//! some bytes of a chunk are changed and every checksum is mended.
//!
//!     cargo run --release -p evz-file --example forged FOLDER

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/forger/mod.rs"]
mod forger;
#[path = "../../codec/tests/cases/mend.rs"]
mod mend;

use std::path::PathBuf;

use common::{Times, events, info};
use evz_codec::{Codec, FAST, SMALL, SMALL_GPU};
use forger::{Body, Chunk, Field, Forgery, finished, options};

const EVENTS: usize = 40_000;
/// Several in a file, and several groups and blocks in each.
const CHUNK_EVENTS: u32 = 9_000;
const FILES_OF_EACH: u64 = 60;

/// Mends the checksums inside a payload, of which it is told the length of the table and the events.
type Mend = fn(&mut [u8], usize, usize);

fn main() -> evz_core::Result<()> {
    let Some(folder) = std::env::args().nth(1).map(PathBuf::from) else {
        panic!("tell the folder that the files go to");
    };
    let codecs: [(&str, &dyn Codec, Mend); 3] = [
        ("fast", &FAST, mend::fast),
        ("small", &SMALL, mend::small),
        ("small-gpu", &SMALL_GPU, mend::small),
    ];
    for (profile, codec, mend) in codecs {
        for (kind, times) in [("rising", Times::Rising), ("tied", Times::Tied)] {
            let mut writer = options(codec, CHUNK_EVENTS).write_to(Vec::new(), &info())?;
            writer.write_batch(events(EVENTS, times, 5).as_slice())?;
            let honest = Forgery::of(&finished(writer));
            for n in 0..FILES_OF_EACH {
                let mut forgery = honest.clone();
                let mut random = Random(n + 1);
                if n % 3 == 0 {
                    change_field(&mut forgery, &mut random);
                } else {
                    change_bytes(&mut forgery, &mut random, mend);
                }
                let file = folder.join(format!("{profile}-{kind}-{n}.evz"));
                std::fs::write(file, forgery.write()).expect("the folder can be written to");
            }
        }
    }
    Ok(())
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ 0x5851;
        (self.0 >> 16) as usize % n
    }
}

/// One to four bytes of what a chunk holds, most of them near its start, where its tables are.
fn change_bytes(forgery: &mut Forgery, random: &mut Random, mend: Mend) {
    let chunks = forgery
        .records
        .iter_mut()
        .filter_map(|record| match &mut record.body {
            Body::Chunk(chunk) => Some(chunk),
            _ => None,
        });
    let mut chunks: Vec<_> = chunks.collect();
    let chunk = random.below(chunks.len());
    let Chunk { head, rest, .. } = &mut chunks[chunk];
    for _ in 0..=random.below(4) {
        let reach = [64, 1_000, rest.len()][random.below(3)].min(rest.len());
        rest[random.below(reach)] = random.below(256) as u8;
    }
    let payload = &mut rest[..head.payload_len as usize];
    mend(payload, head.toc_len as usize, head.n_events as usize);
}

/// A field of a chunk, or of what the index says of one.
fn change_field(forgery: &mut Forgery, random: &mut Random) {
    let told = |name: &str| name.contains(".chunk.") || name.contains("entries[");
    let mut n_fields = 0;
    forgery.each(&mut |name, _| n_fields += usize::from(told(name)));
    let (wanted, how) = (random.below(n_fields), random.below(5));
    let mut at = 0;
    forgery.each(&mut |name, field| {
        if !told(name) {
            return;
        }
        if let (true, Field::Number(number)) = (at == wanted, field) {
            let (least, most) = number.ends();
            let was = number.get();
            number.set([least, most, was + 1, was - 1, was ^ 0x100][how]);
        }
        at += 1;
    });
}
