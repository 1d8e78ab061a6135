//! Rows of side streams come before later events, so that outputs which write both in the order of time have
//! them: triggers go from RAW to any format and back.

use std::path::Path;

use evz::{
    CreateOptions, Event, EventBatch, Metadata, NextRows, OnUnsorted, OpenOptions, SideColumn,
    SideRows, SideValues, StreamInfo, TimeBase, Wanted,
};

const EVENTS: i64 = 400_000;
/// Microseconds from one trigger to the next.
const APART: i64 = 700;

/// A recording of several blocks and chunks with a trigger now and then, by the writer of RAW.
fn write(path: &Path) {
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(evz::SensorSize {
        width: 640,
        height: 480,
    });
    let raw = evz::create(path, &info, &CreateOptions::new(), false);
    let mut sink = raw.unwrap();
    for at in (0..EVENTS).step_by(1_000) {
        let triggers: Vec<i64> = (at..at + 1_000).filter(|t| t % APART == 0).collect();
        let mut rows = SideRows::new(
            "triggers",
            vec![
                SideColumn::new("polarity", SideValues::Bool(vec![true; triggers.len()])),
                SideColumn::new("id", SideValues::U8(vec![1; triggers.len()])),
            ],
        );
        rows.t = triggers;
        assert!(sink.write_side(rows).unwrap());
        let event = |t| Event {
            t,
            x: (t % 640) as u16,
            y: (t % 480) as u16,
            p: (t % 2) as u8,
        };
        let events: EventBatch = (at..at + 1_000).map(event).collect();
        sink.write_batch(events.as_slice()).unwrap();
    }
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());
}

/// Times of the triggers of a file.
fn triggers(path: &Path) -> Vec<i64> {
    let recording = evz::open(path, &OpenOptions::new()).unwrap();
    let mut table = recording
        .into_side_table("triggers", &Wanted::all())
        .unwrap();
    let mut times = Vec::new();
    loop {
        match table.next_rows().unwrap() {
            NextRows::Rows(rows) => times.extend(rows.t),
            NextRows::End(report) => {
                assert!(!report.has_losses(), "{report:?}");
                return times;
            }
        }
    }
}

#[test]
fn triggers_go_through_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(&path("a.raw"));
    let expected: Vec<i64> = (0..EVENTS).filter(|t| t % APART == 0).collect();
    assert_eq!(triggers(&path("a.raw")), expected);
    for on_unsorted in [OnUnsorted::Keep, OnUnsorted::Sort] {
        for (from, to) in [("a.raw", "a.evz"), ("a.raw", "b.raw"), ("a.evz", "c.raw")] {
            let mut conversion = evz::Conversion::new();
            conversion.on_unsorted = on_unsorted;
            let format = to.rsplit('.').next().unwrap();
            let input = evz::Input::open(path(from)).unwrap();
            let create = || evz::create_output(path(to), true);
            let format = evz::format(format).unwrap();
            let done = conversion
                .run(vec![input], format, create, &mut ())
                .unwrap();
            assert!(
                !done.report.has_losses(),
                "{from} to {to}: {:?}",
                done.report
            );
            assert_eq!(
                triggers(&path(to)),
                expected,
                "{from} to {to}, {on_unsorted:?}"
            );
        }
    }
}
