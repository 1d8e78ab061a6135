//! Windows at both ends of time: of `i64` ticks, and of event numbers.

mod common;

use common::{expected, file_by, open, read};
use evz_codec::{Codec, FAST, SMALL, SMALL_GPU};
use evz_core::{Event, EventBatch, EventIndex, EventSource, Next, Selected, Selection};
use proptest::prelude::*;

/// Times at and near the ends, and in the middle.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(i64::MIN),
        Just(i64::MAX),
        (0..3i64).prop_map(|back| i64::MAX - back),
        (0..3i64).prop_map(|on| i64::MIN + on),
        -2..2i64,
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..40u64, (0..3u64).prop_map(|back| u64::MAX - back)]
}

fn codec() -> impl Strategy<Value = &'static dyn Codec> {
    prop_oneof![
        Just(&FAST as &dyn Codec),
        Just(&SMALL as &dyn Codec),
        Just(&SMALL_GPU as &dyn Codec),
    ]
}

proptest! {
    #[test]
    fn windows_hold_the_first_and_the_last_instant(
        mut times in prop::collection::vec(time(), 1..30),
        in_order: bool,
        codec in codec(),
        chunk_events in 1..12u32,
        windows in prop::collection::vec((time(), time()), 1..8),
        numbers in prop::collection::vec((number(), number()), 1..4),
    ) {
        if in_order {
            times.sort_unstable();
        }
        let event = |(i, t): (usize, &i64)| Event { t: *t, x: i as u16, y: 7, p: (i % 2) as u8 };
        let all: EventBatch = times.iter().enumerate().map(event).collect();
        let reader = open(file_by(codec, &all, chunk_events)).unwrap();
        let windows = windows.into_iter().map(|(a, b)| a..b);
        let open_ended = [i64::MIN..i64::MAX, times[0]..i64::MAX, i64::MIN..times[0]];
        let selections = windows.chain(open_ended).map(|t| Selection::default().with_time(t));
        let numbers = numbers.into_iter().map(|(a, b)| Selection::default().with_events(a..b));
        for s in selections.chain(numbers) {
            let wanted = expected(&all, &s);
            prop_assert_eq!(&read(&reader, &s).unwrap(), &wanted, "{:?}", s);
            // As a stream, and as any source is narrowed.
            let streamed = collected(&mut reader.batches(&s));
            prop_assert_eq!(&streamed, &wanted, "{:?}", s);
            let whole = reader.batches(&Selection::default());
            prop_assert_eq!(&collected(&mut Selected::new(whole, s.clone())), &wanted, "{:?}", s);
            if let (Some(time), true) = (&s.time, all.t.is_sorted()) {
                let ends = (reader.events_before(time.start), reader.events_until(time.end));
                let (start, end) = (ends.0.unwrap(), ends.1.unwrap());
                prop_assert_eq!(end.saturating_sub(start), wanted.len() as u64, "{:?}", s);
            }
        }
    }
}

fn collected(source: &mut dyn EventSource) -> EventBatch {
    let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
    loop {
        match source.read_batch(&mut batch).unwrap() {
            Next::Events(_) => all.extend(batch.as_slice()),
            Next::Rows(_) => {}
            Next::End(_) => return all,
        }
    }
}
