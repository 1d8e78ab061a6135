//! What the verbs give.

#[path = "cli_common/mod.rs"]
mod common;

use common::{Folder, text};
use serde_json::{Value, json};

fn json(folder: &Folder, args: &[&str]) -> Value {
    serde_json::from_str(folder.run(args).ends(0).text()).expect("it is JSON")
}

#[test]
fn text_goes_to_a_file_and_back_to_the_same_bytes() {
    let folder = Folder::new();
    folder.write("events.txt", text(70_000).as_bytes());
    folder
        .run(&["convert", "events.txt"])
        .ends(0)
        .says("read as: t x y p, seconds (6 decimals), polarity 0/1")
        .says("it gives the same bytes")
        .says("events.evz: 70,000 events");
    folder.run(&["convert", "events.evz", "back.txt"]).ends(0);
    assert_eq!(folder.read("back.txt"), text(70_000).into_bytes());
}

#[test]
fn compressed_text_comes_back_too() {
    let folder = Folder::with_events(5_000);
    for name in ["a.txt.gz", "a.txt.zst", "B.TXT.GZ"] {
        folder.run(&["convert", "events.evz", name]).ends(0);
        assert!(
            folder.read(name).len() < text(5_000).len() / 2,
            "{name} is compressed"
        );
        let run = folder
            .run(&["convert", name, "-", "--output-format", "text"])
            .ends(0);
        assert_eq!(run.text(), text(5_000), "{name}");
    }
}

#[test]
fn a_window_of_cat_is_a_slice_of_all() {
    let folder = Folder::with_events(100_000);
    let all = folder.run(&["cat", "events.evz"]).ends(0);
    let lines: Vec<&str> = all.text().lines().collect();
    assert_eq!(lines.len(), 100_000);
    assert_eq!(lines[0], "5000000 0 0 0");
    for file in ["events.evz", "events.txt"] {
        let cat = |selection: &[&str]| {
            let args = [&["cat", file][..], selection].concat();
            let run = folder.run(&args).ends(0);
            run.text().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            cat(&["--from", "12ms", "--to", "12.5ms"]),
            lines[12_000..12_500]
        );
        assert_eq!(cat(&["--from", "70000us"]), lines[70_000..]);
        assert_eq!(cat(&["--to", "@5.000003"]), lines[..3]);
        assert_eq!(
            cat(&["--from", "@5.0999995", "--to", "1m"]),
            lines[100_000..]
        );
        assert_eq!(cat(&["--events", "65530..65540"]), lines[65_530..65_540]);
        assert_eq!(cat(&["--events", "99990.."]), lines[99_990..]);
        let on: Vec<_> = lines
            .iter()
            .copied()
            .filter(|l| l.ends_with(" 1"))
            .collect();
        assert_eq!(cat(&["--polarity", "on"]), on);
        let inside = |l: &&str| {
            let n: Vec<u32> = l.split(' ').map(|n| n.parse().expect("a number")).collect();
            (10..20).contains(&n[1]) && (100..150).contains(&n[2])
        };
        let region: Vec<_> = lines.iter().copied().filter(inside).collect();
        assert!(!region.is_empty());
        assert_eq!(cat(&["--roi", "10,100,10,50"]), region);
    }
}

#[test]
fn a_converted_window_holds_the_window() {
    let folder = Folder::with_events(10_000);
    let window = ["--from", "1ms", "--to", "2ms", "--polarity", "off"];
    let args = [&["convert", "events.evz", "part.evz"][..], &window].concat();
    folder.run(&args).ends(0);
    let args = [&["cat", "events.evz"][..], &window].concat();
    assert_eq!(folder.run(&["cat", "part.evz"]).out, folder.run(&args).out);
}

#[test]
fn text_is_written_as_asked() {
    let folder = Folder::with_events(2);
    let style = [
        "--columns",
        "xypt",
        "--time-unit",
        "ms",
        "--separator",
        "semicolon",
    ];
    let more = ["--polarity-style", "-1/1", "--header", "names"];
    let run = folder
        .run(&[&["cat", "events.evz"][..], &style, &more].concat())
        .ends(0);
    assert_eq!(run.text(), "x;y;p;t_ms\n0;0;-1;5000.000\n7;13;1;5000.001\n");
    let run = folder
        .run(&["cat", "events.evz", "--polarity-style", "true/false"])
        .ends(0);
    assert_eq!(run.text(), "5000000 0 0 false\n5000001 7 13 true\n");
}

#[test]
fn info_says_what_a_file_holds() {
    let folder = Folder::with_events(100_000);
    let evz = json(&folder, &["info", "events.evz", "--json"]);
    let text = json(&folder, &["info", "events.txt", "--json"]);
    for (key, expected) in [
        ("events", Value::from(100_000)),
        ("on", Value::from(33_333)),
        ("off", Value::from(66_667)),
        ("width", Value::Null),
        ("height", Value::Null),
        ("x_max", Value::from(319)),
        ("t_first_us", Value::from(5_000_000)),
        ("t_last_us", Value::from(5_099_999)),
        ("time_base_ns", Value::from(1_000)),
        ("tick", json!({"numerator": 1, "denominator": 1_000_000})),
        ("clock", json!({"kind": "unknown", "epoch": 0})),
        ("sorted", Value::from(true)),
        ("source", Value::from("events.txt")),
    ] {
        assert_eq!(evz[key], expected, "{key}");
        assert_eq!(text[key], expected, "{key} of text");
    }
    assert_eq!(evz["profile"], "small");
    assert_eq!(evz["chunks"], 2);
    assert_eq!(evz["bytes"], folder.read("events.evz").len());
    assert!(
        evz["bits_per_event"]
            .as_f64()
            .is_some_and(|b| b > 1.0 && b < 40.0)
    );
    assert_eq!(evz["metadata"]["source.file"], "events.txt");
    let page = folder.run(&["info", "events.evz"]).ends(0);
    for part in [
        "100,000 (33,333 on, 66,667 off)",
        "size unknown",
        "99.999 ms",
        "█",
        "events.txt",
    ] {
        assert!(
            page.text().contains(part),
            "{part:?} is not in: {}",
            page.text()
        );
    }
}

#[test]
fn odd_ticks_and_clocks_are_told_and_selected_by() {
    let folder = Folder::new();
    // 24 MHz, and 1589163147.368868 s after 1970.
    let remarks = "# evz.tick: 1/24000000 s\n# evz.clock: unix\n# evz.epoch: 38139915536852832 x 1/24000000 s\n";
    let text = format!("{remarks}0 1 2 1\n24 3 4 0\n25 5 6 1\n");
    folder.write("a.txt", text.as_bytes());
    // A timestamp counts no such ticks, and what the refusal names is accepted.
    for name in ["a.parquet", "a.arrow"] {
        let convert = ["convert", "a.txt", name, "--columns", "txyp"];
        folder.run(&convert).ends(1).says("--round ns");
        let rounded = [&convert[..], &["--round", "ns"]].concat();
        folder.run(&rounded).ends(0);
    }
    for name in ["a.evz", "a.npz"] {
        folder
            .run(&["convert", "a.txt", name, "--columns", "txyp"])
            .ends(0);
        let facts = json(&folder, &["info", name, "--json"]);
        assert_eq!(
            facts["tick"],
            json!({"numerator": 1, "denominator": 24_000_000})
        );
        assert_eq!(facts.get("time_base_ns"), None);
        let epoch = 38_139_915_536_852_832_u64;
        assert_eq!(facts["clock"], json!({"kind": "unix", "epoch": epoch}));
        let page = folder.run(&["info", name]).ends(0);
        for part in [
            "in ticks of 1/24000000 s",
            "Unix, from 1970, on which times count from 1589163147.368868 s",
        ] {
            assert!(page.text().contains(part), "{part:?}: {}", page.text());
        }
        assert_eq!(folder.run(&["cat", name]).ends(0).text(), text);
        let from = |from: &str| {
            let run = folder.run(&["cat", name, "--from", from]).ends(0);
            run.text().replace(remarks, "")
        };
        assert_eq!(from("@1589163147.368869"), "24 3 4 0\n25 5 6 1\n");
        assert_eq!(from("@1589163147.368869001"), "25 5 6 1\n");
        assert_eq!(from("1us"), "24 3 4 0\n25 5 6 1\n");
    }
    // What holds microseconds refuses, exactly, and names the event.
    let run = folder.run(&["convert", "a.npz", "a.aedat4", "--size", "9x9"]);
    run.ends(1).says("it is at 25 ticks of 1/24000000 s");
    let run = folder.run(&[
        "convert", "a.npz", "a.aedat4", "--size", "9x9", "--events", "0..2",
    ]);
    run.ends(0);
    // What a format's document says of its times, and no more.
    folder.run(&["convert", "a.aedat4", "b.npy"]).ends(0);
    folder
        .run(&["convert", "b.npy", "b.raw", "--size", "9x9"])
        .ends(0);
    for (name, kind) in [
        ("a.aedat4", "unix"),
        ("b.npy", "unknown"),
        ("b.raw", "sensor"),
    ] {
        let facts = json(&folder, &["info", name, "--json"]);
        assert_eq!(facts["clock"], json!({"kind": kind, "epoch": 0}), "{name}");
    }
    // An epoch without a place is a loss.
    let run = folder.run(&["convert", "a.parquet", "a.npy"]);
    run.ends(3).says("epoch");
    let times = folder.run(&["cat", "a.aedat4"]).ends(0);
    assert_eq!(
        times.text(),
        "1589163147368868 1 2 1\n1589163147368869 3 4 0\n"
    );
}

#[test]
fn info_of_a_recording_without_events() {
    let folder = Folder::with_events(10);
    folder
        .run(&["convert", "events.evz", "none.evz", "--events", "5..5"])
        .ends(0);
    let facts = json(&folder, &["info", "none.evz", "--json"]);
    assert_eq!(facts["events"], 0);
    assert_eq!(facts["t_first_us"], Value::Null);
    assert!(
        folder
            .run(&["info", "none.evz"])
            .ends(0)
            .text()
            .contains("none")
    );
    assert_eq!(
        folder
            .run(&["cat", "none.evz", "--from", "1s"])
            .ends(0)
            .text(),
        ""
    );
    folder.run(&["digest", "none.evz"]).ends(0);
}

#[test]
fn layout_lists_the_records() {
    let folder = Folder::with_events(10);
    let layout = json(&folder, &["info", "events.evz", "--layout"]);
    assert!(
        layout["records"]
            .as_array()
            .is_some_and(|records| records.len() == 2)
    );
    assert_eq!(layout["header"]["magic"], "8945565a0d0a1a0a");
    assert_eq!(layout["records"][0]["header"]["magic"], "45565a52");
    assert!(!layout.to_string().contains("reserved"));
}

#[test]
fn info_tells_empty_time_from_quiet_time() {
    let folder = Folder::new();
    let mut events = text(1_000);
    events += "5.065535 1 1 1\n";
    folder.write("burst.txt", events.as_bytes());
    let page = folder.run(&["info", "burst.txt"]).ends(0);
    let bars = format!("  {:9} █{}▁\n", "", " ".repeat(62));
    assert!(page.text().contains(&bars), "{}", page.text());
    folder.write("slow.txt", b"0.1 1 1 1\n0.2 2 2 0\n0.3 1 1 1\n");
    let seconds = ["convert", "slow.txt", "slow.evz", "--time-unit", "s"];
    folder.run(&seconds).ends(0);
    let page = folder.run(&["info", "slow.evz"]).ends(0);
    assert!(
        page.text().contains("in ticks of 100 ms"),
        "{}",
        page.text()
    );
}

#[test]
fn a_digest_is_of_the_events_alone() {
    let folder = Folder::with_events(1_000);
    let run = folder.run(&["digest", "events.txt", "events.evz"]).ends(0);
    let lines: Vec<_> = run
        .text()
        .lines()
        .filter_map(|l| l.split_once("  "))
        .collect();
    assert_eq!((lines[0].1, lines[1].1), ("events.txt", "events.evz"));
    assert_eq!(lines[0].0, lines[1].0);
    folder.write("nanoseconds.txt", b"0.000001234 1 2 1\n0.000002345 3 4 0\n");
    let fine = folder
        .run(&["digest", "nanoseconds.txt"])
        .ends(0)
        .says("rounded down");
    folder.write("microseconds.txt", b"0.000001 1 2 1\n0.000002 3 4 0\n");
    let coarse = folder.run(&["digest", "microseconds.txt"]).ends(0);
    assert_eq!(fine.text()[..64], coarse.text()[..64]);
}

#[test]
fn the_same_seed_gives_the_same_recording() {
    let folder = Folder::new();
    let synth = |name: &str, seed: &str, threads: &str| {
        let size = ["--size", "64x48", "--events", "100k"];
        let args = [
            &["synth", name][..],
            &size,
            &["--seed", seed, "--threads", threads],
        ]
        .concat();
        folder.run(&args).ends(0).says("100,000 events");
    };
    synth("a.evz", "7", "1");
    synth("b.evz", "7", "2");
    synth("c.evz", "8", "2");
    synth("a.csv", "7", "2");
    assert_eq!(folder.read("a.evz"), folder.read("b.evz"));
    assert_ne!(folder.read("a.evz"), folder.read("c.evz"));
    let facts = json(&folder, &["info", "a.evz", "--json"]);
    assert_eq!(
        (&facts["width"], &facts["height"]),
        (&Value::from(64), &Value::from(48))
    );
    let lines = folder.read("a.csv").iter().filter(|b| **b == b'\n').count();
    assert_eq!(lines, 100_000);
}

#[test]
fn benches_give_figures() {
    let folder = Folder::with_events(50_000);
    for (operation, file) in [
        ("parse", "events.txt"),
        ("encode", "events.evz"),
        ("decode", "events.evz"),
    ] {
        let figures = json(&folder, &["bench", operation, file, "--json"]);
        assert_eq!(figures["events"], 50_000, "{operation}");
        assert!(
            figures["events_per_s"].as_f64().is_some_and(|v| v > 0.0),
            "{operation}"
        );
        assert!(
            figures["bytes_per_s"].as_f64().is_some_and(|v| v > 0.0),
            "{operation}"
        );
    }
    let starts = "5000000,5010000,5049990";
    let windows = ["--window-us", "20", "--starts-us", starts];
    let figures = json(
        &folder,
        &[&["bench", "query", "events.evz", "--json"][..], &windows].concat(),
    );
    assert_eq!(figures["events"], 20 + 20 + 10);
    assert!(figures["us_per_query"].as_f64().is_some_and(|v| v > 0.0));
    // Without options it draws windows itself.
    let figures = json(&folder, &["bench", "query", "events.evz", "--json"]);
    assert!(figures["events"].as_u64().is_some_and(|n| n > 0));
    folder
        .run(&["bench", "decode", "events.txt"])
        .ends(2)
        .says("evz convert");
}

#[test]
fn bench_matrix_has_a_row_for_every_sensor() {
    let folder = Folder::new();
    let matrix = ["bench", "--matrix", "--up-to", "3000", "--csv", "m.csv"];
    let run = folder.run(&matrix).ends(0);
    assert_eq!(run.text().lines().count(), 2 + 4, "{}", run.text());
    let csv = String::from_utf8(folder.read("m.csv")).expect("CSV is text");
    let rows: Vec<Vec<&str>> = csv.lines().map(|l| l.split(',').collect()).collect();
    let sensors: Vec<&str> = rows[1..].iter().map(|row| row[1]).collect();
    assert_eq!(sensors, ["240x180", "640x480", "1280x720", "1920x1080"]);
    for row in &rows[1..] {
        assert_eq!((row.len(), row[2]), (rows[0].len(), "3000"));
        for figure in ["convert_s", "bits_per_event", "decode_events_per_s"] {
            let column = rows[0].iter().position(|name| *name == figure);
            let value: f64 = row[column.expect(figure)].parse().expect(figure);
            assert!(value > 0.0, "{figure}: {csv}");
        }
    }
    folder.run(&matrix).ends(2).says("m.csv: exists");
    assert_eq!(folder.names(), ["m.csv"]);
}

/// Metadata of a file that is cut are said to be so, as its events are.
#[test]
fn meta_tells_of_a_file_that_is_not_whole() {
    let folder = Folder::with_events(900);
    let whole = folder.run(&["meta", "events.evz", "--set", "place=Zurich"]);
    whole.ends(0);
    let bytes = folder.read("events.evz");
    folder.write("cut.evz", &bytes[..bytes.len() - 40]);
    let said = folder.run(&["info", "cut.evz"]).ends(3);
    let meta = folder.run(&["meta", "cut.evz"]).ends(3);
    assert_eq!(meta.err, said.err);
    assert_eq!(
        folder.run(&["meta", "cut.evz", "--json"]).ends(3).err,
        said.err
    );
    folder.run(&["meta", "events.evz"]).ends(0);
}

/// A whole number that is no i64 would be another one as a float.
#[test]
fn meta_takes_numbers_that_it_keeps() {
    let folder = Folder::with_events(10);
    let set = |pair: &str| folder.run(&["meta", "events.evz", "--set-json", pair]);
    for number in [
        "18446744073709551615",
        "9223372036854775808",
        "-99999999999999999999",
    ] {
        set(&format!("id={number}"))
            .ends(2)
            .says("whole numbers are from -2^63");
    }
    let (largest, smallest) = (i64::MAX.to_string(), i64::MIN.to_string());
    for number in [&largest, &smallest, "18446744073709551616.0", "1e300", "-0"] {
        set(&format!("id={number}")).ends(0);
        let meta = json(&folder, &["meta", "events.evz", "--json"]);
        let expected: Value = serde_json::from_str(number).unwrap();
        assert_eq!(meta["id"], expected, "{number}");
    }
}

/// The name of a folder with nothing to do in it is mostly a slip.
#[test]
fn exit_code_is_two_for_a_folder_with_nothing_of_use() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("sub")).unwrap();
    folder.write("sub/notes.md", b"");
    for verb in ["digest", "index", "info"] {
        folder
            .run(&[verb, "sub"])
            .ends(2)
            .says("sub: holds no recording");
    }
    folder.write("sub/a.txt", b"0.100000 1 1 1\n0.200000 1 1 0\n");
    // One of several is no reason to leave the others.
    std::fs::create_dir(folder.path("none")).unwrap();
    let both = folder.run(&["digest", "sub", "none"]).ends(0);
    let both = both.says("note: none: holds no recording");
    assert!(both.text().contains("a.txt"), "{}", both.text());
    folder
        .run(&["verify", "sub"])
        .ends(2)
        .says("sub: holds no .evz file");
}
