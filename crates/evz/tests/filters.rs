//! Filters against their definitions, which look at every event before.

use std::collections::BTreeMap;

use evz::{
    Event, EventBatch, EventSource, Input, Next, OpenOptions, Recording, SensorSize, Time, Wanted,
};
use proptest::prelude::*;

const SIZE: SensorSize = SensorSize {
    width: 7,
    height: 5,
};

/// Text of microseconds, which is read from front to back.
fn text(events: &[Event]) -> String {
    let line = |e: &Event| format!("{} {} {} {}\n", e.t, e.x, e.y, e.p);
    events.iter().map(line).collect()
}

fn options(filters: &[&str]) -> OpenOptions {
    let mut options = OpenOptions::new()
        .with_size(SIZE)
        .with_columns("txyp".parse().unwrap())
        .with_time_unit(evz::TimeUnit::Microseconds);
    options.filters = filters.iter().map(|f| f.parse().unwrap()).collect();
    options
}

fn open(events: &[Event], filters: &[&str]) -> evz::Result<Recording> {
    let input = Input::from_bytes(text(events), "events.txt");
    evz::open_input(input, Some(evz::format("text")?), &options(filters))
}

fn read(mut source: Box<dyn EventSource>) -> Vec<Event> {
    let (mut batch, mut events) = (EventBatch::default(), Vec::new());
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        events.extend(batch.iter());
    }
    events
}

fn filtered(events: &[Event], filters: &[&str]) -> Vec<Event> {
    read(open(events, filters).unwrap().into_source())
}

/// Those of which this holds, which sees the events before.
fn those(events: &[Event], keep: impl Fn(&Event, &[Event]) -> bool) -> Vec<Event> {
    let numbered = events.iter().enumerate();
    let kept = numbered.filter(|(i, event)| keep(event, &events[..*i]));
    kept.map(|(_, event)| *event).collect()
}

fn same_pixel(a: &Event, b: &Event) -> bool {
    (a.x, a.y) == (b.x, b.y)
}

fn latest<'a>(events: impl Iterator<Item = &'a Event>) -> Option<i64> {
    // The last one in order, which is the latest unless times run backwards.
    events.last().map(|e| e.t)
}

fn background(events: &[Event], us: i64) -> Vec<Event> {
    those(events, |event, before| {
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy)));
        around.filter(|step| *step != (0, 0)).any(|(dx, dy)| {
            let at = (i32::from(event.x) + dx, i32::from(event.y) + dy);
            let there = |e: &&Event| (i32::from(e.x), i32::from(e.y)) == at;
            latest(before.iter().filter(there)).is_some_and(|t| (event.t - t).abs() < us)
        })
    })
}

fn refractory(events: &[Event], us: i64) -> Vec<Event> {
    those(events, |event, before| {
        let last = latest(before.iter().filter(|e| same_pixel(e, event)));
        last.is_none_or(|t| (event.t - t).abs() >= us)
    })
}

fn decimate(events: &[Event], n: usize) -> Vec<Event> {
    those(events, |event, before| {
        let number = before.iter().filter(|e| same_pixel(e, event)).count() + 1;
        number % n == 0
    })
}

fn counts<'a>(events: impl Iterator<Item = &'a Event>) -> BTreeMap<(u16, u16), u64> {
    let mut counts = BTreeMap::new();
    events.for_each(|e| *counts.entry((e.x, e.y)).or_default() += 1);
    counts
}

/// More than so many standard deviations above the mean, in whole numbers: of n pixels with the counts c,
/// `n c - sum > k sqrt(n sum(c^2) - sum^2)`.
fn outliers(counts: &BTreeMap<(u16, u16), u64>, deviations: i128) -> Vec<(u16, u16)> {
    let all = || counts.values().map(|c| i128::from(*c));
    let (n, sum): (i128, i128) = (all().count() as i128, all().sum());
    let spread = all().map(|c| n * c * c).sum::<i128>() - sum * sum;
    let is_hot = |c: u64| {
        let above = n * i128::from(c) - sum;
        above > 0 && above * above > deviations * deviations * spread
    };
    let hot = counts.iter().filter(|(_, c)| is_hot(**c));
    hot.map(|(pixel, _)| *pixel).collect()
}

const LEAP: i64 = 1 << 32;

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (0..40i64, 0..7u16, 0..5u16, 0..2u8, any::<u8>());
    prop::collection::vec(event, 1..120).prop_map(|steps| {
        let mut at = 1_000;
        let event = |(step, x, y, p, back): (i64, u16, u16, u8, u8)| {
            // Now and then times run backwards, or leap beyond what 32 bits hold, and back.
            at += match back {
                0 => -step,
                1 => step + LEAP,
                2 => step - LEAP,
                _ => step,
            };
            Event { t: at, x, y, p }
        };
        steps.into_iter().map(event).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_is_its_definition(events in events(), us in 1i64..200, n in 1usize..5) {
        let one = |filter: String| filtered(&events, &[&filter]);
        prop_assert_eq!(one(format!("background={us}us")), background(&events, us));
        prop_assert_eq!(one(format!("refractory={us}us")), refractory(&events, us));
        prop_assert_eq!(one(format!("decimate={n}")), decimate(&events, n));
    }

    #[test]
    fn hot_pixels_of_the_whole(events in events(), deviations in 1u32..4, rate in 1u32..4_000) {
        let all = counts(events.iter());
        let hot = outliers(&all, deviations.into());
        let rest = those(&events, |e, _| !hot.contains(&(e.x, e.y)));
        prop_assert_eq!(filtered(&events, &[&format!("hot-pixels={deviations}sd")]), rest);
        let times = || events.iter().map(|e| e.t);
        let us = (times().max().unwrap() - times().min().unwrap()) as u64;
        let rest = those(&events, |e, _| all[&(e.x, e.y)] * 1_000_000 <= u64::from(rate) * us);
        prop_assert_eq!(filtered(&events, &[&format!("hot-pixels={rate}Hz")]), rest);
    }

    #[test]
    fn hot_pixels_of_the_window_before(events in events(), us in 20i64..400) {
        // Times in order: a window that has ended does not come back.
        let mut events = events;
        events.sort_by_key(|e| e.t);
        let window = |e: &Event| (e.t - events[0].t) / us;
        let rest = those(&events, |event, before| {
            let of = before.iter().filter(|e| window(e) == window(event) - 1);
            of.filter(|e| same_pixel(e, event)).count() as i64 * 1_000_000 <= 20_000 * us
        });
        prop_assert_eq!(filtered(&events, &[&format!("hot-pixels=20000Hz/{us}us")]), rest);
    }

    #[test]
    fn turns_undo_each_other(events in events()) {
        for filters in [
            &["flip=x", "flip=x"][..],
            &["flip=y", "flip=y"],
            &["transpose", "transpose"],
            &["rotate=90", "rotate=270"],
            &["rotate=180", "flip=x", "flip=y"],
            &["rotate=90", "flip=x", "transpose"],
            &["invert-polarity", "invert-polarity"],
            &["time-shift=-3s", "time-shift=3s"],
        ] {
            prop_assert_eq!(&filtered(&events, filters), &events, "{:?}", filters);
        }
    }

    /// A window of a filtered recording is that part of all of it, and starts where it would without
    /// filters.
    #[test]
    fn a_window_is_a_part_of_the_whole(events in events(), from in 0i64..900, us in 1i64..900) {
        let filters = ["background=100us", "refractory=20us", "rotate=90", "time-shift=1ms"];
        let wanted = Wanted::all()
            .with_from(Time::Relative((from * 1_000).into()))
            .with_to(Time::Relative(((from + us) * 1_000).into()));
        let start = events[0].t + 1_000 + from;
        let part = filtered(&events, &filters)
            .into_iter()
            .filter(|e| (start..start + us).contains(&e.t))
            .collect::<Vec<_>>();
        let window = open(&events, &filters).unwrap().select(&wanted).unwrap();
        prop_assert_eq!(read(window), part);
    }
}

/// The corners of a sensor of 7x5, and where they go.
#[test]
fn pixels_go_where_they_should() {
    let corner = |x, y| vec![Event { t: 5, x, y, p: 1 }];
    let at = |(x, y), filters: &[&str]| {
        let recording = open(&corner(x, y), filters).unwrap();
        let size = recording.info().size.unwrap();
        let event = read(recording.into_source())[0];
        ((event.x, event.y), (size.width, size.height))
    };
    assert_eq!(at((0, 0), &["flip=x"]), ((6, 0), (7, 5)));
    assert_eq!(at((0, 0), &["flip=y"]), ((0, 4), (7, 5)));
    // Clockwise: what was top left is top right.
    assert_eq!(at((0, 0), &["rotate=90"]), ((4, 0), (5, 7)));
    assert_eq!(at((6, 0), &["rotate=90"]), ((4, 6), (5, 7)));
    assert_eq!(at((0, 0), &["rotate=180"]), ((6, 4), (7, 5)));
    assert_eq!(at((0, 0), &["rotate=270"]), ((0, 6), (5, 7)));
    assert_eq!(at((6, 1), &["transpose"]), ((1, 6), (5, 7)));
    assert_eq!(at((3, 3), &["crop=2,1,3,9"]), ((1, 2), (3, 4)));
    // One behind the other, each with the sensor that the one before leaves.
    assert_eq!(at((3, 3), &["crop=2,1,3,3", "flip=x"]), ((1, 2), (3, 3)));
    assert_eq!(at((3, 3), &["flip=x", "crop=2,1,3,3"]), ((1, 2), (3, 3)));
    assert_eq!(at((4, 3), &["crop=2,1,3,3", "flip=x"]), ((0, 2), (3, 3)));
    assert_eq!(at((4, 3), &["flip=x", "crop=2,1,3,3"]), ((0, 2), (3, 3)));
}

/// Where a pixel goes and what sensor is left, in numbers that hold all of it.
fn moved(filter: &str, (x, y): (i128, i128), (w, h): (i128, i128)) -> [(i128, i128); 2] {
    let (right, bottom) = (w - 1, h - 1);
    match filter {
        "flip=x" => [(right - x, y), (w, h)],
        "flip=y" => [(x, bottom - y), (w, h)],
        "transpose" => [(y, x), (h, w)],
        "rotate=90" => [(bottom - y, x), (h, w)],
        "rotate=180" => [(right - x, bottom - y), (w, h)],
        "rotate=270" => [(y, right - x), (h, w)],
        "crop=2,1,4294967295,4294967295" => [(x - 2, y - 1), (w - 2, h - 1)],
        "crop=65535,65535,70000,2" => [(x - 65535, y - 65535), ((w - 65535).min(70000), 1)],
        _ => [(x, y), (w, h)],
    }
}

/// Sides around the largest number that a pixel can have, and beyond: what would have no number is refused
/// before an event is read.
#[test]
fn pixels_of_large_sensors_go_where_they_should_or_nowhere() {
    const SIDES: [u32; 8] = [
        3,
        65_535,
        65_536,
        65_537,
        70_000,
        131_072,
        1 << 31,
        u32::MAX,
    ];
    const FILTERS: [&str; 9] = [
        "flip=x",
        "flip=y",
        "transpose",
        "rotate=90",
        "rotate=180",
        "rotate=270",
        "crop=2,1,4294967295,4294967295",
        "crop=65535,65535,70000,2",
        "invert-polarity",
    ];
    let sizes = SIDES.iter().flat_map(|w| SIDES.map(|h| (*w, h)));
    for ((width, height), filter) in sizes.flat_map(|size| FILTERS.map(|f| (size, f))) {
        let size = SensorSize { width, height };
        let (w, h) = (i128::from(width), i128::from(height));
        // The first and the last pixels of both sides that events can have.
        let ends = |side: u32| {
            [0, 1, 2, 65_534, 65_535]
                .into_iter()
                .filter(move |at| *at < side)
        };
        let pixels = ends(width).flat_map(|x| ends(height).map(move |y| (x, y)));
        let pixels: Vec<_> = match filter.strip_prefix("crop=65535,65535,") {
            // Its region has one row more than any event reaches.
            Some(_) if width.min(height) <= 65_535 => continue,
            Some(_) => vec![(65_535, 65_535)],
            None if filter.starts_with("crop") => {
                pixels.filter(|(x, y)| *x > 1 && *y > 0).collect()
            }
            None => pixels.collect(),
        };
        let events = (0..).zip(&pixels).map(|(t, (x, y))| Event {
            t,
            x: *x as u16,
            y: *y as u16,
            p: 1,
        });
        let events: Vec<Event> = events.collect();
        let mut wide = options(&[filter]);
        wide.size = Some(size);
        let input = Input::from_bytes(text(&events), "events.txt");
        let opened = evz::open_input(input, evz::format("text").ok(), &wide);
        let to = |at| moved(filter, at, (w, h))[0];
        // Whether all pixels of the sensor that an event can have keep a number.
        let (right, bottom) = (w.min(65_536) - 1, h.min(65_536) - 1);
        let has_numbers = [(0, 0), (right, bottom)]
            .into_iter()
            .all(|at| filter.starts_with("crop") || to(at).0.max(to(at).1) <= 65_535);
        let what = format!("{filter} of {size}");
        assert_eq!(opened.is_ok(), has_numbers, "{what}");
        match opened {
            Err(error) => {
                assert_eq!(
                    error.question(),
                    Some(evz::Question::Size),
                    "{what}: {error}"
                );
            }
            Ok(recording) => {
                let left = recording.info().size.unwrap();
                let mut left = (i128::from(left.width), i128::from(left.height));
                if filter.starts_with("crop=65535") {
                    // As far as the sensor reaches.
                    assert_eq!(left.1, (h - 65_535).min(2), "{what}");
                    left.1 = 1;
                }
                assert_eq!(left, moved(filter, (0, 0), (w, h))[1], "{what}");
                let read = read(recording.into_source());
                let read: Vec<_> = read.iter().map(|e| (e.x.into(), e.y.into())).collect();
                let pixels = pixels.iter().map(|(x, y)| to(((*x).into(), (*y).into())));
                assert_eq!(read, pixels.collect::<Vec<_>>(), "{what}");
            }
        }
    }
}

#[test]
fn what_was_done_is_said() {
    let event = |t, x| Event { t, x, y: 0, p: 1 };
    let recording = open(
        &[event(1, 0), event(2, 1), event(3, 6)],
        &["background=1s", "flip=x"],
    );
    let mut source = recording.unwrap().into_source();
    let filters = source.info().metadata["filters"].clone();
    assert_eq!(filters.as_text(), Some("background=1s; flip=x"));
    let mut batch = EventBatch::default();
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {}
    let report = source.report();
    assert!(!report.has_losses());
    let said: Vec<String> = report.notes.iter().map(|n| n.to_string()).collect();
    assert!(
        said.contains(&"left out: 2 events of background activity".to_owned()),
        "{said:?}"
    );
}

#[test]
fn what_cannot_be_done_says_what_settles_it() {
    let events = [Event {
        t: 5,
        x: 9,
        y: 0,
        p: 1,
    }];
    let failed = |filters: &[&str]| {
        let mut source = match open(&events, filters) {
            Ok(recording) => recording.into_source(),
            Err(error) => return error,
        };
        source.read_events(&mut EventBatch::default()).unwrap_err()
    };
    let error = failed(&["flip=x"]);
    assert_eq!(error.question(), Some(evz::Question::Drop), "{error}");
    let error = failed(&["crop=7,0,2,2"]);
    assert!(
        error.to_string().contains("beyond its sensor of 7x5"),
        "{error}"
    );
    let error = failed(&["time-shift=1ns"]);
    assert!(error.to_string().contains("no whole number"), "{error}");

    // A pipe can be read once.
    let pipe = |filter: &str| {
        let text = std::io::Cursor::new(text(&events).into_bytes());
        let input = Input::from_reader(text, "standard input").unwrap();
        evz::open_input(input, evz::format("text").ok(), &options(&[filter]))
    };
    let error = pipe("hot-pixels=5sd").err().unwrap();
    assert!(error.to_string().contains("hot-pixels=5sd/1s"), "{error}");
    assert!(pipe("hot-pixels=5sd/1s").is_ok());

    // Nobody says how large the sensor is.
    let mut without = options(&["rotate=90"]);
    without.size = None;
    let input = Input::from_bytes(text(&events), "events.txt");
    let error = evz::open_input(input, evz::format("text").ok(), &without);
    assert_eq!(error.err().unwrap().question(), Some(evz::Question::Size));
}

#[test]
fn times_of_side_streams_move_along() {
    let aedat = std::env::var_os("EVZ_RECORDINGS").map(std::path::PathBuf::from);
    let Some(aedat) = aedat.map(|folder| folder.join("davis346.aedat4")) else {
        return eprintln!("skipped: EVZ_RECORDINGS is not set");
    };
    let first = |filter: Option<&str>| {
        let mut options = OpenOptions::new();
        options.filters = filter.iter().map(|f| f.parse().unwrap()).collect();
        let mut source = evz::open(&aedat, &options).unwrap().into_source();
        let (mut batch, mut frames) = (EventBatch::default(), None);
        let mut event = None;
        while event.is_none() || frames.is_none() {
            match source.read_batch(&mut batch).unwrap() {
                Next::Events(_) => event = event.or(batch.t.first().copied()),
                Next::Rows(rows) if rows.stream == "frames" => {
                    frames = frames.or(rows.t.first().copied())
                }
                Next::Rows(_) => {}
                Next::End(_) => panic!("no frames"),
            }
        }
        (event.unwrap(), frames.unwrap())
    };
    let (plain, moved) = (first(None), first(Some("time-shift=-1s")));
    assert_eq!(
        (plain.0 - moved.0, plain.1 - moved.1),
        (1_000_000, 1_000_000)
    );
}
