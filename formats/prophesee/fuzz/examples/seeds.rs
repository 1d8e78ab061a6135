//! Makes the seeds: recordings that need every kind of word, written by the writer; and those kinds
//! that it does not write, word by word.

#[path = "../check.rs"]
#[allow(dead_code, reason = "it has more for the targets")]
mod check;

use std::path::Path;

use check::Recording;
use evz_core::{Event, EventBatch, SensorSize, StreamInfo, TimeBase};
use evz_prophesee::Encoding;

/// A first byte that says nothing of the options.
const UNTOLD: u8 = 0xff;

/// Events with runs along rows, steps of time from none to turns of the clock.
fn events(n: usize, step: i64) -> EventBatch {
    let mut random = 1u64;
    let mut next = |below: u64| {
        // Knuth's generator; the high bits are the random ones.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let (mut t, mut batch) = (5_000, EventBatch::default());
    while batch.len() < n {
        t += next(4) as i64 * step;
        let (x, y, p, run) = (next(300), next(240), next(2), 1 + next(4) * next(4));
        for i in 0..run {
            batch.push(Event {
                t,
                x: (x + i) as u16,
                y: y as u16,
                p: p as u8,
            });
        }
    }
    batch
}

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let save = |target: &str, name: &str, file: &[u8]| {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), [&[UNTOLD], file].concat())
    };
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize {
        width: 320,
        height: 240,
    });
    for (encoding, target) in [
        (Encoding::Evt2, "raw_decode"),
        (Encoding::Evt3, "raw_decode"),
        (Encoding::Evt4, "raw_decode"),
        (Encoding::Dat2, "dat_decode"),
    ] {
        for (name, n, step) in [
            ("dense", 60, 1),
            ("sparse", 30, 3_000),
            ("gaps", 10, 900_000_000),
        ] {
            let recording = Recording {
                info: info.clone(),
                events: events(n, step),
                side: Vec::new(),
            };
            let (file, _) = check::write(&recording, encoding).expect("they fit");
            save(target, &format!("{}-{name}", encoding.name()), &file)?;
        }
    }
    let legacy_dat: Vec<u8> = (0..70u32)
        .flat_map(|i| [i * 9, i % 2 << 17 | i << 9 | (300 - i)])
        .flat_map(u32::to_le_bytes)
        .collect();
    save("dat_decode", "dat1-bare", &legacy_dat)?;
    save(
        "dat_decode",
        "dat1",
        &[&b"% Version 1\n\x00\x08"[..], &legacy_dat].concat(),
    )?;
    save(
        "dat_decode",
        "dat1-unsaid",
        &[
            &b"% Data file containing CD events.\n\x00\x08"[..],
            &legacy_dat,
        ]
        .concat(),
    )?;
    // A time, neighbours, a trigger and the sensor's counter.
    let words = (0..20u64).flat_map(|i| {
        let low = i % 64 << 54;
        [
            0x8 << 60 | (0xfff_fff8 + i & 0xfff_ffff) << 32,
            (i & 1) << 60 | low | (i % 10 * 32) << 43 | i << 32 | 0x8000_0401 << (i % 3),
            0xa << 60 | low | i << 40 | (i & 1) << 32,
            0xe << 60 | low | 0x14 << 32 | 0xf000_0000 | i,
        ]
    });
    let words: Vec<u64> = words.collect();
    for (name, turn) in [("little", 0), ("legacy", 32)] {
        let words = words
            .iter()
            .flat_map(|word| word.rotate_left(turn).to_le_bytes());
        let mut file = b"% evt 2.1\n% geometry 320x240\n% t0 77\n% end\n".to_vec();
        file.extend(words);
        save("raw_decode", &format!("evt2.1-{name}"), &file)?;
    }
    let header = b"% format EVT3;width=320;height=240\n";
    let words = [
        0x8ffe_u16, 0x6fff, 0x0007, 0x2805, 0x3020, 0x4fff, 0x5081, 0xa301, 0xe014, 0xf001, 0x7002,
        0x8000, 0x2001, 0xb000,
    ];
    let words: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    save(
        "raw_decode",
        "evt3-all-kinds",
        &[&header[..], &words].concat(),
    )?;
    let words = [
        0x8fff_ffff_u32,
        0x1fc0_1807,
        0xa040_0501,
        0xe000_0014,
        0xf000_0001,
        0xd000_0000,
        0x8000_0000,
        0x0000_1807,
    ];
    let words: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    save(
        "raw_decode",
        "evt2-all-kinds",
        &[&b"% system_ID 21\n"[..], &words].concat(),
    )?;
    let words = [
        0xefff_ffff_u32,
        0xbfc0_1807,
        0x9040_0501,
        0x6000_0014,
        0x7000_0001,
        0xd000_1807,
        0xe000_0001,
        0xffff_ffff,
        0x8000_0000,
        0xe000_0000,
        0xcfff_f807,
        0xffff_ffff,
        0xa000_1807,
        0xd000_1807,
    ];
    let words: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    save(
        "raw_decode",
        "evt4-all-kinds",
        &[&b"% evt 4.0\n% geometry 320x240\n"[..], &words].concat(),
    )
}
