//! Times with nine decimals are seconds, however fast the events come.

use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions, TimeBase};
use proptest::prelude::*;

/// Seconds with nine decimals.
fn seconds(ns: i64) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// The time base and the times of a text.
fn read(text: String) -> Result<(TimeBase, Vec<i64>), String> {
    let options = OpenOptions::default();
    let input = Input::from_bytes(text.into_bytes(), "events.txt");
    let mut source = evz_text::open(input, &options).map_err(|e| e.to_string())?;
    let (mut batch, mut times) = (EventBatch::default(), Vec::new());
    while let Next::Events(_) = source.read_events(&mut batch).map_err(|e| e.to_string())? {
        times.extend_from_slice(&batch.t);
    }
    Ok((source.info().time_base, times))
}

fn text(times: &[i64], separator: &str, time_last: bool, write: impl Fn(i64) -> String) -> String {
    let line = |(i, t): (usize, &i64)| {
        let (x, y, p) = ((i * 7) % 240, (i * 5) % 180, i % 2);
        let [x, y, p] = [x, y, p].map(|n| n.to_string());
        match time_last {
            true => [x, y, p, write(*t)].join(separator) + "\n",
            false => [write(*t), x, y, p].join(separator) + "\n",
        }
    };
    times.iter().enumerate().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// From an event in a hundred seconds to 100 million a second, from any first time on.
    #[test]
    fn at_any_rate(
        first in prop_oneof![
            Just(0), 0i64..1_000, 0i64..2_000_000_000, 0i64..100_000_000_000_000,
            1_500_000_000_000_000_000i64..1_700_000_000_000_000_000,
        ],
        step in prop_oneof![1i64..20, 1i64..10_000, 1i64..20_000_000, 1i64..100_000_000_000],
        n in 1usize..400,
        jitter in prop::collection::vec(0i64..1_000, 400),
        separator in prop::sample::select(vec![" ", ",", ";", "\t"]),
        time_last: bool,
    ) {
        let times: Vec<i64> = (0..n as i64).zip(&jitter).map(|(i, j)| first + i * step + j % step).collect();
        let found = read(text(&times, separator, time_last, seconds));
        prop_assert_eq!(found, Ok((TimeBase::NANOSECONDS, times)));
    }
}

#[test]
fn all_numbers_with_nine_decimals_say_nothing() {
    let line = |i: u32| {
        format!(
            "{}.000000000 {}.000000000 {}.000000000 1.000000000\n",
            i * 40,
            i % 9,
            (i * 5) % 7
        )
    };
    let error = read((0..200).map(line).collect()).unwrap_err();
    assert!(error.contains("set time_unit to"), "{error}");
}

#[test]
fn zeros_and_whole_seconds_at_the_start() {
    let ms = |n: i64| (0..n).map(|i| i * 1_000_000_000).collect::<Vec<_>>();
    // Nine zeros behind every point.
    let whole = ms(50);
    for time_last in [false, true] {
        let found = read(text(&whole, ",", time_last, seconds));
        assert_eq!(found, Ok((TimeBase::NANOSECONDS, whole.clone())));
    }
    // And some without a point at all, as who strips zeros writes them.
    let mut times = ms(20);
    times.extend((0..200).map(|i| 20_000_000_000 + i * 123_456_789 + 1));
    let stripped = |ns: i64| match ns % 1_000_000_000 {
        0 => (ns / 1_000_000_000).to_string(),
        _ => seconds(ns).trim_end_matches('0').to_owned(),
    };
    for time_last in [false, true] {
        let found = read(text(&times, " ", time_last, stripped));
        assert_eq!(found, Ok((TimeBase::NANOSECONDS, times.clone())));
    }
}
