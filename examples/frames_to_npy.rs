//! Frames of 100,000 events each, as one NumPy array of [frames, 1, height, width]:
//!
//!     cargo run --example frames_to_npy -- fixtures/moving.evz target/frames.npy

use std::path::Path;

use evz::render::{CountWindows, NpyWriter, RenderOptions, Representation, Windows};
use evz::{OpenOptions, OutputFile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = args.as_slice() else {
        return Err("usage: frames_to_npy IN OUT.npy".into());
    };
    let windows = Windows::Count(CountWindows::new(100_000, 100_000)?);
    let options = RenderOptions::new(windows, Representation::Signed);
    let mut frames = evz::open(input, &OpenOptions::new())?.into_frames(options)?;

    let (size, of) = (frames.size(), frames.representation());
    let shape = [of.channels(), size.height as usize, size.width as usize];
    let out = OutputFile::create(Path::new(output), false)?;
    let mut array = NpyWriter::new(out, of.value_type(), shape)?;
    let mut n = 0;
    while let Some(frame) = frames.next_frame()? {
        array.write(frame)?;
        n += 1;
    }
    // Only now is there a file of this name.
    array.finish()?.commit()?;
    for loss in frames.report().losses {
        eprintln!("lost: {loss}");
    }
    println!("{output}: {n} frames of {size}");
    Ok(())
}
