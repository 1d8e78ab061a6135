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
