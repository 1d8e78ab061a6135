//! What `evz info` says of clocks and pixels, against what `evz cat` and `evz convert` give.

#[path = "cli_common/mod.rs"]
mod cli_common;
mod common;

use std::collections::BTreeMap;

use cli_common::Folder;
use serde_json::{Value, json};

/// An event as `evz cat` prints it: microseconds and pixel.
type Printed = (i64, usize, usize);

fn printed(folder: &Folder, file: &str) -> Vec<Printed> {
    let run = folder.run(&["cat", file]).ends(0);
    let lines = run.text().lines().filter(|line| !line.starts_with('#'));
    let event = |line: &str| {
        let mut fields = line.split(' ').map(|field| field.parse::<i64>().unwrap());
        let mut next = || fields.next().unwrap();
        (next(), next() as usize, next() as usize)
    };
    lines.map(event).collect()
}

fn survey(folder: &Folder, args: &[&str]) -> Value {
    let run = folder.run(&[&["info", "--json"], args].concat()).ends(0);
    let facts: Value = serde_json::from_str(run.text()).unwrap();
    facts["survey"].clone()
}

fn page(folder: &Folder, args: &[&str]) -> String {
    let run = folder.run(&[&["info"], args].concat()).ends(0);
    run.text().to_owned()
}

/// Text of a clock that goes in steps of 10 ms, up to `most` events in each; one pixel is hot.
fn coarse(steps: usize, most: usize) -> String {
    let events = (0..steps).flat_map(|step| (0..=step % most).map(move |i| (step, i)));
    let line = |(step, i): (usize, usize)| {
        let (x, y) = if i == 0 {
            (31, 7)
        } else {
            ((step * 7 + i * 11) % 60, (step / 60 + i * 13) % 40)
        };
        format!("{} {x} {y} {}\n", step * 10_000, i % 2)
    };
    events.map(line).collect()
}

#[test]
fn a_clock_of_coarse_steps_is_told_whatever_the_format() {
    let folder = Folder::new();
    folder.write("events.txt", coarse(500, 20).as_bytes());
    let us = ["events.txt", "--time-unit", "us"];
    let line = "  clock     steps of 10 ms, though written in microseconds; 20 events at one time at most\n";
    let of_text = survey(&folder, &us);
    assert!(page(&folder, &us).contains(line));
    let step = json!({"ticks": 10_000, "seconds": 0.01, "differences": 499, "all_but": 0});
    assert_eq!(of_text["clock_step"], step);
    assert_eq!(of_text["longest_tie"], 20);
    assert_eq!(of_text["longest_tie_us"], 190_000);
    assert_eq!(of_text["all"], true);
    for name in ["events.npz", "events.evz", "events.parquet", "events.raw"] {
        let convert = [
            "convert",
            "events.txt",
            name,
            "--time-unit",
            "us",
            "--size",
            "60x40",
        ];
        let size: &[&str] = if name.ends_with(".raw") {
            &[]
        } else {
            &convert[..5]
        };
        folder
            .run(if size.is_empty() { &convert } else { size })
            .ends(0);
        let mut found = survey(&folder, &[name]);
        // A size tells which events are beyond it.
        found["outside_sensor"] = Value::Null;
        assert_eq!(found, of_text, "{name}");
        let page = page(&folder, &[name]);
        let clock = line.trim_start_matches("  clock ").trim();
        assert!(page.contains(clock), "{name}: {page}");
    }
    // The step stands with what else is known of the clock.
    let raw = page(&folder, &["events.raw"]);
    assert!(
        raw.contains("  clock     the sensor's; steps of 10 ms, "),
        "{raw}"
    );
}

#[test]
fn a_page_says_nothing_of_what_is_as_it_should_be() {
    let folder = Folder::with_events(5_000);
    for name in ["events.txt", "events.evz"] {
        let page = page(&folder, &[name]);
        for row in [
            "  clock",
            "  gaps",
            "  hot",
            "  looked at",
            "beyond the sensor",
        ] {
            assert!(!page.contains(row), "{row}: {page}");
        }
        let survey = survey(&folder, &[name]);
        assert_eq!(survey["clock_step"]["ticks"], 1);
        assert_eq!(survey["outside_sensor"], Value::Null);
        assert_eq!(
            (&survey["ties"], &survey["backward_steps"]),
            (&json!(0), &json!(0))
        );
        // One event a microsecond.
        assert_eq!(survey["burst"]["events"], 1_000);
        assert_eq!(survey["burst"]["start_us"], 5_000_000);
        assert!(!page.contains("in the 1 ms"), "{page}");
    }
}

#[test]
fn times_at_once_that_run_backwards_and_that_stand_still_are_told() {
    let folder = Folder::new();
    folder.write("once.txt", "700000 1 1 1\n".repeat(50).as_bytes());
    let page_of = |name| page(&folder, &[name, "--time-unit", "us", "--columns", "txyp"]);
    let once = page_of("once.txt");
    assert!(
        once.contains("  clock     all events are at one time\n"),
        "{once}"
    );

    let back = "1000 1 1 1\n3000 1 1 1\n2500 1 1 1\n900 2 2 0\n4000 2 2 0\n";
    folder.write("back.txt", back.as_bytes());
    let back = page_of("back.txt");
    let line = "  clock     runs backwards 2 times, by 1.6 ms at most\n";
    assert!(back.contains(line), "{back}");
    let found = survey(
        &folder,
        &["back.txt", "--time-unit", "us", "--columns", "txyp"],
    );
    assert_eq!(
        (&found["gaps"], &found["burst"]),
        (&Value::Null, &Value::Null)
    );

    // An event every 100 us, but for two rests.
    let rest = |i: i64| {
        if i < 2_000 {
            0
        } else if i < 3_000 {
            25_000
        } else {
            95_000
        }
    };
    let lines = (0..5_000).map(|i| format!("{} 1 1 1\n", i * 100 + rest(i)));
    folder.write("gaps.txt", lines.collect::<String>().as_bytes());
    let gaps = page_of("gaps.txt");
    let line =
        "  gaps      no event for 70.1 ms from @0.324900s on, the longest of 2 of 20 ms or more\n";
    assert!(gaps.contains(line), "{gaps}");
}

#[test]
fn a_burst_is_told_that_the_rate_over_time_does_not_show() {
    let folder = Folder::new();
    // An event every 100 us, and 500 more after 100 ms, each microsecond one.
    let mut times: Vec<i64> = (0..2_000).map(|i| i * 100).collect();
    times.extend(100_001..=100_500);
    times.sort_unstable();
    let lines = times.iter().map(|t| format!("{t} 1 1 1\n"));
    folder.write("burst.txt", lines.collect::<String>().as_bytes());
    let page = page(&folder, &["burst.txt", "--time-unit", "us"]);
    let part = ", 510 k events/s in the 1 ms from @0.099600s on\n";
    assert!(page.contains(part), "{page}");
}

#[test]
fn events_beyond_the_sensor_are_counted() {
    let folder = Folder::with_events(1_000);
    let told = ["events.evz", "--size", "300x200"];
    let beyond = printed(&folder, "events.evz");
    let beyond = beyond.iter().filter(|(_, x, y)| *x >= 300 || *y >= 200);
    let n = beyond.count();
    assert!(n > 0);
    assert_eq!(survey(&folder, &told)["outside_sensor"], n);
    let page = page(&folder, &told);
    let sensor = page.lines().find(|line| line.starts_with("  sensor"));
    assert!(
        sensor
            .unwrap()
            .ends_with(&format!(", {n} of them beyond the sensor")),
        "{page}"
    );
}

/// What each event says, in microseconds.
fn check(events: &[Printed], survey: &Value, name: &str) {
    let pairs: Vec<(i64, i64)> = events
        .windows(2)
        .map(|pair| (pair[0].0, pair[1].0))
        .collect();
    let distances: Vec<i64> = pairs.iter().map(|(a, b)| (b - a).abs()).collect();
    let is = |key: &str, value: Value| assert_eq!(survey[key], value, "{name}: {key}");
    is("events", json!(events.len()));
    is("ties", json!(distances.iter().filter(|d| **d == 0).count()));
    is(
        "backward_steps",
        json!(pairs.iter().filter(|(a, b)| b < a).count()),
    );
    let runs = events.chunk_by(|a, b| a.0 == b.0).map(|run| run.len());
    is("longest_tie", json!(runs.max()));
    let step = &survey["clock_step"];
    let ticks = step["ticks"].as_i64().unwrap();
    let others = distances.iter().filter(|d| *d % ticks != 0).count();
    assert_eq!(step["all_but"], others, "{name}");
    if others == 0 {
        let larger = (2..1_000).map(|n| n * ticks);
        for step in larger {
            assert!(distances.iter().any(|d| d % step != 0), "{name}: {step}");
        }
    }
    let (mut last, mut most) = (0, 0);
    for (first, event) in events.iter().enumerate() {
        last = last.max(first);
        last += events[last..]
            .iter()
            .take_while(|e| e.0 < event.0 + 1_000)
            .count();
        most = most.max(last - first);
    }
    assert_eq!(survey["burst"]["events"], most, "{name}");
    let longest = distances.iter().max().unwrap();
    let told = survey["gaps"]["longest_s"].as_f64().unwrap();
    assert_eq!((told * 1e6).round() as i64, *longest, "{name}");
}

#[test]
fn real_recordings_are_what_their_events_say() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let truth = std::fs::read_to_string(recordings.join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let folder = Folder::new();
    for (name, step) in [
        ("evt2.raw", 1),
        ("davis346.aedat4", 1),
        ("tonic_sample.aedat4", 1),
        // Of a simulation, in frames of a millisecond.
        ("dvs.es", 1_000),
    ] {
        let path = recordings.join(name);
        let path = path.to_str().unwrap();
        let events = printed(&folder, path);
        assert_eq!(truth[name]["events"], events.len());
        let found = survey(&folder, &[path]);
        check(&events, &found, name);
        assert_eq!(found["clock_step"]["ticks"], step, "{name}");
        assert_eq!(found["outside_sensor"], 0, "{name}");
    }
}

#[test]
fn hot_pixels_are_those_that_the_filter_leaves_out() {
    let folder = Folder::new();
    folder.write("a.txt", coarse(4_000, 5).as_bytes());
    folder
        .run(&["convert", "a.txt", "a.evz", "--time-unit", "us"])
        .ends(0);
    let mut files = vec!["a.evz".to_owned()];
    if let Some(recordings) = common::recordings() {
        files.push(recordings.join("evt3.raw").display().to_string());
    }
    for file in files {
        let survey = survey(&folder, &[&file]);
        let hot = &survey["hot_pixels"];
        let (pixels, events) = (
            hot["pixels"].as_u64().unwrap(),
            hot["events"].as_u64().unwrap(),
        );
        assert!(pixels > 0);
        let run = folder
            .run(&["convert", &file, "clean.evz", "--hot-pixels", "--force"])
            .ends(0);
        let plural = if pixels == 1 { "" } else { "s" };
        let run = run.says(&format!(
            "left out: {events} events of {pixels} hot pixel{plural}"
        ));
        drop(run);
        let left = printed(&folder, "clean.evz").len() as u64;
        assert_eq!(left, survey["events"].as_u64().unwrap() - events);

        let mut counts = BTreeMap::<(usize, usize), u64>::new();
        for (_, x, y) in printed(&folder, &file) {
            *counts.entry((x, y)).or_default() += 1;
        }
        let mut most: Vec<u64> = counts.values().copied().collect();
        most.sort_unstable_by(|a, b| b.cmp(a));
        let named = hot["hottest"].as_array().unwrap();
        assert_eq!(named.len(), pixels.min(5) as usize);
        for (pixel, most) in named.iter().zip(most) {
            let at = |key: &str| pixel[key].as_u64().unwrap();
            assert_eq!(at("events"), most);
            assert_eq!(counts[&(at("x") as usize, at("y") as usize)], most);
        }
        let page = page(&folder, &[&file]);
        let first = &named[0];
        let part = format!(" at {},{}", first["x"], first["y"]);
        let row = page
            .lines()
            .find(|line| line.starts_with("  hot "))
            .unwrap();
        assert!(
            row.contains(" % of the events, as --hot-pixels finds them: ") && row.contains(&part)
        );
    }
}

/// The counts of a .npy file of them, row by row, and how many columns and rows there are.
fn npy(bytes: &[u8]) -> (Vec<u32>, usize, usize) {
    let len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + len]).unwrap();
    assert!(header.contains("'descr': '<u4'") && header.contains("'fortran_order': False"));
    let shape = header.split(['(', ')']).nth(1).unwrap();
    let sides: Vec<usize> = shape
        .split(", ")
        .map(|side| side.parse().unwrap())
        .collect();
    let counts = bytes[10 + len..].chunks_exact(4);
    let counts = counts.map(|n| u32::from_le_bytes(n.try_into().unwrap()));
    (counts.collect(), sides[1], sides[0])
}

#[test]
fn pixels_are_those_of_the_events() {
    let folder = Folder::new();
    folder.write("a.txt", coarse(3_000, 30).as_bytes());
    folder
        .run(&["convert", "a.txt", "a.evz", "--time-unit", "us"])
        .ends(0);
    for (args, width, height) in [
        (&["a.evz"][..], 60, 40),
        (&["a.evz", "--size", "64x50"], 64, 50),
        // What lies beyond the sensor is shown too.
        (&["a.evz", "--size", "50x50"], 60, 50),
        (&["a.txt", "--time-unit", "us"], 60, 40),
    ] {
        let mut expected = vec![0u32; width * height];
        for (_, x, y) in printed(&folder, "a.evz") {
            expected[y * width + x] += 1;
        }
        let run = |name| folder.run(&[&["info"], args, &["--pixels", name, "--force"]].concat());
        let size = format!("{width}x{height} pixels");
        run("a.npy").ends(0).says(&size);
        assert_eq!(
            npy(&folder.read("a.npy")),
            (expected.clone(), width, height)
        );

        let mut lit: Vec<u32> = expected.iter().copied().filter(|n| *n > 0).collect();
        lit.sort_unstable();
        let white = lit[(lit.len() * 999).div_ceil(1_000) - 1];
        // The hot pixel does not make the others dark.
        assert!(white < 999 && lit.last() > Some(&2_999));
        run("a.png").ends(0).says(&format!(
            "{size}, black for no event, white for {white} events"
        ));
        let picture = folder.read("a.png");
        let mut decoder = png::Decoder::new(std::io::Cursor::new(picture))
            .read_info()
            .unwrap();
        let mut greys = vec![0; decoder.output_buffer_size().unwrap()];
        let frame = decoder.next_frame(&mut greys).unwrap();
        assert_eq!(
            (frame.width as usize, frame.height as usize),
            (width, height)
        );
        assert_eq!(frame.color_type, png::ColorType::Grayscale);
        let grey = |n: u32| match n {
            0 => 0,
            n if n >= white => 255,
            n => (f64::from(n) * 255.0 / f64::from(white)).round().max(1.0) as u8,
        };
        assert_eq!(greys, expected.iter().map(|n| grey(*n)).collect::<Vec<_>>());
        assert!(greys.contains(&255) && greys.iter().any(|grey| (1..255).contains(grey)));
    }
    let names = folder.names();
    assert!(
        names.iter().all(|name| !name.contains("partial")),
        "{names:?}"
    );
}

#[test]
fn exit_code_of_pixels_that_cannot_be_written() {
    let folder = Folder::with_events(100);
    let info = |name: &str| folder.run(&["info", "events.evz", "--pixels", name]);
    info("a.npy").ends(0);
    let before = folder.read("a.npy");
    info("a.npy")
        .ends(2)
        .says("a.npy: exists; pass --force to replace it");
    assert_eq!(folder.read("a.npy"), before);
    info("a.tiff").ends(2).says("end it in .npy or .png");
    info("-")
        .ends(2)
        .says("name a file that ends in .npy or .png");
    let of_folder = folder.run(&["info", ".", "--pixels", "b.npy"]);
    of_folder
        .ends(2)
        .says("this is a folder of them; leave it out");
    folder.write("far.txt", b"5000000 60000 60000 1\n5000001 3 3 0\n");
    let far = ["info", "far.txt", "--time-unit", "us", "--pixels", "b.npy"];
    let far = folder.run(&far).ends(1).says("60001x60001 pixels");
    drop(far.says("--drop outside"));
    let near = ["--size", "4x4", "--drop", "outside", "--pixels", "b.npy"];
    let near = [&["info", "far.txt", "--time-unit", "us"][..], &near].concat();
    folder.run(&near).ends(0).says("4x4 pixels");
    std::fs::remove_file(folder.path("b.npy")).unwrap();
    folder
        .run(&["info", "far.txt", "--time-unit", "us"])
        .ends(0);
    folder
        .run(&["convert", "events.evz", "none.evz", "--events", "0..0"])
        .ends(0);
    let none = folder.run(&["info", "none.evz", "--pixels", "b.npy"]);
    none.ends(2).says("--size");
    folder.write("right.txt", &folder.read("events.txt"));
    folder
        .run(&["convert", "events.evz", "right.txt", "stereo.evz"])
        .ends(0);
    let stereo = folder.run(&["info", "stereo.evz", "--pixels", "b.npy"]);
    stereo.ends(2).says("--stream");
    let one = ["info", "stereo.evz", "--pixels", "b.npy", "--stream", "0"];
    folder.run(&one).ends(0);
}

#[test]
fn events_that_are_damaged_leave_what_the_index_says() {
    let folder = Folder::with_events(100_000);
    let mut bytes = folder.read("events.evz");
    // In the payload of the first chunk.
    bytes[2_000] ^= 0x40;
    folder.write("bad.evz", &bytes);
    folder.run(&["verify", "bad.evz"]).ends(1);
    let run = folder.run(&["info", "bad.evz", "--json"]).ends(3);
    let run = run.says("its events are not looked at: bad.evz: chunk 0");
    let facts: Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!(
        (&facts["events"], &facts["survey"]),
        (&json!(100_000), &Value::Null)
    );
    folder
        .run(&["info", "bad.evz", "--full"])
        .ends(1)
        .says("chunk 0");
    let before = folder.names();
    let pixels = ["info", "bad.evz", "--pixels", "a.png"];
    folder.run(&pixels).ends(1).says("chunk 0");
    assert_eq!(folder.names(), before);
}

#[test]
fn of_very_many_events_a_sample_is_looked_at_and_the_page_says_so() {
    let folder = Folder::new();
    let synth = [
        "synth",
        "a.evz",
        "--events",
        "32.1M",
        "--profile",
        "fast",
        "--size",
        "64x48",
    ];
    folder.run(&synth).ends(0);
    let sampled = survey(&folder, &["a.evz"]);
    assert_eq!(
        (&sampled["events"], &sampled["all"]),
        (&json!(1_048_576), &json!(false))
    );
    for key in ["gaps", "burst", "hot_pixels", "outside_sensor"] {
        assert_eq!(sampled[key], Value::Null, "{key}");
    }
    let line = "  looked at of 1.05 M of 32.1 M events; --full looks at all, for gaps, bursts and hot pixels too\n";
    let short = page(&folder, &["a.evz"]);
    assert!(short.contains(line), "{short}");
    let whole = survey(&folder, &["a.evz", "--full"]);
    assert_eq!(
        (&whole["events"], &whole["all"]),
        (&json!(32_100_000), &json!(true))
    );
    assert!(!page(&folder, &["a.evz", "--full"]).contains("looked at"));
}

#[test]
fn packs_and_folders_are_looked_at_when_that_is_asked_for() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("set")).unwrap();
    for name in ["set/a.txt", "set/b.txt"] {
        folder.write(name, coarse(200, 5).as_bytes());
    }
    folder
        .run(&["pack", "set", "pack.evz", "--time-unit", "us"])
        .ends(0);
    // Its times are put one behind the other: that is no clock of a camera.
    assert!(survey(&folder, &["pack.evz"]).is_null());
    assert_eq!(survey(&folder, &["pack.evz", "--full"])["events"], 1_200);

    folder
        .run(&["convert", "set/a.txt", "set/c.evz", "--time-unit", "us"])
        .ends(0);
    for (args, events) in [
        (&["set", "--time-unit", "us"][..], Value::Null),
        (&["set", "--time-unit", "us", "--full"], json!(600)),
    ] {
        let run = folder.run(&[&["info", "--json"], args].concat());
        let all: Vec<Value> = serde_json::from_str(run.text()).unwrap();
        let evz = all.iter().find(|facts| facts["format"] == "evz").unwrap();
        assert_eq!(evz["survey"]["events"], events);
    }
}
