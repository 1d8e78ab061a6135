//! EVT4, by files built word by word from the layout in OpenEB, and by real scenes put into such words.
//! No recording of it is at hand. evutils 0.3.18, the only public reader but the maker's, gives the same
//! events of the recordings that are written in it, and what it writes is read.

mod common;

use common::evt4::{PADDING, bytes, decode, event, time_high, trigger, vector};
use common::{Recording, Row, batch, info, raw, read_all, read_with, write};
use evz_core::OpenOptions;
use evz_prophesee::Encoding;
use proptest::prelude::*;

const NO_TIME: &str = "events before the words that say their time and pixel";

fn read(words: &[u32]) -> Recording {
    read_all(&raw("EVT4", &bytes(words)))
}

#[test]
fn events_and_vectors_share_time_and_row() {
    let recording = read(&[
        time_high(10),
        event(1, 9, 3, 4),
        event(0, 10, 2047, 719),
        vector(1, 11, 32, 5),
        0x8000_0005,
        vector(0, 63, 7, 6),
        0,
        vector(0, 12, 7, 6),
        1 << 30,
        time_high(11),
        event(1, 0, 3, 4),
    ]);
    assert_eq!(
        recording.rows(),
        [
            (649, 3, 4, 1),
            (650, 2047, 719, 0),
            (651, 32, 5, 1),
            (651, 34, 5, 1),
            (651, 63, 5, 1),
            (652, 37, 6, 0),
            (704, 3, 4, 1),
        ]
    );
    assert_eq!(recording.losses(), []);
}

/// The second word of a vector is one whatever it looks like.
#[test]
fn a_mask_is_no_word_of_its_own() {
    for mask in [
        time_high(0x123_4567),
        vector(1, 5, 6, 7),
        event(0, 1, 2, 3),
        trigger(1, 2, 3, 1),
        PADDING,
        0x6000_0014,
        0,
    ] {
        let words = [time_high(10), vector(1, 9, 64, 4), mask, event(0, 10, 1, 2)];
        let recording = read(&words);
        let expected = decode(&bytes(&words));
        assert_eq!(recording.rows(), expected.0, "{mask:#x}");
        assert_eq!(recording.events.len() as u32, mask.count_ones() + 1);
        assert!(recording.triggers().is_empty() && recording.notes().is_empty());
    }
}

#[test]
fn headers_of_every_kind_say_that_it_is_evt4() {
    let words = bytes(&[time_high(10), event(1, 9, 3, 4)]);
    for header in [
        "% format EVT4;height=720;width=1280\n% end\n",
        "% evt 4.0\n% geometry 1280x720\n% end\n",
        "% evt 4.0\n% format EVT4;width=1280;height=720\n% geometry 1280x720\n",
    ] {
        let recording = read_all(&[header.as_bytes(), &words].concat());
        assert_eq!(recording.rows(), [(649, 3, 4, 1)], "{header}");
        let said = |key: &str| recording.info.metadata[key].as_text();
        assert_eq!(said("source.encoding"), Some("evt4"));
        assert_eq!(recording.info.size.unwrap().to_string(), "1280x720");
    }
    let told = OpenOptions::new().with_encoding(Encoding::Evt4);
    assert_eq!(
        read_with(&words, &told).unwrap().rows(),
        [(649, 3, 4, 1)],
        "without a header"
    );
}

/// OpenEB counts a fall by half of the clock as its end, as with EVT2's.
#[test]
fn the_clock_is_carried_over_2_to_the_34() {
    let recording = read(&[
        time_high(0xfff_ffff),
        event(1, 63, 3, 4),
        time_high(0),
        vector(0, 0, 5, 6),
        1,
        time_high(0xfff_fffe),
        event(1, 1, 9, 4),
        time_high(1),
        event(1, 2, 7, 8),
        time_high(0x800_0000),
        event(1, 2, 7, 8),
        time_high(0),
        event(1, 2, 7, 8),
    ]);
    let t = 1 << 34;
    assert_eq!(
        recording.events.t,
        [t - 1, t, t - 127, t + 66, t + (t >> 1) + 2, 2 * t + 2]
    );
    assert_eq!(recording.wraps(), Some((3, 34)));
}

#[test]
fn nothing_before_the_first_time_high_has_a_time() {
    let recording = read(&[
        event(1, 9, 3, 4),
        trigger(3, 1, 0, 1),
        // Its second word is no TIME_HIGH.
        vector(1, 9, 64, 4),
        time_high(7),
        PADDING,
        time_high(50_000_000),
        event(1, 11, 7, 8),
    ]);
    assert_eq!(recording.rows(), [(3_200_000_011, 7, 8, 1)]);
    assert_eq!(recording.losses(), [(NO_TIME, 8)]);
}

#[test]
fn triggers_are_a_side_stream_on_the_clock_of_the_events() {
    let recording = read(&[
        time_high(0xfff_ffff),
        event(1, 9, 3, 4),
        trigger(10, 5, 127, 1),
        time_high(0),
        trigger(12, 31, 0, 0),
        event(0, 12, 5, 6),
    ]);
    let t = 1 << 34;
    assert_eq!(
        recording.triggers(),
        [(t - 54, true, 5), (t + 12, false, 31)]
    );
}

#[test]
fn words_of_other_kinds_are_counted_and_passed_over() {
    let recording = read(&[
        time_high(10),
        event(1, 9, 3, 4),
        0x6000_0014,
        0x7000_007b,
        PADDING,
        PADDING,
        0x0000_0000,
        0x8000_0063,
        0xf000_0000,
        event(0, 12, 5, 6),
    ]);
    assert_eq!(recording.rows(), [(649, 3, 4, 1), (652, 5, 6, 0)]);
    assert_eq!(
        recording.losses(),
        [("words of a kind that is not read", 3)]
    );
    assert_eq!(
        recording.notes(),
        [
            "left out: 2 words with counters of the sensor (OTHERS and CONTINUED)",
            "left out: 2 words that only fill up (PADDING)"
        ]
    );
}

#[test]
fn a_vector_that_is_cut_is_a_loss() {
    let words = bytes(&[time_high(10), event(1, 9, 3, 4), vector(1, 9, 64, 4)]);
    for more in 0..4 {
        let file = raw("EVT4", &[&words[..], &[0xff; 3][..more]].concat());
        let recording = read_all(&file);
        assert_eq!(recording.rows(), [(649, 3, 4, 1)]);
        let what = "bytes of a last word that is cut off";
        assert_eq!(recording.losses(), [(what, 4 + more as u64)]);
        let at = format!("a.raw: byte {}", file.len() - 4 - more);
        assert_eq!(recording.report.losses[0].examples, [at]);
    }
}

#[test]
fn no_event_lies_beyond_the_last_column() {
    let words = [time_high(10), vector(1, 9, 2030, 4), 0xf000_0001 | 3 << 17];
    let recording = read(&words);
    assert_eq!(recording.rows(), [(649, 2030, 4, 1), (649, 2047, 4, 1)]);
    assert_eq!(recording.losses(), [("events beyond column 2047", 5)]);
}

/// The words of a file that is written, which follow its header.
fn words_of(rows: &[Row], width: u32) -> Vec<u8> {
    let file = write(&batch(rows), Encoding::Evt4, &info(width, 720)).unwrap();
    assert_eq!(read_all(&file).rows(), rows);
    let header = file.windows(6).position(|w| w == b"% end\n").unwrap() + 6;
    file[header..].to_vec()
}

#[test]
fn the_words_that_are_written() {
    let row_of = |columns: &[u16]| -> Vec<Row> {
        let row = |&x| (5, x, 4, 1);
        columns.iter().map(row).collect()
    };
    let single = |x| event(1, 5, x, 4);
    for (columns, words) in [
        (&[7][..], vec![single(7)]),
        // As many words either way.
        (&[7, 8], vec![single(7), single(8)]),
        (&[7, 8, 38], vec![vector(1, 5, 7, 4), 0x8000_0003]),
        (&[7, 8, 39], vec![single(7), single(8), single(39)]),
        // From right to left, and one pixel twice: the order is kept.
        (&[9, 8, 7], vec![single(9), single(8), single(7)]),
        (&[7, 8, 8], vec![single(7), single(8), single(8)]),
        // The longest vector that begins with the first event would leave two more behind it.
        (
            &[0, 20, 21, 22, 50, 51],
            vec![single(0), vector(1, 5, 20, 4), 0xc000_0007],
        ),
        // No vector reaches beyond the sensor; events beyond it are single.
        (&[97, 98, 99], vec![vector(1, 5, 68, 4), 0xe000_0000]),
        (
            &[100, 101, 102],
            vec![single(100), single(101), single(102)],
        ),
    ] {
        let expected = [&[time_high(0)][..], &words].concat();
        let written = words_of(&row_of(columns), 100);
        assert_eq!(written, bytes(&expected), "{columns:?}");
    }
    let rows = [
        (64, 1, 4, 1),
        (64, 2, 4, 0),
        (65, 3, 4, 0),
        (65, 4, 5, 0),
        (127, 5, 5, 0),
        (128, 6, 5, 0),
    ];
    let expected = [
        time_high(0),
        time_high(1),
        event(1, 0, 1, 4),
        event(0, 0, 2, 4),
        event(0, 1, 3, 4),
        event(0, 1, 4, 5),
        event(0, 63, 5, 5),
        time_high(2),
        event(0, 0, 6, 5),
    ];
    assert_eq!(words_of(&rows, 1280), bytes(&expected));
}

/// The fewest words for events in these columns: every way is tried.
fn fewest(columns: &[u16], width: u16) -> usize {
    let Some((&x, rest)) = columns.split_first() else {
        return 0;
    };
    let single = 1 + fewest(rest, width);
    let bases = (x.saturating_sub(31)..=x).filter(|base| base + 32 <= width);
    let most = bases.map(|base| columns.iter().take_while(|&&x| x - base < 32).count());
    let vectors = 1..=most.max().unwrap_or(0);
    let vectors = vectors.map(|n| 2 + fewest(&columns[n..], width));
    vectors.chain([single]).min().unwrap()
}

proptest! {
    #[test]
    fn no_other_words_are_fewer(
        columns in prop::collection::btree_set(0..90u16, 0..7),
        width in 20..100u16,
    ) {
        let columns: Vec<u16> = columns.into_iter().collect();
        let rows: Vec<Row> = columns.iter().map(|&x| (5, x, 4, 1)).collect();
        let words = words_of(&rows, width.into()).len() / 4;
        prop_assert_eq!(words, fewest(&columns, width) + usize::from(!rows.is_empty()));
    }

    /// Any words at all, against the decoder that is written from the layout.
    #[test]
    fn words_in_any_order_are_what_the_layout_says(
        words in prop::collection::vec(
            prop_oneof![
                (0..2u32, 0..64u32, 0..2016u32, 0..720u32)
                    .prop_map(|(p, low, x, y)| event(p, low, x, y)),
                (0..2u32, 0..64u32, 0..2016u32, 0..720u32)
                    .prop_map(|(p, low, x, y)| vector(p, low, x, y)),
                (0..64u32, 0..32u32, 0..128u32, 0..2u32)
                    .prop_map(|(low, id, n, up)| trigger(low, id, n, up)),
                // No clock that starts again.
                (0..1u32 << 26).prop_map(time_high),
                Just(PADDING),
                // The sensor's counters and reserved kinds.
                0..9u32 << 28,
            ],
            0..500,
        ),
    ) {
        let file = raw("EVT4", &bytes(&words));
        let Ok(recording) = read_with(&file, &OpenOptions::new()) else {
            unreachable!("its header says all")
        };
        let (rows, triggers) = decode(&bytes(&words));
        prop_assert_eq!(recording.rows(), rows);
        prop_assert_eq!(recording.triggers(), triggers);
    }
}
