//! Which events each frame holds.

mod common;

use std::ops::Range;

use common::{Recording, plain, same};
use evz_core::{Event, Polarity, Roi, Selection};
use evz_render::{CountWindows, Frame, RenderOptions, Representation, TimeWindows, Windows};
use proptest::prelude::*;

/// The frames of time windows: `(length, stride, parts of a tick)`, from the definition.
fn timed(recording: &Recording, cut: (i128, i128, i128), selection: &Selection) -> Vec<Frame> {
    timed_from(recording, cut, 0, selection)
}

/// The same of trailing windows, which end where the turn of the next one starts.
fn trailing(recording: &Recording, cut: (i128, i128, i128), selection: &Selection) -> Vec<Frame> {
    let (length, stride, _) = cut;
    timed_from(recording, cut, stride - length, selection)
}

fn timed_from(
    recording: &Recording,
    (length, stride, per_tick): (i128, i128, i128),
    moved: i128,
    selection: &Selection,
) -> Vec<Frame> {
    let numbers = Selection {
        events: selection.events.clone(),
        ..Selection::default()
    };
    let t: Vec<i64> = recording.selected(&numbers).iter().map(|e| e.t).collect();
    let (Some(first), Some(last)) = (t.iter().min(), t.iter().max()) else {
        return Vec::new();
    };
    let time = selection.time.clone().unwrap_or(i64::MIN..i64::MAX);
    let start = if time.start == i64::MIN {
        *first
    } else {
        time.start
    };
    let end = time.end.min(last + 1);
    let events = recording.selected(selection);
    let mut frames = Vec::new();
    for k in 0.. {
        let tick = |parts: i128| (i128::from(start) + parts.div_euclid(per_tick)) as i64;
        if tick(k * stride) >= end {
            break;
        }
        let start = k * stride + moved;
        let window = tick(start)..tick(start + length);
        frames.push(in_window(&events, window));
    }
    frames
}

fn in_window(events: &[Event], window: Range<i64>) -> Frame {
    let inside = events.iter().filter(|e| window.contains(&e.t)).copied();
    plain(&inside.collect::<Vec<_>>(), window, Representation::Binary)
}

fn counted(
    recording: &Recording,
    length: usize,
    stride: usize,
    selection: &Selection,
) -> Vec<Frame> {
    let events = recording.selected(selection);
    let window = |start| {
        let events = &events[start..events.len().min(start + length)];
        let t = events.iter().map(|e| e.t);
        let window = t.clone().min().unwrap()..t.max().unwrap() + 1;
        plain(events, window, Representation::Binary)
    };
    (0..events.len()).step_by(stride).map(window).collect()
}

fn options(windows: Windows, selection: &Selection) -> RenderOptions {
    RenderOptions::new(windows, Representation::Binary).with_selection(selection.clone())
}

fn by_time((length, stride, per_tick): (i128, i128, i128)) -> Windows {
    Windows::Time(TimeWindows::new(length, stride, per_tick).unwrap())
}

fn by_count(length: u64, stride: u64) -> Windows {
    Windows::Count(CountWindows::new(length, stride).unwrap())
}

fn selections() -> impl Strategy<Value = Selection> {
    let time = prop_oneof![
        Just(None),
        (-50i64..400, 0i64..400).prop_map(|(a, n)| Some(a..a + n)),
        (-50i64..400).prop_map(|b| Some(i64::MIN..b)),
    ];
    let events = proptest::option::of((0u64..600, 0u64..600).prop_map(|(a, n)| a..a + n));
    let roi = proptest::option::of((0u16..20, 0u16..10, 1u32..20, 1u32..10)).prop_map(|roi| {
        roi.map(|(x, y, width, height)| Roi {
            x,
            y,
            width,
            height,
        })
    });
    let polarity = proptest::option::of(prop_oneof![Just(Polarity::On), Just(Polarity::Off)]);
    (time, events, roi, polarity).prop_map(|(time, events, roi, polarity)| Selection {
        time,
        events,
        roi,
        polarity,
        ..Selection::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn windows_of_time_hold_what_lies_in_them(
        n in 0usize..600,
        sorted: bool,
        seed: u64,
        length in 1i128..3_000,
        stride in 1i128..3_000,
        per_tick in 1i128..40,
        selection in selections(),
    ) {
        let cut = (length.max(per_tick), stride, per_tick);
        // A finer stride gives thousands of frames of a few hundred events.
        let cut = (cut.0, cut.1.max(per_tick / 2), cut.2);
        let recording = if sorted { Recording::in_order(n, seed) } else { Recording::unordered(n, seed) };
        let expected = timed(&recording, cut, &selection);
        same(&recording.by_index(options(by_time(cut), &selection)).unwrap(), &expected);
        if sorted {
            same(&recording.by_source(options(by_time(cut), &selection)).unwrap(), &expected);
        }
        let windows = TimeWindows::new(cut.0, cut.1, cut.2).unwrap().trailing();
        let expected = trailing(&recording, cut, &selection);
        let windows = || options(Windows::Time(windows), &selection);
        same(&recording.by_index(windows()).unwrap(), &expected);
        if sorted {
            same(&recording.by_source(windows()).unwrap(), &expected);
        }
    }

    #[test]
    fn windows_by_count_hold_so_many_selected_events(
        n in 0usize..600,
        sorted: bool,
        seed: u64,
        length in 1usize..800,
        stride in 1usize..800,
        selection in selections(),
    ) {
        let recording = if sorted { Recording::in_order(n, seed) } else { Recording::unordered(n, seed) };
        let expected = counted(&recording, length, stride, &selection);
        let windows = by_count(length as u64, stride as u64);
        same(&recording.by_index(options(windows.clone(), &selection)).unwrap(), &expected);
        same(&recording.by_source(options(windows, &selection)).unwrap(), &expected);
    }

    #[test]
    fn windows_never_drift(
        first in -(1i64 << 60)..1 << 60,
        k in 0u64..1 << 50,
        length in 1i128..1 << 62,
        stride in 1i128..1 << 62,
        per_tick in 1i128..1 << 62,
    ) {
        prop_assume!(length >= per_tick);
        let windows = TimeWindows::new(length, stride, per_tick).unwrap();
        let start = i128::from(k) * stride / per_tick;
        prop_assume!(start < 1 << 61);
        let window = windows.at(first, k);
        prop_assert_eq!(i128::from(window.start), i128::from(first) + start);
        // The number of windows before a tick is that of those that start before it.
        let n = windows.before(first, window.start);
        prop_assert!(n <= k && windows.at(first, n).start >= window.start);
        prop_assert!(n == 0 || windows.at(first, n - 1).start < window.start);
    }
}

#[test]
fn thirty_frames_a_second_of_microseconds_stay_in_step_for_a_year() {
    let windows = TimeWindows::new(1_000_000, 1_000_000, 30).unwrap();
    let year = 365 * 24 * 3_600i64;
    assert_eq!(windows.at(7, 1), 33_340..66_673);
    assert_eq!(windows.at(7, 30 * year as u64).start, year * 1_000_000 + 7);
    assert_eq!(windows.before(7, year * 1_000_000 + 7), 30 * year as u64);
    for k in 0..1_000 {
        assert_eq!(windows.at(7, k).end, windows.at(7, k + 1).start);
    }
}

#[test]
fn few_events_and_none() {
    let none = Recording::new(Vec::new(), Some((20, 10)));
    let event = Event {
        t: 5,
        x: 1,
        y: 2,
        p: 1,
    };
    let one = Recording::new(vec![event], Some((20, 10)));
    let nothing = Selection::default().with_events(3..3);
    let instant = Selection::default().with_time(5..5);
    for windows in [
        by_count(4, 4),
        by_count(1, 9),
        by_time((10, 10, 1)),
        by_time((10, 1, 1)),
    ] {
        let frames = |recording: &Recording, selection: &Selection| {
            let frames = recording
                .by_index(options(windows.clone(), selection))
                .unwrap();
            same(
                &recording
                    .by_source(options(windows.clone(), selection))
                    .unwrap(),
                &frames,
            );
            frames.len()
        };
        let all = Selection::default();
        assert_eq!((frames(&none, &all), frames(&one, &all)), (0, 1));
        assert_eq!((frames(&one, &nothing), frames(&one, &instant)), (0, 0));
    }
}

/// A window that ends at the largest time has no end, as a selection; so every event is in a window.
#[test]
fn events_at_the_largest_time_are_in_a_window() {
    const MAX: i64 = i64::MAX;
    let selection = Selection::default();
    let check = |recording: &Recording, windows: Windows| {
        let frames = recording
            .by_index(options(windows.clone(), &selection))
            .unwrap();
        let streamed = recording.by_source(options(windows, &selection)).unwrap();
        same(&streamed, &frames);
        for frame in &frames {
            let events = recording.events.iter();
            let inside = events.filter(|e| evz_core::window_holds(&frame.window, e.t));
            assert_eq!(frame.n_events, inside.count() as u64, "{:?}", frame.window);
        }
        frames.iter().map(|frame| frame.n_events).sum::<u64>()
    };
    for before in [vec![0; 3], vec![12, 5, 1, 0, 0], vec![90, 0]] {
        // Of more events than a source gives at a time, most at the largest time.
        let times = before.iter().copied().chain([0; 100]).map(|t| MAX - t);
        let events = times.map(|t| Event {
            t,
            x: 1,
            y: 2,
            p: 1,
        });
        let recording = Recording::new(events.collect(), Some((20, 10)));
        let all = recording.events.len() as u64;
        for length in [1, 5, 10, 1_000] {
            let windows = by_time((length, length, 1));
            assert_eq!(check(&recording, windows), all, "{before:?}, {length}");
        }
        let last = before.iter().filter(|t| **t == 0).count() as u64 + 100;
        // With gaps a window may begin there.
        if before[0] > 0 {
            let first_and_last = by_time((1, i128::from(before[0]), 1));
            assert_eq!(check(&recording, first_and_last), 1 + last, "{before:?}");
        }
        let list = vec![MAX - 100..MAX - 50, MAX - 50..MAX - 10, MAX - 10..MAX];
        check(&recording, Windows::List(list));
        assert_eq!(check(&recording, Windows::from(MAX - 100..MAX)), all);
        assert_eq!(check(&recording, Windows::from(MAX..MAX)), last);
    }
}

#[test]
fn one_window_is_one_frame_wherever_it_lies() {
    for recording in [Recording::in_order(500, 9), Recording::unordered(500, 9)] {
        for window in [0..50, -1_000..-900, 900..1_000, -1_000..1_000, 20..20] {
            let selection = Selection::default();
            let expected = [in_window(&recording.events, window.clone())];
            let one = || options(Windows::from(window.clone()), &selection);
            same(&recording.by_index(one()).unwrap(), &expected);
            if recording.events.is_sorted_by_key(|e| e.t) {
                same(&recording.by_source(one()).unwrap(), &expected);
            }
        }
    }
}

/// Windows of any order, that overlap, touch, lie outside, or hold nothing.
fn lists() -> impl Strategy<Value = Vec<Range<i64>>> {
    let any = (-100i64..500, 0i64..200).prop_map(|(start, length)| start..start + length);
    let lists = proptest::collection::vec(any, 0..40);
    (lists, any_order(), 0i64..60).prop_map(|(mut windows, order, step)| {
        match order {
            Order::Any => {}
            Order::Starts => windows.sort_by_key(|w| w.start),
            // Neighbours, that touch.
            Order::Touching => {
                for (k, window) in windows.iter_mut().enumerate() {
                    *window = k as i64 * step - 40..(k as i64 + 1) * step - 40;
                }
            }
        }
        windows
    })
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Any,
    Starts,
    Touching,
}

fn any_order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Any), Just(Order::Starts), Just(Order::Touching)]
}

/// Checks that the numbers of first events are those of the selected events, of which each in a window
/// comes behind those before its start.
fn same_numbers(found: &[Frame], recording: &Recording, selection: &Selection) {
    let batch: evz_core::EventBatch = recording.events.iter().copied().collect();
    let selected: Vec<usize> = (0..recording.events.len())
        .filter(|i| selection.keeps(batch.as_slice(), *i, *i as u64))
        .collect();
    for frame in found.iter().filter(|frame| frame.n_events > 0) {
        let first = selected
            .iter()
            .find(|i| recording.events[**i].t >= frame.window.start);
        assert_eq!(frame.first, first.map(|i| *i as u64), "{:?}", frame.window);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn windows_of_a_list_hold_what_lies_in_them(
        n in 0usize..600,
        sorted: bool,
        seed: u64,
        windows in lists(),
        selection in selections(),
    ) {
        let recording = if sorted { Recording::in_order(n, seed) } else { Recording::unordered(n, seed) };
        let events = recording.selected(&selection);
        let expected: Vec<Frame> = windows.iter().map(|w| in_window(&events, w.clone())).collect();
        let list = || options(Windows::List(windows.clone()), &selection);
        let mut numbered = list();
        numbered.numbered = true;
        for by_index in [list(), numbered] {
            let asks = by_index.numbered;
            let found = recording.by_index(by_index).unwrap();
            same(&found, &expected);
            let in_order = recording.events.is_sorted_by_key(|e| e.t);
            let is_run = in_order && selection.roi.is_none() && selection.polarity.is_none();
            match asks && is_run {
                true => same_numbers(&found, &recording, &selection),
                false => assert!(found.iter().all(|frame| frame.first.is_none())),
            }
        }
        if sorted {
            let found = recording.by_source(list()).unwrap();
            same(&found, &expected);
            if selection.roi.is_none() && selection.polarity.is_none() {
                same_numbers(&found, &recording, &selection);
            }
        }
    }

    #[test]
    fn windows_by_count_say_their_first_event(
        n in 0usize..600,
        seed: u64,
        length in 1u64..70,
        stride in 1u64..70,
        start in 0u64..300,
    ) {
        let recording = Recording::unordered(n, seed);
        let selection = Selection::default().with_events(start..u64::MAX);
        let list = || options(by_count(length, stride), &selection);
        for found in [recording.by_index(list()).unwrap(), recording.by_source(list()).unwrap()] {
            for (k, frame) in found.iter().enumerate() {
                assert_eq!(frame.first, Some(start + k as u64 * stride));
            }
        }
    }
}

#[test]
fn a_window_that_ends_before_it_starts_is_refused() {
    let recording = Recording::in_order(10, 1);
    let list = || {
        options(
            Windows::List(vec![0..5, Range { start: 3, end: 2 }]),
            &Selection::default(),
        )
    };
    for error in [
        recording.by_index(list()).unwrap_err(),
        recording.by_source(list()).unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("window 1 ends at tick 2"),
            "{error}"
        );
    }
}

/// Many of the first make a job, few of the second, and the third are read one by one.
#[test]
fn windows_of_any_number_of_events_touch_or_overlap() {
    let recording = Recording::in_order(100_000, 5);
    let all = Selection::default();
    let part = Selection {
        time: Some(1_001..40_003),
        events: Some(5_000..70_001),
        ..Selection::default()
    };
    let on = all.clone().with_polarity(Polarity::On);
    for length in [1_000, 4_000, 12_000] {
        for stride in [length, length / 2, length * 2 / 3] {
            for selection in [&all, &part, &on] {
                let cut = (length, stride, 1);
                let expected = timed(&recording, cut, selection);
                let found = recording.by_index(options(by_time(cut), selection));
                same(&found.unwrap(), &expected);
                let windows = TimeWindows::new(length, stride, 1).unwrap().trailing();
                let found = recording.by_index(options(Windows::Time(windows), selection));
                same(&found.unwrap(), &trailing(&recording, cut, selection));
            }
        }
    }
}

#[test]
fn a_border_of_windows_is_asked_for_once() {
    for length in [1_000, 4_000, 12_000] {
        for stride in [length, length / 2] {
            let recording = Recording::in_order(100_000, 6);
            let options = options(by_time((length, stride, 1)), &Selection::default());
            let frames = recording.by_index(options).unwrap().len();
            let mut asked = recording.asked.lock().unwrap().clone();
            assert!(asked.len() <= 2 * frames, "{} for {frames}", asked.len());
            asked.sort_unstable();
            assert!(asked.windows(2).all(|two| two[0] != two[1]), "{asked:?}");
        }
    }
}

#[test]
fn a_stream_that_runs_backwards_says_what_to_do() {
    let recording = Recording::unordered(100, 9);
    let error = recording
        .by_source(options(by_time((10, 10, 1)), &Selection::default()))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("convert") && error.contains("event "),
        "{error}"
    );
}

#[test]
fn windows_of_nothing_are_refused() {
    assert!(CountWindows::new(0, 1).is_err() && CountWindows::new(1, 0).is_err());
    assert!(TimeWindows::new(9, 9, 10).is_err() && TimeWindows::new(9, 0, 1).is_err());
    assert!(TimeWindows::new(1 << 64, 1, 1).is_err());
}

#[test]
fn windows_of_time_in_ticks_that_are_no_nanoseconds() {
    let base = evz_core::TimeBase::per_second(24_000_000).unwrap();
    let windows = TimeWindows::of_nanoseconds(1_000, 125, base).unwrap();
    assert_eq!(windows.at(5, 0), 5..29);
    assert_eq!(windows.at(5, 1), 8..32);
    // 50 ns are 1.2 ticks.
    let windows = TimeWindows::of_nanoseconds(50, 50, base).unwrap();
    assert_eq!(
        [0, 1, 4, 5].map(|k| windows.at(0, k)),
        [0..1, 1..2, 4..6, 6..7]
    );
    assert!(TimeWindows::of_nanoseconds(41, 41, base).is_err());
    assert!(TimeWindows::of_nanoseconds(i128::MAX, 1, base).is_err());
}
