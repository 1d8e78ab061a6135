//! Panics of the `parquet` crate become errors without a word on standard error; those of others
//! speak as ever.

mod common;

use std::process::Command;

use common::{Kind, info, open_bytes, read, write};
use evz_core::{Event, EventBatch, Metadata, OpenOptions, TimeBase};

/// Tells this program that it is the process that is looked at.
const CHILD: &str = "EVZ_ARROW_TEST_CHILD";

#[test]
fn only_panics_that_become_errors_are_silent() {
    let this = std::env::current_exe().unwrap();
    let child = Command::new(this)
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    assert!(said.contains("one of others"), "{said}");
    assert_eq!(said.matches("panicked").count(), 1, "{said}");
}

/// Reads damaged files until `parquet` has panicked, then panics itself.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let events: EventBatch = (0..40)
        .map(|i| Event {
            t: i64::from(i),
            x: i,
            y: i,
            p: 1,
        })
        .collect();
    let us = info(TimeBase::MICROSECONDS);
    let whole = write(Kind::Parquet, &us, &events, &Metadata::new(), 40).unwrap();
    let panicked = |bit: &usize| {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = match open_bytes(flipped, &OpenOptions::new()) {
            Ok(source) => read(source).error,
            Err(error) => Some(error),
        };
        error.is_some_and(|e| e.what().contains("it makes no sense"))
    };
    let caught = (0..whole.len() * 8).filter(panicked).count();
    assert!(caught > 0, "no file at which parquet panics");
    let other = std::thread::spawn(|| panic!("one of others"));
    assert!(other.join().is_err());
}
