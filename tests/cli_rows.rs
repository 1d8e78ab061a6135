//! Rows that are no event, and polarities of other values, in every format of rows.
//! `fixtures/rows/make.py` writes the files with NumPy, h5py and pyarrow, and says which rows are events.

mod cli_common;

use std::path::PathBuf;

use cli_common::Folder;

const FORMATS: [&str; 6] = ["csv", "npy", "npz", "h5", "parquet", "arrow"];

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fixtures/rows", name]
        .iter()
        .collect()
}

/// A folder with a file of these rows in this format, and the events among them.
fn folder_of(rows: &str, format: &str) -> (Folder, String, String) {
    let (folder, name) = (Folder::new(), format!("{rows}.{format}"));
    folder.write(&name, &std::fs::read(fixture(&name)).unwrap());
    let events = std::fs::read_to_string(fixture(&format!("{rows}.events"))).unwrap();
    (folder, name, events)
}

#[test]
fn rows_that_are_no_event_are_skipped_where_that_is_told() {
    for format in FORMATS {
        let (folder, name, events) = folder_of("bad", format);
        let row = if format == "csv" { "line 5" } else { "row 3" };
        let refused = folder.run(&["cat", &name]).ends(1);
        refused.says(row).says("-1").says("pass --on-bad-line skip");
        let run = folder.run(&["cat", &name, "--on-bad-line", "skip"]).ends(0);
        assert_eq!(run.text(), events, "{format}");
        let what = if format == "csv" { "lines" } else { "rows" };
        run.says(&format!("as told: 6 {what} that are no event"))
            .says(row);
        // Any verb takes it.
        let convert = ["convert", &name, "a.evz", "--on-bad-line", "skip"];
        folder.run(&convert).ends(0).says("as told: 6 ");
        let cat = folder.run(&["cat", "a.evz", "--header", "none", "--separator", "space"]);
        assert_eq!(cat.ends(0).text(), events, "{format}");
    }
}

#[test]
fn polarities_of_other_values_are_told() {
    for format in FORMATS {
        let (folder, name, events) = folder_of("signs", format);
        let refused = folder.run(&["cat", &name]).ends(1);
        refused
            .says("0 (14 times), 1 (13 times) and 2 (13 times)")
            .says("pass --polarity-map 1=on,0=off,2=drop or 2=on,0=off,1=drop");
        let told = ["cat", &name, "--polarity-map", "2=on,0=off,1=drop"];
        let run = folder.run(&told).ends(0);
        assert_eq!(run.text(), events, "{format}");
        run.says("as told: 13 ").says("polarity is to be dropped");
        // A value that was not told stops, or is skipped.
        let told = ["cat", &name, "--polarity-map", "2=on,0=off"];
        let refused = folder.run(&told).ends(1);
        refused.says("2 or 0").says("1 (13 times)");
        if format != "csv" {
            let run = folder.run(&[&told[..], &["--on-bad-line", "skip"]].concat());
            assert_eq!(run.ends(0).text(), events, "{format}");
        }
        // And the other way round.
        let told = ["cat", &name, "--polarity-map", "2=off,0=on,1=drop"];
        let turned: String = events
            .lines()
            .map(|line| match line.strip_suffix('1') {
                Some(start) => format!("{start}0\n"),
                None => format!("{}1\n", line.strip_suffix('0').unwrap()),
            })
            .collect();
        assert_eq!(folder.run(&told).ends(0).text(), turned, "{format}");
    }
}

#[test]
fn words_of_polarity_are_told() {
    let folder = Folder::new();
    folder.write(
        "a.txt",
        b"0.001000 1 2 ON\n0.002000 3 4 OFF\n0.003000 5 6 ON\n",
    );
    let refused = folder.run(&["cat", "a.txt"]).ends(1);
    refused.says("pass --polarity-map ON=on,OFF=off or OFF=on,ON=off");
    let run = folder
        .run(&["cat", "a.txt", "--polarity-map", "ON=on,OFF=off"])
        .ends(0);
    assert_eq!(run.text(), "1000 1 2 1\n2000 3 4 0\n3000 5 6 1\n");
}

/// What reads the unit of its times from an option is printed in microseconds all the same.
#[test]
fn events_are_printed_in_microseconds_whatever_their_unit() {
    let ticks: Vec<i64> = (0..50).map(|i| 1_000_000 + i * 1_234).collect();
    let line = |t: &i64| format!("{t} {} 7 {}\n", t % 200, t % 2);
    let expected: String = ticks.iter().map(line).collect();
    for (unit, per_us) in [("s", 1e-6), ("ms", 1e-3), ("us", 1.0), ("ns", 1e3)] {
        let folder = Folder::new();
        // Nanoseconds have more digits, that are all zeros.
        let printed = |text: &str| match unit {
            "ns" => text.replace(".000 ", " "),
            _ => text.to_owned(),
        };
        let row = |t: &i64| {
            let columns = [*t as f64 * per_us, (t % 200) as f64, 7.0, (t % 2) as f64];
            columns.map(f64::to_le_bytes).concat()
        };
        let mut npy = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (50, 4), }";
        npy.extend(format!("{header:<117}\n").bytes());
        npy.extend(ticks.iter().flat_map(row));
        folder.write("a.npy", &npy);
        let time = |t: &i64| match unit {
            "s" => format!("{}.{:06}", t / 1_000_000, t % 1_000_000),
            "ms" => format!("{}.{:03}", t / 1_000, t % 1_000),
            "us" => t.to_string(),
            _ => (t * 1_000).to_string(),
        };
        let text = ticks
            .iter()
            .map(|t| line(t).replacen(&t.to_string(), &time(t), 1));
        let text: String = text.collect();
        folder.write("a.txt", text.as_bytes());
        let told = ["--time-unit", unit];
        for name in ["a.txt", "a.npy"] {
            let cat = folder.run(&[&["cat", name][..], &told].concat()).ends(0);
            assert_eq!(printed(cat.text()), expected, "{name} {unit}");
        }
        let order = ["--columns", "txyp", "--force"];
        for name in ["a.evz", "a.parquet", "a.npz"] {
            let convert = [&["convert", "a.npy", name][..], &told, &order].concat();
            folder.run(&convert).ends(0);
            let cat = folder.run(&["cat", name]).ends(0);
            assert_eq!(printed(cat.text()), expected, "{name} {unit}");
        }
    }
}
