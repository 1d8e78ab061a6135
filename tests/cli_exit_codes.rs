//! What the command ends with, and what it says then.

#[path = "cli_common/mod.rs"]
mod common;

use common::{Folder, text};
use evz_file::wire::{Kind, RecordHeader};

#[test]
fn exit_code_is_0_when_done() {
    let folder = Folder::with_events(1_000);
    for args in [
        ["info", "events.evz"],
        ["verify", "events.evz"],
        ["cat", "events.evz"],
        ["digest", "events.txt"],
    ] {
        folder.run(&args).ends(0);
    }
    folder.run(&["--version"]).ends(0);
    folder.run(&["cat", "--help"]).ends(0);
}

#[test]
fn exit_code_is_1_for_what_is_no_recording() {
    let folder = Folder::new();
    folder.write("empty.txt", b"");
    folder.write("image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0");
    folder.write("poem.txt", b"Ode to a line\nthat is no event\n");
    for name in ["empty.txt", "image.png", "poem.txt"] {
        for verb in ["info", "cat", "digest"] {
            folder.run(&[verb, name]).ends(1).says(name);
        }
        folder.run(&["convert", name, "out.evz"]).ends(1).says(name);
        folder.run(&["verify", name]).ends(1).says(name);
    }
    assert_eq!(folder.names(), ["empty.txt", "image.png", "poem.txt"]);
}

#[test]
fn exit_code_is_1_for_a_missing_file_or_folder() {
    let folder = Folder::with_events(10);
    folder
        .run(&["info", "none.evz"])
        .ends(1)
        .says("none.evz: cannot open: No such file");
    folder
        .run(&["convert", "events.evz", "none/out.evz"])
        .ends(1)
        .says("none/out.evz: cannot write: there is no folder none; make it first\n");
    folder
        .run(&["convert", "events.evz", "none/out.txt"])
        .ends(1)
        .says("none");
}

#[test]
fn exit_code_is_1_for_a_bad_line_and_3_where_it_is_skipped() {
    let folder = Folder::new();
    folder.write(
        "bad.txt",
        (text(100) + "what is this\n" + &text(100)).as_bytes(),
    );
    folder
        .run(&["convert", "bad.txt", "out.evz"])
        .ends(1)
        .says("bad.txt: line 101");
    assert_eq!(folder.names(), ["bad.txt"], "no half-written file");
    folder
        .run(&["convert", "bad.txt", "out.evz", "--on-bad-line", "skip"])
        .ends(0)
        .says("as told: 1 line that is no event")
        .says("line 101");
    folder
        .run(&["verify", "out.evz"])
        .ends(0)
        .says("200 events");
}

#[test]
fn exit_code_is_1_for_a_cut_file_and_3_where_it_is_recovered() {
    let folder = Folder::with_events(200_000);
    let whole = folder.read("events.evz");
    folder.write("cut.evz", &whole[..whole.len() / 2]);
    for verb in ["info", "cat", "verify", "digest"] {
        folder.run(&[verb, "cut.evz"]).ends(1).says("evz recover");
    }
    folder
        .run(&["recover", "cut.evz", "saved.evz"])
        .ends(3)
        .says("saved.evz: saved ");
    folder.run(&["verify", "saved.evz"]).ends(0);
    folder.run(&["recover", "events.evz", "copy.evz"]).ends(0);
    folder
        .run(&["recover", "events.evz", "copy.evz"])
        .ends(2)
        .says("--force");
    folder
        .run(&["recover", "events.evz", "copy.evz", "--force"])
        .ends(0);
}

/// Nothing is missing of a file in which something stands twice; it is still not the file that was written.
#[test]
fn exit_code_is_3_where_something_is_put_in_order() {
    let folder = Folder::with_events(1_000);
    let whole = folder.read("events.evz");
    let mut at = 64;
    let chunk = loop {
        let header = RecordHeader::read_from(&whole[at..]).unwrap();
        let end = at + header.record_len().unwrap() as usize;
        if header.kind == Kind::Chunk as u16 {
            break at..end;
        }
        at = end;
    };
    let twice = [&whole[..chunk.end], &whole[chunk.start..]].concat();
    folder.write("twice.evz", &twice);
    let recover = ["recover", "twice.evz", "saved.evz"];
    let run = folder.run(&recover).ends(3).says("it was taken once");
    assert!(!run.err.contains("lost: "), "{}", run.err);
    let cat = |file: &str| folder.run(&["cat", file]).ends(0).out;
    assert_eq!(cat("saved.evz"), cat("events.evz"));
}

#[test]
fn exit_code_is_2_for_bad_arguments() {
    let folder = Folder::with_events(10);
    let cases: [(&[&str], &str); 41] = [
        (&["play", "events.evz", "--speed", "0"], "no number above 0"),
        (
            &["play", "events.evz", "--window", "0ms"],
            "more than nothing",
        ),
        (&["play", "events.evz", "--as", "ascii"], "half-blocks"),
        (
            &["play", "events.evz", "--bins", "3"],
            "only voxel, histogram, mixed-density and mcts have bins",
        ),
        (
            &["play", "events.evz", "--like", "rvt"],
            "--like: it is of arrays",
        ),
        (
            &["play", "events.evz", "--reverse-time"],
            "--reverse-time: it is of single windows",
        ),
        (
            &["play", "events.evz", "--mode", "tore"],
            "tore is for arrays, and makes no pictures; write .npy or .npz",
        ),
        (
            &[
                "render",
                "events.evz",
                "-o",
                "x.png",
                "--mode",
                "mixed-density",
            ],
            "is for arrays",
        ),
        (
            &["render", "events.evz", "-o", "x.png", "--like", "rvt"],
            "--like: the output is a picture and no array",
        ),
        (
            &[
                "render",
                "events.evz",
                "-o",
                "x.npy",
                "--like",
                "rvt",
                "--mode",
                "counts",
            ],
            "cannot be used with",
        ),
        (
            &[
                "render",
                "events.evz",
                "-o",
                "x.npy",
                "--mode",
                "counts",
                "--split-polarity",
            ],
            "can be split",
        ),
        (
            &[
                "render",
                "events.evz",
                "-o",
                "x.npy",
                "--count",
                "4",
                "--stride",
                "2",
                "--mode",
                "binary",
                "--memory",
            ],
            "overlap",
        ),
        (&["cat"], "<FILE>"),
        (&["dance"], "dance"),
        (&["cat", "events.evz", "--from", "12"], "no unit"),
        (
            &["cat", "events.evz", "--from", "@5000010"],
            "no unit: write 5000010s",
        ),
        (
            &[
                "render",
                "events.evz",
                "-o",
                "x.npy",
                "--at",
                "1ms",
                "--from",
                "2ms",
            ],
            "--at asks for none of the time that --from and --to leave",
        ),
        (
            &["cat", "events.evz", "--from", "2s", "--to", "1s"],
            "ends before it starts; leave out --from",
        ),
        (
            &["cat", "events.evz", "--events", "9..5"],
            "before its start",
        ),
        (
            &["cat", "events.evz", "--events", "-1..5"],
            "is no whole number",
        ),
        (&["cat", "events.evz", "--roi", "1,2,3"], "X,Y,W,H"),
        (&["cat", "events.evz", "--roi", "-1,0,3,3"], "X,Y,W,H"),
        (&["cat", "events.evz", "--polarity", "up"], "on or off"),
        (&["cat", "events.evz", "--columns", "txxp"], "column order"),
        (
            &["convert", "events.evz", "out.hdf"],
            "its name says no format",
        ),
        (
            &["convert", "events.evz", "out.txt.zip"],
            ".zip is read and not written",
        ),
        (&["convert", "events.evz"], "is .evz already"),
        (
            &["convert", "events.txt", "out.evz", "--profile", "huge"],
            "huge",
        ),
        (&["convert", "events.txt", "out.evz", "--threads", "0"], "0"),
        (&["info", "events.txt", "--threads", "1025"], "1..=1024"),
        (&["info", "events.txt", "--threads", "9999999"], "1..=1024"),
        (&["info", "events.txt", "--force"], "--pixels"),
        (&["info", "events.evz", "--full", "--layout"], "--layout"),
        (&["info", "events.evz", "--full", "--follow"], "--follow"),
        (&["synth", "out.evz", "--size", "0x7"], "WxH"),
        (&["bench"], "<OPERATION>"),
        (&["bench", "decode"], "<FILE>"),
        (&["bench", "decode", "events.evz", "--matrix"], "--matrix"),
        (&["bench", "--matrix", "--size", "9x9"], "--matrix"),
        (&["bench", "--up-to", "1M"], "--matrix"),
        (&["bench", "--matrix", "--up-to", "0"], "--up-to 0"),
    ];
    for (args, what) in cases {
        folder.run(args).ends(2).says(what);
    }
    assert_eq!(folder.names(), ["events.evz", "events.txt"]);
}

#[test]
fn exit_code_is_2_for_options_that_cannot_apply() {
    let folder = Folder::with_events(10);
    let to_evz = ["convert", "events.txt", "out.evz"];
    let to_text = ["convert", "events.evz", "out.txt"];
    let evz_to_evz = ["convert", "events.evz", "out.evz"];
    let cases: [(&[&str], [&str; 2]); 16] = [
        (&["play", "events.evz"], ["--columns", "txyp"]),
        (&to_evz, ["--separator", "comma"]),
        (&to_evz, ["--header", "names"]),
        (&to_evz, ["--polarity-style", "-1/1"]),
        (&to_text, ["--profile", "fast"]),
        (&["synth", "out.txt"], ["--profile", "fast"]),
        (&evz_to_evz, ["--columns", "txyp"]),
        (&evz_to_evz, ["--time-unit", "us"]),
        (&evz_to_evz, ["--decimals", "3"]),
        (&to_text, ["--on-bad-line", "skip"]),
        (&["cat", "events.evz"], ["--on-bad-line", "skip"]),
        (&["info", "events.evz"], ["--columns", "txyp"]),
        (&["info", "events.evz", "--layout"], ["--time-unit", "s"]),
        (&["digest", "events.evz"], ["--time-unit", "s"]),
        (&["bench", "decode", "events.evz"], ["--profile", "fast"]),
        (&["bench", "parse", "events.txt"], ["--window-us", "5"]),
    ];
    for (args, [name, value]) in cases {
        let run = folder.run(&[args, &[name, value]].concat()).ends(2);
        run.says(&format!("evz: {name}: ")).says("leave it out");
    }
    assert_eq!(folder.names(), ["events.evz", "events.txt"]);
    let mixed = ["digest", "events.evz", "events.txt", "--time-unit", "s"];
    folder.run(&mixed).ends(0);
}

#[test]
fn exit_code_is_2_for_options_on_what_the_input_says_itself() {
    let folder = Folder::with_events(10);
    for name in ["events.raw", "events.dat", "events.aedat4"] {
        let args = ["convert", "events.evz", name, "--size", "320x240"];
        folder.run(&args).ends(0);
        for args in [
            &["info", name][..],
            &["digest", name],
            &["convert", name, "out.evz"],
            &["render", name, "-o", "out.gif", "--count", "5"],
        ] {
            for option in [["--time-unit", "s"], ["--word-order", "little"]] {
                let run = folder.run(&[args, &option].concat()).ends(2);
                run.says("leave").says(option[0]);
            }
        }
        // Here it says how to print.
        let cat = ["cat", name, "--time-unit", "ms"];
        assert!(folder.run(&cat).ends(0).text().starts_with("5000.000 "));
    }
    folder
        .run(&["cat", "events.raw", "--word-order", "legacy"])
        .ends(2)
        .says("only words of EVT2.1 come in two orders, and these are of EVT3; leave out --word-order");
    let several = |files: &[&str], option: &[&str]| {
        let mut args = vec!["digest"];
        args.extend(files);
        args.extend(option);
        folder.run(&args)
    };
    let unit = ["--time-unit", "s"];
    several(&["events.raw", "events.dat"], &unit)
        .ends(2)
        .says("--time-unit: the input is dat and raw");
    several(&["events.raw", "events.txt"], &unit).ends(0);
    several(&["events.txt", "events.raw"], &["--encoding", "evt3"]).ends(0);
}

#[test]
fn exit_code_is_1_for_formats_that_are_not_read() {
    let folder = Folder::with_events(10);
    let cases: [(&str, &[u8], &str); 2] = [
        ("a.txt", b"\xff\xfe0\0", "it is text in UTF-16"),
        ("a.raws", b"\x83\x02\x80\0\x06", "evz reads: evz, text, raw"),
    ];
    for (name, bytes, what) in cases {
        folder.write(name, bytes);
        for verb in ["info", "convert"] {
            let args = [verb, name, "out.evz"];
            let args = if verb == "info" { &args[..2] } else { &args };
            folder
                .run(args)
                .ends(1)
                .says(&format!("evz: {name}: it is "));
        }
        folder.run(&["bench", "parse", name]).ends(1).says(what);
        let piped = folder.run_with(&["cat", "-"], bytes).ends(1);
        piped.says("standard input").says(what);
    }
    // The way out that is named for a binary file.
    let to_raw = ["convert", "events.evz", "events.raw", "--size", "320x240"];
    folder.run(&to_raw).ends(0);
    let raw = folder.read("events.raw");
    let end = raw.windows(6).position(|w| w == b"% end\n");
    folder.write("bare.raw", &raw[end.expect("the end of the header") + 6..]);
    folder
        .run(&["info", "bare.raw"])
        .ends(1)
        .says("pass --input-format")
        .says("raw");
    folder
        .run(&["info", "bare.raw", "--input-format", "raw"])
        .ends(1)
        .says("pass --encoding")
        .says("evt3");
    let told = ["--input-format", "raw", "--encoding", "evt3"];
    let cat = [&["cat", "bare.raw"][..], &told].concat();
    assert_eq!(
        folder.run(&cat).ends(0).text(),
        folder.run(&["cat", "events.evz"]).ends(0).text()
    );
}

#[test]
fn exit_code_is_1_for_times_that_the_output_cannot_say() {
    let folder = Folder::new();
    folder.write("ns.txt", b"0.000000123 1 1 1\n0.000000456 2 2 0\n");
    for name in ["ns.evz", "ns.parquet", "ns.npz"] {
        folder.run(&["convert", "ns.txt", name]).ends(0);
    }
    for input in ["ns.txt", "ns.evz", "ns.parquet", "ns.npz"] {
        for output in ["out.raw", "out.dat", "out.aedat4"] {
            let args = ["convert", input, output, "--size", "8x8"];
            let run = folder.run(&args).ends(1).says("event 0").says("write .evz");
            // It says how many there are, and rounds none.
            assert!(!run.err.contains("--decimals"), "{}", run.err);
        }
        // The ways out.
        for output in ["out.evz", "out.parquet"] {
            folder
                .run(&["convert", input, output, "--force"])
                .ends(0)
                .says("2 events");
        }
    }
    folder.write("one.txt", b"0.000001 1 1 1\n");
    folder
        .run(&["convert", "one.txt"])
        .ends(0)
        .says("one.evz: 1 event, ");
    folder
        .run(&["verify", "one.evz"])
        .ends(0)
        .says("one.evz: whole: 1 event in 1 chunk, ");
}

#[test]
fn exit_code_is_2_for_an_output_that_exists() {
    let folder = Folder::with_events(10);
    folder.write("out.evz", b"precious");
    folder.write("out.txt", b"precious");
    for name in ["out.evz", "out.txt"] {
        folder
            .run(&["convert", "events.txt", name])
            .ends(2)
            .says("--force");
        assert_eq!(folder.read(name), b"precious");
        folder
            .run(&["convert", "events.txt", name, "--force"])
            .ends(0);
        assert_ne!(folder.read(name), b"precious");
    }
}

#[test]
fn exit_code_is_1_where_time_must_not_run_backwards() {
    let folder = Folder::new();
    folder.write(
        "back.txt",
        b"0.000003 1 1 1\n0.000005 2 2 0\n0.000001 3 3 1\n",
    );
    let to = |how| {
        [
            "convert",
            "back.txt",
            "out.evz",
            "--force",
            "--on-unsorted",
            how,
        ]
    };
    folder.run(&to("stop")).ends(1).says("back.txt: event 2");
    assert_eq!(folder.names(), ["back.txt"]);
    folder
        .run(&to("keep"))
        .ends(0)
        .says("times run backwards")
        .says("the order is kept");
    assert_eq!(
        folder.run(&["cat", "out.evz"]).text(),
        "3 1 1 1\n5 2 2 0\n1 3 3 1\n"
    );
    let sorted = folder
        .run(&to("sort"))
        .ends(0)
        .says("the output is in order of time");
    assert!(!sorted.err.contains("the order is kept"), "{}", sorted.err);
    assert_eq!(
        folder.run(&["cat", "out.evz"]).text(),
        "1 3 3 1\n3 1 1 1\n5 2 2 0\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn exit_code_is_1_for_a_full_disk() {
    use std::process::Stdio;
    let folder = Folder::with_events(1_000);
    folder
        .run(&["convert", "events.txt", "/dev/full"])
        .ends(1)
        .says("/dev/full: cannot write")
        .says("No space left");
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    for args in [
        ["cat", "events.evz"],
        ["info", "events.evz"],
        ["man", "cat"],
    ] {
        let mut command = folder.command(&args);
        let output = command
            .stdout(Stdio::from(full.try_clone().expect("a copy")))
            .output();
        let output = output.expect("the command runs");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("No space left"),
            "{args:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn exit_code_is_1_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_events(10);
    let forbid = |name: &str, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path(name), permissions).expect("a file of ours");
    };
    forbid("events.txt", 0o000);
    if std::fs::File::open(folder.path("events.txt")).is_ok() {
        return; // Root may do anything.
    }
    folder
        .run(&["cat", "events.txt"])
        .ends(1)
        .says("Permission denied");
    std::fs::create_dir(folder.path("closed")).expect("a folder in ours");
    forbid("closed", 0o555);
    folder
        .run(&["convert", "events.evz", "closed/out.evz"])
        .ends(1)
        .says("Permission denied");
}

#[test]
fn the_input_is_not_replaced() {
    let folder = Folder::with_events(1_000);
    let (text, evz) = (folder.read("events.txt"), folder.read("events.evz"));
    for args in [
        &["convert", "events.txt", "events.txt", "--force"][..],
        &["convert", "events.evz", "events.evz", "--force"],
        &["recover", "events.evz", "events.evz", "--force"],
        &[
            "render",
            "events.evz",
            "-o",
            "events.evz",
            "--output-format",
            "npy",
            "--count",
            "10",
            "--force",
        ],
    ] {
        folder
            .run(args)
            .ends(2)
            .says("is the input, which would be gone; name another file");
        assert_eq!(folder.read("events.txt"), text, "{args:?}");
        assert_eq!(folder.read("events.evz"), evz, "{args:?}");
    }
    assert_eq!(folder.names(), ["events.evz", "events.txt"]);
    // What was read before and is closed is only a file.
    folder
        .run(&["convert", "events.evz", "events.txt", "--force"])
        .ends(0);
}
