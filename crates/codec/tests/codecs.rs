//! What every codec keeps, through the public API.

mod cases;
mod data;

use std::ops::Range;

use cases::{CASES, Case, Chunk};
use data::{KINDS, Kind, Random};
use evz_core::{Columns, ColumnsMut, EventBatch};
use proptest::prelude::*;

/// What a decoder should give.
fn slice(events: &EventBatch, range: Range<usize>, columns: Columns) -> EventBatch {
    let mut batch = EventBatch::default();
    batch.extend(events.as_slice().slice(range));
    batch.resize(batch.len(), columns);
    batch
}

fn assert_round_trip(case: &'static Case, events: &EventBatch) {
    let chunk = Chunk::new(case, events);
    let decoded = chunk.decode(0..events.len(), Columns::ALL).unwrap();
    assert!(decoded == *events, "{}: {events:?}", case.codec.name());
    let naive = (case.naive)(chunk.payload());
    assert!(naive == *events, "{}: {events:?}", case.codec.name());
}

fn assert_slice(chunk: &Chunk, events: &EventBatch, range: Range<usize>, columns: Columns) {
    let name = chunk.case.codec.name();
    let decoded = chunk.decode(range.clone(), columns).unwrap();
    assert!(
        decoded == slice(events, range.clone(), columns),
        "{name}: {range:?} of {columns:?}"
    );
}

fn subset(set: usize) -> Columns {
    Columns {
        t: set & 1 != 0,
        x: set & 2 != 0,
        y: set & 4 != 0,
        p: set & 8 != 0,
        ..Columns::NONE
    }
}

#[test]
fn every_length_comes_back() {
    let lengths = [
        0, 1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 511, 512, 513, 543, 544, 545, 767, 768,
        769, 1023, 1024, 1025, 1279, 1280, 1281, 2047, 2048, 2049, 8191, 8192, 8193, 8704, 8705,
    ];
    let steps = [1, 1_000, -7, 1 << 40, i64::MIN];
    for case in CASES {
        for (seed, n) in lengths.into_iter().enumerate() {
            for (i, kind) in KINDS.into_iter().enumerate() {
                for (j, step) in steps.into_iter().enumerate() {
                    // The long ones take long: each kind with one step.
                    if n < 8_000 || j == (seed + i) % steps.len() {
                        assert_round_trip(case, &kind.events(n, step, seed as u64));
                    }
                }
            }
        }
    }
}

/// Chunks that use little of what a payload has room for: few events, few contexts.
fn small_chunks() -> impl Iterator<Item = EventBatch> {
    let lens = [1, 3, 40, 300, 700];
    let few = lens.into_iter().zip(KINDS.into_iter().cycle());
    few.map(|(n, kind)| kind.events(n, 2_000, n as u64))
}

/// Whether a bit of a payload of `small`, of one segment, is of what an encoder may choose in several ways
/// that can come to the same: how it tells polarities where it tells none, which values of the first
/// axis it takes for one, and how often it says that symbols occur.
fn is_choice(payload: &[u8], bit: usize, n_events: usize) -> bool {
    let (head, bits) = (28, 28 + 24);
    let bits_len = u32::from_le_bytes(payload[head + 20..bits].try_into().unwrap()) as usize;
    // Behind the frequencies of polarities, and but for what pads the bits.
    let tables = bits + 60..bits + bits_len - 1;
    let at = bit / 8;
    bit == 8 * head + 7 && n_events <= 512
        || [head + 14, head + 15].contains(&at)
        || tables.contains(&at)
}

#[test]
fn a_checker_sees_every_bit_that_means_nothing() {
    for case in CASES {
        let mut means_nothing = 0;
        for events in small_chunks() {
            let chunk = Chunk::new(case, &events);
            for bit in 0..8 * chunk.bytes.len() {
                let mut forged = chunk.clone();
                forged.bytes[bit / 8] ^= 1 << (bit % 8);
                forged.mend();
                let chosen = case.codec.id() == 2 && is_choice(&chunk.bytes, bit, events.len());
                if forged.bytes == chunk.bytes || chosen {
                    continue;
                }
                if forged.decode(0..events.len(), Columns::ALL).ok().as_ref() == Some(&events) {
                    let name = case.codec.name();
                    let n = events.len();
                    assert!(
                        forged.check(&events).is_err(),
                        "{name}: bit {bit} of {n} events"
                    );
                    means_nothing += 1;
                }
            }
        }
        assert!(means_nothing > 20, "{means_nothing}");
    }
}

#[test]
fn whole_chunks_come_back() {
    for case in CASES {
        for kind in KINDS {
            for n in [65_535, 65_536, 65_537, 70_001] {
                let events = kind.events(n, 1, 5);
                let chunk = Chunk::new(case, &events);
                assert_slice(&chunk, &events, 0..n, Columns::ALL);
            }
        }
        assert_round_trip(case, &Kind::Bursts.events(70_001, 1, 5));
    }
}

#[test]
fn every_width_comes_back() {
    for kind in [Kind::Aer, Kind::Random] {
        for bits in 0..=64u32 {
            let mut events = kind.events(1_300, 1, u64::from(bits));
            let mut random = Random(u64::from(bits));
            let mut t = 5i64;
            for i in 0..events.len() {
                let most = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
                t = t.wrapping_add((random.next() & most) as i64);
                events.t[i] = t;
                events.x[i] =
                    300u16.wrapping_add((random.next() & most) as u16 % (most as u16).max(1));
                events.y[i] ^= (random.next() & most & 0xffff) as u16;
            }
            CASES
                .iter()
                .for_each(|case| assert_round_trip(case, &events));
        }
    }
}

#[test]
fn every_range_is_that_slice_of_the_whole() {
    for case in CASES {
        for kind in [Kind::Aer, Kind::Unsorted] {
            let events = kind.events(1_100, 10, 3);
            let chunk = Chunk::new(case, &events);
            // At and between the borders of blocks, groups and mini-blocks.
            let border = |at: &usize| at % 256 < 2 || at % 256 == 255;
            for from in (0..=1_100).filter(|from| from % 97 == 0 || border(from)) {
                for to in (from..=1_100).filter(|to| (to - from) % 5 == 0 || border(to)) {
                    assert_slice(&chunk, &events, from..to, Columns::ALL);
                }
            }
        }
    }
}

#[test]
fn ranges_from_and_to_entry_points_are_slices_of_the_whole() {
    let n: usize = 2 * 8_192 + 700;
    // Entry points of both lengths, and where the polarities start that states hold.
    let borders = [
        0,
        1_024,
        7_168,
        8_192 - 512,
        8_192,
        9_216,
        2 * 8_192,
        n - 512,
        n,
    ];
    let ends = borders
        .into_iter()
        .flat_map(|at| [at.saturating_sub(1), at, at + 1]);
    let mut ends: Vec<usize> = ends.filter(|&at| at <= n).collect();
    ends.dedup();
    for case in CASES {
        for kind in [Kind::Aer, Kind::Bursts, Kind::Unsorted] {
            let events = kind.events(n, 1, 7);
            let chunk = Chunk::new(case, &events);
            let mut set = 0;
            for (i, &from) in ends.iter().enumerate() {
                for &to in &ends[i..] {
                    // All columns every other time, then each subset in turn.
                    set += 1;
                    let columns = if set % 2 == 0 { 15 } else { set / 2 % 16 };
                    assert_slice(&chunk, &events, from..to, subset(columns));
                }
            }
        }
    }
}

#[test]
fn any_columns_are_those_of_the_whole() {
    let events = Kind::Bursts.events(2_500, 1, 4);
    for case in CASES {
        let chunk = Chunk::new(case, &events);
        for columns in (0..16).map(subset) {
            for range in [0..2_500, 0..0, 5..6, 300..2_100, 1_024..2_048, 2_300..2_500] {
                assert_slice(&chunk, &events, range, columns);
            }
        }
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for case in CASES {
        let chunk = Chunk::new(case, &Kind::Aer.events(10, 1, 1));
        assert!(chunk.decode(0..11, Columns::ALL).is_err());
        assert!(chunk.decode(11..11, Columns::ALL).is_err());
        let mut short = [0; 4];
        let out = ColumnsMut {
            x: Some(&mut short),
            ..Default::default()
        };
        assert!(case.codec.decode(chunk.payload(), 0..5, out).is_err());
    }
}

/// Events whose times come in runs of `every`.
fn tied(n: usize, every: usize) -> EventBatch {
    let mut events = Kind::Aer.events(n, 3, 9);
    for i in 0..n {
        events.t[i] = events.t[i / every * every];
    }
    events
}

#[test]
fn lower_bound_is_partition_point() {
    for case in CASES {
        for (n, every) in [(0, 1), (1, 1), (3_000, 1), (5_000, 3), (4_096, 2_000)] {
            // Ties, over several blocks at the last.
            let events = tied(n, every);
            let chunk = Chunk::new(case, &events);
            let mut times = vec![i64::MIN, i64::MAX];
            for &t in &events.t {
                times.extend([t - 1, t, t + 1]);
            }
            times.sort();
            times.dedup();
            for t in times {
                let expected = events.t.partition_point(|&v| v < t);
                assert_eq!(chunk.lower_bound(t).unwrap(), expected);
            }
        }
        let events = EventBatch {
            t: vec![i64::MIN, 0, i64::MAX],
            x: vec![0; 3],
            y: vec![0; 3],
            p: vec![0; 3],
            extra: Vec::new(),
        };
        let chunk = Chunk::new(case, &events);
        for (t, expected) in [(i64::MIN, 0), (i64::MIN + 1, 1), (1, 2), (i64::MAX, 2)] {
            assert_eq!(chunk.lower_bound(t).unwrap(), expected);
        }
    }
}

#[test]
fn a_window_is_both_lower_bounds() {
    for case in CASES {
        // Ties, over an entry point at the last.
        for (n, every) in [(0, 1), (1, 1), (20_000, 1), (20_000, 7), (20_000, 9_000)] {
            let events = tied(n, every);
            let chunk = Chunk::new(case, &events);
            let entries = (0..n).step_by(1_024).chain([n.saturating_sub(1)]);
            let mut times = vec![i64::MIN, i64::MAX];
            for &t in entries.filter_map(|at| events.t.get(at)) {
                times.extend([t - 1, t, t + 1]);
            }
            let mut random = Random(11);
            for _ in 0..300 {
                // One in two is the wrong way round.
                let [a, b] = [(); 2].map(|()| times[random.below(times.len() as u64) as usize]);
                let expected = [a, b].map(|t| events.t.partition_point(|&v| v < t));
                assert_eq!(chunk.window(a..b).unwrap(), expected[0]..expected[1]);
                assert_eq!(chunk.lower_bound(a).unwrap(), expected[0]);
                assert_eq!(chunk.lower_bound(b).unwrap(), expected[1]);
            }
        }
    }
}

/// Decodes in several ways: each gives an error or what it should.
fn try_everything(chunk: &Chunk, events: &EventBatch, exact: bool) {
    for range in [0..events.len(), events.len() / 2..events.len()] {
        let Ok(decoded) = chunk.decode(range.clone(), Columns::ALL) else {
            continue;
        };
        // A checker is given all that was decoded, whatever that is, or refuses.
        let _ = chunk.check(&decoded);
        if exact {
            assert_eq!(decoded, slice(events, range, Columns::ALL));
        }
    }
    for at in [0, events.len() - 1] {
        let t = events.t[at];
        if let Ok(number) = chunk.lower_bound(t) {
            assert!(number <= events.len());
            assert!(!exact || number == events.t.partition_point(|&v| v < t));
        }
    }
}

#[test]
fn truncations_are_noticed() {
    for case in CASES {
        // Each byte of one that is short, some of one with two entry points.
        for (n, every) in [(600, 1), (case.codec.entry_len() + 500, 11)] {
            let events = Kind::Bursts.events(n, 1, 8);
            let chunk = Chunk::new(case, &events);
            for len in (0..chunk.bytes.len()).step_by(every) {
                let mut cut = chunk.clone();
                cut.bytes.truncate(len);
                assert!(cut.decode(0..n, Columns::ALL).is_err());
                try_everything(&cut, &events, true);
            }
            let mut longer = chunk;
            longer.bytes.extend([0; 16]);
            assert!(longer.decode(0..n, Columns::ALL).is_err());
        }
    }
}

#[test]
fn flipped_bits_are_noticed() {
    for case in CASES {
        // Of the longer one a bit of each byte.
        for (kind, n, every) in [(Kind::Bursts, 1_300, 8), (Kind::Extremes, 20, 1)] {
            let mut events = kind.events(n, 1, 8);
            events.t.sort();
            let mut chunk = Chunk::new(case, &events);
            for at in 0..chunk.bytes.len() {
                for bit in (at % every..8).step_by(every) {
                    chunk.bytes[at] ^= 1 << bit;
                    let in_toc = at < chunk.toc_len;
                    if !in_toc {
                        let whole = chunk.decode(0..n, Columns::ALL);
                        assert!(whole.is_err(), "{}: byte {at}", case.codec.name());
                    }
                    try_everything(&chunk, &events, !in_toc);
                    chunk.bytes[at] ^= 1 << bit;
                }
            }
        }
    }
}

#[test]
fn damage_under_a_right_checksum_does_no_harm() {
    for case in CASES {
        for kind in KINDS {
            let events = kind.events(1_300, 1, 8);
            let mut chunk = Chunk::new(case, &events);
            let good = chunk.bytes.clone();
            // The heads byte by byte, then some of the rest.
            let tables = (100..400.min(good.len())).step_by(6);
            let rest = (400..good.len()).step_by(1 + good.len() / 40);
            for at in (0..100.min(good.len())).chain(tables).chain(rest) {
                for value in [0x00, 0x01, 0x1f, 0x80, 0xff, good[at] ^ 1, good[at] ^ 0x40] {
                    chunk.bytes[at] = value;
                    chunk.mend();
                    try_everything(&chunk, &events, false);
                    chunk.bytes.copy_from_slice(&good);
                }
            }
        }
    }
}

#[test]
fn wild_claims_allocate_nothing() {
    for case in CASES {
        let codec = case.codec;
        let chunk = Chunk::new(case, &Kind::Aer.events(10, 1, 1));
        for n_events in [0, 1_025, usize::MAX] {
            let claim = Chunk {
                n_events,
                ..chunk.clone()
            };
            // The first entry may answer, if the table of contents has as many as it should.
            let entries = n_events.div_ceil(codec.entry_len());
            assert!(claim.lower_bound(0).is_err() || entries == 1);
            if n_events > 0 {
                assert!(claim.decode(n_events - 1..n_events, Columns::ALL).is_err());
            }
        }
        for toc_len in [0, 15, 17, 32, usize::MAX] {
            let claim = Chunk {
                toc_len,
                ..chunk.clone()
            };
            assert!(claim.decode(0..10, Columns::ALL).is_err());
        }
        assert!(codec.max_encoded_len(usize::MAX) >= codec.max_encoded_len(1 << 40));
    }
}

fn any_events() -> impl Strategy<Value = EventBatch> {
    let events = prop::collection::vec(
        (
            prop_oneof![any::<i64>(), -100..100i64, Just(i64::MIN), Just(i64::MAX)],
            prop_oneof![any::<u16>(), 0..40u16],
            prop_oneof![any::<u16>(), 100..104u16],
            0..2u8,
        ),
        0..700,
    );
    let step = prop_oneof![Just(1i64), any::<i64>(), 1..2_000i64];
    (events, step).prop_map(|(events, step)| EventBatch {
        t: events.iter().map(|e| e.0.wrapping_mul(step)).collect(),
        x: events.iter().map(|e| e.1).collect(),
        y: events.iter().map(|e| e.2).collect(),
        p: events.iter().map(|e| e.3).collect(),
        extra: Vec::new(),
    })
}

proptest! {
    #[test]
    fn anything_comes_back(
        events in any_events(),
        range in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let n = events.len() + 1;
        let (a, b) = (range.0.index(n), range.1.index(n));
        let range = a.min(b)..a.max(b);
        for case in CASES {
            assert_round_trip(case, &events);
            assert_slice(&Chunk::new(case, &events), &events, range.clone(), Columns::ALL);
        }
    }

    #[test]
    fn several_damages_under_a_right_checksum_do_no_harm(
        kind in prop::sample::select(&KINDS[..]),
        (n, seed) in (1..1_500usize, any::<u64>()),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let events = kind.events(n, 1, seed);
        for case in CASES {
            let mut chunk = Chunk::new(case, &events);
            for (at, value) in &damages {
                *at.get_mut(&mut chunk.bytes) = *value;
            }
            chunk.mend();
            try_everything(&chunk, &events, false);
        }
    }
}

/// The chunk with other bytes wherever the decoder says that it reads nothing.
fn with_only_the_bytes_of(chunk: &Chunk, events: Range<usize>) -> Chunk {
    let bytes = (chunk.case.codec.bytes_of(chunk.payload(), events)).unwrap();
    assert!(bytes.start >= chunk.toc_len && bytes.end <= chunk.bytes.len());
    let mut part = chunk.clone();
    part.bytes[chunk.toc_len..bytes.start].fill(0xa5);
    part.bytes[bytes.end..].fill(0xa5);
    part
}

#[test]
fn parts_are_decoded_from_the_bytes_that_are_said_to_hold_them() {
    let n = 2 * 8_192 + 700;
    for case in CASES {
        let events = tied(n, 7);
        let chunk = Chunk::new(case, &events);
        let mut random = Random(5);
        for _ in 0..200 {
            let [a, b] = [(); 2].map(|()| random.below(n as u64 + 1) as usize);
            let range = a.min(b)..a.max(b);
            let part = with_only_the_bytes_of(&chunk, range.clone());
            assert_slice(&part, &events, range.clone(), Columns::ALL);
            let apart = chunk.decode_run(range.clone()).unwrap();
            assert_eq!(apart, slice(&events, range.clone(), Columns::ALL));

            let time = |at: usize| events.t.get(at).map_or(i64::MAX, |t| t + at as i64 % 3 - 1);
            let (from, to) = (time(range.start), time(range.end));
            let window = from..to.max(from);
            let around = chunk
                .case
                .codec
                .events_around(chunk.payload(), window.clone())
                .unwrap();
            let part = with_only_the_bytes_of(&chunk, around.clone());
            let expected = [window.start, window.end].map(|t| events.t.partition_point(|&v| v < t));
            assert_eq!(
                part.window(window.clone()).unwrap(),
                expected[0]..expected[1]
            );
            assert_eq!(part.lower_bound(window.start).unwrap(), expected[0]);
            assert!(around.start <= expected[0] && expected[1] <= around.end);
        }
    }
}
