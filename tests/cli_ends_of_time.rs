//! Events at the first and the last instant that there is, in every format that holds them.

mod cli_common;

use cli_common::Folder;

/// Enough for several packets and chunks.
const EVENTS: i64 = 300_000;

fn line(i: i64, first: i64) -> String {
    format!(
        "{} {} {} {}",
        first + i,
        i * 7919 % 320,
        i * 104_729 % 240,
        i % 2
    )
}

#[test]
fn windows_without_an_end_hold_the_last_instant() {
    for first in [i64::MAX - (EVENTS - 1), i64::MIN] {
        let folder = Folder::new();
        let text: String = (0..EVENTS).map(|i| line(i, first) + "\n").collect();
        folder.write("far.txt", text.as_bytes());
        let told = ["--time-unit", "us", "--size", "320x240"];
        folder
            .run(&[&["convert", "far.txt", "far.evz"][..], &told].concat())
            .ends(0);
        let fast = ["convert", "far.evz", "fast.evz", "--profile", "fast"];
        folder.run(&fast).ends(0);
        let last = [line(EVENTS - 2, first), line(EVENTS - 1, first)];
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
        for name in held {
            let from = format!("{}us", EVENTS - 2);
            let run = folder.run(&["cat", name, "--from", &from]).ends(0);
            assert!(run.text().lines().eq(&last), "{name}: {}", run.text());
            let run = folder.run(&["cat", name, "--to", "2us"]).ends(0);
            assert!(
                run.text().lines().eq([line(0, first), line(1, first)]),
                "{name}"
            );
            let all = folder.run(&["cat", name]).ends(0);
            assert_eq!(all.text().lines().count(), EVENTS as usize, "{name}");
        }
    }
}
