//! What the clock and the pixels are like, by definitions that look at every event.

use evz::{
    Burst, Event, EventBatch, HotPixel, Metadata, Roi, SensorSize, StreamInfo, Survey, Surveyor,
    TimeBase, WriteOptions,
};
use proptest::prelude::*;

fn info() -> StreamInfo {
    StreamInfo::new(TimeBase::MICROSECONDS)
}

/// Events at these times, at pixels that repeat.
fn events(times: &[i64]) -> EventBatch {
    let event = |(i, t): (usize, &i64)| Event {
        t: *t,
        x: (i * i % 11) as u16,
        y: (i % 3) as u16,
        p: (i % 2) as u8,
    };
    times.iter().enumerate().map(event).collect()
}

/// The survey of events that come in parts of so many.
fn surveyed(info: &StreamInfo, events: &EventBatch, part: usize) -> Survey {
    let mut surveyor = Surveyor::new(info);
    let events = events.as_slice();
    for start in (0..events.len()).step_by(part) {
        surveyor.add(events.slice(start..(start + part).min(events.len())));
    }
    surveyor.finish()
}

fn divides_all(step: u64, differences: &[u64]) -> bool {
    differences.iter().all(|d| d % step == 0)
}

/// Compares a survey of microseconds with what each definition gives.
fn check(times: &[i64], survey: &Survey) {
    let pairs: Vec<(i64, i64)> = times.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let distance = |(a, b): &(i64, i64)| a.abs_diff(*b);
    let differences: Vec<u64> = pairs.iter().map(distance).filter(|d| *d > 0).collect();
    assert_eq!(survey.n_events, times.len() as u64);
    assert!(survey.is_all);
    match survey.step {
        None => assert!(differences.is_empty()),
        Some(step) => {
            assert_eq!(step.differences, differences.len() as u64);
            let others = differences.iter().filter(|d| *d % step.ticks != 0);
            assert_eq!(step.others, others.count() as u64);
            assert!(step.others * 1_000 <= step.differences);
            if step.others == 0 {
                // None that is a multiple of it divides all: it is the greatest.
                let least = *differences.iter().min().unwrap();
                let multiples = (2..).map_while(|n| step.ticks.checked_mul(n));
                let mut larger = multiples.take_while(|step| *step <= least).take(100_000);
                assert!(!larger.any(|step| divides_all(step, &differences)));
            }
        }
    }
    let ties = pairs.iter().filter(|(a, b)| a == b).count();
    assert_eq!(survey.ties, ties as u64);
    let runs: Vec<&[i64]> = times.chunk_by(|a, b| a == b).collect();
    let longest = runs.iter().map(|run| run.len()).max().unwrap_or(0);
    assert_eq!(survey.longest_tie, longest as u64);
    let first = runs.iter().find(|run| run.len() == longest);
    assert_eq!(survey.longest_tie_time, first.map(|run| run[0]));

    let back: Vec<u64> = pairs.iter().filter(|(a, b)| b < a).map(distance).collect();
    assert_eq!(survey.backward, back.len() as u64);
    assert_eq!(
        survey.largest_backward,
        back.iter().copied().max().unwrap_or(0)
    );

    let in_order = times.is_sorted();
    assert_eq!(survey.gaps.is_some(), in_order && times.len() > 1);
    if let Some(gaps) = survey.gaps {
        let longest = pairs.iter().map(distance).max().unwrap();
        assert_eq!(gaps.longest, longest);
        let first = pairs.iter().find(|pair| distance(pair) == longest).unwrap();
        if longest > 0 {
            assert_eq!(gaps.longest_start, first.0);
        }
        let span = u128::from(times[0].abs_diff(times[times.len() - 1]));
        let least = |ms: u128| ms * 1_000 * pairs.len() as u128 >= 100 * span;
        let lengths = (0..30).flat_map(|power| [10, 20, 50].map(|ms| ms * 10u128.pow(power)));
        let least_ms = lengths.clone().find(|ms| least(*ms)).unwrap();
        let long = pairs
            .iter()
            .filter(|pair| u128::from(distance(pair)) >= least_ms * 1_000);
        assert_eq!(gaps.count, long.count() as u64);
        if least_ms < 1 << 50 {
            assert_eq!(gaps.least_nanoseconds, least_ms * 1_000_000);
        }
    }
    let within = |start: i64| {
        times
            .iter()
            .filter(move |t| **t >= start && t.abs_diff(start) < 1_000)
    };
    let mut most: Option<Burst> = None;
    for &start in times {
        let events = within(start).count() as u64;
        if most.is_none_or(|most| events > most.events) {
            most = Some(Burst { events, start });
        }
    }
    assert_eq!(survey.burst, most.filter(|_| in_order));
}

fn times() -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![Just(0), 0..3i64, 0..2_000i64, 0..80_000i64];
    let steps = prop::collection::vec(step, 0..300);
    let clock = prop_oneof![Just(1i64), Just(10), Just(10_000), 1..40i64];
    (steps, any::<bool>(), clock, -5_000..5_000i64).prop_map(|(steps, in_order, clock, start)| {
        let mut t = start;
        let time = |step: i64| {
            t += step * clock;
            if in_order { t } else { start + step * clock }
        };
        steps.into_iter().map(time).collect()
    })
}

proptest! {
    #[test]
    fn it_is_what_each_event_says(times in times(), part in 1..50usize) {
        check(&times, &surveyed(&info(), &events(&times), part));
    }

    #[test]
    fn times_anywhere_do_not_overflow(times in prop::collection::vec(any::<i64>(), 0..40), sort in any::<bool>()) {
        let mut times = times;
        if sort { times.sort_unstable() }
        check(&times, &surveyed(&info(), &events(&times), 7));
    }

    #[test]
    fn pixels_are_counted_and_the_hot_ones_named(
        pixels in prop::collection::vec((0..12u16, 0..12u16), 0..300),
        hot in prop::collection::vec((0..300u16, 0..300u16, 1..400usize), 0..8),
    ) {
        let lit = hot.iter().flat_map(|(x, y, n)| std::iter::repeat_n((*x, *y), *n));
        let pixels: Vec<(u16, u16)> = pixels.iter().copied().chain(lit).collect();
        let event = |(i, (x, y)): (usize, &(u16, u16))| Event { t: i as i64, x: *x, y: *y, p: 1 };
        let events: EventBatch = pixels.iter().enumerate().map(event).collect();
        let size = SensorSize { width: 100, height: 7 };
        let survey = surveyed(&info().with_size(Some(size)), &events, 41);
        let inside = Roi { x: 0, y: 0, width: 100, height: 7 };
        let beyond = pixels.iter().filter(|(x, y)| !inside.contains(*x, *y));
        prop_assert_eq!(survey.outside, Some(beyond.count() as u64));

        let mut counts = std::collections::BTreeMap::new();
        pixels.iter().for_each(|(x, y)| *counts.entry((*y, *x)).or_insert(0u64) += 1);
        let counted: Vec<_> = counts.iter().map(|((y, x), n)| (*x, *y, *n)).collect();
        let found = survey.pixels.as_ref().unwrap();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), counted.clone());
        prop_assert_eq!(found.get(u16::MAX, u16::MAX), 0);

        // More than the mean and five standard deviations of the pixels that have events.
        let n = counted.len() as f64;
        let mean = pixels.len() as f64 / n;
        let variance = counted.iter().map(|(_, _, n)| (*n as f64 - mean).powi(2)).sum::<f64>() / n;
        let most = mean + 5.0 * variance.sqrt();
        let mut hot: Vec<HotPixel> = counted
            .iter()
            .filter(|(_, _, n)| *n as f64 > most)
            .map(|&(x, y, events)| HotPixel { x, y, events })
            .collect();
        let told = survey.hot.unwrap();
        prop_assert_eq!(told.pixels, hot.len() as u64);
        prop_assert_eq!(told.events, hot.iter().map(|hot| hot.events).sum::<u64>());
        hot.sort_by_key(|hot| std::cmp::Reverse(hot.events));
        hot.truncate(5);
        prop_assert_eq!(told.hottest, hot);
    }
}

#[test]
fn no_events_and_one() {
    let none = surveyed(&info(), &EventBatch::default(), 1);
    check(&[], &none);
    assert_eq!(none.outside, None);
    for t in [0, i64::MIN, i64::MAX] {
        check(&[t], &surveyed(&info(), &events(&[t]), 1));
    }
}

#[test]
fn a_step_that_a_few_differences_break_is_told_with_their_number() {
    let mut times: Vec<i64> = (0..20_000).map(|i| i / 3 * 10_000).collect();
    for at in [5, 9_000, 19_999] {
        times[at] += 7;
    }
    let survey = surveyed(&info(), &events(&times), 1_000);
    check(&times, &survey);
    let step = survey.step.unwrap();
    // Each of the three is no step away from the one before and from the one after, but the last.
    assert_eq!((step.ticks, step.others), (10_000, 5));
    // One in a hundred is no clock of 10 ms.
    for at in (0..20_000).step_by(100) {
        times[at] += 7;
    }
    let survey = surveyed(&info(), &events(&times), 1_000);
    assert_eq!(survey.step.unwrap().ticks, 1);
}

#[test]
fn more_different_times_in_a_millisecond_than_are_held_are_not_told() {
    let fine = TimeBase::new(1, 1_000_000_000_000).unwrap();
    let times: Vec<i64> = (0..(1 << 20) + 2).collect();
    let survey = surveyed(&StreamInfo::new(fine), &events(&times), 1 << 18);
    assert_eq!(survey.burst, None);
    assert!(survey.gaps.is_some());
}

#[test]
fn events_that_reach_beyond_all_sensors_are_not_counted() {
    let far: EventBatch = [(1, 1), (u16::MAX, u16::MAX)]
        .map(|(x, y)| Event { t: 3, x, y, p: 0 })
        .into_iter()
        .collect();
    let survey = surveyed(&info(), &far, 1);
    assert!(survey.pixels.is_none() && survey.hot.is_none());
    assert_eq!(survey.ties, 1);
}

#[test]
fn of_very_many_events_a_sample_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.evz");
    // In steps of 10 ms up to the middle, and of 1 ms behind it; ten events at one time each.
    let n = 2_200_000i64;
    let time = |i: i64| match i < n / 2 {
        true => i / 10 * 10_000,
        false => n / 20 * 10_000 + (i - n / 2) / 10 * 1_000,
    };
    let times: Vec<i64> = (0..n).map(time).collect();
    let all = events(&times);
    let mut writer = WriteOptions::new().create(&file, &info()).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    writer.finish(&Metadata::new()).unwrap();
    let reader = evz::ReadOptions::new().open(&file).unwrap();
    let survey = |most| evz::survey(&reader, &info(), most, |_, _| {}).unwrap();

    let sample = survey(2_000_000);
    assert_eq!((sample.n_events, sample.is_all), (16 * 65_536, false));
    // Both ends of it are seen, and no difference between two runs.
    assert_eq!(sample.step.map(|step| step.ticks), Some(1_000));
    assert_eq!(sample.longest_tie, 10);
    assert!(sample.gaps.is_none() && sample.burst.is_none());
    assert!(sample.hot.is_none() && sample.pixels.is_none() && sample.outside.is_none());

    let whole = survey(3_000_000);
    assert_eq!((whole.n_events, whole.is_all), (n as u64, true));
    assert_eq!(whole.ties, n as u64 / 10 * 9);
    // No two times are less than a millisecond apart.
    assert_eq!(
        whole.burst,
        Some(Burst {
            events: 10,
            start: 0
        })
    );
    let pixels = whole.pixels.unwrap();
    assert_eq!(pixels.iter().map(|(_, _, n)| n).sum::<u64>(), n as u64);
}
