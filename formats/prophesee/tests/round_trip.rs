//! Whatever is written comes back.

mod common;

use common::{Row, batch, info, read_all, write_in_steps};
use evz_prophesee::Encoding;
use proptest::prelude::*;

/// Events in order, with steps from none to turns of the clock, in bursts along a row or anywhere.
fn rows(pixels: u16) -> impl Strategy<Value = Vec<Row>> {
    let step = prop_oneof![
        4 => Just(0i64),
        4 => 0..100i64,
        1 => 0..10_000i64,
        1 => 0..1i64 << 31,
    ];
    let burst = prop_oneof![Just(1u16), 1..40u16];
    let event = (step, 0..pixels, 0..pixels, 0..2u8, burst, 1..4u16);
    let first = prop_oneof![Just(0i64), 0..1i64 << 36, 0..1i64 << 55];
    (first, prop::collection::vec(event, 0..200)).prop_map(move |(mut t, events)| {
        let mut rows = Vec::new();
        for (step, x, y, p, burst, stride) in events {
            t += step;
            let columns = (0..burst).map(|i| x.saturating_add(i * stride));
            rows.extend(columns.filter(|&x| x < pixels).map(|x| (t, x, y, p)));
        }
        rows
    })
}

fn check(rows: &[Row], encoding: Encoding, width: u32, step: usize) {
    let (bytes, result) = write_in_steps(&batch(rows), encoding, &info(width, 720), step);
    result.unwrap();
    let recording = read_all(&bytes);
    assert_eq!(recording.rows(), rows);
    assert_eq!(recording.losses(), []);
}

proptest! {
    #[test]
    fn evt2(rows in rows(2048), step in 1..500usize) {
        check(&rows, Encoding::Evt2, 1280, step);
    }

    #[test]
    fn evt3(rows in rows(2048), width in 1..3000u32, step in 1..500usize) {
        check(&rows, Encoding::Evt3, width, step);
    }

    #[test]
    fn evt4(rows in rows(2048), width in 1..3000u32, step in 1..500usize) {
        check(&rows, Encoding::Evt4, width, step);
    }

    #[test]
    fn dat2(rows in rows(16384), step in 1..500usize) {
        check(&rows, Encoding::Dat2, 1280, step);
    }
}
