//! `fast` on the device is what it is on the CPU.

mod decode;

use decode::cases::{Chunk, FAST};
use decode::data::{KINDS, Kind, Random};
use decode::{Batch, decode_fast, subsets};
use evz_codec::ChunkTime;
use evz_core::{Columns, EventBatch};
use evz_cuda_shim::{SEEDS, sanitized, under_sanitizers};

#[test]
fn this_with_sanitizers() {
    under_sanitizers();
}

fn assert_same(chunk: &Chunk, columns: Columns, seed: u32) {
    let expected = chunk.decode(0..chunk.n_events, columns).unwrap();
    let decoded = decode_fast(&Batch::new([chunk]), columns, seed);
    assert!(
        decoded == Ok(expected),
        "{columns:?}, {seed}: {:?}",
        decoded.err()
    );
}

/// As [`assert_same`], of a payload that may be damaged: both find damage, or neither.
fn assert_agree(chunk: &Chunk, columns: Columns) -> bool {
    let expected = chunk.decode(0..chunk.n_events, columns);
    let decoded = decode_fast(&Batch::new([chunk]), columns, 0);
    match (&expected, &decoded) {
        (Ok(expected), Ok(decoded)) => assert!(expected == decoded),
        (Err(_), Err((0, _))) => {}
        _ => panic!("CPU {:?}, device {:?}", expected.err(), decoded.err()),
    }
    decoded.is_ok()
}

#[test]
fn every_length_comes_back() {
    let lengths = [
        1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 511, 513, 767, 769, 1_023, 1_024, 1_025,
    ];
    for (seed, n) in lengths.into_iter().enumerate() {
        for kind in KINDS {
            for step in [1, -7, i64::MIN] {
                let chunk = Chunk::new(&FAST, &kind.events(n, step, seed as u64));
                assert_same(&chunk, Columns::ALL, seed as u32 % 4);
            }
        }
    }
}

#[test]
fn whole_chunks_come_back() {
    if sanitized() {
        return;
    }
    for kind in KINDS {
        for n in [65_535, 65_536, 70_001] {
            assert_same(
                &Chunk::new(&FAST, &kind.events(n, 1_000, 5)),
                Columns::ALL,
                2,
            );
        }
    }
}

#[test]
fn many_chunks_are_one_launch() {
    // Behind chunks of odd lengths columns are not aligned.
    let lengths = [8, 1_024, 1, 3_000, 256, 9_999, 1_024, 1_024, 7, 2_048];
    let events: Vec<EventBatch> = lengths
        .into_iter()
        .enumerate()
        .map(|(i, n)| KINDS[i % KINDS.len()].events(n, 1, i as u64))
        .collect();
    let chunks: Vec<Chunk> = events.iter().map(|e| Chunk::new(&FAST, e)).collect();
    let mut expected = EventBatch::default();
    events.iter().for_each(|e| expected.extend(e.as_slice()));
    for seed in SEEDS {
        let decoded = decode_fast(&Batch::new(&chunks), Columns::ALL, seed);
        assert!(decoded.as_ref() == Ok(&expected), "{:?}", decoded.err());
    }
}

#[test]
fn columns_alone_are_those_of_all() {
    let chunk = Chunk::new(&FAST, &Kind::Unsorted.events(2_600, 10, 3));
    for columns in subsets() {
        assert_same(&chunk, columns, 1);
    }
}

#[test]
fn damage_is_found_and_does_no_harm() {
    let events = Kind::Unsorted.events(1_300, 10, 3);
    let whole = Chunk::new(&FAST, &events);
    let mut random = Random(1);
    let rounds = if sanitized() { 150 } else { 3_000 };
    for round in 0..rounds {
        let mut chunk = whole.clone();
        if round % 4 == 0 {
            chunk
                .bytes
                .truncate(random.below(chunk.bytes.len() as u64) as usize);
        } else {
            // Half of the time where there is most to break.
            let within = if round % 2 == 0 {
                160
            } else {
                chunk.bytes.len()
            };
            let at = random.below(within as u64) as usize;
            chunk.bytes[at] ^= 1 << random.below(8);
        }
        chunk.mend();
        assert_agree(&chunk, Columns::ALL);
    }
    // Every bit of the table of contents, and of the head of the first block.
    for bit in 0..8 * if sanitized() { 32 } else { 80 } {
        let mut chunk = whole.clone();
        chunk.bytes[bit / 8] ^= 1 << (bit % 8);
        chunk.mend();
        assert_agree(&chunk, Columns::ALL);
    }
    // What a chunk's head may claim.
    for toc_len in [0, 16, 31, 48, 1 << 20] {
        let chunk = Chunk {
            toc_len,
            ..whole.clone()
        };
        assert!(!assert_agree(&chunk, Columns::ALL));
    }
    for n_events in [1, 1_025, 2_048] {
        let chunk = Chunk {
            n_events,
            ..whole.clone()
        };
        assert!(!assert_agree(&chunk, Columns::ALL));
    }
}

/// A payload of one block whose modes, widths and exceptions are anything.
fn made_up(random: &mut Random) -> Chunk {
    made_up_with_end(random).0
}

/// The same, and where its last position is, which is that of an exception of y if there is any of
/// these.
fn made_up_with_end(random: &mut Random) -> (Chunk, usize) {
    let n_events = 1 + random.below(1_024) as usize;
    let minis = n_events.div_ceil(256);
    let mut heads = Vec::new();
    let (mut planes, mut highs) = ([0; 3], [0; 3]);
    let mut positions: [Vec<u8>; 3] = Default::default();
    for mini in 0..minis {
        let len = (n_events - 256 * mini).min(256);
        for column in 0..2 {
            let width = random.below(17) as u8;
            let mode = random.below(3) as u8;
            let high = random.below(2) as u8;
            let count = exceptions(random, len, width < 16, &mut positions[column]);
            planes[column] += 32 * usize::from(width);
            highs[column] += usize::from(count) << high;
            heads.extend([high << 7 | mode << 5 | width, count]);
            heads.extend((random.next() as u16).to_le_bytes());
        }
        let width = random.below(65) as u8;
        let zigzag = random.below(2) as u8;
        let high = random.below(4) as u8;
        let count = exceptions(random, len, width < 64, &mut positions[2]);
        planes[2] += 32 * usize::from(width);
        highs[2] += usize::from(count) << high;
        heads.extend([zigzag << 7 | width, count, high, 0]);
    }
    heads.resize(heads.len().next_multiple_of(16), 0);
    let anything = planes[0] + planes[1] + 32 * minis + planes[2] + highs[2] + highs[0] + highs[1];
    let mut bytes = vec![0; 16];
    bytes[0] = 16;
    bytes[8..].copy_from_slice(&random.next().to_le_bytes());
    bytes.extend(heads);
    bytes.extend((0..anything).map(|_| random.next() as u8));
    bytes.extend([&positions[2][..], &positions[0], &positions[1]].concat());
    let end = bytes.len();
    bytes.resize(end.next_multiple_of(16), 0);
    let time = ChunkTime {
        first: random.next() as i64,
        divisor: random.next(),
    };
    let mut chunk = Chunk {
        case: &FAST,
        bytes,
        toc_len: 16,
        n_events,
        time,
    };
    chunk.mend();
    (chunk, end - 1)
}

/// Appends the positions of some exceptions, if there may be any; gives their number.
fn exceptions(random: &mut Random, len: usize, some: bool, positions: &mut Vec<u8>) -> u8 {
    if !some || random.below(3) == 0 {
        return 0;
    }
    let rare = [2, 30, 200][random.below(3) as usize];
    let chosen = (0..len as u64)
        .filter(|_| random.below(rare) == 0)
        .take(255);
    let before = positions.len();
    positions.extend(chosen.map(|p| p as u8));
    (positions.len() - before) as u8
}

#[test]
fn every_mode_and_width_is_decoded() {
    let mut random = Random(7);
    for round in 0..if sanitized() { 100 } else { 2_000 } {
        let chunk = made_up(&mut random);
        assert_same(&chunk, Columns::ALL, round % 4);
    }
}

#[test]
fn made_up_damage_is_found() {
    let mut random = Random(8);
    for _ in 0..if sanitized() { 100 } else { 2_000 } {
        let mut chunk = made_up(&mut random);
        for _ in 0..1 + random.below(3) {
            // In the head or the positions.
            let len = chunk.bytes.len();
            let near = random.below(64.min(len as u64)) as usize;
            let at = if random.below(2) == 0 {
                near
            } else {
                len - 1 - near
            };
            chunk.bytes[at] = random.next() as u8;
        }
        chunk.mend();
        assert_agree(&chunk, Columns::ALL);
    }
}

#[test]
fn exceptions_are_those_of_events() {
    let mut random = Random(9);
    let mut seen = 0;
    for _ in 0..200 {
        let (mut chunk, at) = made_up_with_end(&mut random);
        let last_mini = (chunk.n_events - 1) / 256;
        let count = chunk.bytes[16 + 12 * last_mini + 5];
        let len = chunk.n_events - 256 * last_mini;
        if count == 0 || len == 256 {
            continue;
        }
        seen += 1;
        // Of the first event behind the last one.
        chunk.bytes[at] = len as u8;
        chunk.mend();
        assert!(!assert_agree(&chunk, Columns::ALL));
        // Twice the same.
        if count > 1 {
            chunk.bytes[at] = chunk.bytes[at - 1];
            chunk.mend();
            assert!(!assert_agree(&chunk, Columns::ALL));
        }
        // Of the last one.
        if count == 1 || usize::from(chunk.bytes[at - 1]) + 1 < len {
            chunk.bytes[at] = (len - 1) as u8;
            chunk.mend();
            assert!(assert_agree(&chunk, Columns::ALL));
        }
    }
    assert!(seen > 20, "{seen}");
}
