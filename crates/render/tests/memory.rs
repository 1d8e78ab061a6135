//! Frames that remember, against frames of all events until their end.

mod common;

use std::time::Duration;

use common::{Recording, plain, same};
use evz_render::{CountWindows, Decay, Frame, RenderOptions, Representation, TimeWindows, Windows};

const TAU: Duration = Duration::from_micros(90);

fn that_remember() -> Vec<Representation> {
    vec![
        Representation::Binary,
        Representation::ExpDecay(Decay::new(TAU)),
        Representation::ExpDecay(Decay::new(TAU)).split_by_polarity(true),
        Representation::LinearDecay(Decay::new(TAU)),
        Representation::LeakySum(Decay::new(TAU)),
        Representation::LeakySum(Decay::new(TAU)).split_by_polarity(true),
        Representation::TimeSurface,
        Representation::MergedTimeSurface,
    ]
}

fn remembering(windows: Windows, of: Representation) -> RenderOptions {
    let mut options = RenderOptions::new(windows, of);
    options.memory = true;
    options
}

/// Frames of all events until the end of each window.
fn until(recording: &Recording, windows: &[Frame], of: Representation) -> Vec<Frame> {
    let start = windows[0].window.start;
    let frame = |frame: &Frame| {
        let end = frame.window.end;
        let events = recording.events.iter().copied();
        let events: Vec<_> = events.filter(|e| e.t < end).collect();
        Frame {
            window: frame.window.clone(),
            n_events: frame.n_events,
            ..plain(&events, start..end, of)
        }
    };
    windows.iter().map(frame).collect()
}

#[test]
fn a_frame_is_what_all_events_until_its_end_make() {
    let recording = Recording::in_order(4_000, 11);
    let time = Windows::Time(TimeWindows::new(37, 37, 1).unwrap());
    let count = Windows::Count(CountWindows::new(150, 150).unwrap());
    // The middle one has no events, the last one lies behind all.
    let list = Windows::List(vec![-20..700, 700..700, 700..1_990, 1_990..2_600]);
    for windows in [time, count, list] {
        for of in that_remember() {
            let options = remembering(windows.clone(), of);
            let found = recording.by_index(options.clone()).unwrap();
            assert!(found.len() > 3);
            // Windows by count end a tick behind their last event, whose time others may share.
            if matches!(windows, Windows::Count(_)) {
                assert_eq!(found, recording.by_source(options).unwrap());
                continue;
            }
            let expected = until(&recording, &found, of);
            same(&found, &expected);
            same(&recording.by_source(options).unwrap(), &expected);
        }
    }
}

#[test]
fn what_cannot_be_remembered_is_refused() {
    let recording = Recording::in_order(500, 12);
    let list = |windows| Windows::List(windows);
    let refused = |windows, of| {
        let found = recording.by_index(remembering(windows, of));
        found.expect_err("refused").to_string()
    };
    let decay = Representation::ExpDecay(Decay::new(TAU));
    assert!(refused(list(vec![0..50, 40..90]), decay).contains("overlap"));
    assert!(refused(list(vec![50..90, 0..50]), decay).contains("follow each other"));
    for of in Representation::ALL {
        let remembers = that_remember()
            .iter()
            .any(|r| r.facts().name == of.facts().name);
        let made = recording.by_index(remembering(Windows::from(0..50), of));
        assert_eq!(made.is_ok(), remembers, "{of:?}");
    }
}
