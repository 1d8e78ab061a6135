//! How long rows of side streams wait to be taken.

mod common;

use std::io::Cursor;

use common::{
    event,
    v4::{self, File, NONE, stream},
};
use evz_aedat::AedatOptions;
use evz_core::EventBatch;

/// Frames of 4 MB, each behind an event and before one, or none of these.
fn recording(frames: i64, has_events: bool) -> Vec<u8> {
    let streams = [stream(0, "EVTS", "events"), stream(1, "FRME", "frames")];
    let mut file = File::new(NONE, &streams);
    for t in 0..frames {
        if has_events {
            file = file.events(0, &[event(t, 1, 1, 1)]);
        }
        file = file.packet(
            1,
            &v4::new_frame(t, 1, 0, [2_000, 2_000], &vec![7; 4_000_000]),
        );
    }
    file.finish()
}

/// Times of the frames that were taken, and the losses.
fn read(bytes: Vec<u8>, takes: impl Fn(usize) -> bool) -> (Vec<i64>, Vec<(String, u64)>) {
    let options = AedatOptions::default();
    let mut source = evz_aedat::from_reader(Cursor::new(bytes), "-", &options).unwrap();
    let (mut batch, mut times) = (EventBatch::default(), Vec::new());
    for i in 0.. {
        let n = source.read_batch(&mut batch).unwrap();
        if n == 0 || takes(i) {
            let rows = source.take_side_rows();
            times.extend(rows.into_iter().flat_map(|rows| rows.t));
        }
        if n == 0 {
            break;
        }
    }
    let losses = source.report().losses.into_iter();
    (times, losses.map(|loss| (loss.what, loss.count)).collect())
}

#[test]
fn all_rows_come_to_who_takes_them() {
    let all: Vec<i64> = (0..20).collect();
    for has_events in [true, false] {
        let (times, losses) = read(recording(20, has_events), |_| true);
        assert_eq!(times, all);
        assert_eq!(losses, []);
    }
}

#[test]
fn rows_that_nobody_takes_are_dropped_and_that_is_told() {
    let (times, losses) = read(recording(20, true), |_| false);
    assert!(times.len() < 10 && times.ends_with(&[18, 19]), "{times:?}");
    let what = "rows of side streams that were not taken in time".to_owned();
    assert_eq!(losses, [(what, 20 - times.len() as u64)]);
}
