//! The codec `small` through the public API.

mod data;
mod naive_small;

use std::ops::Range;

use data::{KINDS, Kind, Random};
use evz_codec::{ChunkTime, Codec, Payload, SMALL};
use evz_core::{Columns, ColumnsMut, EventBatch, Result};
use proptest::prelude::*;

struct Chunk {
    bytes: Vec<u8>,
    toc_len: usize,
    n_events: usize,
    time: ChunkTime,
}

impl Chunk {
    fn new(events: &EventBatch) -> Self {
        let time = ChunkTime::of(&events.t);
        // What stands before must stay, and not matter.
        let mut bytes = vec![7; 3];
        let encoded = SMALL.encode(events.as_slice(), time, &mut bytes);
        assert_eq!(bytes.drain(..3).collect::<Vec<_>>(), [7; 3]);
        assert!(bytes.len() <= SMALL.max_encoded_len(events.len()));
        assert_eq!(
            encoded.column_bytes.iter().sum::<u32>() as usize,
            bytes.len()
        );
        Self {
            bytes,
            toc_len: encoded.toc_len as usize,
            n_events: events.len(),
            time,
        }
    }

    fn payload(&self) -> Payload<'_> {
        Payload {
            bytes: &self.bytes,
            toc_len: self.toc_len,
            n_events: self.n_events,
            time: self.time,
        }
    }

    fn decode(&self, range: Range<usize>, columns: Columns) -> Result<EventBatch> {
        decode(self.payload(), range, columns)
    }
}

fn decode(payload: Payload<'_>, range: Range<usize>, columns: Columns) -> Result<EventBatch> {
    // Nothing that is left in the buffers may show.
    let n = range.len();
    let mut batch = EventBatch {
        t: vec![-3; n],
        x: vec![3; n],
        y: vec![3; n],
        p: vec![3; n],
    };
    batch.resize(n, columns);
    let out = ColumnsMut {
        t: columns.t.then_some(&mut batch.t),
        x: columns.x.then_some(&mut batch.x),
        y: columns.y.then_some(&mut batch.y),
        p: columns.p.then_some(&mut batch.p),
    };
    let result = SMALL.decode(payload, range.clone(), out);
    // The loops without vector instructions have to agree, in errors too.
    let mut portable = batch.clone();
    let out = ColumnsMut {
        t: columns.t.then_some(&mut portable.t),
        x: columns.x.then_some(&mut portable.x),
        y: columns.y.then_some(&mut portable.y),
        p: columns.p.then_some(&mut portable.p),
    };
    let portably = SMALL.decode_portable(payload, range, out);
    assert_eq!(
        result.as_ref().map_err(ToString::to_string),
        portably.as_ref().map_err(ToString::to_string)
    );
    result?;
    assert!(batch == portable);
    Ok(batch)
}

fn slice(events: &EventBatch, range: Range<usize>, columns: Columns) -> EventBatch {
    let mut batch = EventBatch::default();
    batch.extend(events.as_slice().slice(range));
    batch.resize(batch.len(), columns);
    batch
}

fn assert_round_trip(events: &EventBatch) {
    let chunk = Chunk::new(events);
    let decoded = chunk.decode(0..events.len(), Columns::ALL).unwrap();
    assert!(decoded == *events, "{events:?}");
    let naive = naive_small::decode(&chunk.bytes, chunk.toc_len, events.len(), chunk.time);
    assert!(naive == *events, "{events:?}");
}

fn subsets() -> impl Iterator<Item = Columns> {
    (0..16).map(|set| Columns {
        t: set & 1 != 0,
        x: set & 2 != 0,
        y: set & 4 != 0,
        p: set & 8 != 0,
    })
}

#[test]
fn every_length_comes_back() {
    let lengths = [
        0, 1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 511, 512, 513, 543, 544, 545, 1025, 8191,
        8192, 8193, 8704, 8705,
    ];
    for (seed, n) in lengths.into_iter().enumerate() {
        for step in [1, -7, 1 << 40, i64::MIN] {
            for kind in KINDS {
                assert_round_trip(&kind.events(n, step, seed as u64));
            }
        }
    }
}

#[test]
fn whole_chunks_come_back() {
    for n in [65_536, 70_001] {
        for kind in KINDS {
            assert_round_trip(&kind.events(n, 1, 5));
        }
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
            assert_round_trip(&events);
        }
    }
}

#[test]
fn every_range_is_that_slice_of_the_whole() {
    for kind in [Kind::Aer, Kind::Unsorted] {
        let events = kind.events(1_100, 10, 3);
        let chunk = Chunk::new(&events);
        // All ends for some starts, at and between the borders of blocks and mini-blocks.
        for from in (0..=1_100).filter(|f| f % 97 == 0 || f % 256 < 2 || f % 256 == 255) {
            for to in from..=1_100 {
                let decoded = chunk.decode(from..to, Columns::ALL).unwrap();
                assert!(
                    decoded == slice(&events, from..to, Columns::ALL),
                    "{from}..{to}"
                );
            }
        }
    }
}

#[test]
fn any_columns_are_those_of_the_whole() {
    let events = Kind::Bursts.events(2_500, 1, 4);
    let chunk = Chunk::new(&events);
    for columns in subsets() {
        for range in [0..2_500, 0..0, 5..6, 300..2_100, 1_024..2_048, 2_300..2_500] {
            let decoded = chunk.decode(range.clone(), columns).unwrap();
            assert_eq!(decoded, slice(&events, range, columns));
        }
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let chunk = Chunk::new(&Kind::Aer.events(10, 1, 1));
    assert!(chunk.decode(0..11, Columns::ALL).is_err());
    assert!(chunk.decode(11..11, Columns::ALL).is_err());
    let mut short = [0; 4];
    let out = ColumnsMut {
        x: Some(&mut short),
        ..Default::default()
    };
    assert!(SMALL.decode(chunk.payload(), 0..5, out).is_err());
}

#[test]
fn lower_bound_is_partition_point() {
    for (n, every) in [(0, 1), (1, 1), (3_000, 1), (5_000, 3), (4_096, 2_000)] {
        let mut events = Kind::Aer.events(n, 3, 9);
        // Ties, over several blocks at the last.
        for i in 0..n {
            events.t[i] = events.t[i / every * every];
        }
        let chunk = Chunk::new(&events);
        let mut times = vec![i64::MIN, i64::MAX];
        for &t in &events.t {
            times.extend([t - 1, t, t + 1]);
        }
        times.dedup();
        for t in times {
            let expected = events.t.partition_point(|&v| v < t);
            assert_eq!(SMALL.lower_bound(chunk.payload(), t).unwrap(), expected);
        }
    }
    let chunk = Chunk::new(&EventBatch {
        t: vec![i64::MIN, 0, i64::MAX],
        x: vec![0; 3],
        y: vec![0; 3],
        p: vec![0; 3],
    });
    for (t, expected) in [(i64::MIN, 0), (i64::MIN + 1, 1), (1, 2), (i64::MAX, 2)] {
        assert_eq!(SMALL.lower_bound(chunk.payload(), t).unwrap(), expected);
    }
}

/// Decodes in several ways: each gives an error or what it should.
fn try_everything(payload: Payload<'_>, events: &EventBatch, exact: bool) {
    for range in [0..events.len(), events.len() / 2..events.len()] {
        if let Ok(decoded) = decode(payload, range.clone(), Columns::ALL)
            && exact
        {
            assert_eq!(decoded, slice(events, range, Columns::ALL));
        }
    }
    for at in [0, events.len() - 1] {
        let t = events.t[at];
        if let Ok(number) = SMALL.lower_bound(payload, t) {
            assert!(number <= events.len());
            assert!(!exact || number == events.t.partition_point(|&v| v < t));
        }
    }
}

#[test]
fn truncations_are_noticed() {
    let events = Kind::Bursts.events(1_500, 1, 8);
    let chunk = Chunk::new(&events);
    for len in 0..chunk.bytes.len() {
        let payload = Payload {
            bytes: &chunk.bytes[..len],
            ..chunk.payload()
        };
        assert!(decode(payload, 0..1_500, Columns::ALL).is_err());
        try_everything(payload, &events, true);
    }
    let longer = [&chunk.bytes[..], &[0; 16]].concat();
    let payload = Payload {
        bytes: &longer,
        ..chunk.payload()
    };
    assert!(decode(payload, 0..1_500, Columns::ALL).is_err());
}

#[test]
fn flipped_bits_are_noticed() {
    for (kind, n) in [(Kind::Bursts, 1_300), (Kind::Extremes, 20)] {
        let mut events = kind.events(n, 1, 8);
        events.t.sort();
        let mut chunk = Chunk::new(&events);
        for at in 0..chunk.bytes.len() {
            for bit in 0..8 {
                chunk.bytes[at] ^= 1 << bit;
                let in_toc = at < chunk.toc_len;
                if !in_toc {
                    let whole = chunk.decode(0..n, Columns::ALL);
                    assert!(whole.is_err(), "byte {at}");
                }
                try_everything(chunk.payload(), &events, !in_toc);
                chunk.bytes[at] ^= 1 << bit;
            }
        }
    }
}

/// Mends the checksums, so that the damage reaches the decoder.
fn mend(chunk: &mut Chunk) {
    let segments = chunk.n_events.div_ceil(8_192);
    let mut at = chunk.toc_len;
    for s in 0..segments {
        for stream in 0..2 {
            let field = 28 * s + 16 + 2 * stream;
            let Some(units) = chunk.bytes.get(field..field + 2) else {
                return;
            };
            let len = 4 * usize::from(u16::from_le_bytes(units.try_into().unwrap()));
            let Some(bytes) = chunk.bytes.get(at..at + len) else {
                return;
            };
            let crc = crc32fast::hash(bytes);
            chunk.bytes[28 * s + 8 + 4 * stream..][..4].copy_from_slice(&crc.to_le_bytes());
            at += len;
        }
    }
}

#[test]
fn damage_under_a_right_checksum_does_no_harm() {
    for kind in KINDS {
        let events = kind.events(1_300, 1, 8);
        let good = Chunk::new(&events).bytes;
        let mut chunk = Chunk::new(&events);
        // The heads byte by byte, then some of the rest.
        let heads = [
            0..400.min(good.len()),
            good.len() - 1_000.min(good.len())..good.len(),
        ];
        for at in heads.into_iter().flatten() {
            for value in [0x00, 0x01, 0x1f, 0x80, 0xff, good[at] ^ 1, good[at] ^ 0x40] {
                chunk.bytes[at] = value;
                mend(&mut chunk);
                try_everything(chunk.payload(), &events, false);
                chunk.bytes.copy_from_slice(&good);
            }
        }
    }
}

#[test]
fn wild_claims_allocate_nothing() {
    let chunk = Chunk::new(&Kind::Aer.events(10, 1, 1));
    for n_events in [0, 1_025, usize::MAX] {
        let payload = Payload {
            n_events,
            ..chunk.payload()
        };
        // The first entry may answer, if the table of contents has as many as it should.
        let bound = SMALL.lower_bound(payload, 0);
        assert!(bound.is_err() || n_events == 1_025);
        if n_events > 0 {
            assert!(decode(payload, n_events - 1..n_events, Columns::ALL).is_err());
        }
    }
    for toc_len in [0, 15, 17, 32, usize::MAX] {
        let payload = Payload {
            toc_len,
            ..chunk.payload()
        };
        assert!(decode(payload, 0..10, Columns::ALL).is_err());
    }
    assert!(SMALL.max_encoded_len(usize::MAX) >= SMALL.max_encoded_len(1 << 40));
}

/// The dozen events of the text.
fn example() -> EventBatch {
    EventBatch {
        t: vec![
            5_000, 5_003, 5_003, 5_004, 5_020, 5_021, 5_021, 5_100, 5_101, 5_105, 5_105, 5_106,
        ],
        x: vec![10, 11, 12, 10, 300, 301, 11, 12, 12, 10, 13, 11],
        y: vec![7, 7, 7, 8, 200, 200, 8, 7, 9, 7, 7, 8],
        p: vec![1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0],
    }
}

#[test]
fn the_example_of_the_text() {
    let chunk = Chunk::new(&example());
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

proptest! {
    #[test]
    fn anything_comes_back(
        events in prop::collection::vec(
            (
                prop_oneof![any::<i64>(), -100..100i64, Just(i64::MIN), Just(i64::MAX)],
                prop_oneof![any::<u16>(), 0..40u16],
                prop_oneof![any::<u16>(), 100..104u16],
                0..2u8,
            ),
            0..700,
        ),
        step in prop_oneof![Just(1i64), any::<i64>(), 1..2_000i64],
        range in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let events = EventBatch {
            t: events.iter().map(|e| e.0.wrapping_mul(step)).collect(),
            x: events.iter().map(|e| e.1).collect(),
            y: events.iter().map(|e| e.2).collect(),
            p: events.iter().map(|e| e.3).collect(),
        };
        assert_round_trip(&events);
        let n = events.len() + 1;
        let (a, b) = (range.0.index(n), range.1.index(n));
        let range = a.min(b)..a.max(b);
        let decoded = Chunk::new(&events).decode(range.clone(), Columns::ALL).unwrap();
        prop_assert_eq!(decoded, slice(&events, range, Columns::ALL));
    }

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
            for field in [28, 29, 32, 33, 34, 37, 40, 41, 42, 45, 48, 49, 50, 51] {
                bytes[field] &= [0, 3, 1, 7][usize::from(bytes[field] >> 6)];
            }
            bytes[48] = 200;
            bytes[17..28].fill(0);
            bytes[16] = 40;
            bytes[18] = 40;
            bytes[22] = 1;
        }
        let mut chunk = Chunk { bytes, toc_len, n_events, time: ChunkTime { first, divisor } };
        if chunk.bytes.len() > toc_len {
            mend(&mut chunk);
        }
        let _ = chunk.decode(0..n_events, Columns::ALL);
        let _ = SMALL.lower_bound(chunk.payload(), t);
    }
}
