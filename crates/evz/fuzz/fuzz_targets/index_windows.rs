//! Any bytes as any format, from front to back, in windows, and in windows by an index that is made of them: the same.
#![no_main]

use evz::{
    ErrorKind, EventBatch, EventSource, Input, Next, OpenOptions, Recording, Report, Result,
    Selection, SensorSize, TimeUnit,
};
use libfuzzer_sys::fuzz_target;

/// Events after which a small input is a bomb, which takes time and not memory.
const MAX_EVENTS: usize = 1 << 20;
/// Formats of which no index is made; an .evz has its own.
const WITHOUT_INDEX: [&str; 4] = ["arrow", "db3", "evz", "nmnist"];

fuzz_target!(|bytes: &[u8]| {
    let Some((told, bytes)) = bytes.split_last() else {
        return;
    };
    // What the targets of the formats put around their inputs, or take from them.
    let file = match told >> 2 & 3 {
        0 => bytes.to_vec(),
        1 => [b"#!AER-DAT4.0", bytes].concat(),
        2 => [b"PAR1", bytes, b"PAR1"].concat(),
        _ => bytes[bytes.len().min(1)..].to_vec(),
    };
    let mut options = OpenOptions::new();
    if told & 1 == 1 {
        options = options.with_time_unit(TimeUnit::Microseconds);
    }
    if told & 2 == 2 {
        let (width, height) = (640, 480);
        options = options.with_size(SensorSize { width, height });
    }
    let open = |options: &OpenOptions| {
        evz::open_input(Input::from_bytes(&file[..], "fuzz"), None, options)
    };
    let Ok(recording) = open(&options) else {
        return;
    };
    let format = recording.format();
    let Ok(whole) = read(recording, Selection::default()) else {
        return;
    };
    if whole.events.len() > MAX_EVENTS {
        return;
    }
    let mut by_index = options.clone();
    by_index.index_in_memory = true;
    let is_without = WITHOUT_INDEX.contains(&format.name);
    assert_eq!(format.open_parts.is_none(), is_without, "{format}");
    let has_index = match open(&by_index) {
        Ok(_) => true,
        // What is packed within, and what an .evz cannot hold, is refused. What was read whole is not damaged.
        Err(error) => {
            let refusals = [
                ErrorKind::Unsupported,
                ErrorKind::LimitExceeded,
                ErrorKind::InvalidArgument,
            ];
            assert!(refusals.contains(&error.kind()), "{format}: {error}");
            false
        }
    };
    let lossless = !whole.report.has_losses();
    let mut times = whole.events.t.clone();
    times.sort_unstable();
    let time = |part: usize| times.get(times.len() * part / 4).copied().unwrap_or(0);
    let n = whole.events.len() as u64;
    for selection in [
        Selection::default(),
        Selection::default().with_time(time(1)..time(3)),
        Selection::default().with_time(time(2)..i64::MAX),
        Selection::default().with_time(i64::MIN..time(2)),
        Selection::default().with_events(n / 3..n / 2),
    ] {
        let expected = part(&whole.events, &selection);
        if lossless {
            let found = read(open(&options).unwrap(), selection.clone()).unwrap();
            assert_eq!(found.events, expected, "{selection:?}");
        }
        if has_index {
            let found = read(open(&by_index).unwrap(), selection.clone()).unwrap();
            assert_eq!(found.events, expected, "by an index, {selection:?}");
            assert!(lossless || found.report.has_losses(), "a loss is not told");
        }
    }
});

struct Read {
    events: EventBatch,
    report: Report,
}

fn read(recording: Recording, selection: Selection) -> Result<Read> {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    let mut source = recording.into_selected(selection);
    while events.len() <= MAX_EVENTS {
        match source.read_batch(&mut batch)? {
            Next::Events(_) => events.extend(batch.as_slice()),
            Next::Rows(_) => {}
            Next::End(_) => break,
        }
    }
    events.extra.clear();
    let report = source.report();
    Ok(Read { events, report })
}

/// The events that are selected, by their definition.
fn part(all: &EventBatch, selection: &Selection) -> EventBatch {
    let in_time = |t: i64| {
        selection
            .time
            .as_ref()
            .is_none_or(|of| of.contains(&t) || of.end == i64::MAX && t >= of.start)
    };
    let in_events = |n: usize| {
        selection
            .events
            .as_ref()
            .is_none_or(|of| of.contains(&(n as u64)))
    };
    let events = all.iter().enumerate();
    events
        .filter(|(n, event)| in_events(*n) && in_time(event.t))
        .map(|(_, event)| event)
        .collect()
}
