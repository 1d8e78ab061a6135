//! Converts a recording of any format into the one that the name of the output stands for, and says
//! what was inferred and what was lost:
//!
//!     cargo run --example convert -- fixtures/events.txt target/events.evz

use evz::{CreateOptions, OpenOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = args.as_slice() else {
        return Err("usage: convert IN OUT".into());
    };
    let recording = evz::open(input, &OpenOptions::new())?;
    for line in recording.report().inferred {
        println!("{line}");
    }
    let sink = evz::create(
        output,
        &recording.info_for_copy(),
        &CreateOptions::new(),
        true,
    )?;
    let mut events = 0;
    let copied = evz::copy_with(&mut *recording.into_source(), sink, |n, _| {
        events += n;
        eprint!("\r{events} events");
    })?;
    eprintln!();
    println!("{output}: {} events", copied.events);
    for note in &copied.report.notes {
        println!("note: {note}");
    }
    for loss in &copied.report.losses {
        println!("lost: {loss}");
    }
    Ok(())
}
