//! What looks as if it had been written in another way is said, with the encoding that fits; one that
//! makes no sense of the words is never named.

mod common;

use common::{
    Recording, Row, batch, dat1, evt2, evt3, evt21, info, raw, read_with, refused, write,
};
use evz_core::OpenOptions;
use evz_prophesee::{Encoding, WordOrder};

const SEEMS: &str = "as if it were read in another way than it was written";

/// A scene that moves over the sensor.
fn scene() -> Vec<Row> {
    let event = |i: i64| {
        let (x, y) = (i * 7 % 640, i / 9 % 480);
        (1_000 + i * 11, x as u16, y as u16, (i / 3 % 2) as u8)
    };
    (0..6_000).map(event).collect()
}

fn told(encoding: Encoding) -> OpenOptions {
    OpenOptions::new().with_encoding(encoding)
}

/// The words of a file that is written, without its header.
fn words(encoding: Encoding) -> Vec<u8> {
    let file = write(&batch(&scene()), encoding, &info(640, 480)).unwrap();
    let end = b"% end\n";
    let header = file.windows(end.len()).position(|w| w == end);
    file[header.map_or(0, |at| at + end.len())..].to_vec()
}

/// Words of EVT2.1 of the scene.
fn words_of_evt21(order: WordOrder) -> Vec<u8> {
    let (mut words, mut high) = (Vec::new(), None);
    for (t, x, y, p) in scene() {
        if high != Some(t >> 6) {
            high = Some(t >> 6);
            words.push(evt21::time_high((t >> 6) as u64));
        }
        let (low, base) = ((t & 63) as u64, u64::from(x & !31));
        words.push(evt21::events(p.into(), low, base, y.into(), 1 << (x & 31)));
    }
    evt21::bytes(&words, order)
}

/// The doubts, with what they say to do.
fn doubts(recording: &Recording) -> Vec<String> {
    let notes = recording.notes().into_iter();
    notes.filter(|note| note.contains(SEEMS)).collect()
}

#[test]
fn words_read_as_those_of_another_encoding_are_said_with_the_one_that_fits() {
    let files = [
        (Encoding::Evt2, words(Encoding::Evt2)),
        (Encoding::Evt3, words(Encoding::Evt3)),
        (Encoding::Evt4, words(Encoding::Evt4)),
        (Encoding::Evt21, words_of_evt21(WordOrder::Little)),
        (Encoding::Evt21, words_of_evt21(WordOrder::Legacy)),
    ];
    for (written, words) in &files {
        let way_out = format!("set encoding to {}", written.name());
        // Without a header, only what fits is named.
        let error = refused(words, &OpenOptions::new());
        assert!(error.to_string().ends_with(&way_out), "{written}: {error}");
        for read_as in [Encoding::Evt2, Encoding::Evt3, Encoding::Evt4] {
            let recording = read_with(words, &told(read_as)).unwrap();
            let doubts = doubts(&recording);
            if read_as == *written {
                assert!(doubts.is_empty() && recording.rows() == scene());
                continue;
            }
            match &recording.error {
                Some(error) => assert!(error.ends_with(&way_out), "{error}"),
                None => {
                    assert!(!doubts.is_empty(), "{written} as {read_as}");
                    assert!(
                        doubts.iter().all(|doubt| doubt.ends_with(&way_out)),
                        "{written} as {read_as}: {doubts:?}"
                    );
                }
            }
        }
    }
}

/// Any bytes at all are events of DAT 1.
#[test]
fn dat_1_is_never_proposed() {
    let noise: Vec<u8> = (0..40_000u32)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes())
        .collect();
    let old: Vec<u8> = (0..5_000)
        .flat_map(|i| dat1(i, i % 304, i / 31 % 240, i % 2))
        .collect();
    for file in [noise, old] {
        let error = refused(&file, &OpenOptions::new()).to_string();
        assert!(!error.contains("dat1"), "{error}");
        for encoding in [
            Encoding::Evt2,
            Encoding::Evt3,
            Encoding::Evt4,
            Encoding::Dat2,
        ] {
            let recording = read_with(&file, &told(encoding)).unwrap();
            // In version 2 nothing is wrong with those of version 1.
            let is_odd = !doubts(&recording).is_empty() || recording.error.is_some();
            assert!(is_odd || (encoding, file.len()) == (Encoding::Dat2, 40_000));
            let said = [recording.notes(), recording.error.into_iter().collect()].concat();
            assert!(said.iter().all(|line| !line.contains("dat1")), "{said:?}");
        }
    }
}

#[test]
fn events_in_one_row_are_said() {
    let words = |y: u32| {
        let events = (0..200).map(move |i| evt2::event(i % 2, i % 64, i * 5 % 1280, y));
        [vec![evt2::time_high(10)], events.collect()].concat()
    };
    let read = |words: &[u32]| read_with(&raw("EVT2", &evt2::bytes(words)), &OpenOptions::new());
    let recording = read(&words(7)).unwrap();
    let expected = format!("all 200 events lie in row 7 of a sensor of 1280x720, {SEEMS}");
    assert_eq!(doubts(&recording), [expected]);
    let two_rows = [words(7), words(8)].concat();
    assert!(doubts(&read(&two_rows).unwrap()).is_empty());
    // Few are no wonder.
    assert!(doubts(&read(&words(7)[..60]).unwrap()).is_empty());
}

/// The sensor's own counters may be most of what it sends, while nothing moves.
#[test]
fn a_sensor_that_sees_nothing_is_no_wonder() {
    let words: Vec<u16> = (0..4_000u16)
        .flat_map(|i| {
            [
                evt3::time_high(i / 4 % 4096),
                0xe014,
                0x7123,
                evt3::time_low(i),
            ]
        })
        .chain([evt3::row(1), evt3::event(1, 1)])
        .collect();
    let recording = read_with(&raw("EVT3", &evt3::bytes(&words)), &OpenOptions::new()).unwrap();
    assert_eq!((recording.events.len(), doubts(&recording).len()), (1, 0));
    // So may be what EVT2 has of the IMU, which is not read.
    let words: Vec<u32> = (0..1_000)
        .flat_map(|i| [vec![evt2::time_high(i)], vec![0xd000_0000; 6]].concat())
        .chain([evt2::event(1, 1, 1, 1)])
        .collect();
    let recording = read_with(&raw("EVT2", &evt2::bytes(&words)), &OpenOptions::new()).unwrap();
    assert_eq!(recording.losses()[0].1, 6_000);
    assert!(doubts(&recording).is_empty());
}
