//! `evz rate`, against a count of what `evz cat` prints.

#[path = "cli_common/mod.rs"]
mod cli_common;
mod common;

use std::collections::{BTreeMap, BTreeSet};

use cli_common::{Folder, text};
use serde_json::Value;

/// Events of each polarity, by the start of their bin in microseconds.
type Counts = BTreeMap<i64, [u64; 2]>;

/// What `cat` prints of a recording, by bins of so many microseconds from `origin` or else from the first
/// event of the recording.
fn naive(folder: &Folder, file: &str, every: i64, from: Option<i64>, select: &[&str]) -> Counts {
    let time = |line: &str| -> i64 {
        let t = line.split(' ').next().expect("a time");
        t.split('.').next().expect("microseconds").parse().unwrap()
    };
    let first = folder
        .run(&["cat", file, "--events", "0..1"])
        .text()
        .to_owned();
    let origin = time(&first) + from.unwrap_or(0);
    let run = folder.run(&[&["cat", file], select].concat());
    let mut counts = Counts::new();
    for line in run.text().lines() {
        let start = origin + (time(line) - origin).div_euclid(every) * every;
        let on = usize::from(line.ends_with('1'));
        counts.entry(start).or_default()[on] += 1;
    }
    counts
}

/// The lines of `--csv`, those without events left out; they follow each other without gaps.
fn counted(csv: &str, every: i64) -> Counts {
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("t_us,on,off,events_per_s"));
    let mut counts = Counts::new();
    let mut before = None;
    for line in lines {
        let [t, on, off, rate] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (t, on, off): (i64, u64, u64) = (
            t.parse().unwrap(),
            on.parse().unwrap(),
            off.parse().unwrap(),
        );
        assert!(before.is_none_or(|before| t == before + every), "{line}");
        before = Some(t);
        let expected = (on + off) as f64 * 1e6 / every as f64;
        assert!((rate.parse::<f64>().unwrap() - expected).abs() <= expected * 1e-12);
        if on + off > 0 {
            counts.insert(t, [off, on]);
        }
    }
    counts
}

/// `rate` of a file is what `cat` prints of it, for each of these widths and selections.
fn check(folder: &Folder, file: &str, everies: &[i64]) {
    let selections: [(&[&str], Option<i64>); 5] = [
        (&[], None),
        (&["--from", "3ms", "--to", "40ms"], Some(3_000)),
        (&["--roi", "10,20,100,80"], None),
        (&["--polarity", "off", "--to", "20ms"], None),
        (&["--events", "100..5000"], None),
    ];
    for every in everies {
        for (select, from) in &selections {
            let width = format!("{every}us");
            let args = [&["rate", file, "--csv", "--every", &width], *select].concat();
            let run = folder.run(&args);
            let expected = naive(folder, file, *every, *from, select);
            assert_eq!(
                counted(run.text(), *every),
                expected,
                "{args:?}: {}",
                run.err
            );
        }
    }
}

#[test]
fn lines_are_those_of_an_independent_count() {
    let folder = Folder::with_events(30_000);
    folder.make_raw("events.raw");
    // Times that run backwards.
    let text = text(20_000);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[5_000..].reverse();
    lines.rotate_left(300);
    folder.write("backwards.txt", (lines.join("\n") + "\n").as_bytes());
    folder
        .run(&["convert", "backwards.txt", "backwards.evz"])
        .ends(0);
    for file in [
        "events.txt",
        "events.evz",
        "events.raw",
        "backwards.txt",
        "backwards.evz",
    ] {
        check(&folder, file, &[7, 1_000, 1_000_000]);
    }
    folder.run(&["index", "events.raw"]).ends(0);
    check(&folder, "events.raw", &[7, 1_000, 1_000_000]);
}

#[test]
fn real_recordings_are_counted_as_truth_has_them() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let truth = std::fs::read_to_string(recordings.join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let folder = Folder::new();
    for name in [
        "evt3.raw",
        "davis346.aedat4",
        "davis346_seconds.txt",
        "gen4.dat",
    ] {
        let input = recordings.join(name);
        let input = input.to_str().unwrap();
        folder.run(&["convert", input, "out.evz", "--force"]);
        let sums = |file: &str, every: &[&str]| {
            let run = folder.run(&[&["rate", file, "--json"], every].concat());
            let rate: Value = serde_json::from_str(run.text()).unwrap();
            let sum = |key: &str| -> u64 {
                let list = rate[key].as_array().unwrap();
                list.iter().map(|n| n.as_u64().unwrap()).sum()
            };
            assert_eq!(rate["events"], truth[name]["events"], "{name}");
            assert_eq!(truth[name]["on"], sum("on"), "{name}");
            assert_eq!(truth[name]["events"], sum("on") + sum("off"), "{name}");
            assert_eq!((&rate["unit"], rate.get("tick")), (&"us".into(), None));
            rate
        };
        for every in [&[][..], &["--every", "1ms"], &["--every", "10s"]] {
            // From front to back, and by the index.
            assert_eq!(
                sums(input, every),
                sums("out.evz", every),
                "{name} {every:?}"
            );
        }
        assert_eq!(
            sums(input, &[])["start"],
            truth[name]["t_first_us"],
            "{name}"
        );
    }
}

#[test]
fn real_lines_are_those_of_an_independent_count() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let folder = Folder::new();
    let raw = recordings.join("evt3.raw");
    std::fs::copy(&raw, folder.path("evt3.raw")).unwrap();
    check(&folder, "evt3.raw", &[50_000]);
    folder.run(&["index", "evt3.raw"]);
    check(&folder, "evt3.raw", &[50_000]);
}

#[test]
fn without_a_width_there_are_about_a_hundred_lines() {
    let folder = Folder::with_events(30_000);
    let run = folder.run(&["rate", "events.evz"]).ends(0);
    let lines: Vec<&str> = run.text().lines().collect();
    assert_eq!(lines[0], "  time s   ON  OFF  events/s");
    assert_eq!(lines.len(), 151);
    assert_eq!(
        lines[1],
        format!("0.000000   67  133    1.00 M  {}", "█".repeat(30))
    );
    run.says(
        "events.evz: 30,000 events in 150 bins of 200us; 1.00 M events/s on average, 1.00 M events/s \
         at the peak, from 0.000000 s on",
    );
}

/// A bin that the recording ends in has fewer events than it would have: that is said, and the plot shows no
/// drop.
#[test]
fn a_bin_that_is_covered_in_part_is_told_and_not_drawn() {
    // An event a microsecond, 5.3 bins of them.
    let folder = Folder::with_events(5_300);
    let rate = ["rate", "events.evz", "--every", "1ms"];
    let run = folder.run(&rate).ends(0);
    let lines: Vec<&str> = run.text().lines().collect();
    assert_eq!(lines.len(), 7);
    assert!(
        lines[6].ends_with(" (events in 30 % of its time)"),
        "{}",
        lines[6]
    );
    assert!(
        lines[1..6].iter().all(|line| !line.contains('%')),
        "{}",
        run.text()
    );
    // From 0.4 ms before the first event on.
    let earlier = [&rate[..], &["--from=-400us", "--to", "2600us"]].concat();
    let run = folder.run(&earlier).ends(0);
    let lines: Vec<&str> = run.text().lines().collect();
    assert!(
        lines[1].ends_with(" (events in 60 % of its time)"),
        "{}",
        lines[1]
    );
    assert!(
        !lines[2].contains('%') && !lines[3].contains('%'),
        "{}",
        run.text()
    );
    folder
        .run(&[&rate[..], &["-o", "rate.svg"]].concat())
        .ends(0);
    let svg = String::from_utf8(folder.read("rate.svg")).unwrap();
    assert!(svg.contains("events.evz, bins of 1ms"), "{svg}");
    // Of the sum the line is one level: each whole bin has a thousand events.
    let sum = svg.lines().find(|line| line.contains("<path")).unwrap();
    let points = sum.split('"').nth(1).unwrap().split(['M', 'L']).skip(1);
    let heights: BTreeSet<&str> = points.map(|at| at.split(' ').nth(1).unwrap()).collect();
    assert_eq!(heights.len(), 1, "{sum}");
}

#[test]
fn nothing_selected_is_no_error() {
    let folder = Folder::with_events(100);
    let nothing = ["rate", "events.evz", "--roi", "1000,1000,1,1"];
    let run = folder.run(&nothing).ends(0).says("events.evz: no events");
    assert_eq!(run.text(), "");
    let run = folder.run(&[&nothing[..], &["--csv"]].concat()).ends(0);
    assert_eq!(run.text(), "t_us,on,off,events_per_s\n");
    let run = folder.run(&[&nothing[..], &["--json"]].concat()).ends(0);
    assert!(run.text().starts_with(r#"{"start":null,"width":0,"#));
}

#[test]
fn what_errors_name_is_accepted() {
    let folder = Folder::with_events(10);
    folder.write("long.txt", b"0.000001 1 1 1\n9000.000000 2 2 0\n");
    let size = ["--size", "320x240"];
    let of = |args: &[&str]| folder.run(&[&["rate"], args, &size].concat());
    of(&["long.txt", "--every", "10us"])
        .ends(1)
        .says("long.txt: 900000000 bins of 10us, and no more than 100000000 are counted; pass --every 100us");
    let accepted = of(&["long.txt", "--every", "100us", "-o", "long.npy"]).ends(0);
    accepted.says("2 events in 90,000,000 bins of 100us");
    std::fs::remove_file(folder.path("long.npy")).unwrap();
    of(&["long.txt", "--every", "1500ns"])
        .ends(2)
        .says("1500ns is no whole number of the recording's microseconds; pass --every 1us or 2us");
    of(&["long.txt", "--every", "0us"]).ends(2);
    of(&["long.txt", "-o", "rate.pdf"])
        .ends(2)
        .says("rate.pdf: its name does not say how a rate is written: end it in .csv, .json, .npy, .png or .svg");
    of(&["long.txt", "-o", "-"]).ends(2).says("--csv or --json");
    of(&["long.txt", "-o", "rate.csv", "--csv"]).ends(2);
}

#[test]
fn files_hold_what_is_printed() {
    let folder = Folder::with_events(10_000);
    let rate = ["rate", "events.evz", "--every", "1ms"];
    for form in ["csv", "json"] {
        let (file, option) = (format!("rate.{form}"), format!("--{form}"));
        let printed = folder.run(&[&rate[..], &[&option]].concat()).ends(0);
        let written = folder.run(&[&rate[..], &["-o", &file]].concat()).ends(0);
        assert_eq!(written.text(), "");
        assert_eq!(folder.read(&file), printed.out);
        folder.run(&[&rate[..], &["-o", &file]].concat()).ends(2);
        let again = [&rate[..], &["-o", &file, "--force"]].concat();
        folder.run(&again).ends(0);
    }
    folder
        .run(&[&rate[..], &["-o", "rate.npy"]].concat())
        .ends(0);
    let npy = folder.read("rate.npy");
    let values = &npy[npy.len() - 10 * 32..];
    let of = |at: usize| u64::from_le_bytes(values[at..at + 8].try_into().unwrap());
    assert_eq!((of(0), of(32)), (5_000_000, 5_001_000));
    assert_eq!(of(8) + of(16), 1_000);
    assert_eq!(f64::from_bits(of(24)), 1e6);
}

#[test]
fn plots_are_pictures_of_their_size_and_whole_documents() {
    let folder = Folder::with_events(10_000);
    for select in [&[][..], &["--roi", "1000,1000,1,1"]] {
        let rate = [&["rate", "events.evz", "--every", "1ms", "--force"], select].concat();
        folder
            .run(&[&rate[..], &["-o", "rate.png"]].concat())
            .ends(0);
        let png = folder.read("rate.png");
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((side(16), side(20)), (1280, 720));
        folder
            .run(&[&rate[..], &["-o", "rate.svg"]].concat())
            .ends(0);
        let svg = String::from_utf8(folder.read("rate.svg")).unwrap();
        is_xml(&svg);
        for text in ["events/s", "time in s", "ON", "OFF", "sum"] {
            assert!(svg.contains(&format!(">{text}</text>")), "{text}");
        }
    }
}

/// Every element is closed in its turn, every attribute is quoted, and no bare `&` or `<` stands in a text.
fn is_xml(text: &str) {
    let mut open = Vec::new();
    let mut parts = text.split('<');
    assert_eq!(parts.next(), Some(""));
    for part in parts {
        let (tag, content) = part.split_once('>').expect("a tag ends");
        assert!(!content.contains('&'), "{content}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            assert!(!open.is_empty() || content.trim().is_empty());
            continue;
        }
        let (element, empty) = match tag.strip_suffix('/') {
            Some(element) => (element, true),
            None => (tag, false),
        };
        assert_eq!(
            element.matches('"').count(),
            2 * element.matches("=\"").count()
        );
        let name = element.split(' ').next().expect("a name");
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn info_says_when_its_parts_are() {
    let folder = Folder::with_events(10_000);
    for file in ["events.evz", "events.txt"] {
        let info = folder.run(&["info", file, "--json"]).ends(0);
        let info: Value = serde_json::from_str(info.text()).unwrap();
        assert_eq!(info["activity_start_us"], 5_000_000);
        assert_eq!(info["activity_width_us"], 10_000.0 / 64.0);
    }
}

/// The last bin reaches beyond the last event, which makes the average no smaller.
#[test]
fn the_average_is_that_of_the_time_with_events() {
    let folder = Folder::new();
    let lines: String = (0..=150)
        .map(|i| format!("{} 1 2 1\n", i * 10_000))
        .collect();
    folder.write("a.txt", lines.as_bytes());
    let options = ["--columns", "txyp", "--time-unit", "us"];
    // 151 events in 1.5 s, in two bins of a second.
    let run = folder.run(&[&["rate", "a.txt", "--every", "1s"], &options[..]].concat());
    run.ends(0)
        .says("151 events in 2 bins of 1s; 101 events/s on average, 100 events/s at the peak");
}
