//! Every representation against the plain way to make it.

mod common;

use std::time::Duration;

use common::{Recording, every, plain, same};
use evz_core::{Event, SensorSize};
use evz_render::{
    CountWindows, Decay, Frame, RenderOptions, Representation, TimeWindows, Values, Windows,
};

fn by_count(n: u64) -> Windows {
    Windows::Count(CountWindows::new(n, n).expect("more than nothing"))
}

fn counted(events: &[Event], n: usize, of: Representation) -> Vec<Frame> {
    let frame = |events: &[Event]| {
        let t = events.iter().map(|e| e.t);
        let window = t.clone().min().unwrap()..t.max().unwrap() + 1;
        plain(events, window, of)
    };
    events.chunks(n).map(frame).collect()
}

#[test]
fn every_representation_is_what_it_is_defined_as() {
    // Small windows are read many at once, large ones alone.
    for (n, length) in [(3_000, 100), (60_000, 20_000)] {
        for recording in [Recording::in_order(n, 1), Recording::unordered(n, 2)] {
            // Each event of a cell looks at all others there.
            for of in every()
                .into_iter()
                .filter(|of| n < 5_000 || !of.facts().of_cells)
            {
                let options = RenderOptions::new(by_count(length), of);
                let expected = counted(&recording.events, length as usize, of);
                same(&recording.by_index(options.clone()).unwrap(), &expected);
                same(&recording.by_source(options).unwrap(), &expected);
            }
        }
    }
}

#[test]
fn windows_of_time_are_it_too() {
    // Windows that are read many at once, and windows that are read alone; some of one event.
    for (n, ticks) in [(1_000, 1), (3_000, 150), (60_000, 20_000)] {
        let recording = Recording::in_order(n, 3);
        for of in every()
            .into_iter()
            .filter(|of| n < 5_000 || !of.facts().of_cells)
        {
            let options = RenderOptions::new(time(ticks), of);
            let found = recording.by_index(options.clone()).unwrap();
            let expected = found.iter().map(|frame| {
                let within = |e: &&Event| frame.window.contains(&e.t);
                let events: Vec<_> = recording.events.iter().filter(within).copied().collect();
                plain(&events, frame.window.clone(), of)
            });
            let expected: Vec<_> = expected.collect();
            same(&found, &expected);
            same(&recording.by_source(options).unwrap(), &expected);
        }
    }
}

#[test]
fn sums_over_frames_are_those_of_the_recording() {
    let recording = Recording::in_order(50_000, 3);
    for windows in [by_count(333), by_count(30_000), time(1_000), time(100_000)] {
        let options = RenderOptions::new(windows, Representation::Counts);
        let frames = recording.by_index(options).unwrap();
        let mut sums = [0u64; 2];
        for frame in &frames {
            let Values::U16(values) = &frame.values else {
                panic!("counts are u16")
            };
            for (sum, channel) in sums.iter_mut().zip(values.chunks(200)) {
                *sum += channel.iter().map(|v| u64::from(*v)).sum::<u64>();
            }
        }
        let on = recording.events.iter().filter(|e| e.p == 1).count() as u64;
        assert_eq!(sums, [50_000 - on, on]);
        assert_eq!(frames.iter().map(|f| f.n_events).sum::<u64>(), 50_000);
    }
}

fn time(ticks: i128) -> Windows {
    Windows::Time(TimeWindows::new(ticks, ticks, 1).unwrap())
}

/// `n` events of one pixel, one a tick.
fn one_pixel(polarities: impl Iterator<Item = u8>) -> Recording {
    let event = |(t, p)| Event {
        t: t as i64,
        x: 3,
        y: 2,
        p,
    };
    Recording::new(polarities.enumerate().map(event).collect(), Some((20, 10)))
}

#[test]
fn counts_are_held_at_the_largest() {
    let recording = one_pixel(std::iter::repeat_n(1, 70_000));
    for of in [Representation::Counts, Representation::histogram(1)] {
        let frames = recording
            .by_index(RenderOptions::new(by_count(70_000), of))
            .unwrap();
        let Values::U16(values) = &frames[0].values else {
            panic!("counts are u16")
        };
        assert_eq!(values[200 + 43], 65_535);
        assert_eq!(values.iter().map(|v| u64::from(*v)).sum::<u64>(), 65_535);
    }
}

#[test]
fn a_signed_sum_is_held_at_its_end_and_not_on_the_way() {
    let sum_of = |polarities: Vec<u8>| {
        let windows = by_count(polarities.len() as u64);
        let options = RenderOptions::new(windows, Representation::Signed);
        let recording = one_pixel(polarities.into_iter());
        let frames = recording.by_index(options.clone()).unwrap();
        same(&recording.by_source(options).unwrap(), &frames);
        match &frames[0].values {
            Values::I16(values) => values[43],
            _ => panic!("signed frames are i16"),
        }
    };
    let runs = |on, off| [vec![1; on], vec![0; off]].concat();
    assert_eq!(sum_of(runs(32_767, 0)), 32_767);
    assert_eq!(sum_of(runs(32_768, 0)), 32_767);
    assert_eq!(sum_of(runs(200_000, 0)), 32_767);
    assert_eq!(sum_of(runs(0, 200_000)), -32_768);
    assert_eq!(sum_of(runs(50_000, 45_000)), 5_000);
    assert_eq!(sum_of(runs(150_000, 150_007)), -7);
}

#[test]
fn events_beyond_the_sensor_are_counted_and_left_out() {
    let recording = Recording::in_order(5_000, 4);
    let small = SensorSize {
        width: 7,
        height: 10,
    };
    let beyond = recording.events.iter().filter(|e| e.x >= 7).count() as u64;
    for of in every() {
        let options = RenderOptions::new(by_count(700), of).with_size(small);
        let mut frames = options
            .render_index(std::sync::Arc::new(recording.clone()))
            .unwrap();
        let mut n_events = 0;
        while let Some(frame) = frames.next_frame().unwrap() {
            n_events += frame.n_events;
        }
        assert_eq!(n_events, 5_000 - beyond);
        let report = frames.report();
        assert_eq!(report.losses[0].count, beyond);
        assert_eq!(report.losses[0].what, "events beyond the sensor of 7x10");
    }
    // What is left is what the same events without the others give.
    let inside = recording.events.iter().filter(|e| e.x < 7).copied();
    let inside = Recording::new(inside.collect(), Some((7, 10)));
    for of in [Representation::Counts, Representation::TimeSurface] {
        let all = RenderOptions::new(Windows::from(0..100), of).with_size(small);
        let expected = inside.by_index(all.clone()).unwrap();
        assert_eq!(recording.by_index(all).unwrap(), expected);
    }
}

#[test]
fn what_cannot_be_made_is_refused() {
    let recording = Recording::in_order(10, 5);
    for of in [
        Representation::voxel(0),
        Representation::histogram(0),
        Representation::histogram(usize::MAX),
        Representation::ExpDecay(Decay::new(Duration::ZERO)),
        Representation::LinearDecay(Decay::new(Duration::ZERO)),
    ] {
        assert!(
            recording
                .by_index(RenderOptions::new(by_count(1), of))
                .is_err()
        );
    }
    let unknown = Recording::new(recording.events.clone(), None);
    let options = RenderOptions::new(by_count(3), Representation::Signed);
    let error = unknown.by_source(options.clone()).unwrap_err().to_string();
    assert!(error.ends_with("; set size"), "{error}");
    // An index knows how far the events reach.
    let frames = unknown.by_index(options).unwrap();
    let reach = |of: fn(&Event) -> u16| recording.events.iter().map(of).max().unwrap() as usize;
    assert_eq!(frames[0].width, reach(|e| e.x) + 1);
    assert_eq!(frames[0].height, reach(|e| e.y) + 1);
}
