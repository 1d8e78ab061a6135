//! `small` on the device is what it is on the CPU.

mod decode;

use std::collections::BTreeSet;

use decode::cases::{Case, Chunk, SMALL, SMALL_GPU};
use decode::data::{KINDS, Kind, Random};
use decode::made_up::made_up;
use decode::{Batch, decode_small, launch_small, subsets};
use evz_core::{Columns, EventBatch};
use evz_cuda_shim::{SEEDS, sanitized, under_sanitizers};

/// Both ways to tell polarities.
static CASES: [&Case; 2] = [&SMALL_GPU, &SMALL];

#[test]
fn this_with_sanitizers() {
    under_sanitizers();
}

fn assert_same(chunk: &Chunk, columns: Columns, seed: u32) {
    let expected = chunk.decode(0..chunk.n_events, columns).unwrap();
    let decoded = decode_small(&Batch::new([chunk]), columns, seed);
    assert!(
        decoded == Ok(expected),
        "{columns:?}, {seed}: {:?}",
        decoded.err()
    );
}

/// As [`assert_same`], of a payload that may be damaged: both find damage, or neither.
fn assert_agree(chunk: &Chunk, columns: Columns) -> bool {
    let expected = chunk.decode(0..chunk.n_events, columns);
    let decoded = decode_small(&Batch::new([chunk]), columns, 0);
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
        1, 2, 31, 32, 33, 255, 256, 257, 511, 512, 513, 543, 544, 545, 1_023, 1_024, 1_025,
    ];
    for case in CASES {
        for (seed, n) in lengths.into_iter().enumerate() {
            for kind in KINDS {
                for step in [1, -7, i64::MIN] {
                    let chunk = Chunk::new(case, &kind.events(n, step, seed as u64));
                    assert_same(&chunk, Columns::ALL, seed as u32 % 4);
                }
            }
        }
    }
}

#[test]
fn whole_chunks_come_back() {
    if sanitized() {
        return;
    }
    for (i, kind) in KINDS.into_iter().enumerate() {
        for n in [65_535, 65_536] {
            let chunk = Chunk::new(CASES[(i + n) % 2], &kind.events(n, 1_000, 5));
            assert_same(&chunk, Columns::ALL, 2);
        }
    }
    let chunk = Chunk::new(&SMALL_GPU, &Kind::Bursts.events(70_001, 1_000, 5));
    assert_same(&chunk, Columns::ALL, 2);
}

#[test]
fn many_chunks_are_one_launch() {
    let lengths = [8, 1_024, 1, 3_000, 8_193, 33, 9_999];
    let mut expected = EventBatch::default();
    let mut chunks = Vec::new();
    for (i, n) in lengths.into_iter().enumerate() {
        let events = KINDS[i % KINDS.len()].events(n, 1, i as u64);
        expected.extend(events.as_slice());
        chunks.push(Chunk::new(CASES[i % 2], &events));
    }
    for seed in SEEDS {
        let decoded = decode_small(&Batch::new(&chunks), Columns::ALL, seed);
        assert!(decoded.as_ref() == Ok(&expected), "{:?}", decoded.err());
    }
}

#[test]
fn columns_alone_are_those_of_all() {
    for (case, kind) in [(&SMALL_GPU, Kind::Unsorted), (&SMALL, Kind::Bursts)] {
        let chunk = Chunk::new(case, &kind.events(9_000, 10, 3));
        for columns in subsets() {
            assert_same(&chunk, columns, 1);
        }
    }
}

#[test]
fn every_width_comes_back() {
    for bits in (0..=64u32).step_by(if sanitized() { 9 } else { 1 }) {
        let most = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
        let mut random = Random(bits.into());
        let mut events = Kind::Aer.events(1_100, 1, bits.into());
        let mut t = 5i64;
        for i in 0..events.len() {
            t = t.wrapping_add((random.next() & most) as i64);
            events.t[i] = t;
            events.x[i] = 300u16.wrapping_add((random.next() & most) as u16);
            events.y[i] ^= (random.next() & most) as u16;
        }
        assert_same(&Chunk::new(&SMALL_GPU, &events), Columns::ALL, 0);
    }
}

#[test]
fn every_mode_and_context_is_decoded() {
    let mut random = Random(7);
    let mut seen = BTreeSet::new();
    for round in 0..if sanitized() { 40 } else { 300 } {
        let chunk = made_up(&mut random);
        let head = &chunk.bytes[chunk.n_events.div_ceil(8_192) * 28..];
        seen.extend([(1, head[4]), (2, head[12]), (0, head[0] & 0x81)]);
        let columns = Columns {
            t: false,
            ..Columns::ALL
        };
        let decoded = launch_small(&Batch::new([&chunk]), columns, round % 4).events();
        for start in (0..chunk.n_events).step_by(8_192) {
            // Such a stream does not end as one should, and has no polarities there; what comes
            // before is what it is.
            let len = (chunk.n_events - start).min(8_192);
            let range = start..start + (len - 512) / 1_024 * 1_024;
            let expected = chunk.decode(range.clone(), columns).unwrap();
            assert!(decoded.x[range.clone()] == expected.x, "round {round}");
            assert!(decoded.y[range.clone()] == expected.y, "round {round}");
            assert!(decoded.p[range] == expected.p, "round {round}");
        }
    }
    // Three modes in two contexts, three in four and one in one, both orders in both ways to tell
    // polarities.
    assert!(sanitized() || seen.len() == 6 + 13 + 4, "{seen:?}");
}

#[test]
fn damage_is_found_and_does_no_harm() {
    let kinds = [Kind::Aer, Kind::Bursts, Kind::Unsorted, Kind::Extremes];
    let mut random = Random(1);
    for case in CASES {
        for kind in kinds {
            let whole = Chunk::new(case, &kind.events(1_700, 10, 3));
            for round in 0..if sanitized() { 40 } else { 120 } {
                let mut chunk = whole.clone();
                let len = chunk.bytes.len() as u64;
                if round % 4 == 0 {
                    chunk.bytes.truncate(random.below(len) as usize);
                } else {
                    // Half of the time where there is most to break.
                    let within = if round % 2 == 0 { len.min(60) } else { len };
                    let at = random.below(within) as usize;
                    chunk.bytes[at] ^= 1 << random.below(8);
                }
                chunk.mend();
                assert_agree(&chunk, Columns::ALL);
            }
        }
    }
}

#[test]
fn made_up_damage_does_no_harm() {
    let mut random = Random(8);
    for _ in 0..if sanitized() { 40 } else { 300 } {
        let mut chunk = made_up(&mut random);
        for _ in 0..random.below(3) {
            let near = random.below(64) as usize;
            chunk.bytes[near] = random.next() as u8;
        }
        if random.below(4) == 0 {
            chunk
                .bytes
                .truncate(random.below(chunk.bytes.len() as u64) as usize);
        }
        chunk.mend();
        assert!(!assert_agree(&chunk, Columns::ALL));
    }
}

#[test]
fn what_a_chunk_claims_is_checked() {
    let whole = Chunk::new(&SMALL_GPU, &Kind::Aer.events(1_700, 10, 3));
    for toc_len in [
        0,
        4,
        28,
        48,
        52,
        56,
        whole.toc_len - 4,
        whole.toc_len + 4,
        1 << 20,
    ] {
        assert!(!assert_agree(
            &Chunk {
                toc_len,
                ..whole.clone()
            },
            Columns::ALL
        ));
    }
    for n_events in [1, 33, 1_024, 1_699, 1_701, 8_192, 8_193] {
        assert!(!assert_agree(
            &Chunk {
                n_events,
                ..whole.clone()
            },
            Columns::ALL
        ));
    }
    // The host's mistakes, down to a byte.
    let enough = Batch::new([&whole]).chunks[0].scratch_len;
    for scratch_len in [0, 100, 2_000, enough - 1] {
        let mut batch = Batch::new([&whole]);
        batch.chunks[0].scratch_len = scratch_len;
        batch.scratch_len = scratch_len as usize;
        assert_eq!(decode_small(&batch, Columns::ALL, 0).unwrap_err(), (0, 10));
    }
}

#[test]
fn raw_bits_are_as_many_as_symbols_need() {
    for kind in [Kind::Aer, Kind::Unsorted, Kind::Bursts] {
        let whole = Chunk::new(&SMALL_GPU, &kind.events(1_700, 10, 3));
        let half =
            |at: usize| usize::from(u16::from_le_bytes([whole.bytes[at], whole.bytes[at + 1]]));
        for column in 0..3 {
            // Four bytes more behind the raw bits of a column, and everything says so.
            let (stream, before) = [(0, 0), (1, 0), (1, half(22))][column];
            let start = whole.toc_len + if stream == 0 { 0 } else { 4 * half(16) };
            let at = start + 128 + before + half(20 + 2 * column);
            let mut chunk = whole.clone();
            chunk.bytes.splice(at..at, [0; 4]);
            for (field, value) in [
                (16 + 2 * stream, half(16 + 2 * stream) + 1),
                (20 + 2 * column, half(20 + 2 * column) + 4),
            ] {
                chunk.bytes[field..field + 2].copy_from_slice(&(value as u16).to_le_bytes());
            }
            chunk.mend();
            assert!(!assert_agree(&chunk, Columns::ALL), "{kind:?} {column}");
            let error = decode_small(&Batch::new([&chunk]), Columns::ALL, 0);
            assert_eq!(error.unwrap_err(), (0, 9), "{kind:?} {column}");
        }
    }
}
