//! Any bytes as HDF5: an error or some events, never a panic.
#![no_main]

use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions, TimeUnit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let input = Input::from_bytes(bytes.to_vec(), "fuzz.h5");
    (evz_hdf5::FORMATS[0].probe)(&input.clues());
    let options = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    let Ok(sources) = evz_hdf5::open_streams(input, &options) else {
        return;
    };
    let mut batch = EventBatch::default();
    for mut source in sources {
        loop {
            match source.read_batch(&mut batch) {
                Ok(Next::Events(_)) => batch.as_slice().check().unwrap(),
                Ok(Next::Rows(_)) => {}
                Ok(Next::End(_)) | Err(_) => break,
            }
        }
    }
});
