//! Any bytes as a bag, as MCAP or as a database: an error or some events of each topic, never a panic.
#![no_main]

use evz_core::{EventBatch, Input, Next, OpenOptions};
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
        loop {
            match source.read_batch(&mut batch) {
                Ok(Next::Events(_)) => batch.as_slice().check().unwrap(),
                Ok(Next::Rows(rows)) => assert!(!rows.is_empty()),
                Ok(Next::End(_)) | Err(_) => break,
            }
        }
        let _ = source.report();
        source.closing_metadata();
    }
});
