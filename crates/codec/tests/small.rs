//! What only `small` has.

mod cases;
mod data;
#[path = "../fuzz/input.rs"]
#[allow(dead_code, reason = "inputs are written elsewhere")]
mod input;

use cases::{Chunk, SMALL, SMALL_GPU};
use data::KINDS;
use evz_codec::ChunkTime;
use evz_core::{Columns, EventBatch};
use input::Input;
use proptest::prelude::*;

/// The dozen events of the text.
fn example() -> EventBatch {
    EventBatch {
        t: vec![
            5_000, 5_003, 5_003, 5_004, 5_020, 5_021, 5_021, 5_100, 5_101, 5_105, 5_105, 5_106,
        ],
        x: vec![10, 11, 12, 10, 300, 301, 11, 12, 12, 10, 13, 11],
        y: vec![7, 7, 7, 8, 200, 200, 8, 7, 9, 7, 7, 8],
        p: vec![1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0],
        extra: Vec::new(),
    }
}

#[test]
fn the_example_of_the_text() {
    let chunk = Chunk::new(&SMALL, &example());
    assert_eq!(chunk.decode(0..12, Columns::ALL).unwrap(), example());
    let hex: String = include_str!("../../../SPEC.md")
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter_map(|line| line.split_once(": "))
        .filter(|(at, _)| at.len() == 3)
        .flat_map(|(_, hex)| hex.split_whitespace())
        .collect();
    let bytes: String = chunk.bytes.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, bytes, "toc {}", chunk.toc_len);
}

#[test]
fn either_way_to_tell_polarities_decodes_what_the_other_encodes() {
    for kind in KINDS {
        let events = kind.events(20_000, 1, 6);
        let [small, gpu] = [&SMALL, &SMALL_GPU].map(|case| Chunk::new(case, &events));
        assert_ne!(small.bytes, gpu.bytes);
        for (chunk, case) in [(small, &SMALL_GPU), (gpu, &SMALL)] {
            let decoded = Chunk { case, ..chunk }.decode(0..20_000, Columns::ALL);
            assert!(decoded.unwrap() == events, "{kind:?}");
        }
    }
}

#[test]
fn seeds_of_the_fuzz_target_are_whole_payloads() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/small_decode");
    let mut seeds = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let input = Input::read(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        let chunk = Chunk {
            case: &SMALL,
            toc_len: input.toc_len.into(),
            n_events: input.n_events.into(),
            time: input.time,
            bytes: input.bytes,
        };
        let all = chunk.decode(0..chunk.n_events, Columns::ALL).unwrap();
        assert!(all == (SMALL.naive)(chunk.payload()));
        seeds += 1;
    }
    assert!(seeds > 0);
}

proptest! {
    #[test]
    fn any_bytes_do_no_harm(
        mut bytes in prop::collection::vec(any::<u8>(), 0..3_000),
        n_events in 0..1_500usize,
        first: i64,
        divisor: u64,
        t: i64,
    ) {
        let toc_len = bytes.len().min(300);
        if bytes.len() > 64 {
            // Modes and lengths that mostly pass, so that what comes later is reached.
            for field in [28, 29, 32, 33, 34, 37, 40, 41, 42, 45] {
                bytes[field] &= [0, 3, 1, 7][usize::from(bytes[field] >> 6)];
            }
            bytes[48..52].copy_from_slice(&200u32.to_le_bytes());
            bytes[17..28].fill(0);
            bytes[16] = 40;
            bytes[18] = 40;
            bytes[22] = 2;
        }
        let time = ChunkTime { first, divisor };
        let mut chunk = Chunk { case: &SMALL, bytes, toc_len, n_events, time };
        chunk.mend();
        if let Ok(decoded) = chunk.decode(0..n_events, Columns::ALL) {
            let _ = chunk.check(&decoded);
        }
        let _ = chunk.lower_bound(t);
    }
}
