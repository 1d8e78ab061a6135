//! EVT2.1 in both orders of its words. Of the public readers, faery has none, eventcv gives wrong
//! events in either order without a word, and evlib in the legacy one even where the header states it.

mod common;

use common::evt21::{bytes, events, time_high, trigger};
use common::{raw, read_all, read_with, refused};
use evz_core::{ErrorKind, OpenOptions, Question};
use evz_prophesee::WordOrder;

const ORDERS: [WordOrder; 2] = [WordOrder::Little, WordOrder::Legacy];

/// Words of a scene: single events and groups, as a sensor sends them.
fn scene() -> Vec<u64> {
    let mut words = vec![];
    for i in 0..200u64 {
        words.push(time_high(1_000 + i));
        let x = i * 7 % 40 * 32;
        words.push(events(i % 2, i % 64, x, i * 3 % 720, 1 << (i * 5 % 32)));
        words.push(events(1 - i % 2, i % 64, x, i * 5 % 720, 0x8000_0411));
    }
    words
}

#[test]
fn a_word_has_the_events_of_32_neighbours() {
    for order in ORDERS {
        let words = [
            time_high(10),
            events(1, 9, 32, 4, 0x8000_0001),
            trigger(10, 5, 1),
            time_high(11),
            events(0, 2, 64, 5, 2),
            events(1, 3, 2016, 6, 0xf000_0000),
        ];
        let format = format!("EVT21;endianness={order}");
        let recording = read_all(&raw(&format, &bytes(&words, order)));
        assert_eq!(
            recording.rows(),
            [
                (649, 32, 4, 1),
                (649, 63, 4, 1),
                (706, 65, 5, 0),
                (707, 2044, 6, 1),
                (707, 2045, 6, 1),
                (707, 2046, 6, 1),
                (707, 2047, 6, 1),
            ]
        );
        assert_eq!(recording.triggers(), [(650, true, 5)]);
        assert!(recording.report.inferred.is_empty());
    }
}

/// evutils reads the order from this line, but not from `format`.
#[test]
fn the_order_may_have_a_line_of_its_own() {
    for order in ORDERS {
        let header = format!("% evt 2.1\n% geometry 1280x720\n% endianness {order}\n% end\n");
        let mut file = header.into_bytes();
        file.extend(bytes(&scene(), order));
        let recording = read_all(&file);
        assert_eq!(recording.events.len(), 1000);
        assert!(recording.losses().is_empty());
        let stated = recording.info.metadata["source.word_order"].as_text();
        assert_eq!(stated, Some(order.name()));
    }
}

#[test]
fn the_words_themselves_tell_the_order() {
    let expected = read_all(&raw(
        "EVT21;endianness=little",
        &bytes(&scene(), WordOrder::Little),
    ));
    for order in ORDERS {
        let recording = read_all(&raw("EVT21", &bytes(&scene(), order)));
        assert_eq!(recording.rows(), expected.rows());
        let said = format!("word order {order}: only so its words are events");
        assert_eq!(recording.report.inferred, [said]);
    }
}

#[test]
fn a_header_that_the_words_contradict_is_not_believed() {
    for order in ORDERS {
        let other = ORDERS[usize::from(order == WordOrder::Little)];
        let file = raw(
            &format!("EVT21;endianness={other}"),
            &bytes(&scene(), order),
        );
        let error = refused(&file, &OpenOptions::new());
        assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
        assert_eq!(error.question(), Some(Question::WordOrder));
        let way_out = format!("set word_order to {order} or {other}");
        assert!(error.to_string().ends_with(&way_out), "{error}");
        // Told twice, it is.
        let told = OpenOptions::new().with_word_order(order);
        assert_eq!(read_with(&file, &told).unwrap().events.len(), 1000);
    }
}

/// No event, and a single event: both orders make something of it.
#[test]
fn words_that_fit_both_orders_are_not_guessed() {
    for words in [&[][..], &[time_high(0)]] {
        let file = raw("EVT21", &bytes(words, WordOrder::Little));
        let error = refused(&file, &OpenOptions::new());
        assert_eq!(
            error.to_string(),
            "a.raw: its header states no word order, and its words do not tell it; set \
             word_order to little or legacy"
        );
    }
    // Cameras before a certain number all send one order.
    let mut file = b"% evt 2.1\n% system_ID 49\n% integrator_name Prophesee\n".to_vec();
    file.extend(bytes(&[time_high(0)], WordOrder::Legacy));
    let recording = read_all(&file);
    assert!(
        recording
            .report
            .inferred
            .contains(&"word order legacy: cameras of its system_ID send it".to_owned())
    );
}

#[test]
fn the_clock_is_carried_over_2_to_the_34() {
    for order in ORDERS {
        let words = [
            events(1, 9, 32, 4, 0b111),
            time_high(0xfff_ffff),
            events(1, 63, 32, 4, 1),
            time_high(0),
            events(0, 0, 32, 4, 1),
            time_high(0xfff_ffff),
            events(0, 1, 32, 4, 1),
            time_high(2),
            events(0, 2, 32, 4, 1),
        ];
        let file = raw(&format!("EVT21;endianness={order}"), &bytes(&words, order));
        let recording = read_all(&file);
        let t = 1 << 34;
        assert_eq!(recording.events.t, [t - 1, t, t - 63, t + 130]);
        assert_eq!(
            recording.losses(),
            [("events before the words that say their time and pixel", 3)]
        );
    }
}

#[test]
fn what_is_no_event_is_counted() {
    let words = [
        time_high(10),
        events(1, 9, 2047, 4, 0b11),
        0x7 << 60,
        0xe << 60 | 0x14 << 32,
    ];
    let file = raw("EVT21;endianness=little", &bytes(&words, WordOrder::Little));
    let recording = read_all(&file);
    // There is no column 2048.
    assert_eq!(recording.rows(), [(649, 2047, 4, 1)]);
    assert_eq!(
        recording.losses(),
        [
            ("events beyond column 2047", 1),
            ("words of a kind that is not read", 1)
        ]
    );
    assert!(recording.notes()[0].starts_with("left out: 1 word with counters"));
}
