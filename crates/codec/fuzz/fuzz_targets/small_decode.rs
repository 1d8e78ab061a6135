//! Any bytes as a payload of `small` under right checksums: an error or some events, never a panic.
//! The loops with and without vector instructions agree, and so do a part and the whole.
#![no_main]

#[path = "../input.rs"]
#[allow(dead_code, reason = "inputs are written elsewhere")]
mod input;
#[path = "../../tests/cases/mend.rs"]
#[allow(dead_code, reason = "the checksums of one codec are enough")]
mod mend;

use std::ops::Range;

use evz_codec::{Decoder, Payload, SMALL};
use evz_core::{Columns, ColumnsMut, EventBatch};
use input::Input;
use libfuzzer_sys::fuzz_target;

fn decode(payload: Payload<'_>, range: Range<usize>, columns: Columns) -> Option<EventBatch> {
    let [vectors, portable] = [false, true].map(|portable| {
        let mut batch = EventBatch::default();
        batch.resize(range.len(), columns);
        let out = ColumnsMut {
            t: columns.t.then_some(&mut batch.t),
            x: columns.x.then_some(&mut batch.x),
            y: columns.y.then_some(&mut batch.y),
            p: columns.p.then_some(&mut batch.p),
        };
        let result = if portable {
            SMALL.decode_portable(payload, range.clone(), out)
        } else {
            SMALL.decode(payload, range.clone(), out)
        };
        result.map(|()| batch).map_err(|e| e.to_string())
    });
    assert_eq!(vectors, portable);
    vectors.ok()
}

fuzz_target!(|bytes: &[u8]| {
    let Some(mut input) = Input::read(bytes) else {
        return;
    };
    mend::small(
        &mut input.bytes,
        input.toc_len.into(),
        input.n_events.into(),
    );
    let (payload, columns) = (input.payload(), input.columns);
    let end = usize::from(input.range.end).min(payload.n_events);
    let range = usize::from(input.range.start).min(end)..end;

    let part = decode(payload, range.clone(), columns);
    if let Some(whole) = decode(payload, 0..payload.n_events, Columns::ALL) {
        let mut expected = EventBatch::default();
        expected.extend(whole.as_slice().slice(range));
        expected.resize(expected.len(), columns);
        assert_eq!(part, Some(expected));
        let _ = SMALL.check(payload, whole.as_slice());
    }

    let times = input.t..input.t.saturating_add(1_000);
    if let Ok(window) = SMALL.window(payload, times.clone()) {
        assert_eq!(
            SMALL.lower_bound(payload, times.start).ok(),
            Some(window.start)
        );
        assert_eq!(SMALL.lower_bound(payload, times.end).ok(), Some(window.end));
        assert!(window.start <= payload.n_events && window.end <= payload.n_events);
    }
});
