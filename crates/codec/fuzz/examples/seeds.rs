//! Makes the seeds of `small_decode`: recordings that need every mode, encoded in both ways; and those
//! of `extra_decode`, from the sections that the tests keep.

#[path = "../../tests/data/mod.rs"]
#[allow(dead_code, reason = "it has more for the tests")]
mod data;
#[path = "../input.rs"]
#[allow(dead_code, reason = "inputs are read elsewhere")]
mod input;

use std::path::Path;

use data::{Kind, Random};
use evz_codec::{ChunkTime, Codec, SMALL, SMALL_GPU};
use evz_core::{Columns, Event, EventBatch};
use input::Input;

/// Rows that are read out at once, with gaps below `gap`.
fn rows(n: usize, gap: u64) -> EventBatch {
    let mut random = Random(1);
    let (mut t, mut x, mut y) = (0, 0, 0);
    (0..n)
        .map(|_| {
            if random.below(8) == 0 {
                t += 1 + random.below(9) as i64;
                (x, y) = (random.below(300), random.below(200));
            }
            x += 1 + random.below(gap);
            Event {
                t,
                x: x as u16,
                y: y as u16,
                p: (y & 1) as u8,
            }
        })
        .collect()
}

/// Pixels near a diagonal: a coordinate tells much of the other.
fn diagonal(n: usize) -> EventBatch {
    let mut random = Random(1);
    let mut t = 0;
    (0..n)
        .map(|_| {
            t += random.below(5) as i64;
            let y = random.below(100);
            Event {
                t,
                x: (y + 5 * random.below(2)) as u16,
                y: y as u16,
                p: (y & 1) as u8,
            }
        })
        .collect()
}

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/small_decode");
    std::fs::create_dir_all(&folder)?;
    let recordings = [
        ("aer", Kind::Aer.events(700, 1, 1)),
        ("bursts", Kind::Bursts.events(1_100, 10, 1)),
        ("unsorted", Kind::Unsorted.events(600, 1, 1)),
        ("random", Kind::Random.events(200, 1, 1)),
        ("extremes", Kind::Extremes.events(40, 1, 1)),
        ("three-segments", Kind::Constant.events(17_000, 1, 1)),
        ("dense-rows", rows(2_000, 1)),
        ("rows", rows(1_000, 40)),
        ("diagonal", diagonal(2_000)),
    ];
    for (name, events) in recordings {
        for codec in [&SMALL, &SMALL_GPU] {
            let n = events.len() as u16;
            let time = ChunkTime::of(&events.t);
            let mut bytes = Vec::new();
            let encoded = codec.encode(events.as_slice(), time, &mut bytes);
            let input = Input {
                n_events: n,
                toc_len: encoded.toc_len as u16,
                range: n / 3..n / 2,
                columns: Columns::ALL,
                time,
                t: events.t[events.len() / 2],
                bytes,
            };
            let file = folder.join(format!("{name}-{}", codec.name()));
            std::fs::write(file, input.write())?;
        }
    }
    extra()
}

fn extra() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("corpus/extra_decode");
    std::fs::create_dir_all(&folder)?;
    let sections = std::fs::read_to_string(root.join("../tests/sections.txt"))?;
    for line in sections.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| fields[at].parse::<u16>().expect("a number");
        let hex = fields[5];
        let section = (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"));
        let [n0, n1] = number(3).to_le_bytes();
        let head = [number(1) as u8, number(2) as u8, n0, n1, 20, 200];
        let input: Vec<u8> = head.into_iter().chain(section).collect();
        std::fs::write(folder.join(fields[0]), input)?;
    }
    Ok(())
}
