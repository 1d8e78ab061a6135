//! `evz render` at the times of a list, and in so many frames, as a process: what it says and refuses. What the
//! frames hold is compared with NumPy in `tests/python`.

#[path = "cli_common/mod.rs"]
mod common;

use common::{Folder, Run};

fn render(folder: &Folder, input: &str, options: &[&str]) -> Run {
    let args = [
        "render", input, "-o", "out.npy", "--size", "320x240", "--force",
    ];
    folder.run(&[&args[..], options].concat())
}

/// 1,000 events, one a microsecond from 5 s on, as text and as `.evz`.
fn folder() -> Folder {
    let folder = Folder::with_events(1_000);
    folder.write("stamps.txt", b"5000100\n5000300\n5000900\n");
    folder.write("float.txt", b"5000100.0\n5000300.0\n");
    folder.write("seconds.csv", b"# t,name\n5.0001,a.png\n5.0003,b.png\n");
    folder.write("elsewhere.txt", b"100\n300\n");
    folder.write("partly.txt", b"100\n5000300\n");
    folder.write("backwards.txt", b"5000300\n5000100\n");
    folder.write("one.txt", b"5000300\n");
    folder.write("empty.txt", b"# t_us\n\n");
    folder.write("broken.txt", b"5000300\nframe.png\n");
    folder.write("ragged.csv", b"1,2\n3\n");
    folder.write("long.txt", format!("{}\n", "9".repeat(60)).as_bytes());
    folder
}

#[test]
fn what_a_list_is_taken_for_is_said() {
    let folder = folder();
    let ticks = "3 times, in microseconds of the recording's clock; --list-unit settles it";
    let seconds = "2 times, in seconds of the recording's clock; --list-unit settles it";
    for input in ["events.evz", "events.txt"] {
        // The tick of text with 6 decimals is a microsecond.
        let at = render(&folder, input, &["--at", "stamps.txt", "--window", "100us"]);
        at.ends(0)
            .says(ticks)
            .says("3 frames of 320x240, 300 events,");
        let after = render(
            &folder,
            input,
            &["--after", "seconds.csv", "--window", "100us"],
        );
        after
            .ends(0)
            .says(seconds)
            .says("2 frames of 320x240, 200 events,");
        let between = render(&folder, input, &["--between", "stamps.txt"]);
        between.ends(0).says("2 frames of 320x240, 800 events,");
        let told = [
            "--around",
            "float.txt",
            "--list-unit",
            "@us",
            "--window",
            "10us",
        ];
        let told = render(&folder, input, &told).ends(0);
        told.says("float.txt: 2 times\n")
            .says("2 frames of 320x240, 20 events,");
        let after_first = [
            "--after",
            "elsewhere.txt",
            "--list-unit",
            "us",
            "--window",
            "50us",
        ];
        render(&folder, input, &after_first)
            .ends(0)
            .says(" 100 events,");
    }
}

#[test]
fn a_list_that_makes_no_sense_says_why() {
    let folder = folder();
    let both = "--at asks for @-0.032900s to @0.000300s, and there are events from @5.000000s";
    let cases: [(&[&str], i32, &str); 11] = [
        (
            &["--at", "float.txt"],
            1,
            "pass --list-unit s, ms, us or ns",
        ),
        (&["--at", "elsewhere.txt"], 2, both),
        (
            &["--between", "backwards.txt"],
            2,
            "window 1 would end before it starts",
        ),
        (
            &["--between", "one.txt"],
            2,
            "has one time, and --between takes two",
        ),
        (&["--at", "empty.txt"], 2, "empty.txt: has no times"),
        (
            &["--at", "broken.txt"],
            1,
            "line 2: \"frame.png\" is no time",
        ),
        (&["--between", "ragged.csv"], 1, "line 2: it has one time"),
        (&["--at", "long.txt"], 1, "line 1: "),
        (&["--at", "events.evz"], 1, "neither text nor a NumPy array"),
        (
            &["--at", "stream:frames"],
            2,
            "no side stream \"frames\"; it has none",
        ),
        (&["--at", "none.txt"], 2, "there is no such file"),
    ];
    for (options, code, what) in cases {
        for input in ["events.evz", "events.txt"] {
            render(&folder, input, options).ends(code).says(what);
        }
        assert!(!folder.path("out.npy").exists(), "{options:?}");
    }
    let unit = ["--at", "500us", "--list-unit", "us"];
    render(&folder, "events.evz", &unit)
        .ends(2)
        .says("--list-unit: it is of the plain numbers");
    let growing = ["--frames", "3", "--follow"];
    render(&folder, "events.evz", &growing)
        .ends(2)
        .says("--frames: how far a file reaches");
    for wrong in [
        ["--between", "5s"],
        ["--list-unit", "h"],
        ["--frames", "-1"],
        ["--split-by", "time"],
    ] {
        render(&folder, "events.evz", &wrong).ends(2);
    }
}

#[test]
fn what_lies_outside_is_said_and_empty() {
    let folder = folder();
    for input in ["events.evz", "events.txt"] {
        let partly = render(&folder, input, &["--at", "partly.txt", "--window", "100us"]);
        partly
            .ends(0)
            .says("1 of 2 windows lie where it has no events, and their frames are empty")
            .says("2 frames of 320x240, 100 events,");
    }
}

#[test]
fn so_many_frames_of_what_is_not_a_pipe() {
    let folder = folder();
    for input in ["events.evz", "events.txt"] {
        let frames = |options: &[&str]| render(&folder, input, options);
        frames(&["--frames", "7"])
            .ends(0)
            .says("7 frames of 320x240, 1,000 events,");
        let part = [
            "--frames",
            "4",
            "--from",
            "100us",
            "--to",
            "500us",
            "--frame-table",
            "t.csv",
        ];
        frames(&part)
            .ends(0)
            .says("4 frames of 320x240, 400 events,");
        let table = String::from_utf8(folder.read("t.csv")).unwrap();
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows[0], "t_start,t_end,first,n_events");
        assert_eq!(
            rows[1..3],
            ["5000100,5000200,100,100", "5000200,5000300,200,100"]
        );
        frames(&["--frames", "1000"]).ends(2).says("999 ticks");
        let number = ["--split-by", "number", "--frames"];
        frames(&[&number[..], &["1000"]].concat())
            .ends(0)
            .says("1,000 frames");
        frames(&[&number[..], &["1001"]].concat())
            .ends(2)
            .says("1000 events do not make 1001");
    }
    let piped = [
        "render",
        "-",
        "-o",
        "piped.npy",
        "--size",
        "320x240",
        "--frames",
        "3",
    ];
    let piped = folder.run_with(&piped, &folder.read("events.txt"));
    piped
        .ends(2)
        .says("is read once")
        .says("write it to a file first");
}

#[test]
fn more_than_four_gigabytes_are_not_written_unless_told() {
    let folder = folder();
    let huge = ["--size", "8192x8192", "--force"];
    for out in ["out.npy", "out.npz"] {
        let args = ["render", "events.evz", "-o", out, "--window", "10us"];
        let refused = folder.run(&[&args[..], &huge].concat()).ends(2);
        refused
            .says("100 frames of 134 MB each are 13.4 GB of arrays")
            .says("pass --large");
    }
    let left = folder.names();
    assert!(!left.iter().any(|name| name.contains("out")), "{left:?}");
    let picture = [
        "render",
        "events.evz",
        "-o",
        "a.png",
        "--size",
        "320x240",
        "--large",
    ];
    folder.run(&picture).ends(2).says("--large");
    let table = render(&folder, "events.evz", &["--frame-table", "t.txt"]).ends(2);
    table.says("end it in .npy or .csv");
}
