//! What the sections of further columns keep, through the public API.

mod columns;

use std::ops::Range;

use columns::{Column, columns};
use evz_codec::extra::{ColumnType, PCO, RAW, Section, encode};
use evz_core::{ErrorKind, Result};
use pco::standalone::simple_compress_into;
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};
use proptest::prelude::*;

struct Encoded {
    codec: u16,
    column_type: ColumnType,
    n: usize,
    bytes: Vec<u8>,
}

impl Encoded {
    fn new(column_type: ColumnType, values: &[u8]) -> Self {
        let mut bytes = Vec::new();
        let codec = encode(column_type, values, &mut bytes);
        assert!(bytes.len() <= values.len());
        Self {
            codec,
            column_type,
            n: values.len() / column_type.size(),
            bytes,
        }
    }

    fn decode_of(&self, bytes: &[u8], range: Range<usize>) -> Result<Vec<u8>> {
        let mut out = vec![0; range.len() * self.column_type.size()];
        let section = Section {
            codec: self.codec,
            column_type: self.column_type,
            n_events: self.n,
            bytes,
        };
        section.decode(range, &mut out).map(|()| out)
    }

    fn decode(&self, range: Range<usize>) -> Vec<u8> {
        self.decode_of(&self.bytes, range).unwrap()
    }
}

fn assert_round_trip(column: &Column) -> Encoded {
    let encoded = Encoded::new(column.column_type, &column.values);
    assert!(
        encoded.decode(0..encoded.n) == column.values,
        "{}",
        column.name
    );
    encoded
}

#[test]
fn columns_of_every_length_come_back() {
    for n in [
        0, 1, 2, 3, 255, 256, 257, 1_000, 1_023, 1_024, 1_025, 8_192, 8_193, 16_385,
    ] {
        for column in columns(n, n as u64) {
            assert_round_trip(&column);
        }
    }
}

#[test]
fn any_range_is_that_slice_of_the_whole() {
    let n = 65_537;
    for column in columns(n, 3) {
        let (encoded, size) = (assert_round_trip(&column), column.column_type.size());
        let points = [0, 1, 255, 1_024, 1_025, 8_191, 8_192, 40_001, n - 1, n];
        for start in points {
            for end in points.into_iter().filter(|end| *end >= start) {
                let part = encoded.decode(start..end);
                assert!(
                    part == column.values[start * size..end * size],
                    "{}: {start}..{end}",
                    column.name
                );
            }
        }
    }
}

/// A line of `sections.txt`.
fn line(name: &str, values: &[u8], encoded: &Encoded) -> String {
    let hex: String = encoded.bytes.iter().map(|b| format!("{b:02x}")).collect();
    let (number, codec, n) = (encoded.column_type.number(), encoded.codec, encoded.n);
    let crc = crc32fast::hash(values);
    format!("{name} {number} {codec} {n} {crc:08x} {hex}\n")
}

/// What the encoder makes, and what pco makes when it is told how: what a file may hold.
fn sections() -> String {
    let mut text = String::from("# name, type, codec, values, CRC-32 of the values, section\n");
    let random = columns(9, 21).into_iter().filter(|c| c.name == "random");
    let others = columns(1_500, 21)
        .into_iter()
        .filter(|c| c.name != "random");
    for column in others.chain(random) {
        text += &line(column.name, &column.values, &assert_round_trip(&column));
    }

    let config = ChunkConfig::default().with_enable_8_bit(true);
    let plain = config.clone().with_mode_spec(ModeSpec::Classic);
    let extremes = |i: usize| match i % 29 {
        0 => f64::from_bits(0x7ff8_0000_0000_beef),
        1 => f64::NEG_INFINITY,
        2 => -0.0,
        3 => 1e300,
        4 => -f64::MIN_POSITIVE / 8.0,
        _ => (i as f64 - 700.0) * 0.01,
    };
    for (name, values, config) in [
        (
            "lookback",
            (0..2_000)
                .map(|i| 1.0 / f64::from(i * i % 401))
                .collect::<Vec<f64>>(),
            plain.clone().with_delta_spec(DeltaSpec::TryLookback),
        ),
        (
            "chunks",
            (0..2_500).map(|i| f64::from(i / 7)).collect(),
            config
                .clone()
                .with_paging_spec(PagingSpec::Exact(vec![1_024, 1_100, 376])),
        ),
        (
            "differences",
            (0..600).map(|i| f64::from(i * i * i) / 8.0).collect(),
            plain.with_delta_spec(DeltaSpec::TryConsecutive(3)),
        ),
        (
            "dictionary",
            (0..700).map(|i| f64::from(i % 5).sqrt()).collect(),
            config.clone().with_mode_spec(ModeSpec::TryDict),
        ),
        (
            "extremes",
            (0..1_500).map(extremes).collect(),
            config.with_mode_spec(ModeSpec::TryFloatMult(0.01)),
        ),
    ] {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let encoded = Encoded {
            codec: PCO,
            column_type: ColumnType::F64,
            n: values.len(),
            bytes: simple_compress_into(&values, &config, Vec::new()).unwrap(),
        };
        assert!(encoded.decode(0..encoded.n) == bytes, "{name}");
        text += &line(name, &bytes, &encoded);
    }
    text
}

/// The sections in `sections.txt`, a line each, made by an earlier encoder; tests/python reads them
/// too. They are written anew with `EVZ_BLESS=1`, until a release has written such.
#[test]
fn sections_of_before_decode() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sections.txt");
    if std::env::var_os("EVZ_BLESS").is_some() {
        std::fs::write(path, sections()).unwrap();
    }
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let &[name, number, codec, n, crc, hex] = &fields[..] else {
            panic!("six fields: {line}");
        };
        let encoded = Encoded {
            codec: codec.parse().unwrap(),
            column_type: ColumnType::from_number(number.parse().unwrap()).unwrap(),
            n: n.parse().unwrap(),
            bytes: (0..hex.len() / 2)
                .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
                .collect(),
        };
        let values = encoded.decode(0..encoded.n);
        assert_eq!(format!("{:08x}", crc32fast::hash(&values)), crc, "{name}");
    }
}

#[test]
fn a_constant_costs_next_to_nothing() {
    for column_type in ColumnType::ALL {
        let values = vec![1; 65_536 * column_type.size()];
        let encoded = Encoded::new(column_type, &values);
        assert_eq!(encoded.codec, PCO);
        assert!(
            encoded.bytes.len() <= 40,
            "{column_type}: {}",
            encoded.bytes.len()
        );
    }
}

#[test]
fn what_is_random_is_stored_as_it_is() {
    let columns = columns(5_000, 1);
    let random = columns.iter().find(|c| c.name == "random").unwrap();
    assert_eq!(Encoded::new(random.column_type, &random.values).codec, RAW);
}

/// The bits of values that are no numbers, or have two zeros.
#[test]
fn floats_keep_their_bits() {
    let bits = [
        0,
        1,
        1 << 63,
        1 << 63 | 1,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
        0x7ff0_0000_0000_0001,
        0x7ff8_0000_0000_beef,
        0xfff8_0000_0000_0000,
        u64::MAX,
        0x3ff0_0000_0000_0000,
        0x4059_0000_0000_0000,
    ];
    for n in [12, 4_000, 30_000] {
        let doubles: Vec<u8> = (0..n)
            .flat_map(|i: usize| bits[i * i % bits.len()].to_le_bytes())
            .collect();
        let singles: Vec<u8> = (0..n)
            .flat_map(|i: usize| ((bits[i * i % bits.len()] >> 29) as u32).to_le_bytes())
            .collect();
        let few: Vec<u8> = (0..n)
            .flat_map(|i| match i % 997 {
                0 => bits[i % bits.len()].to_le_bytes(),
                _ => (i as f64 * 0.01).to_le_bytes(),
            })
            .collect();
        for (column_type, values) in [
            (ColumnType::F64, doubles),
            (ColumnType::F32, singles),
            (ColumnType::F64, few),
        ] {
            let encoded = Encoded::new(column_type, &values);
            assert!(encoded.decode(0..n) == values, "{column_type}, {n}");
        }
    }
}

/// An error or values, and no panic; in a whole decode no truncation passes.
#[test]
fn damage_is_an_error_or_values() {
    for column in columns(1_500, 9) {
        let encoded = Encoded::new(column.column_type, &column.values);
        let n = encoded.n;
        for len in 0..encoded.bytes.len() {
            let cut = &encoded.bytes[..len];
            assert!(
                encoded.decode_of(cut, 0..n).is_err(),
                "{}: {len}",
                column.name
            );
            let _ = encoded.decode_of(cut, n / 2..n / 2 + 3);
        }
        let mut bytes = encoded.bytes.clone();
        bytes.push(0);
        assert!(encoded.decode_of(&bytes, 0..n).is_err(), "{}", column.name);
        let step = if encoded.codec == RAW { 97 } else { 1 };
        for at in (0..encoded.bytes.len()).step_by(step) {
            for flip in (0..8).map(|bit| 1 << bit).chain([0xff]) {
                let mut bytes = encoded.bytes.clone();
                bytes[at] ^= flip;
                let _ = encoded.decode_of(&bytes, 0..n);
                let _ = encoded.decode_of(&bytes, n - 3..n - 1);
            }
        }
    }
}

#[test]
fn what_a_section_may_not_be() {
    let values: Vec<u8> = (0..2_000u32).flat_map(u32::to_le_bytes).collect();
    let encoded = Encoded::new(ColumnType::U32, &values);
    let decode = |change: fn(&mut Section<'_>)| {
        let mut section = Section {
            codec: encoded.codec,
            column_type: ColumnType::U32,
            n_events: 2_000,
            bytes: &encoded.bytes,
        };
        change(&mut section);
        let mut out = vec![0; section.n_events * section.column_type.size()];
        let error = section.decode(0..section.n_events, &mut out).unwrap_err();
        (error.kind(), error.to_string())
    };
    use ErrorKind::*;
    let cases = [
        (
            decode(|s| s.codec = 7),
            (
                Unsupported,
                "codec 7 of a further column; 0 and 16 are known",
            ),
        ),
        (
            decode(|s| s.codec = RAW),
            (Corrupt, "29 bytes of 2000 values of u32"),
        ),
        (
            decode(|s| s.n_events = 1_999),
            (Corrupt, "a pco chunk of 2000 values, where 1999 are due"),
        ),
        (
            decode(|s| s.n_events = 2_001),
            (InsufficientData, "pco ends, and 1 values are due"),
        ),
        (
            decode(|s| s.column_type = ColumnType::F32),
            (Corrupt, "pco has values of type 1, the column 5"),
        ),
        (
            decode(|s| s.bytes = &s.bytes[..4]),
            (InsufficientData, "the section ends within its head"),
        ),
        (
            decode(|s| s.bytes = b"pco!\x02"),
            (
                Corrupt,
                "the section does not begin as a pco file of version 3 does",
            ),
        ),
    ];
    for ((kind, text), expected) in &cases {
        assert_eq!((*kind, text.as_str()), *expected);
    }
    let mut told = encoded.bytes.clone();
    told[7] ^= 1;
    let error = encoded.decode_of(&told, 0..2_000).unwrap_err();
    assert_eq!(error.to_string(), "pco is told of 2004 values, for 2000");
    let two = Section {
        codec: RAW,
        column_type: ColumnType::Bool,
        n_events: 2,
        bytes: &[1, 2],
    };
    let error = two.decode(0..2, &mut [0; 2]).unwrap_err();
    assert_eq!(error.to_string(), "a bool of 2; it is 0 or 1");
    assert!(two.decode(0..3, &mut [0; 3]).is_err() && two.decode(0..1, &mut [0; 2]).is_err());
}

/// What pco may write, and a section may not hold.
#[test]
fn what_pco_may_not_hold() {
    let values: Vec<u32> = (0..4_000u32).map(|i| (i * i % 4_001) << 15).collect();
    let pack = |config: ChunkConfig| simple_compress_into(&values, &config, Vec::new()).unwrap();
    let decode = |bytes: &[u8]| {
        let section = Section {
            codec: PCO,
            column_type: ColumnType::U32,
            n_events: 4_000,
            bytes,
        };
        section.decode(0..4_000, &mut [0; 16_000])
    };
    let error = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
    // Magic, versions of frame, type, number of values (2 bytes) and version of format (2); type and
    // number of values of the chunk.
    const MODE: usize = 4 + 1 + 1 + 3 + 2 + 4;

    let config = ChunkConfig::default();
    let pages = |n| config.clone().with_paging_spec(PagingSpec::Exact(n));
    assert!(decode(&pack(pages(vec![1_024, 1_024, 1_951, 1]))).is_ok());
    assert_eq!(
        error(&pack(pages(vec![1_023, 2_977]))),
        "a pco chunk of 1023 values before the last; at least 1024 are allowed"
    );
    let no_delta = config.clone().with_delta_spec(DeltaSpec::NoOp);
    assert_eq!(
        error(&pack(
            config.clone().with_delta_spec(DeltaSpec::TryConv1(2))
        )),
        "pco delta encoding 3; 0, 1 and 2 are known"
    );

    let mut dictionary = pack(no_delta.with_mode_spec(ModeSpec::TryDict));
    assert_eq!(dictionary[MODE] & 15, 4, "the mode");
    assert!(decode(&dictionary).is_ok());
    // One entry more than there are values; then as many as fill what is there.
    let entries = |n: u32| (n << 4 | 4).to_le_bytes();
    dictionary[MODE..MODE + 4].copy_from_slice(&entries(4_001));
    assert_eq!(
        error(&dictionary),
        "a pco dictionary of 4001 values for 4000"
    );
    dictionary.truncate(9_000);
    dictionary[MODE..MODE + 4].copy_from_slice(&entries(2_900));
    assert_eq!(error(&dictionary), "the section ends within a pco chunk");
    dictionary[MODE] = 5;
    assert_eq!(error(&dictionary), "pco mode 5; 0 to 4 are known");

    let lookback = config
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(DeltaSpec::TryLookback);
    let mut lookback = pack(lookback);
    assert_eq!(lookback[MODE] >> 4, 2, "the delta encoding");
    assert!(decode(&lookback).is_ok());
    lookback[MODE + 1] |= 31;
    assert_eq!(
        error(&lookback),
        "a pco lookback window of 2^32 values; at most 2^15"
    );
}

#[test]
fn pco_of_bytes_is_no_bool_where_one_is_2() {
    let values: Vec<u8> = (0..3_000).map(|i| u8::from(i == 2_000) * 2).collect();
    let encoded = Encoded::new(ColumnType::U8, &values);
    assert_eq!(encoded.codec, PCO);
    let section = Section {
        codec: PCO,
        column_type: ColumnType::Bool,
        n_events: 3_000,
        bytes: &encoded.bytes,
    };
    let error = section.decode(0..3_000, &mut [0; 3_000]).unwrap_err();
    assert_eq!(error.to_string(), "a bool of 2; it is 0 or 1");
    assert!(section.decode(0..2_000, &mut [0; 2_000]).is_ok());
}

/// Values of one kind: any bits, few bits, steps, few values.
fn values(column_type: ColumnType) -> impl Strategy<Value = Vec<u8>> {
    let size = column_type.size();
    (
        0..5,
        0..64u32,
        prop::collection::vec(any::<u64>(), 0..1_500),
    )
        .prop_map(move |(kind, shift, random)| {
            let mut last = 0u64;
            let few: Vec<u64> = random.iter().take(9).copied().collect();
            let bits = random.iter().map(|&v| match kind {
                0 => v,
                1 => v >> shift,
                2 => {
                    last = last.wrapping_add(v >> shift);
                    last
                }
                3 => few[(v % few.len() as u64) as usize],
                _ => match column_type {
                    ColumnType::F32 => ((v >> shift) as f32 * 0.1).to_bits().into(),
                    ColumnType::F64 => ((v >> shift) as f64 * 0.1).to_bits(),
                    _ => (v >> shift).wrapping_mul(1_000),
                },
            });
            let to_bytes = |v: u64| v.to_le_bytes().into_iter().take(size);
            let bytes = bits.flat_map(to_bytes);
            match column_type {
                ColumnType::Bool => bytes.map(|b| b & 1).collect(),
                _ => bytes.collect(),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_values_come_back(
        (column_type, values) in (0..11u8)
            .prop_map(|n| ColumnType::from_number(n).unwrap())
            .prop_flat_map(|t| (Just(t), values(t))),
        ends in any::<[prop::sample::Index; 2]>(),
    ) {
        let encoded = Encoded::new(column_type, &values);
        let mut ends = ends.map(|end| end.index(encoded.n + 1));
        ends.sort();
        let size = column_type.size();
        prop_assert!(encoded.decode(0..encoded.n) == values);
        prop_assert!(encoded.decode(ends[0]..ends[1]) == values[ends[0] * size..ends[1] * size]);
    }

    #[test]
    fn any_bytes_are_an_error_or_values(
        number in 0..11u8,
        n in 0..3_000usize,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        with_head in any::<bool>(),
    ) {
        let column_type = ColumnType::from_number(number).unwrap();
        let mut all = Vec::new();
        if with_head {
            // The head and the format's version of an honest section, and a type.
            all.extend_from_slice(b"pco!\x03\0\0\0\x04\x01");
            all.push([10, 11, 8, 3, 4, 10, 7, 1, 2, 5, 6][usize::from(number)]);
        }
        all.extend(bytes);
        let section = Section { codec: PCO, column_type, n_events: n, bytes: &all };
        let _ = section.decode(0..n, &mut vec![0; n * column_type.size()]);
    }
}
