//! What is written reads back, and what does not fit is refused with a way out.

mod common;

use common::{Row, batch, exposure, info, read_all, write, write_as, write_with};
use evz_core::{
    ColumnType, Error, ErrorKind, EventBatch, ExtraColumn, LossKind, Question, Report, StreamInfo,
    TimeBase, Values, WayOut,
};
use evz_es::Encoding;
use proptest::prelude::*;

const US: TimeBase = TimeBase::MICROSECONDS;

#[test]
fn bytes_of_the_specification() {
    let rows = [(3, 9, 7, 1), (3 + 127, 1, 0, 0), (3 + 127 + 126, 2, 4, 1)];
    let bytes = write(&info(US, 10, 8), &batch(&rows), 2).unwrap();
    let expected = [
        b"Event Stream\x02\x00\x00\x01\x0a\x00\x08\x00".as_slice(),
        &[3 << 1 | 1, 9, 0, 0, 0],
        &[0xff, 0, 1, 0, 7, 0],
        &[126 << 1 | 1, 2, 0, 3, 0],
    ];
    assert_eq!(bytes, expected.concat());
}

#[test]
fn everything_comes_back() {
    // Steps of the times around multiples of 127, and long ones.
    let steps = [
        0, 0, 1, 125, 126, 127, 128, 253, 254, 255, 12_700, 16_000_000, 0, 1,
    ];
    let (mut t, mut rows): (i64, Vec<Row>) = (0, Vec::new());
    for i in 0..5_000 {
        t += steps[i % steps.len()];
        let (x, y) = (i as u16 * 13, i as u16 * 7);
        rows.push((t, x.min(65_534), y.min(65_534), i as u8 % 2));
    }
    let events = batch(&rows);
    let size = info(US, 65_535, 65_535);
    for step in [1, 999, 5_000] {
        let back = read_all(write(&size, &events, step).unwrap());
        assert_eq!(back.events, events);
        assert_eq!(back.info.size, size.size);
        assert_eq!(back.losses(), []);
    }
    let nothing = read_all(write(&size, &batch(&[]), 1).unwrap());
    assert!(nothing.events.is_empty() && nothing.losses().is_empty());
}

#[test]
fn other_ticks_become_microseconds() {
    let events = batch(&[(1_000, 1, 2, 0), (5_000, 1, 2, 1)]);
    for (base, times) in [
        (TimeBase::NANOSECONDS, [1, 5]),
        (TimeBase::MILLISECONDS, [1_000_000, 5_000_000]),
    ] {
        let back = read_all(write(&info(base, 10, 8), &events, 2).unwrap());
        assert_eq!(back.events.t, times);
    }
}

fn refused(info: &StreamInfo, rows: &[Row]) -> Error {
    let error = write(info, &batch(rows), 2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.place().file.as_deref(), Some("out.es"));
    error
}

#[test]
fn misfits_have_ways_out() {
    let small = info(US, 10, 8);
    let error = refused(&small, &[(5, 0, 0, 0), (9, 0, 0, 0), (8, 0, 0, 0)]);
    assert_eq!(error.question(), Some(Question::OnUnsorted));
    assert_eq!(error.place().event, Some(2));
    let text = "out.es: event 2: its time, 8 us, is before 9 us, that of the event ahead of it; \
                Event Stream keeps events in the order of their times; \
                set on_unsorted to sort, or write .evz or .parquet";
    assert_eq!(error.to_string(), text);

    let error = refused(&small, &[(-1, 0, 0, 0)]);
    assert_eq!(error.question(), Some(Question::From));

    let nanoseconds = info(TimeBase::NANOSECONDS, 10, 8);
    let error = refused(&nanoseconds, &[(1_000, 0, 0, 0), (2_001, 0, 0, 0)]);
    assert_eq!(error.place().event, Some(1));
    assert!(error.what().contains("2001 ns"), "{error}");
    assert!(!error.ways_out().is_empty());

    // Times that count from 1970.
    let error = refused(&small, &[(1_589_163_147_368_868, 0, 0, 0)]);
    assert!(error.what().contains("a byte for each 127"), "{error}");
    assert!(!error.ways_out().is_empty());

    let error = refused(&small, &[(0, 9, 7, 0), (0, 3, 8, 0)]);
    assert_eq!(error.place().event, Some(1));
    let roi = WayOut::Tell(Question::Roi, vec!["0,0,10,8".to_owned()]);
    assert!(error.ways_out().contains(&roi), "{error}");

    for size in [
        info(US, 65_536, 8),
        info(US, 10, 0),
        StreamInfo {
            size: None,
            ..small
        },
    ] {
        assert_eq!(refused(&size, &[]).question(), Some(Question::Size));
    }
}

#[test]
fn what_it_holds_is_what_is_written() {
    let holds = evz_es::FORMATS[0].holds;
    let most = holds.max_coordinate;
    let rows = [(0, most, most, 1)];
    let side = u32::from(most) + 1;
    let bytes = write(&info(US, side, side), &batch(&rows), 1).unwrap();
    assert_eq!(read_all(bytes).rows(), rows);
    assert_eq!(holds.time_base, Some(US));
    assert!(!holds.unsorted);
}

/// Further columns as a recording of anybody may have them.
fn with_columns(columns: &[(&str, ColumnType)]) -> StreamInfo {
    let columns = columns.iter().map(|(name, t)| ExtraColumn::new(*name, *t));
    info(US, 10, 8).with_columns(columns.collect())
}

const COLOURS: [(&str, ColumnType); 3] = [
    ("r", ColumnType::U8),
    ("g", ColumnType::U8),
    ("b", ColumnType::U8),
];

fn lost(report: &Report) -> Vec<(LossKind, u64, &[String])> {
    let losses = report.losses.iter();
    losses
        .map(|loss| (loss.kind, loss.count, &loss.examples[..]))
        .collect()
}

#[test]
fn bytes_of_the_other_encodings() {
    let events = batch(&[(3, 9, 7, 1)]);
    let crossings = exposure(&[(3 + 63 * 5, 1, 0, false), (3 + 63 * 8 + 62, 2, 4, true)]);
    let us = info(US, 10, 8);
    let (bytes, report) = write_with(Encoding::Atis, &us, &events, 2, crossings).unwrap();
    let expected = [
        b"Event Stream\x02\x00\x00\x02\x0a\x00\x08\x00".as_slice(),
        &[3 << 2 | 2, 9, 0, 0, 0],
        &[0xff, 0xfe, 1, 1, 0, 7, 0],
        &[0xff, 62 << 2 | 3, 2, 0, 3, 0],
    ];
    assert_eq!(bytes, expected.concat());
    assert_eq!(report, Report::default());

    let mut events = batch(&[(253, 9, 7, 1), (254 * 3, 1, 0, 1)]);
    events.extra = [[1u8, 4], [2, 5], [3, 255]]
        .map(|v| Values::from_slice(&v))
        .to_vec();
    let (bytes, report) = write_as(Encoding::Color, &with_columns(&COLOURS), &events, 2).unwrap();
    let expected = [
        b"Event Stream\x02\x00\x00\x04\x0a\x00\x08\x00".as_slice(),
        &[253, 9, 0, 0, 0, 1, 2, 3],
        &[0xff, 0xff, 1, 1, 0, 7, 0, 4, 5, 255],
    ];
    assert_eq!(bytes, expected.concat());
    assert_eq!(report, Report::default());
}

proptest! {
    #[test]
    fn further_columns_come_back(
        rows in prop::collection::vec((0..1_000i64, 0..10u16, 0..8u16, 0..2u8, any::<[u8; 3]>()), 0..300),
        step in 1..100usize,
    ) {
        let mut t = 0;
        let mut events: Vec<Row> = Vec::new();
        for (dt, x, y, p, _) in &rows {
            t += dt;
            events.push((t, *x, *y, *p));
        }
        // Every other one at random is a crossing.
        let is_crossing = |i: usize| rows[i].4[0] % 2 == 1;
        let of = |crossing: bool| (0..rows.len()).filter(move |i| is_crossing(*i) == crossing);
        let changes: Vec<Row> = of(false).map(|i| events[i]).collect();
        let crossings: Vec<_> = of(true)
            .map(|i| (events[i].0, events[i].1, events[i].2, events[i].3 == 1))
            .collect();
        let us = info(US, 10, 8);
        let (bytes, report) =
            write_with(Encoding::Atis, &us, &batch(&changes), step, exposure(&crossings)).unwrap();
        prop_assert_eq!(report, Report::default());
        let back = read_all(bytes);
        prop_assert_eq!(back.rows(), changes);
        let side = crossings.iter().map(|(t, x, y, second)| {
            (*t, vec![*x as u8, 0, *y as u8, 0, u8::from(*second)])
        });
        prop_assert_eq!(back.side, side.collect::<Vec<_>>());

        let mut colour: EventBatch = batch(&events);
        let of = |i: usize| Values::from_slice(&rows.iter().map(|(.., v)| v[i]).collect::<Vec<u8>>());
        colour.extra = vec![of(0), of(1), of(2)];
        let off = colour.p.iter().filter(|p| **p == 0).count() as u64;
        let (bytes, report) = write_as(Encoding::Color, &with_columns(&COLOURS), &colour, step).unwrap();
        prop_assert_eq!(report.losses.iter().map(|loss| loss.count).sum::<u64>(), off);
        colour.p.fill(1);
        prop_assert_eq!(read_all(bytes).events, colour);
    }
}

/// In any order, and among others, which are lost and named.
#[test]
fn columns_are_found_by_their_names_and_others_are_counted() {
    let info = with_columns(&[
        ("b", ColumnType::U8),
        ("label", ColumnType::I64),
        ("seen", ColumnType::Bool),
        ("r", ColumnType::U8),
        ("g", ColumnType::U8),
    ]);
    let mut events = batch(&[(1, 0, 0, 1), (2, 1, 1, 0), (4, 2, 2, 1)]);
    events.extra = vec![
        Values::from_slice(&[1u8, 2, 3]),
        Values::from_slice(&[-1i64, -2, -3]),
        Values::from_slice(&[true, false, true]),
        Values::from_slice(&[4u8, 5, 6]),
        Values::from_slice(&[7u8, 8, 9]),
    ];
    let write = |encoding| write_as(encoding, &info, &events, 2).unwrap();
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();

    let (bytes, report) = write(Encoding::Dvs);
    assert_eq!(
        read_all(bytes).rows(),
        [(1, 0, 0, 1), (2, 1, 1, 0), (4, 2, 2, 1)]
    );
    let others = names(&["b", "label", "seen", "r", "g"]);
    assert_eq!(lost(&report), [(LossKind::Columns, 5, &others[..])]);

    let (bytes, report) = write(Encoding::Color);
    let back = read_all(bytes).events;
    let [b, _, _, r, g] = &events.extra[..] else {
        unreachable!()
    };
    assert_eq!(back.extra, [r.clone(), g.clone(), b.clone()]);
    let others = names(&["label", "seen"]);
    assert_eq!(
        lost(&report),
        [
            (LossKind::Columns, 2, &others[..]),
            (LossKind::Other, 1, &[])
        ]
    );

    let (_, report) = write_as(Encoding::Dvs, &info, &EventBatch::default(), 1).unwrap();
    assert_eq!(report, Report::default());
}

#[test]
fn encodings_without_their_columns_are_refused() {
    let error = write_as(
        Encoding::Color,
        &with_columns(&COLOURS[..2]),
        &batch(&[]),
        1,
    );
    let error = error.unwrap_err().to_string();
    let text = "out.es: color has a column \"b\" of u8, and the events do not; write dvs, which every \
                recording fits";
    assert_eq!(error, text);
    // Events that do not have what was said of them.
    let events = batch(&[(1, 0, 0, 1)]);
    let error = write_as(Encoding::Color, &with_columns(&COLOURS), &events, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    for encoding in Encoding::ALL {
        assert_eq!(encoding.name().parse::<Encoding>().unwrap(), encoding);
    }
    let error = "generic".parse::<Encoding>().unwrap_err();
    assert_eq!(error.question(), Some(Question::Encoding));
    let written = evz_es::FORMATS[0].write_encodings;
    assert_eq!(written, Encoding::ALL.map(Encoding::name));
}
