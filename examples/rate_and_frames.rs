//! The event rate of a recording as CSV, a line a millisecond, and its frames of 33 ms as one NumPy array of
//! [frames, 2, height, width], noise left out:
//!
//!     cargo run --example rate_and_frames -- fixtures/events.txt target/rate.csv target/frames.npy

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use evz::render::{NpyWriter, Representation};
use evz::{OpenOptions, Origin, OutputFile, Wanted};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, rate_file, frames_file] = args.as_slice() else {
        return Err("usage: rate_and_frames IN OUT.csv OUT.npy".into());
    };
    // Any format, with the filters that are told; times count from the first event.
    let options = OpenOptions::new().with_filter("background=5ms".parse()?);
    let wanted = Wanted::all().with_origin(Origin::FirstEvent);

    let rate = evz::rate(
        evz::open(input, &options)?,
        &wanted,
        Duration::from_millis(1),
    )?;
    let mut lines = BufWriter::new(std::fs::File::create(rate_file)?);
    writeln!(lines, "t_us,on,off")?;
    for (i, bin) in rate.bins.iter().enumerate() {
        let start = rate.start_of(i) as i64;
        let us = rate.time_base.to_microseconds(start);
        writeln!(lines, "{us},{},{}", bin.on, bin.off)?;
    }
    lines.flush()?;

    let recording = evz::open(input, &options)?;
    let every = Duration::from_millis(33);
    let mut frames = recording.frames(&wanted, every, Representation::Counts)?;
    let (size, of) = (frames.size(), frames.representation());
    let shape = [of.channels(), size.height as usize, size.width as usize];
    let out = OutputFile::create(Path::new(frames_file), false)?;
    let mut array = NpyWriter::new(out, of.value_type(), shape)?;
    while let Some(frame) = frames.next_frame()? {
        array.write(frame)?;
    }
    // Only now is there a file of this name.
    array.finish()?.commit()?;
    for loss in frames.report().losses {
        eprintln!("lost: {loss}");
    }
    println!(
        "{} events in {} ms, frames of {size}",
        rate.n_events(),
        rate.bins.len()
    );
    Ok(())
}
