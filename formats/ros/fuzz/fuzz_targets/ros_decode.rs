//! Any bytes as a bag, as MCAP or as a database: an error or some events of each topic, never a panic.
#![no_main]

use evz_core::{EventBatch, Input, OpenOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let input = Input::from_bytes(bytes, "fuzz");
    let clues = input.clues();
    if !evz_ros::FORMATS.iter().any(|f| (f.probe)(&clues).is_some()) {
        return;
    }
    let Ok(sources) = evz_ros::open_streams(input, &OpenOptions::new()) else {
        return;
    };
    for mut source in sources {
        let mut batch = EventBatch::default();
        while let Ok(n) = source.read_batch(&mut batch) {
            batch.as_slice().check().unwrap();
            let rows = source.take_side_rows();
            if n == 0 && rows.is_empty() {
                break;
            }
            for rows in rows {
                assert!(!rows.is_empty());
            }
        }
        let _ = source.report();
        source.closing_metadata();
    }
});
