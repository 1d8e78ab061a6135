//! Triggers that are written: they come back, and what words cannot say is a loss. faery 0.7.1 (EVT2
//! and EVT3) and evt3 0.4.1 read files written so with the same times, edges and channels.

mod common;

use common::{
    Row, Shared, batch, evt2, evt3, evt4, info, losses, raw, read_all, sink, trigger_rows,
};
use evz_core::{
    EventBatch, EventSink, EventSource, Input, Loss, LossKind, Next, OpenOptions, Report,
    SideColumn, SideRows, SideValues, StreamInfo, TimeBase,
};
use evz_prophesee::Encoding;
use proptest::prelude::*;

const WRITTEN: [Encoding; 3] = [Encoding::Evt2, Encoding::Evt3, Encoding::Evt4];

/// `(t, rising, id)`.
type Trigger = (i64, bool, u8);

/// What a sink is given, in this order.
enum Given<'a> {
    Events(&'a [Row]),
    Triggers(&'a [Trigger]),
}

use Given::{Events, Triggers};

/// The file of what is given, and what was lost.
fn write_to(encoding: Encoding, info: &StreamInfo, given: &[Given<'_>]) -> (Vec<u8>, Report) {
    let out = Shared::default();
    let mut sink = Box::new(sink(&out, encoding, info).unwrap());
    for given in given {
        match given {
            Events(rows) => sink.write_batch(batch(rows).as_slice()).unwrap(),
            Triggers(triggers) => assert!(sink.write_side(trigger_rows(triggers)).unwrap()),
        }
    }
    let report = sink.finish(&Default::default()).unwrap();
    (std::mem::take(&mut *out.0.lock().unwrap()), report)
}

fn write(encoding: Encoding, given: &[Given<'_>]) -> (Vec<u8>, Report) {
    write_to(encoding, &info(1280, 720), given)
}

/// The words of a file, which follow its header.
fn words(file: &[u8]) -> &[u8] {
    let header = file.windows(6).position(|w| w == b"% end\n").unwrap() + 6;
    &file[header..]
}

/// All that a file has, in another encoding, a batch at a time as it is read.
fn copy(file: &[u8], encoding: Encoding) -> Vec<u8> {
    let input = Input::from_bytes(file, "a.raw");
    let mut source = evz_prophesee::open(input, &OpenOptions::new()).unwrap();
    assert_eq!(source.side_streams(), ["triggers"]);
    let out = Shared::default();
    let mut sink = Box::new(sink(&out, encoding, source.info()).unwrap());
    let mut events = EventBatch::default();
    loop {
        match source.read_batch(&mut events).unwrap() {
            Next::Events(_) => sink.write_batch(events.as_slice()).unwrap(),
            Next::Rows(rows) => assert!(sink.write_side(rows).unwrap()),
            Next::End(_) => break,
        }
    }
    assert_eq!(sink.finish(&Default::default()).unwrap(), Report::default());
    std::mem::take(&mut *out.0.lock().unwrap())
}

/// docs.prophesee.ai, "EVT 2.0 Format", EXT_TRIGGER: the low bits of the time in 27..22, the channel
/// in 12..8, the edge in bit 0.
#[test]
fn the_words_of_evt2() {
    let (file, report) = write(
        Encoding::Evt2,
        &[
            Triggers(&[(640, true, 31), (649, false, 5), (700, true, 0)]),
            Events(&[(649, 3, 4, 1), (710, 5, 6, 0)]),
        ],
    );
    assert_eq!(report, Report::default());
    let expected = [
        evt2::time_high(0),
        evt2::time_high(10),
        evt2::trigger(0, 31, 1),
        evt2::trigger(9, 5, 0),
        evt2::event(1, 9, 3, 4),
        evt2::trigger(60, 0, 1),
        evt2::time_high(11),
        evt2::event(0, 6, 5, 6),
    ];
    assert_eq!(words(&file), evt2::bytes(&expected));
}

/// docs.prophesee.ai, "EVT 3.0 Format", EXT_TRIGGER: the channel in 11..8, the edge in bit 0, at the
/// time of the words before it.
#[test]
fn the_words_of_evt3() {
    let (file, report) = write(
        Encoding::Evt3,
        &[
            Triggers(&[(5 << 12, true, 15), (5 << 12 | 7, false, 5)]),
            Events(&[(5 << 12 | 7, 3, 4, 1), (5 << 12 | 9, 5, 4, 0)]),
            Triggers(&[(6 << 12, true, 0)]),
        ],
    );
    assert_eq!(report, Report::default());
    let expected = [
        evt3::time_high(0),
        evt3::time_high(5),
        evt3::time_low(0),
        evt3::trigger(15, 1),
        evt3::time_low(7),
        evt3::trigger(5, 0),
        evt3::row(4),
        evt3::event(1, 3),
        evt3::time_low(9),
        evt3::event(0, 5),
        evt3::time_high(6),
        evt3::time_low(0),
        evt3::trigger(0, 1),
    ];
    assert_eq!(words(&file), evt3::bytes(&expected));
}

/// As in OpenEB's `EVT4EventExtTrigger`: the low bits of the time in 27..22, the channel in 12..8, the
/// edge in bit 0.
#[test]
fn the_words_of_evt4() {
    let (file, report) = write(
        Encoding::Evt4,
        &[
            Triggers(&[(640, true, 31), (649, false, 5), (700, true, 0)]),
            Events(&[(649, 3, 4, 1), (710, 5, 6, 0)]),
        ],
    );
    assert_eq!(report, Report::default());
    let expected = [
        evt4::time_high(0),
        evt4::time_high(10),
        evt4::trigger(0, 31, 0, 1),
        evt4::trigger(9, 5, 0, 0),
        evt4::event(1, 9, 3, 4),
        evt4::trigger(60, 0, 0, 1),
        evt4::time_high(11),
        evt4::event(0, 6, 5, 6),
    ];
    assert_eq!(words(&file), evt4::bytes(&expected));
}

/// Before, between and after the events, and at their times; over the end of the clock.
#[test]
fn triggers_of_a_recording_come_back() {
    let evt2 = [
        evt2::time_high(0xfff_ffff),
        evt2::trigger(60, 1, 1),
        evt2::event(1, 62, 3, 4),
        evt2::trigger(62, 2, 0),
        evt2::time_high(0),
        evt2::trigger(9, 15, 1),
        evt2::event(0, 9, 5, 6),
        evt2::event(0, 12, 5, 6),
        evt2::time_high(3_000_000),
        evt2::trigger(0, 0, 1),
    ];
    let evt3 = [
        evt3::time_high(4095),
        evt3::time_low(4000),
        evt3::trigger(1, 1),
        evt3::row(4),
        evt3::event(1, 3),
        evt3::vector_base(1, 64),
        evt3::vector_12(0xfff),
        evt3::trigger(2, 0),
        evt3::vector_12(0x0ff),
        evt3::vector_8(0x81),
        evt3::time_high(0),
        evt3::trigger(15, 1),
        evt3::event(0, 5),
        evt3::time_low(9),
        evt3::event(0, 5),
        evt3::time_high(300),
        evt3::trigger(0, 1),
    ];
    let evt4 = [
        evt4::time_high(0xfff_ffff),
        evt4::trigger(60, 1, 0, 1),
        evt4::event(1, 62, 3, 4),
        evt4::trigger(62, 2, 99, 0),
        evt4::time_high(0),
        evt4::vector(0, 9, 32, 5),
        0xe000_0001,
        evt4::trigger(9, 15, 0, 1),
        evt4::event(0, 12, 5, 6),
        evt4::time_high(3_000_000),
        evt4::trigger(0, 0, 0, 1),
    ];
    for file in [
        raw("EVT2", &evt2::bytes(&evt2)),
        raw("EVT3", &evt3::bytes(&evt3)),
        raw("EVT4", &evt4::bytes(&evt4)),
    ] {
        let recording = read_all(&file);
        assert_eq!(recording.triggers().len(), 4);
        for encoding in WRITTEN {
            let back = read_all(&copy(&file, encoding));
            assert_eq!(back.triggers(), recording.triggers(), "{encoding}");
            assert_eq!(back.rows(), recording.rows(), "{encoding}");
            assert_eq!(back.losses(), []);
        }
    }
}

#[test]
fn triggers_without_events_come_back() {
    let triggers = [
        (1_589_163_147_368_868, true, 1),
        (1_589_163_147_368_868, false, 1),
        (1_589_163_157_368_868, true, 0),
    ];
    for encoding in WRITTEN {
        let (file, report) = write(encoding, &[Triggers(&triggers)]);
        assert_eq!(report, Report::default());
        let recording = read_all(&file);
        assert_eq!(recording.triggers(), triggers, "{encoding}");
        assert!(recording.events.is_empty());
    }
}

fn lost(kind: LossKind, what: &str, example: &str) -> Loss {
    Loss::new(kind, what, 1).with_examples([example])
}

#[test]
fn what_words_cannot_say_is_a_loss() {
    let last_ids = [
        (Encoding::Evt2, 31),
        (Encoding::Evt3, 15),
        (Encoding::Evt4, 31),
    ];
    for (encoding, last) in last_ids {
        let triggers = [
            (-1, true, 0),
            (5, true, last),
            (6, true, last + 1),
            (7, true, 3),
        ];
        let (file, report) = write(encoding, &[Triggers(&triggers), Events(&[(6, 1, 2, 1)])]);
        let recording = read_all(&file);
        assert_eq!(recording.triggers(), [(5, true, last), (7, true, 3)]);
        assert_eq!(recording.rows(), [(6, 1, 2, 1)]);
        let (id, side) = (last + 1, LossKind::SideStreams);
        assert_eq!(
            report.losses,
            [
                lost(side, "triggers before time 0", "at -1 us on channel 0"),
                lost(
                    side,
                    &format!("triggers of channels beyond {last}"),
                    &format!("at 6 us on channel {id}")
                ),
            ]
        );
    }
    let ns = StreamInfo {
        time_base: TimeBase::NANOSECONDS,
        ..info(640, 480)
    };
    let triggers = [(7_000, true, 1), (7_001, true, 1)];
    let (file, report) = write_to(Encoding::Evt3, &ns, &[Triggers(&triggers)]);
    assert_eq!(read_all(&file).triggers(), [(7, true, 1)]);
    assert_eq!(
        losses(&report),
        [("triggers whose time is no whole number of microseconds", 1)]
    );
}

/// A clock that steps back by a TIME_HIGH is one that starts again to many readers.
#[test]
fn what_comes_too_late_is_a_loss_and_never_moves_the_clock_back() {
    for (encoding, high) in [
        (Encoding::Evt2, 64),
        (Encoding::Evt3, 4096),
        (Encoding::Evt4, 64),
    ] {
        let given = [
            Events(&[(high + 10, 1, 2, 1), (2 * high + 10, 3, 4, 1)]),
            // Within the last TIME_HIGH the clock need not step back; before it, it would.
            Triggers(&[(2 * high + 5, true, 1), (high + 20, true, 2)]),
            Events(&[(2 * high + 8, 5, 6, 0)]),
        ];
        let (file, report) = write(encoding, &given);
        let recording = read_all(&file);
        assert_eq!(recording.triggers(), [(2 * high + 5, true, 1)]);
        assert_eq!(recording.events.t, [high + 10, 2 * high + 10, 2 * high + 8]);
        let what = "triggers that came after events of later times";
        assert_eq!(losses(&report), [(what, 1)]);
    }
}

/// An event that fits is not refused for a trigger long before it.
#[test]
fn triggers_too_far_from_the_events_are_a_loss() {
    let hour = 3_600_000_000;
    let epoch = 1_589_163_147_368_868;
    let given = [
        Triggers(&[(hour, true, 1), (epoch - hour, true, 2)]),
        Events(&[(epoch, 1, 2, 1)]),
        Triggers(&[(epoch + hour, true, 3), (epoch + 30 * hour, true, 4)]),
    ];
    let (file, report) = write(Encoding::Evt3, &given);
    let recording = read_all(&file);
    assert_eq!(recording.rows(), [(epoch, 1, 2, 1)]);
    assert_eq!(
        recording.triggers(),
        [(epoch - hour, true, 2), (epoch + hour, true, 3)]
    );
    assert_eq!(
        losses(&report),
        [
            ("triggers too long before the events", 1),
            ("triggers too long after the events", 1)
        ]
    );
    assert!(file.len() < 20_000);
}

#[test]
fn other_rows_have_no_place() {
    let rows = || trigger_rows(&[(5, true, 1)]);
    let named = |stream: &str| SideRows {
        stream: stream.to_owned(),
        ..rows()
    };
    let mut without_edge = rows();
    without_edge.columns.remove(0);
    let mut with_more = rows();
    let more = SideColumn::new("source", SideValues::U8(vec![1]));
    with_more.columns.push(more);
    let mut cut = rows();
    cut.t.push(6);
    for encoding in [WRITTEN.to_vec(), vec![Encoding::Dat2]].concat() {
        let out = Shared::default();
        let mut sink = Box::new(sink(&out, encoding, &info(640, 480)).unwrap());
        for rows in [
            named("imu"),
            without_edge.clone(),
            with_more.clone(),
            cut.clone(),
        ] {
            assert!(!sink.write_side(rows).unwrap());
        }
        let takes_triggers = sink.write_side(rows()).unwrap();
        assert_eq!(takes_triggers, !encoding.is_dat());
        let report = sink.finish(&Default::default()).unwrap();
        assert_eq!(report, Report::default());
    }
}

fn steps() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0i64), 4 => 0..100i64, 1 => 0..10_000i64, 1 => 0..1i64 << 31]
}

proptest! {
    /// Triggers among the events, given with any batch before the events pass them.
    #[test]
    fn triggers_in_time_come_back(
        what in prop::collection::vec((steps(), any::<bool>(), 0..16u8, any::<bool>()), 0..200),
        first in prop_oneof![Just(0i64), 0..1i64 << 36, 0..1i64 << 55],
        size in 1..50usize,
        encoding in prop::sample::select(WRITTEN.to_vec()),
    ) {
        let mut t = first;
        let (mut given, mut rows, mut triggers) = (Vec::new(), Vec::new(), Vec::new());
        for part in what.chunks(size) {
            let (n_rows, n_triggers) = (rows.len(), triggers.len());
            for &(step, is_trigger, id, rising) in part {
                t += step;
                match is_trigger {
                    true => triggers.push((t, rising, id)),
                    false => rows.push((t, id.into(), 7, u8::from(rising))),
                }
            }
            given.push((n_rows..rows.len(), n_triggers..triggers.len()));
        }
        let given: Vec<Given<'_>> = given
            .into_iter()
            .flat_map(|(r, t)| [Triggers(&triggers[t]), Events(&rows[r])])
            .collect();
        let (file, report) = write(encoding, &given);
        prop_assert_eq!(report, Report::default());
        let recording = read_all(&file);
        prop_assert_eq!(recording.rows(), rows);
        prop_assert_eq!(recording.triggers(), triggers);
    }
}
