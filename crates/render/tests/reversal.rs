//! Windows in which time runs backwards, against the plain frames of their events turned round.

mod common;

use std::ops::Range;

use common::{Recording, every, plain, same};
use evz_core::Event;
use evz_render::{
    CountWindows, Frame, RenderOptions, Representation, TimeWindows, Values, Windows,
};

/// The events of a window as they are in a film of it that is played backwards.
fn backwards(events: &[Event], window: &Range<i64>) -> Vec<Event> {
    let turned = |e: &Event| Event {
        t: window.start + (window.end - 1 - e.t),
        p: 1 - e.p,
        ..*e
    };
    events.iter().rev().map(turned).collect()
}

fn options(windows: Windows, of: Representation) -> RenderOptions {
    let mut options = RenderOptions::new(windows, of);
    options.reversed = true;
    options
}

#[test]
fn frames_are_those_of_the_events_turned_round() {
    // Windows that are read many at once, and windows that are read alone.
    for (n, length) in [(2_000, 150), (40_000, 20_000)] {
        for recording in [Recording::in_order(n, 31), Recording::unordered(n, 32)] {
            for of in every()
                .into_iter()
                .filter(|of| n < 5_000 || !of.facts().of_cells)
            {
                let windows = Windows::Count(CountWindows::new(length, length).unwrap());
                let expected: Vec<Frame> = recording
                    .events
                    .chunks(length as usize)
                    .map(|events| {
                        let t = events.iter().map(|e| e.t);
                        let window = t.clone().min().unwrap()..t.max().unwrap() + 1;
                        plain(&backwards(events, &window), window, of)
                    })
                    .collect();
                let options = options(windows, of);
                same(&recording.by_index(options.clone()).unwrap(), &expected);
                same(&recording.by_source(options).unwrap(), &expected);
            }
        }
    }
}

#[test]
fn windows_of_time_are_turned_round_within_their_borders() {
    let recording = Recording::in_order(3_000, 33);
    for ticks in [41, 5_000] {
        for of in every() {
            let windows = Windows::Time(TimeWindows::new(ticks, ticks, 1).unwrap());
            let found = recording.by_index(options(windows, of)).unwrap();
            let expected = found.iter().map(|frame| {
                let window = frame.window.clone();
                let events = recording.events.iter().copied();
                let events: Vec<_> = events.filter(|e| window.contains(&e.t)).collect();
                plain(&backwards(&events, &window), window, of)
            });
            same(&found, &expected.collect::<Vec<_>>());
        }
    }
}

#[test]
fn an_event_at_the_last_instant_is_the_first_one() {
    let event = |t| Event {
        t,
        x: 3,
        y: 2,
        p: 1,
    };
    let events = vec![event(i64::MAX - 30_000), event(i64::MAX)];
    let recording = Recording::new(events, Some((20, 10)));
    let last = i64::MAX - 40_000..i64::MAX;
    for windows in [
        Windows::Count(CountWindows::new(2, 2).unwrap()),
        Windows::List(vec![last]),
    ] {
        let of = Representation::TimeSurface;
        let found = recording.by_index(options(windows, of)).unwrap();
        let Values::F32(values) = &found[0].values else {
            panic!("times are f32")
        };
        // Both are OFF events of one pixel, and the latest is the one that stands first.
        assert_eq!(found[0].n_events, 2);
        assert_eq!(values[2 * 20 + 3], 0.03);
    }
}

#[test]
fn a_memory_of_reversed_time_is_refused() {
    let windows = Windows::Time(TimeWindows::new(10, 10, 1).unwrap());
    let mut options = options(windows, Representation::Binary);
    options.memory = true;
    assert!(Recording::in_order(100, 1).by_index(options).is_err());
}
