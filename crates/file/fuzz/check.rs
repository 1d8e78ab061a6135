//! What holds of any bytes as a file.

use evz_core::{
    EventBatch, EventIndex, EventSource, Input, Metadata, Next, Output, Polarity, Roi, Selection,
};
use evz_file::{ReadOptions, layout, recover_into, verify};

use crate::common::{Shared, expected};

/// Events after which a small input is a bomb, which takes time and not memory.
const MAX_EVENTS: u64 = 1 << 22;

/// Opens, reads, verifies and recovers a file in every way. Of what is verified each part is that part of the whole.
pub(crate) fn check(bytes: &[u8]) {
    let input = || Input::from_bytes(bytes, "fuzz");
    if let Ok(reader) = ReadOptions::new().open_input(input()) {
        let _ = (
            reader.activity(16),
            reader.profiles(),
            EventIndex::report(&reader),
        );
        let is_whole = verify(input()).is_ok();
        if reader.n_events() <= MAX_EVENTS {
            for number in 0..reader.streams().len() {
                reader
                    .of_stream(number)
                    .iter()
                    .for_each(|stream| read(stream, is_whole));
            }
        }
        for (name, _) in EventIndex::side_streams(&reader).unwrap_or_default() {
            if let Ok(parts) = reader.side_rows(&name, None) {
                parts.take(100).for_each(drop);
            }
        }
    }
    let whole = verify(input());
    let _ = layout(input());
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), "recovered");
    if let Ok(report) = recover_into(input(), output, &Metadata::new()) {
        let saved = std::mem::take(&mut *out.0.lock().unwrap());
        let found = verify(Input::from_bytes(saved, "recovered")).expect("what was saved is whole");
        assert_eq!(found.events, report.saved.events);
        if let Ok(whole) = whole {
            assert_eq!(found.events, whole.events, "something whole was lost");
            assert_eq!((report.events_missing, report.rows_missing), (0, 0));
        }
    }
}

fn read(reader: &evz_file::Reader, is_whole: bool) {
    let mut all = EventBatch::default();
    let whole = reader.read(&Selection::default(), &mut all);
    assert!(
        whole.is_ok() || !is_whole,
        "what is verified is not read: {whole:?}"
    );
    if whole.is_ok() {
        assert_eq!(all.len() as u64, reader.n_events());
    }
    let span = reader.summary().span;
    let middle = span.t_min / 2 + span.t_max / 2;
    let n = reader.n_events();
    let roi = Roi {
        x: 3,
        y: 5,
        width: 40,
        height: 30,
    };
    for selection in [
        Selection::default().with_time(span.t_min..middle),
        Selection::default().with_time(middle..i64::MAX),
        Selection::default().with_events(n / 3..n / 2),
        Selection::default()
            .with_roi(roi)
            .with_polarity(Polarity::On),
    ] {
        let mut batch = EventBatch::default();
        match reader.read(&selection, &mut batch) {
            Ok(_) if is_whole => assert_eq!(batch, expected(&all, &selection), "{selection:?}"),
            Ok(_) => assert!(batch.p.iter().all(|p| *p <= 1)),
            Err(error) => assert!(!is_whole, "what is verified is not read: {error}"),
        }
    }
    let _ = reader.events_before(middle);
    let mut source = reader.source(&Selection::default());
    let (mut batch, mut total) = (EventBatch::default(), 0);
    while let Ok(Next::Events(read)) = source.read_events(&mut batch) {
        total += read;
    }
    assert!(total as u64 <= n);
}
