//! Any bytes as text: an error or some events, never a panic; and what was read can be printed.
#![no_main]

use std::io::Cursor;

use evz_core::{
    CreateOptions, EventBatch, EventSource, Input, Next, OnBadLine, OpenOptions, Output, TimeUnit,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = OpenOptions::new().with_on_bad_line(OnBadLine::Skip);
    let found = read(Input::from_bytes(bytes, "fuzz"), &options);
    // What is read once has no pieces from further inside to look at, and is read in other steps.
    if let Ok(input) = Input::from_reader(Cursor::new(bytes.to_vec()), "fuzz") {
        assert_eq!(found, read(input, &options));
    }
    let told = options
        .with_columns("txyp".parse().expect("an order"))
        .with_time_unit(TimeUnit::Microseconds)
        .with_decimals(3);
    read(Input::from_bytes(bytes, "fuzz"), &told);
});

/// Reads everything, and prints it in the shape that it had.
fn read(input: Input, options: &OpenOptions) -> Option<EventBatch> {
    let [text] = evz_text::FORMATS else {
        unreachable!("text is one format");
    };
    (text.probe)(&input.clues());
    let mut source = evz_text::open(input, options).ok()?;
    let output = Output::from_writer(std::io::sink(), "out");
    let mut sink = evz_text::create(output, source.info(), &CreateOptions::new())
        .expect("the shape of a text that was read makes sense");
    let (mut batch, mut all) = (EventBatch::default(), EventBatch::default());
    while let Ok(Next::Events(n)) = source.read_events(&mut batch) {
        assert_eq!(
            [n; 4],
            [batch.t.len(), batch.x.len(), batch.y.len(), batch.p.len()]
        );
        // Times of another number of decimals than most have may not be printable.
        let _ = sink.write_batch(batch.as_slice());
        all.extend(batch.as_slice());
    }
    let _ = sink.finish(&source.closing_metadata());
    Some(all)
}
