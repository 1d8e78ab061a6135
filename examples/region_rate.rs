//! The mean event rate of a region of pixels, for each 10 ms of a recording that has events there:
//!
//!     cargo run --example region_rate -- fixtures/events.txt 100 50 64 64

use std::collections::BTreeMap;

use evz::{EventBatch, Next, OpenOptions, Roi, Wanted};

const BIN_US: i128 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, x, y, width, height] = args.as_slice() else {
        return Err("usage: region_rate FILE X Y WIDTH HEIGHT".into());
    };
    let roi = Roi {
        x: x.parse()?,
        y: y.parse()?,
        width: width.parse()?,
        height: height.parse()?,
    };
    let recording = evz::open(file, &OpenOptions::new())?;
    let mut events = recording.select(&Wanted::all().with_roi(roi))?;
    let time_base = events.info().time_base;
    let mut bins = BTreeMap::<i128, u32>::new();
    let mut batch = EventBatch::default();
    let report = loop {
        if let Next::End(report) = events.read_events(&mut batch)? {
            break report;
        }
        for &t in &batch.t {
            *bins
                .entry(time_base.to_microseconds(t).div_euclid(BIN_US))
                .or_default() += 1;
        }
    };
    for loss in report.losses {
        eprintln!("lost: {loss}");
    }
    println!("start_us,events_per_s");
    for (bin, n) in bins {
        println!("{},{}", bin * BIN_US, f64::from(n) * 1e6 / BIN_US as f64);
    }
    Ok(())
}
