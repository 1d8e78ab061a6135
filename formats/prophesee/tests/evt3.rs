//! EVT3, by files built word by word: what each public reader gets wrong was seen with faery 0.7.1,
//! expelliarmus 1.1.12, evt3 0.4.1, evlib 0.13.2 and eventcv 1.0.8.

mod common;

use common::evt3::{
    bytes, event, row, time_high, time_low, trigger, vector_8, vector_12, vector_base,
};
use common::{raw, read_all, read_with};
use evz_core::OpenOptions;

const NOT_PLACED: &str = "events before the words that say their time and pixel";

fn read(words: &[u16]) -> common::Recording {
    read_all(&raw("EVT3", &bytes(words)))
}

/// expelliarmus adds 4 ms after the wrap; faery, where a file begins in the last 8 ms of a turn, is
/// 17 s early.
#[test]
fn the_clock_is_carried_over_2_to_the_24() {
    let recording = read(&[
        time_high(4095),
        time_low(4095),
        row(4),
        event(1, 3),
        time_high(0),
        time_low(0),
        event(0, 5),
        time_high(1),
        time_low(7),
        event(1, 9),
    ]);
    let t = 1 << 24;
    assert_eq!(
        recording.rows(),
        [(t - 1, 3, 4, 1), (t, 5, 4, 0), (t + 4103, 9, 4, 1)]
    );
    assert_eq!(
        recording.notes(),
        ["the clock of 24 bits started again 1 time and was carried on"]
    );
}

/// expelliarmus and evlib keep the low bits of the time before.
#[test]
fn time_high_resets_time_low() {
    let recording = read(&[
        time_high(5),
        time_low(4000),
        row(4),
        event(1, 3),
        time_high(6),
        event(0, 5),
        time_low(1),
        event(1, 9),
    ]);
    assert_eq!(recording.events.t, [24480, 24576, 24577]);
}

/// The sensor repeats TIME_HIGH, which then says nothing new.
#[test]
fn a_repeated_time_high_resets_nothing() {
    let recording = read(&[
        time_high(5),
        time_low(4000),
        row(4),
        time_high(5),
        event(1, 3),
    ]);
    assert_eq!(recording.events.t, [24480]);
}

/// expelliarmus adds 4 ms to all that follows, faery gives them the time of the one before, evlib
/// another order.
#[test]
fn time_low_may_step_back() {
    let recording = read(&[
        time_high(2861),
        time_low(811),
        row(4),
        event(1, 3),
        time_low(800),
        event(0, 5),
        time_low(812),
        event(1, 9),
    ]);
    assert_eq!(recording.events.t, [11_719_467, 11_719_456, 11_719_468]);
    assert_eq!(recording.notes(), ["times run backwards once, in event 1"]);
}

/// expelliarmus takes it for a wrap, faery passes over it, evlib gives another order.
#[test]
fn a_small_step_back_of_time_high_is_no_wrap() {
    let recording = read(&[
        time_high(100),
        time_low(5),
        row(4),
        event(1, 3),
        time_high(99),
        time_low(7),
        event(0, 5),
        time_high(101),
        time_low(9),
        event(1, 9),
    ]);
    assert_eq!(recording.events.t, [409_605, 405_511, 413_705]);
    assert_eq!(recording.wraps(), None);
}

/// evt3, expelliarmus, evlib and eventcv are then 17 s late for good.
#[test]
fn a_step_back_over_the_wrap_is_taken_back() {
    let recording = read(&[
        time_high(4095),
        time_low(1),
        row(4),
        event(1, 3),
        time_high(0),
        time_low(1),
        event(0, 4),
        time_high(4095),
        time_low(2),
        event(0, 5),
        time_high(0),
        time_low(3),
        event(1, 6),
    ]);
    let t = 1 << 24;
    assert_eq!(recording.events.t, [t - 4095, t + 1, t - 4094, t + 3]);
}

/// faery, expelliarmus and evlib give such events times below 4 ms.
#[test]
fn nothing_before_the_first_time_high_has_a_time() {
    let recording = read(&[
        time_low(3),
        row(9),
        event(1, 3),
        vector_base(0, 40),
        vector_12(0b101),
        trigger(2, 1),
        time_high(50),
        event(0, 5),
        vector_8(0b1),
    ]);
    // What the words before said of row and column is said.
    assert_eq!(recording.rows(), [(204_800, 5, 9, 0), (204_800, 52, 9, 0)]);
    assert_eq!(recording.losses(), [(NOT_PLACED, 4)]);
    assert!(recording.triggers().is_empty());
}

#[test]
fn the_clock_runs_before_the_first_row() {
    let recording = read(&[time_high(4000), time_high(1), row(2), event(1, 4)]);
    assert_eq!(recording.events.t, [(1 << 24) + 4096]);
    assert_eq!(recording.wraps(), Some((1, 24)));
}

#[test]
fn nothing_before_the_first_row_or_vector_has_a_pixel() {
    let recording = read(&[
        time_high(1),
        trigger(7, 1),
        event(1, 3),
        row(2),
        vector_8(0b11),
        event(1, 4),
    ]);
    assert_eq!(recording.rows(), [(4096, 4, 2, 1)]);
    assert_eq!(recording.losses(), [(NOT_PLACED, 3)]);
    assert_eq!(recording.triggers(), [(4096, true, 7)]);
}

/// expelliarmus gives the last event the polarity of the single one before it, faery its column.
#[test]
fn vectors_follow_one_another_from_their_base() {
    let recording = read(&[
        time_high(5),
        time_low(1),
        row(4),
        vector_base(1, 96),
        vector_12(0x801),
        vector_12(0x002),
        vector_8(0x81),
        event(0, 7),
        vector_8(0x01),
    ]);
    let columns = [96, 107, 109, 120, 127, 7, 128];
    assert_eq!(recording.events.x, columns);
    assert_eq!(recording.events.p, [1, 1, 1, 1, 1, 0, 1]);
}

/// Bit 11 of a row says which camera of a pair it is of.
#[test]
fn rows_of_two_cameras_in_one_stream_are_said() {
    const SLAVE: u16 = 1 << 11;
    let said = |master: u32, slave: u32| {
        format!(
            "rows of a master and of a slave camera stand in one stream, whose events are read as those of one \
             camera: {master} of the master, {slave} of the slave"
        )
    };
    let start = [time_high(0), time_low(0)];
    let two = [row(4), event(1, 3), row(4 | SLAVE), event(1, 5)];
    let recording = read(&[&start[..], &two].concat());
    assert_eq!(recording.rows(), [(0, 3, 4, 1), (0, 5, 4, 1)]);
    assert_eq!(recording.notes(), [said(1, 1)]);
    for bit in [0, SLAVE] {
        let one = [
            row(4 | bit),
            event(1, 3),
            row(5 | bit),
            vector_base(1, 7),
            vector_8(1),
        ];
        let recording = read(&[&start[..], &one].concat());
        assert_eq!(recording.rows(), [(0, 3, 4, 1), (0, 7, 5, 1)]);
        assert!(recording.notes().is_empty(), "{bit}");
    }
    // In blocks as in whole, also where each has one of them alone.
    let rows = |bit, n| [row(4 | bit), event(1, 3), event(0, 9), time_low(1)].repeat(n);
    let words = [&start[..], &rows(0, 30_000), &rows(SLAVE, 20_000)].concat();
    for options in [OpenOptions::new(), OpenOptions::new().with_small_parts()] {
        let recording = read_with(&raw("EVT3", &bytes(&words)), &options).unwrap();
        assert_eq!(recording.events.len(), 100_000);
        let notes = recording.notes();
        assert!(notes.contains(&said(30_000, 20_000)), "{notes:?}");
    }
}

/// There are 11 bits of them.
#[test]
fn vectors_do_not_reach_beyond_the_last_column() {
    let recording = read(&[
        time_high(5),
        row(4),
        vector_base(1, 2040),
        vector_12(0xfff),
        vector_8(0xff),
        event(1, 1),
    ]);
    let mut columns: Vec<u16> = (2040..2048).collect();
    columns.push(1);
    assert_eq!(recording.events.x, columns);
    assert_eq!(recording.losses(), [("events beyond column 2047", 12)]);
}

/// expelliarmus stops with an error; faery, evlib and eventcv drop them.
#[test]
fn triggers_are_a_side_stream_on_the_clock_of_the_events() {
    let recording = read(&[
        time_high(4095),
        time_low(4095),
        row(4),
        event(1, 3),
        trigger(3, 1),
        time_high(0),
        trigger(15, 0),
        time_low(2),
        trigger(0, 1),
        event(1, 3),
    ]);
    let t = 1 << 24;
    assert_eq!(
        recording.triggers(),
        [(t - 1, true, 3), (t, false, 15), (t + 2, true, 0)]
    );
    assert_eq!(recording.events.t, [t - 1, t + 2]);
}

/// expelliarmus stops with an error.
#[test]
fn words_of_other_kinds_are_counted_and_passed_over() {
    let recording = read(&[
        time_high(5),
        time_low(1),
        0x1004,
        row(4),
        event(1, 3),
        0xb123,
        0xe014,
        0xf123,
        0x7001,
        0x9002,
        event(0, 5),
    ]);
    assert_eq!(recording.rows(), [(20481, 3, 4, 1), (20481, 5, 4, 0)]);
    assert_eq!(
        recording.losses(),
        [("words of a kind that is not read", 3)]
    );
    let at = raw("EVT3", &[]).len() + 4;
    let place = format!("a.raw: byte {at}");
    assert_eq!(recording.report.losses[0].examples, [place]);
    assert!(recording.notes()[0].starts_with("left out: 3 words with counters"));
}

/// faery stops with an error, eventcv drops them without a word.
#[test]
fn events_beyond_the_sensor_are_kept_and_counted() {
    let recording = read(&[
        time_high(5),
        row(720),
        event(1, 3),
        row(5),
        event(1, 1280),
        event(0, 5),
    ]);
    assert_eq!(recording.events.y, [720, 5, 5]);
    assert_eq!(
        recording.notes(),
        ["2 events lie beyond the sensor of 1280x720: x reaches 1280, y reaches 720"]
    );
}

/// What comes after a gap of 12 s is not taken for a step back of 5 s.
#[test]
fn a_leap_forwards_is_no_step_back() {
    let recording = read(&[
        time_high(0),
        time_low(1),
        row(4),
        event(1, 3),
        time_high(3000),
        time_low(5),
        event(0, 5),
    ]);
    assert_eq!(recording.events.t, [1, 12_288_005]);
}
