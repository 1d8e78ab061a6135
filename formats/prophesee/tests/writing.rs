//! What is written: the words, the header, and what is refused.

mod common;

use common::evt3::{bytes, event, row, time_high, time_low, vector_8, vector_12, vector_base};
use common::{Row, batch, info, read_all, sink, write, write_in_steps};
use evz_core::{
    Error, ErrorKind, EventSink, EventSlice, Question, SensorSize, StreamInfo, TimeBase, Value,
};
use evz_prophesee::Encoding;

const WRITTEN: [Encoding; 4] = [
    Encoding::Evt2,
    Encoding::Evt3,
    Encoding::Evt4,
    Encoding::Dat2,
];

/// The text of the error for a last event that does not fit; nothing of its batch is written, which
/// is read back.
fn refusal(rows: &[Row], encoding: Encoding, info: &StreamInfo) -> Error {
    let (bytes, result) = write_in_steps(&batch(rows), encoding, info, 1);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    if rows.len() > 1 {
        assert_eq!(read_all(&bytes).events.len(), rows.len() - 1);
    } else {
        assert!(bytes.is_empty());
    }
    error
}

#[test]
fn the_words_of_evt3() {
    let rows = [
        (5 << 12 | 7, 3, 4, 1),
        (5 << 12 | 7, 9, 4, 0),
        (5 << 12 | 8, 9, 4, 0),
        (6 << 12, 9, 5, 0),
    ];
    let file = write(&batch(&rows), Encoding::Evt3, &info(1280, 720)).unwrap();
    let header = b"% evt 3.0\n% format EVT3;height=720;width=1280\n% geometry 1280x720\n% end\n";
    let words = [
        time_high(0),
        time_high(5),
        time_low(7),
        row(4),
        event(1, 3),
        event(0, 9),
        time_low(8),
        event(0, 9),
        time_high(6),
        time_low(0),
        row(5),
        event(0, 9),
    ];
    assert_eq!(file, [&header[..], &bytes(&words)].concat());
}

/// The maker's reader takes a VECT_12 for the first of VECT_12, VECT_12, VECT_8, passes over a VECT_8
/// alone, and leaves out a vector that reaches beyond the sensor.
#[test]
fn vectors_are_of_32_pixels_on_the_sensor() {
    let row_of = |columns: &[u16]| {
        let rows: Vec<Row> = columns.iter().map(|&x| (0, x, 0, 1)).collect();
        let file = write(&batch(&rows), Encoding::Evt3, &info(100, 100)).unwrap();
        assert_eq!(read_all(&file).rows(), rows);
        let start = file.len() - file.len() % 2;
        let header = file.windows(6).position(|w| w == b"% end\n").unwrap() + 6;
        assert!(start >= header);
        file[header..].to_vec()
    };
    let begun = [time_high(0), time_low(0), row(0)];
    let vector = |base, mask: u32| {
        let [a, b, c] = [mask & 0xfff, mask >> 12 & 0xfff, mask >> 24].map(|m| m as u16);
        let base = vector_base(1, base);
        bytes(&[&begun[..], &[base, vector_12(a), vector_12(b), vector_8(c)]].concat())
    };
    assert_eq!(row_of(&[10, 11, 12, 13, 41]), vector(10, 0x8000_000f));
    assert_eq!(row_of(&[95, 96, 97, 98, 99]), vector(68, 0xf800_0000));
    // Four events take four words either way; so do five of which two are in the other order, and of
    // a column that the sensor does not have there is no vector.
    let single = |columns: &[u16]| {
        let events: Vec<u16> = columns.iter().map(|&x| event(1, x)).collect();
        bytes(&[&begun[..], &events].concat())
    };
    for columns in [
        &[1, 2, 3, 4][..],
        &[1, 2, 3, 3, 4],
        &[100, 101, 102, 103, 104],
    ] {
        assert_eq!(row_of(columns), single(columns));
    }
}

/// Some readers tell that the clock has started again only where it falls from its last value to 0.
#[test]
fn every_turn_of_the_clock_is_shown() {
    let rows = [
        ((1 << 24) + 5, 1, 1, 1),
        ((2 << 24) - 1, 1, 1, 1),
        (2 << 24, 1, 1, 1),
    ];
    let file = write(&batch(&rows), Encoding::Evt3, &info(1280, 720)).unwrap();
    assert_eq!(read_all(&file).rows(), rows);
    let header = file.windows(6).position(|w| w == b"% end\n").unwrap() + 6;
    let (words, _) = file[header..].as_chunks::<2>();
    let words = words.iter().map(|&w| u16::from_le_bytes(w));
    let high: Vec<u16> = words.filter(|w| w >> 12 == 8).map(|w| w & 0xfff).collect();
    let turn = [1024, 2048, 3072, 4095, 0];
    assert_eq!(high, [&[0], &turn[..], &turn[..]].concat());
}

#[test]
fn times_of_any_size_come_back() {
    for encoding in WRITTEN {
        for first in [
            0,
            1 << 24,
            913_716_224,
            1 << 34,
            5 << 34,
            1_589_163_147_368_868,
            1 << 60,
            (1 << 62) - 10_000_000,
        ] {
            let rows = [
                (first, 1, 2, 1),
                (first, 3, 4, 0),
                (first + 10_000_000, 5, 6, 1),
            ];
            let file = write(&batch(&rows), encoding, &info(640, 480)).unwrap();
            assert_eq!(read_all(&file).rows(), rows, "{encoding} {first}");
        }
    }
}

/// What would not come back is refused.
#[test]
fn times_at_the_end_of_time_come_back_or_are_refused() {
    for encoding in WRITTEN {
        for first in [
            1 << 62,
            (1 << 62) + (1 << 40),
            5_000_000_000_000_000_000,
            i64::MAX,
        ] {
            let rows = [(first, 1, 2, 1)];
            match write(&batch(&rows), encoding, &info(640, 480)) {
                Ok(file) => assert_eq!(read_all(&file).rows(), rows, "{encoding} {first}"),
                Err(error) => assert!(error.what().contains("is later than"), "{error}"),
            }
        }
        refusal(&[(i64::MAX, 1, 2, 1)], encoding, &info(640, 480));
    }
}

/// Kept small: neither a gap nor a late start takes more than some kilobytes of words without events.
#[test]
fn gaps_are_shown_or_refused() {
    let hour = 3_600_000_000;
    for (encoding, gap, fits) in [
        (Encoding::Evt2, 1000 * hour, true),
        (Encoding::Evt2, i64::MAX, false),
        (Encoding::Evt4, 1000 * hour, true),
        (Encoding::Evt4, i64::MAX, false),
        (Encoding::Evt3, 4 * hour, true),
        (Encoding::Evt3, 5 * hour, false),
        (Encoding::Dat2, hour, true),
        (Encoding::Dat2, 2 * hour, false),
    ] {
        let rows = [(0, 1, 2, 1), (gap, 3, 4, 0)];
        if fits {
            let file = write(&batch(&rows), encoding, &info(640, 480)).unwrap();
            assert_eq!(read_all(&file).rows(), rows, "{encoding} {gap}");
            assert!(file.len() < 20_000);
        } else {
            let error = refusal(&rows, encoding, &info(640, 480));
            let expected = format!(
                "out: event 1: its time, {gap} us, is further after the event ahead of it than \
                 {encoding} can say; write .evz"
            );
            assert_eq!(error.to_string(), expected);
        }
    }
}

#[test]
fn times_that_run_backwards_are_refused() {
    for (encoding, before, after) in [
        (Encoding::Evt2, 640, 639),
        (Encoding::Evt4, 640, 639),
        (Encoding::Evt3, 8192, 8191),
        (Encoding::Dat2, 100, 99),
    ] {
        let rows = [(before, 1, 1, 1), (after, 1, 1, 1)];
        let error = refusal(&rows, encoding, &info(640, 480));
        assert_eq!(error.question(), Some(Question::OnUnsorted));
        assert_eq!(
            error.to_string(),
            format!(
                "out: event 1: its time, {after} us, is further before the event ahead of it than \
                 {encoding} can say; set on_unsorted to sort"
            )
        );
    }
    // As sensors write it: TIME_HIGH stays.
    for (encoding, before, after) in [
        (Encoding::Evt2, 703, 640),
        (Encoding::Evt4, 703, 640),
        (Encoding::Evt3, 12287, 8192),
    ] {
        let rows = [(before, 1, 1, 1), (after, 1, 1, 1)];
        let file = write(&batch(&rows), encoding, &info(640, 480)).unwrap();
        assert_eq!(read_all(&file).rows(), rows);
    }
}

#[test]
fn what_words_cannot_say_is_refused() {
    for encoding in WRITTEN {
        assert_eq!(
            refusal(&[(-1, 1, 1, 1)], encoding, &info(640, 480)).to_string(),
            "out: event 0: its time, -1 us, is before 0; set from to @0"
        );
        let last = if encoding == Encoding::Dat2 {
            16383
        } else {
            2047
        };
        let rows = [(0, last, last, 1), (0, last, last + 1, 1)];
        let (x, y, n) = (last, last + 1, last + 1);
        assert_eq!(
            refusal(&rows, encoding, &info(640, 480)).to_string(),
            format!(
                "out: event 1: its pixel {x},{y} lies beyond {last},{last}, the last that {encoding} \
                 can say; set roi to 0,0,{n},{n}"
            )
        );
        let ns = StreamInfo {
            time_base: TimeBase::NANOSECONDS,
            ..info(640, 480)
        };
        let file = write(&batch(&[(7_000, 1, 1, 1)]), encoding, &ns).unwrap();
        assert_eq!(read_all(&file).events.t, [7]);
        assert_eq!(
            refusal(&[(7_001, 1, 1, 1)], encoding, &ns).to_string(),
            "out: event 0: its time, 7001 ns, is no whole number of microseconds, and RAW and DAT \
             keep no finer times; set round to us, or write .evz or .parquet, which do"
        );
        let seconds = StreamInfo {
            time_base: TimeBase::SECONDS,
            ..info(640, 480)
        };
        let error = refusal(&[(i64::MAX, 1, 1, 1)], encoding, &seconds);
        assert!(error.what().contains("is later than"), "{error}");
    }
}

#[test]
fn what_is_no_batch_is_refused() {
    let refused = |events: EventSlice<'_>| {
        let sink = sink(&Default::default(), Encoding::Evt3, &info(640, 480));
        sink.unwrap().write_batch(events).unwrap_err().to_string()
    };
    let events = batch(&[(0, 1, 1, 2)]);
    assert!(refused(events.as_slice()).starts_with("a polarity of 2"));
    let no_polarity = EventSlice {
        p: &[],
        ..events.as_slice()
    };
    assert!(refused(no_polarity).starts_with("columns of 1, 1, 1 and 0"));
}

#[test]
fn raw_needs_a_size_and_dat_does_not() {
    let unknown = StreamInfo {
        size: None,
        ..info(1, 1)
    };
    let rows = [(5, 1, 2, 1)];
    for encoding in [Encoding::Evt2, Encoding::Evt3, Encoding::Evt4] {
        assert_eq!(
            write(&batch(&rows), encoding, &unknown)
                .unwrap_err()
                .to_string(),
            "out: RAW says the size of the sensor, which is not known; set size"
        );
    }
    let file = write(&batch(&rows), Encoding::Dat2, &unknown).unwrap();
    assert_eq!(read_all(&file).info.size, None);
    assert_eq!(read_all(&file).rows(), rows);
    for encoding in [Encoding::Evt21, Encoding::Dat1] {
        let error = write(&batch(&rows), encoding, &info(1, 1)).unwrap_err();
        assert!(error.to_string().contains("is read and not written"));
    }
}

#[test]
fn no_events_are_a_header() {
    for encoding in WRITTEN {
        let file = write(&batch(&[]), encoding, &info(640, 480)).unwrap();
        let recording = read_all(&file);
        assert!(recording.events.is_empty());
        let size = SensorSize {
            width: 640,
            height: 480,
        };
        assert_eq!(recording.info.size, Some(size));
    }
}

#[test]
fn the_header_of_the_source_is_kept_but_for_what_says_how_it_was_written() {
    let header = b"% Date 2020-09-25 07:48:31\n% owner Ren\xe9\n% evt 2.1\n% geometry 5x5\n\
                   % format EVT21;endianness=legacy\n% endianness legacy\n% serial_number 00000157\n\
                   % t0 55\n% end\n";
    let mut from_raw = info(1280, 720);
    let mut say = |key: &str, value| from_raw.metadata.insert(key.to_owned(), value);
    say("source.format", Value::from("raw"));
    say("source.header", Value::Bytes(header.to_vec()));
    let lines = |encoding| write(&batch(&[]), encoding, &from_raw).unwrap();
    let expected = b"% Date 2020-09-25 07:48:31\n% owner Ren\xe9\n% serial_number 00000157\n\
                     % evt 2.0\n% format EVT2;height=720;width=1280\n% geometry 1280x720\n% end\n";
    assert_eq!(lines(Encoding::Evt2), expected);
    // Keys of the other family would say something else there.
    let expected =
        b"% Data file containing CD events.\n% Version 2\n% Height 720\n% Width 1280\n\x0c\x08";
    assert_eq!(lines(Encoding::Dat2), expected);
}
