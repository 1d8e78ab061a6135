//! `--time` and `--zero-t0`, of every format that is written, against the times that `cat` prints without.

#[path = "cli_common/mod.rs"]
mod cli_common;
mod common;

use cli_common::Folder;

/// Times in microseconds.
fn times(folder: &Folder, args: &[&str]) -> Vec<i64> {
    let run = folder.run(&[&["cat"], args].concat());
    let time = |line: &str| line.split(' ').next()?.split('.').next()?.parse().ok();
    run.text().lines().filter_map(time).collect()
}

#[test]
fn every_format_counts_from_where_it_is_told() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let folder = Folder::new();
    let recording = recordings.join("evt3.raw");
    let recording = recording.to_str().unwrap();
    let cut = ["--from", "5s", "--to", "5.05s"];
    let first = times(&folder, &[recording, "--events", "0..1"])[0];
    let recorded = times(&folder, &[&[recording], &cut[..]].concat());
    assert!(recorded.len() > 1_000 && first > 0 && recorded[0] > first);
    for (option, zero) in [
        (&["--time", "relative"][..], first),
        (&["--zero-t0"], recorded[0]),
        (&["--time", "absolute"], 0),
    ] {
        let expected: Vec<i64> = recorded.iter().map(|t| t - zero).collect();
        let cat = times(&folder, &[&[recording], &cut[..], option].concat());
        assert_eq!(cat, expected, "{option:?}");
        for name in [
            "out.evz",
            "out.txt",
            "out.raw",
            "out.dat",
            "out.aedat4",
            "out.npy",
            "out.npz",
            "out.parquet",
            "out.arrow",
            "out.es",
            "out.h5",
        ] {
            let args = [&["convert", recording, name, "--force"], &cut[..], option].concat();
            // What was asked for is no loss that nobody agreed to.
            folder.run(&args).ends(0);
            assert_eq!(times(&folder, &[name]), expected, "{name} {option:?}");
        }
    }
}

#[test]
fn a_clock_with_an_epoch_goes_back_to_absolute_times() {
    let folder = Folder::new();
    let lines = "1589163147368868 1 2 1\n1589163147368900 3 4 0\n";
    folder.write("a.txt", lines.as_bytes());
    let convert = |args: &[&str], code| folder.run(&[&["convert"], args].concat()).ends(code);
    convert(&["a.txt", "a.evz", "--time-unit", "us", "--size", "8x8"], 0);
    convert(&["a.evz", "b.evz", "--time", "relative"], 0);
    assert_eq!(times(&folder, &["b.evz"]), [0, 32]);
    // A place without an epoch loses it, and the way out is named.
    convert(&["b.evz", "b.npy"], 3).says("--time absolute");
    convert(&["b.evz", "b.npy", "--force", "--time", "absolute"], 0);
    let absolute = [1_589_163_147_368_868, 1_589_163_147_368_900];
    assert_eq!(times(&folder, &["b.npy"]), absolute);
    let both = ["cat", "b.evz", "--time", "relative", "--zero-t0"];
    folder.run(&both).ends(2);
}

/// A time of the camera's clock that was meant for one after the first event, and the other way round.
#[test]
fn a_time_without_events_says_where_times_count_from() {
    let folder = Folder::new();
    folder.write("a.txt", b"7.139845 1 2 1\n7.500000 3 4 0\n");
    let convert = ["convert", "a.txt", "a.evz", "--size", "8x8"];
    folder.run(&convert).ends(0);
    for input in ["a.txt", "a.evz"] {
        let window = ["--from", "7.2s", "--to", "7.6s", "--size", "8x8"];
        for verb in [&["cat", input][..], &["convert", input, "b.npy", "--force"]] {
            let run = folder.run(&[verb, &window].concat()).ends(0);
            run.says("no event is in the time that is wanted")
                .says("at @7.139845000s");
        }
        let absolute = ["cat", input, "--from", "@7.2s", "--to", "@7.6s"];
        let run = folder.run(&absolute).ends(0);
        assert_eq!(run.text(), "7500000 3 4 0\n");
        assert!(!run.err.contains("no event"), "{}", run.err);
    }
}
