//! `evz render` as a process; what frames hold is tested where they are made.

#[path = "cli_common/mod.rs"]
mod common;

use std::fmt::Write as _;

use common::Folder;

/// The shape that an .npy says.
fn shape(bytes: &[u8]) -> String {
    let header = String::from_utf8_lossy(&bytes[..256]);
    let start = header.find("'shape': ").expect("a shape") + 9;
    header[start..]
        .split(", }")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn render_writes_arrays() {
    let folder = Folder::with_events(1_000);
    let cases: [(&[&str], &str); 5] = [
        (&["--count", "300"], "(4, 1, "),
        (&["--window", "100us"], "(10, 1, "),
        (
            &["--window", "100us", "--stride", "50us", "--mode", "counts"],
            "(20, 2, ",
        ),
        (
            &["--fps", "1000", "--speed", "0.1", "--mode", "voxel"],
            "(10, 5, ",
        ),
        (
            &["--at", "500us", "--mode", "histogram", "--bins", "3"],
            "(1, 6, ",
        ),
    ];
    for (options, start) in cases {
        for input in ["events.evz", "events.txt"] {
            let mut args = vec![
                "render", input, "-o", "out.npy", "--force", "--size", "640x480",
            ];
            args.extend(options);
            folder.run(&args).ends(0).says("events/s)");
            let shape = shape(&folder.read("out.npy"));
            assert!(shape.starts_with(start), "{options:?}: {shape}");
        }
    }
    folder
        .run(&["render", "events.evz", "-o", "out.npy", "--count", "9"])
        .ends(2)
        .says("--force");
}

#[test]
fn exit_code_is_three_where_events_lie_beyond_the_sensor() {
    let folder = Folder::with_events(1_000);
    folder
        .run(&[
            "render",
            "events.evz",
            "-o",
            "out.npy",
            "--count",
            "100",
            "--size",
            "1x1",
        ])
        .ends(3)
        .says("events beyond the sensor of 1x1");
}

#[test]
fn exit_code_is_two_for_what_makes_no_frames() {
    let folder = Folder::with_events(100);
    let cases: [(&[&str], &str); 18] = [
        (&["-o", "out.npy", "--stride", "9"], "--count"),
        (&["-o", "out.xyz", "--count", "9"], ".npy"),
        (
            &["-o", "-", "--output-format", "npy", "--count", "9"],
            "y4m",
        ),
        (&["-o", "out.npy", "--count", "0"], "at least one event"),
        (&["-o", "out.npy", "--window", "0ms"], "more than nothing"),
        (&["-o", "out.npy", "--window", "1ns"], "tick"),
        (
            &["-o", "out.npy", "--count", "9", "--stride", "1ms"],
            "number of events",
        ),
        (
            &["-o", "out.npy", "--window", "1ms", "--stride", "9"],
            "give a time",
        ),
        (
            &["-o", "out.gif", "--fps", "9", "--speed", "-1"],
            "\"-1\" is no number above 0",
        ),
        (&["-o", "out.gif", "--fps", "-9"], "is no number above 0"),
        (&["-o", "out.gif", "--window=-9ms"], "more than nothing"),
        (&["--window", "-o", "out.gif"], "a value is required"),
        (&["-o", "-", "--count", "9"], "pass --output-format"),
        (&["-o", "out.npy", "--count", "9", "--bins", "3"], "--bins"),
        (&["-o", "out.npy", "--count", "9", "--tau", "3ms"], "--tau"),
        (&["-o", "out.npy", "--count", "9", "--dilate"], "--dilate"),
        (
            &["-o", "out.npy", "--count", "9", "--upscale", "2"],
            "--upscale",
        ),
        (
            &["-o", "out.npy", "--count", "9", "--window", "1ms"],
            "--window",
        ),
    ];
    for (options, what) in cases {
        let mut args = vec!["render", "events.evz"];
        args.extend(options);
        folder.run(&args).ends(2).says(what);
        assert!(
            !folder.names().iter().any(|n| n.starts_with("out")),
            "{options:?}"
        );
    }
}

#[test]
fn render_writes_pictures() {
    let folder = Folder::with_events(1_000);
    let render = |out: &str, options: &[&str]| {
        let mut args = vec!["render", "events.evz", "-o", out, "--size", "640x480"];
        args.extend(options);
        folder.run(&args).ends(0)
    };
    render(
        "a_%03d.png",
        &["--count", "400", "--time", "--scale-bar", "--dilate"],
    );
    let numbered: Vec<String> = folder
        .names()
        .into_iter()
        .filter(|n| n.ends_with("png"))
        .collect();
    assert_eq!(numbered, ["a_000.png", "a_001.png", "a_002.png"]);
    render("one.png", &["--at", "300us", "--window", "100us"]);
    assert!(folder.read("one.png").starts_with(b"\x89PNG"));
    render(
        "a.gif",
        &["--window", "200us", "--fps", "10", "--theme", "light"],
    );
    assert!(folder.read("a.gif").starts_with(b"GIF89a"));
    let stream = render(
        "-",
        &[
            "--output-format",
            "y4m",
            "--count",
            "400",
            "--colors",
            "grey",
        ],
    );
    assert!(stream.out.starts_with(b"YUV4MPEG2 W1280 H960"));
}

/// What reading lost is said of frames too, whether they are made by an index or from front to back.
#[test]
fn frames_say_what_was_lost_of_the_recording() {
    let folder = Folder::with_events(1_000);
    let text = folder.read("events.txt");
    folder.write("cut.txt", &text[..text.len() - 6]);
    for options in [&[][..], &["--size", "320x240"], &["--index", "memory"]] {
        for out in ["out.png", "out.npy"] {
            let render = [
                "render", "cut.txt", "-o", out, "--force", "--around", "500us",
            ];
            let run = folder.run(&[&render, options].concat()).ends(3);
            run.says("lost: 1 last line").says("cut.txt: line 1000");
        }
    }
}

#[test]
fn render_of_no_events_is_an_error_whatever_the_output() {
    let folder = Folder::with_events(100);
    let none = ["convert", "events.evz", "none.evz", "--events", "5..5"];
    folder.run(&none).ends(0);
    let sources: [&[&str]; 2] = [&["none.evz"], &["events.txt", "--from", "1s"]];
    for source in sources {
        for out in ["out.png", "out.gif", "out.apng", "out.y4m", "out.npy"] {
            let render = [&["render"], source, &["-o", out, "--size", "320x240"]].concat();
            for windows in [["--count", "10"], ["--window", "1ms"], ["--fps", "30"]] {
                let run = folder.run(&[&render[..], &windows].concat()).ends(1);
                run.says(&format!(
                    "evz: {}: there are no events to render",
                    source[0]
                ));
                let left = folder.names();
                assert!(!left.iter().any(|n| n.contains("out")), "{left:?}");
            }
        }
        // Where there are events, one frame is that of its time, whatever it shows; but not of a time that is
        // left out.
        let args = [
            "-o", "one.png", "--size", "320x240", "--at", "1ms", "--force",
        ];
        let run = folder.run(&[&["render"], source, &args].concat());
        match source[0] {
            "none.evz" => run.ends(2).says("none.evz: has no events"),
            _ => {
                run.ends(2).says("--at asks for none of the time");
                let elsewhere =
                    [&["render", source[0], "--roi", "300,200,9,9"], &args[..]].concat();
                let run = folder.run(&elsewhere);
                run.ends(0).says("1 frame of 320x240, 0 events")
            }
        };
    }
}

#[test]
fn render_says_once_what_it_leaves_out() {
    let folder = Folder::new();
    folder.write("events.txt", b"8 8\n0.000003 1 1 1\n0.000005 9 2 0\n");
    let args = ["render", "events.txt", "-o", "out.gif", "--count", "9"];
    let run = folder
        .run(&args)
        .ends(3)
        .says("1 frame of 8x8, 1 event, drawn as 720x720, in");
    assert_eq!(
        run.err.matches("beyond the sensor").count(),
        1,
        "{}",
        run.err
    );
}

#[test]
fn bench_render_says_events_and_frames() {
    let folder = Folder::with_events(1_000);
    for cut in [["--count", "100"], ["--window", "100us"]] {
        let args = ["bench", "render", "events.evz", "--json", cut[0], cut[1]];
        let run = folder.run(&args).ends(0);
        for key in ["events_per_s", "frames_per_s", "peak_rss_bytes"] {
            assert!(
                run.text().contains(&format!("\"{key}\": ")),
                "{}",
                run.text()
            );
        }
        assert!(run.text().contains("\"frames\": 10"), "{}", run.text());
    }
    folder
        .run(&["bench", "render", "events.evz"])
        .ends(2)
        .says("--count");
    folder
        .run(&["bench", "decode", "events.evz", "--count", "9"])
        .ends(2)
        .says("--count");
}

/// Of 900 events of [`common::text`], which are 1 us apart, those between two times after the first.
fn events_in(from: i64, to: i64) -> String {
    let n = (from.max(0)..to.min(900)).count();
    format!("1 frame of 640x480, {n} events,")
}

#[test]
fn a_frame_is_of_the_time_around_or_up_to_a_moment_or_of_all() {
    let folder = Folder::with_events(900);
    let cases: [(&[&str], (i64, i64)); 7] = [
        (&["--at", "500us", "--window", "100us"], (400, 500)),
        (&["--around", "500us", "--window", "100us"], (450, 550)),
        // Of an odd length, half a tick after the middle.
        (&["--around", "500us", "--window", "5us"], (498, 503)),
        (&["--around", "0us", "--window", "100us"], (-50, 50)),
        (&["--around", "@5.000500s", "--window", "10us"], (495, 505)),
        (&["--from", "175us", "--to", "225us"], (175, 225)),
        (&[], (0, 900)),
    ];
    for input in ["events.evz", "events.txt"] {
        for (options, (from, to)) in &cases {
            for out in ["one.png", "one.npy"] {
                let render = ["render", input, "-o", out, "--size", "640x480", "--force"];
                let run = folder.run(&[&render[..], options].concat()).ends(0);
                let said = format!("{out}: {}", events_in(*from, *to));
                run.says(&said);
            }
        }
    }
    let left = folder.names();
    assert!(!left.iter().any(|name| name.contains('_')), "{left:?}");
}

#[test]
fn a_moment_without_the_recording_is_an_error_that_says_when_it_is() {
    let folder = Folder::with_events(1_000);
    let whole = "there are events from 0.000000 s to 0.000999 s";
    for (input, late, early) in [
        ("events.evz", whole, whole),
        ("events.txt", whole, "there are events from 0.000000 s on"),
    ] {
        let render = |options: &[&str]| {
            let args = ["render", input, "-o", "out.png", "--size", "640x480"];
            folder.run(&[&args[..], options].concat()).ends(2)
        };
        render(&["--at", "9s"]).says(late).says("@5.000000s");
        render(&["--around", "9s"]).says(late);
        render(&["--at", "0s"]).says(early);
        render(&["--around=-1s"]).says(early);
        assert!(!folder.names().iter().any(|name| name.starts_with("out")));
        // The last and the first moment that have one.
        render_one(&folder, input, "999us");
        render_one(&folder, input, "1us");
    }
}

fn render_one(folder: &Folder, input: &str, at: &str) {
    let args = [
        "render", input, "-o", "in.png", "--size", "640x480", "--force",
    ];
    let of = ["--at", at, "--window", "1us"];
    folder
        .run(&[&args[..], &of].concat())
        .ends(0)
        .says("1 frame of 640x480, 1 event,");
}

#[test]
fn what_is_printed_is_what_was_written() {
    let folder = Folder::with_events(1_000);
    let render = |out: &str, options: &[&str]| {
        let args = ["render", "events.evz", "-o", out, "--size", "640x480"];
        folder.run(&[&args[..], options].concat()).ends(0)
    };
    // A folder that is not there yet, whose pictures need no format to be told.
    let several = render("new/frames/", &["--count", "400"]);
    several.says("new/frames/frame_00000.png to new/frames/frame_00002.png: 3 frames");
    assert!(folder.path("new/frames/frame_00002.png").exists());
    render("a.png", &["--count", "400"]).says("a_00000.png to a_00002.png: 3 frames");
    render("b.png", &["--count", "4k"]).says("b_00000.png: 1 frame");
    render("c.png", &["--at", "300us"]).says("c.png: 1 frame");
    render("d/", &["--at", "300us"]).says("d/frame_00000.png: 1 frame");
    for name in [
        "a_00000.png",
        "a_00002.png",
        "b_00000.png",
        "c.png",
        "d/frame_00000.png",
    ] {
        assert!(folder.path(name).exists(), "{name}");
    }
    // A movie has its usual rate.
    render("e.gif", &[]).says("e.gif: 1 frame");
}

/// Text says no size, and neither does an .evz that was made of it.
#[test]
fn text_becomes_a_movie_whose_size_is_said() {
    let folder = Folder::with_events(900);
    for input in ["events.txt", "events.evz"] {
        let render = ["render", input, "-o", "out.gif", "--force"];
        let said = "320x240 from the largest coordinates; --size settles it";
        let run = folder.run(&render).ends(0).says(said);
        run.says("1 frame of 320x240, 900 events");
        let told = folder
            .run(&[&render[..], &["--size", "346x260"]].concat())
            .ends(0);
        assert!(!told.err.contains("settles"), "{}", told.err);
    }
    // A pipe is read once, and there it has to be told.
    let pipe = ["render", "-", "-o", "piped.gif"];
    let text = folder.read("events.txt");
    folder.run_with(&pipe, &text).ends(2).says("--size");
}

/// As the one that Python's imageio brings, which is on no path.
#[cfg(unix)]
#[test]
fn ffmpeg_is_found_where_it_is_told_to_be() {
    let folder = Folder::with_events(900);
    let script = "for last; do :; done\n/bin/cat > /dev/null\nprintf movie > \"$last\"";
    folder.write_program("other-name", script);
    let render = ["render", "events.evz", "-o", "out.mp4", "--size", "640x480"];
    let run = |told: &str| {
        let mut command = folder.command(&render);
        command
            .env("PATH", "")
            .env("IMAGEIO_FFMPEG_EXE", folder.path(told));
        common::Run::of(command.output().expect("evz runs"))
    };
    run("not-there")
        .ends(1)
        .says("IMAGEIO_FFMPEG_EXE")
        .says(".gif");
    run("other-name").ends(0).says("out.mp4: 1 frame");
    assert_eq!(folder.read("out.mp4"), b"movie");
}

/// Windows count from the first event that the recording has, also where a filter leaves it out and a time
/// ends what is wanted.
#[test]
fn windows_of_a_filtered_recording_begin_where_its_times_do() {
    let folder = Folder::new();
    let mut text = "0.001000 60 40 1\n".to_owned();
    for i in 0..200 {
        writeln!(text, "0.{:06} {} 7 1", 8_000 + i * 100, 4 + i % 2).unwrap();
    }
    folder.write("a.txt", text.as_bytes());
    let render = [
        "render",
        "a.txt",
        "-o",
        "a.npy",
        "--size",
        "64x48",
        "--background",
        "2ms",
        "--window",
        "5ms",
        "--frame-table",
        "a.csv",
        "--force",
    ];
    let starts = |times: &[&str]| {
        folder.run(&[&render[..], times].concat()).ends(0);
        let table = String::from_utf8(folder.read("a.csv")).unwrap();
        let rows = table.lines().skip(1);
        let starts = rows.map(|row| row.split(',').next().unwrap().parse::<i64>().unwrap());
        starts.collect::<Vec<_>>()
    };
    let all = [1_000, 6_000, 11_000, 16_000, 21_000, 26_000];
    assert_eq!(starts(&[]), all);
    assert_eq!(starts(&["--to", "1s"]), all);
    assert_eq!(starts(&["--to", "12ms"]), all[..3]);
    assert_eq!(starts(&["--from", "0s", "--to", "1s"]), all);
}
