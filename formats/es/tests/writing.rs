//! What is written reads back, and what does not fit is refused with a way out.

mod common;

use common::{Row, batch, info, read_all, write};
use evz_core::{Error, ErrorKind, Question, StreamInfo, TimeBase, WayOut};

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
