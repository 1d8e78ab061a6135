//! Says how many events a file has while it grows, each time with the seconds since 1970, until it is
//! finished:
//!
//!     evz record pipe live.evz & cargo run --example follow -- live.evz

use std::io::{Write, stdout};
use std::thread::sleep;
use std::time::{Duration, UNIX_EPOCH};

use evz::ReadOptions;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file] = args.as_slice() else {
        return Err("usage: follow FILE.evz".into());
    };
    let mut reader = ReadOptions::new().open(file)?;
    loop {
        let now = UNIX_EPOCH.elapsed()?.as_secs_f64();
        println!("{now:.6} {}", reader.n_events());
        stdout().flush()?;
        if reader.unfinished().is_none() {
            return Ok(());
        }
        while !reader.refresh()? {
            if !reader.may_grow() {
                return Err("its writer left it unfinished".into());
            }
            sleep(Duration::from_millis(100));
        }
    }
}
