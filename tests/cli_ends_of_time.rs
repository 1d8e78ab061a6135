//! Events at the first and the last instant that there is, in every format that holds them.

mod cli_common;

use cli_common::Folder;

/// Enough for several packets and chunks.
const EVENTS: i64 = 300_000;

/// Events at the same instant at an end: some packets and chunks have no other.
const TIED: i64 = 20_000;

fn lines(time: impl Fn(i64) -> i64) -> Vec<String> {
    let line = |i: i64| {
        let (t, x, y) = (time(i), i * 7919 % 320, i * 104_729 % 240);
        format!("{t} {x} {y} {}", i % 2)
    };
    (0..EVENTS).map(line).collect()
}

/// Writes the events in every format that holds them; the names of the files.
fn written(folder: &Folder, lines: &[String]) -> Vec<&'static str> {
    folder.write("far.txt", (lines.join("\n") + "\n").as_bytes());
    let to_evz = ["convert", "far.txt", "far.evz"];
    let told = ["--time-unit", "us", "--size", "320x240"];
    folder.run(&[&to_evz[..], &told].concat()).ends(0);
    let fast = ["convert", "far.evz", "fast.evz", "--profile", "fast"];
    folder.run(&fast).ends(0);
    let mut held = vec!["far.evz", "fast.evz"];
    for name in [
        "a.parquet",
        "a.arrow",
        "a.npy",
        "a.npz",
        "a.h5",
        "a.aedat4",
        "a.raw",
    ] {
        let run = folder.run(&["convert", "far.evz", name]);
        match run.code {
            Some(0) => held.push(name),
            // Whoever cannot hold such times says so.
            _ => assert!(run.err.contains("time"), "{name}: {}", run.err),
        }
    }
    assert!(held.len() >= 6, "{held:?}");
    held
}

#[test]
fn windows_without_an_end_hold_the_last_instant() {
    let folder = Folder::new();
    let lines = lines(|i| i64::MAX - (EVENTS - TIED - i).max(0));
    let from = format!("{}us", EVENTS - TIED);
    for name in written(&folder, &lines) {
        let run = folder.run(&["cat", name, "--from", &from]).ends(0);
        let last = &lines[(EVENTS - TIED) as usize..];
        assert!(run.text().lines().eq(last), "{name}");
    }
}

#[test]
fn windows_from_the_start_hold_the_first_instant() {
    let folder = Folder::new();
    let lines = lines(|i| i64::MIN + (i - TIED).max(0));
    for name in written(&folder, &lines) {
        let run = folder.run(&["cat", name, "--to", "1us"]).ends(0);
        assert!(run.text().lines().eq(&lines[..=TIED as usize]), "{name}");
    }
}
