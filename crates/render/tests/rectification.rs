//! Rectified frames, against plain frames of the events where a map puts them.

mod common;

use std::sync::Arc;

use common::{Recording, every, plain};
use evz_core::{Event, SensorSize};
use evz_render::{CountWindows, Frame, RectifyMap, RenderOptions, Representation, Values, Windows};

const SIZE: SensorSize = SensorSize {
    width: 20,
    height: 10,
};

/// A column and a row at which there is no pixel: such an event still says when a window starts and ends.
const NOWHERE: u16 = 60_000;

fn map(position: impl Fn(f32, f32) -> [f32; 2]) -> Arc<RectifyMap> {
    let pixels = (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y)));
    let positions = pixels.map(|(x, y)| position(x as f32, y as f32)).collect();
    Arc::new(RectifyMap::new(SIZE, positions).unwrap())
}

fn options(map: Arc<RectifyMap>, length: u64, of: Representation) -> RenderOptions {
    let windows = Windows::Count(CountWindows::new(length, length).unwrap());
    RenderOptions::new(windows, of).with_rectification(map)
}

/// The frames by the index and from front to back, which are the same.
fn rendered(recording: &Recording, options: RenderOptions) -> Vec<Frame> {
    let by_index = recording.by_index(options.clone()).unwrap();
    let numberless = |mut frame: Frame| {
        frame.first = None;
        frame
    };
    let by_index: Vec<_> = by_index.into_iter().map(numberless).collect();
    let by_source = recording.by_source(options).unwrap();
    let by_source: Vec<_> = by_source.into_iter().map(numberless).collect();
    assert_eq!(by_index, by_source);
    by_index
}

/// Plain frames of the events that `moved` puts elsewhere.
fn moved(
    recording: &Recording,
    length: u64,
    of: Representation,
    to: impl Fn(&Event) -> (f32, f32),
) -> Vec<Frame> {
    let windows = recording.events.chunks(length as usize);
    let frame = |events: &[Event]| {
        let t = events.iter().map(|e| e.t);
        let window = t.clone().min().unwrap()..t.max().unwrap() + 1;
        let events: Vec<Event> = events
            .iter()
            .map(|e| {
                let (x, y) = to(e);
                let is_there = x >= 0.0 && y >= 0.0;
                let (x, y) = if is_there {
                    (x as u16, y as u16)
                } else {
                    (NOWHERE, NOWHERE)
                };
                Event { x, y, ..*e }
            })
            .collect();
        plain(&events, window, of)
    };
    windows.map(frame).collect()
}

fn floats(values: &Values) -> Vec<f64> {
    match values {
        Values::I16(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Values::U16(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Values::F32(v) => v.iter().map(|v| f64::from(*v)).collect(),
    }
}

fn close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let most = 1e-4 * expected.abs().max(1.0);
        assert!(
            (found - expected).abs() <= most,
            "{what}: value {k} is {found}, not {expected}"
        );
    }
}

fn is_shared(of: Representation) -> bool {
    matches!(
        of,
        Representation::Voxel { .. } | Representation::LeakySum(_)
    )
}

/// Windows that are read many at once, and windows that are read alone; events beyond the sensor, too.
fn recordings() -> Vec<(Recording, u64)> {
    let mut beyond = Recording::in_order(2_000, 41);
    for k in (0..2_000).step_by(7) {
        beyond.events[k].x = 20;
    }
    vec![
        (Recording::in_order(2_000, 42), 150),
        (Recording::unordered(2_000, 43), 150),
        (Recording::in_order(40_000, 44), 20_000),
        (beyond, 1_999),
    ]
}

#[test]
fn events_are_in_the_pixel_nearest_to_their_position() {
    let bent = |x: f32, y: f32| [x * 1.3 - 2.6, y * 0.8 + 0.3 * x - 1.0];
    for (recording, length) in recordings() {
        for of in every().into_iter().filter(|of| !is_shared(*of)) {
            let found = rendered(&recording, options(map(bent), length, of));
            let nearest = |e: &Event| {
                let [x, y] = bent(f32::from(e.x), f32::from(e.y));
                let is_seen = e.x < 20;
                let (x, y) = (x.round_ties_even(), y.round_ties_even());
                if is_seen { (x, y) } else { (-1.0, -1.0) }
            };
            let expected = moved(&recording, length, of, nearest);
            for (found, expected) in found.iter().zip(&expected) {
                let what = format!("{of:?} of {length} events");
                close(&floats(&found.values), &floats(&expected.values), &what);
                assert_eq!(found.n_events, expected.n_events, "{what}");
            }
        }
    }
}

#[test]
fn sums_of_floats_share_an_event_among_the_four_pixels_around() {
    let (dx, dy) = (-1.75, 0.375);
    for (recording, length) in recordings() {
        for of in every().into_iter().filter(|of| is_shared(*of)) {
            let shifted = map(|x, y| [x + dx, y + dy]);
            let found = rendered(&recording, options(shifted, length, of));
            // All events are shared alike: what comes of it is the sum of four plain frames.
            let corners = [(-2.0, 0.0), (-2.0, 1.0), (-1.0, 0.0), (-1.0, 1.0)];
            let mut expected: Vec<Vec<f64>> = Vec::new();
            for (column, row) in corners {
                let weight = f64::from((1.0 - (column - dx).abs()) * (1.0 - (row - dy).abs()));
                let to = |e: &Event| match e.x < 20 {
                    true => (f32::from(e.x) + column, f32::from(e.y) + row),
                    false => (-1.0, -1.0),
                };
                for (k, part) in moved(&recording, length, of, to).iter().enumerate() {
                    let part: Vec<_> = floats(&part.values).iter().map(|v| v * weight).collect();
                    match expected.get_mut(k) {
                        Some(sum) => sum.iter_mut().zip(part).for_each(|(sum, v)| *sum += v),
                        None => expected.push(part),
                    }
                }
            }
            for (found, expected) in found.iter().zip(&expected) {
                close(
                    &floats(&found.values),
                    expected,
                    &format!("{of:?} of {length} events"),
                );
            }
            let seen = recording
                .events
                .iter()
                .filter(|e| (1..20).contains(&e.x))
                .count();
            let n: u64 = found.iter().map(|frame| frame.n_events).sum();
            assert_eq!(
                n, seen as u64,
                "all but the first column, of which nothing is seen"
            );
        }
    }
}

#[test]
fn a_map_that_moves_nothing_changes_no_bit() {
    for (recording, length) in recordings() {
        for of in every() {
            let by_map = options(map(|x, y| [x, y]), length, of);
            let mut plain = by_map.clone();
            plain.rectification = None;
            assert_eq!(
                rendered(&recording, by_map),
                rendered(&recording, plain),
                "{of:?}"
            );
        }
    }
}

#[test]
fn what_is_nowhere_is_counted_as_agreed() {
    let recording = Recording::in_order(500, 45);
    for (nowhere, of) in [
        ([f32::NAN, 3.0], Representation::Counts),
        ([3.0, f32::NAN], Representation::voxel(3)),
        ([f32::INFINITY, f32::NEG_INFINITY], Representation::voxel(3)),
        ([1e9, 3.0], Representation::Signed),
        ([-1.0, 3.0], Representation::voxel(3)),
        ([3.0, 10.0], Representation::voxel(3)),
        ([3.0, -0.6], Representation::Total),
    ] {
        let corner = map(|x, y| if x < 4.0 { nowhere } else { [x, y] });
        let options = options(corner, 500, of);
        let mut frames = options.render_index(Arc::new(recording.clone())).unwrap();
        let n = recording.events.iter().filter(|e| e.x < 4).count() as u64;
        let frame = frames.next_frame().unwrap().unwrap();
        assert_eq!(frame.n_events, 500 - n);
        assert!(floats(&frame.values).iter().all(|v| v.is_finite()));
        let report = frames.report();
        assert!(!report.has_unasked_losses());
        let lost: Vec<u64> = report.losses.iter().map(|loss| loss.count).collect();
        assert_eq!(lost, [n], "{nowhere:?}");
    }
}

#[test]
fn a_part_of_an_event_may_be_seen() {
    // A quarter of a column is left in the first one, and nothing of it is lost for who counts events.
    let event = Event {
        t: 5,
        x: 7,
        y: 3,
        p: 1,
    };
    let recording = Recording::new(vec![event], Some((20, 10)));
    let left = map(|_, _| [-0.75, 9.5]);
    let [frame] = &rendered(&recording, options(left, 1, Representation::voxel(1)))[..] else {
        panic!("one frame");
    };
    let mut expected = vec![0.0; 200];
    expected[9 * 20] = 0.125;
    assert_eq!(floats(&frame.values), expected);
    assert_eq!(frame.n_events, 1);
}

#[test]
fn a_map_of_another_sensor_is_refused_and_a_map_says_the_size_of_frames() {
    let small = SensorSize {
        width: 5,
        height: 4,
    };
    let map = Arc::new(RectifyMap::new(small, vec![[0.0; 2]; 20]).unwrap());
    let of = Representation::Total;
    let recording = Recording::in_order(10, 46);
    for error in [
        recording
            .by_index(options(map.clone(), 10, of))
            .unwrap_err(),
        recording
            .by_source(options(map.clone(), 10, of))
            .unwrap_err(),
    ] {
        let error = error.to_string();
        assert!(error.contains("5x4") && error.contains("20x10"), "{error}");
    }
    let sizeless = Recording::new(recording.events, None);
    let frames = rendered(&sizeless, options(map, 10, of));
    assert_eq!((frames[0].width, frames[0].height), (5, 4));
    let error = RectifyMap::new(small, vec![[0.0; 2]; 19])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("19 positions") && error.contains("20 pixels"),
        "{error}"
    );
}

#[test]
fn others_than_the_processor_do_not_rectify() {
    let recording = Recording::in_order(10, 47);
    let options = options(map(|x, y| [x, y]), 10, Representation::Total);
    let error = options.check_by_others(&recording).unwrap_err().to_string();
    assert!(error.contains("rectified by the CPU alone"), "{error}");
}
