//! Frames by the library, from front to back and by an index: each is the count of one event after the other.

use std::ops::Range;
use std::time::Duration;

use evz::render::{Frames, Representation, Values};
use evz::{Event, Every, OpenOptions, Recording, SensorSize, SplitBy, Time, Wanted};

const SIDE: u32 = 8;

/// Events 7 us apart, some at one time; and the same as text and as `.evz`.
fn recordings(folder: &std::path::Path) -> (Vec<Event>, [std::path::PathBuf; 2]) {
    let event = |i: i64| Event {
        t: 5_000_000 + i / 2 * 7,
        x: (i % 8) as u16,
        y: (i / 8 % 8) as u16,
        p: u8::from(i % 3 == 0),
    };
    let events: Vec<Event> = (0..1_000).map(event).collect();
    let line = |e: &Event| format!("5.{:06} {} {} {}\n", e.t - 5_000_000, e.x, e.y, e.p);
    let (text, evz) = (folder.join("events.txt"), folder.join("events.evz"));
    std::fs::write(&text, events.iter().map(line).collect::<String>()).unwrap();
    let made = evz::convert(
        &text,
        &evz,
        &OpenOptions::new(),
        &evz::CreateOptions::new(),
        false,
    )
    .unwrap();
    assert!(made.report.losses.is_empty());
    (events, [text, evz])
}

fn open(path: &std::path::Path) -> Recording {
    let size = SensorSize {
        width: SIDE,
        height: SIDE,
    };
    evz::open(path, &OpenOptions::new().with_size(size)).unwrap()
}

/// The sum of each pixel, window by window.
fn all(mut frames: Frames) -> Vec<Vec<u16>> {
    let mut all = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        let Values::U16(values) = &frame.values else {
            panic!("totals are u16")
        };
        all.push(values.clone());
    }
    all
}

fn total<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<u16> {
    let mut sums = vec![0; (SIDE * SIDE) as usize];
    for event in events {
        sums[usize::from(event.y) * SIDE as usize + usize::from(event.x)] += 1;
    }
    sums
}

#[test]
fn frames_of_a_list_come_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let (events, paths) = recordings(folder.path());
    let after = |us: u64| Time::from(Duration::from_micros(us));
    let clock = |us: i128| Time::Absolute(us * 1_000);
    let windows = [
        (after(2_000)..after(2_100), 5_002_000..5_002_100),
        (after(0)..after(7), 5_000_000..5_000_007),
        (clock(5_001_000)..clock(5_003_000), 5_001_000..5_003_000),
        (clock(0)..clock(1_000), 0..1_000),
        (after(9_000)..after(9_500), 5_009_000..5_009_500),
    ];
    let inside = |ticks: &Range<i64>| total(events.iter().filter(|e| ticks.contains(&e.t)));
    let expected: Vec<_> = windows.iter().map(|(_, ticks)| inside(ticks)).collect();
    for path in paths {
        let list = windows.iter().map(|(times, _)| times.clone()).collect();
        let frames = open(&path).frames(&Wanted::all(), Every::List(list), Representation::Total);
        assert_eq!(all(frames.unwrap()), expected, "{}", path.display());
    }
}

#[test]
fn parts_are_equal_and_the_last_has_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let (events, [text, evz]) = recordings(folder.path());
    let wanted = Wanted::all().with_events(3..1_000);
    let selected = &events[3..];
    // 997 events make 6 frames of 142 and one of 145; 3,492 us from 7 us on make 6 of 498 and one of 505.
    let by_number = |k: usize| &selected[k * 142..if k == 6 { 997 } else { (k + 1) * 142 }];
    let start = |k: i64| 5_000_007 + k * 498;
    let in_time = |k: i64| {
        let end = if k == 6 { i64::MAX } else { start(k + 1) };
        total(selected.iter().filter(|e| (start(k)..end).contains(&e.t)))
    };
    for (by, expected) in [
        (
            SplitBy::Number,
            (0..7).map(|k| total(by_number(k))).collect::<Vec<_>>(),
        ),
        (SplitBy::Time, (0..7).map(in_time).collect()),
    ] {
        let frames = |path| open(path).frames(&wanted, Every::Parts(7, by), Representation::Total);
        assert_eq!(all(frames(&evz).unwrap()), expected, "{by:?}");
        let why = frames(&text).err().expect("text is read once").to_string();
        assert!(why.contains("no index"), "{why}");

        // Who reads it twice may have them of text too.
        let (recording, selection) = open(&text).selection(&wanted).unwrap();
        let (back, windows) = recording.frame_parts(&selection, 7, by).unwrap();
        assert!(back.is_none());
        let options = evz::render::RenderOptions::new(windows, Representation::Total);
        let frames = open(&text).into_frames(options.with_selection(selection));
        assert_eq!(all(frames.unwrap()), expected, "{by:?} of text");
    }
}

#[test]
fn parts_of_less_than_an_event_or_a_tick_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, [_, evz]) = recordings(folder.path());
    let frames =
        |n, by| open(&evz).frames(&Wanted::all(), Every::Parts(n, by), Representation::Total);
    assert!(frames(1_000, SplitBy::Number).is_ok() && frames(3_493, SplitBy::Time).is_ok());
    for (n, by) in [
        (1_001, SplitBy::Number),
        (3_494, SplitBy::Time),
        (0, SplitBy::Time),
        (0, SplitBy::Number),
    ] {
        assert!(frames(n, by).is_err(), "{n} by {by:?}");
    }
}
