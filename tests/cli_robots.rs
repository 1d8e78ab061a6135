//! Recordings of robots, by the command.

mod cli_common;

use std::fs;

use cli_common::Folder;

/// A folder with one of the files that `formats/ros/tests/make.py` writes.
fn folder(name: &str) -> Folder {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("formats/ros/tests/data");
    let folder = Folder::new();
    folder.write(name, &std::fs::read(data.join(name)).unwrap());
    folder
}

fn digest(folder: &Folder, args: &[&str]) -> String {
    let run = folder.run(&[&["digest"], args].concat()).ends(0);
    run.text().split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn topics_become_event_streams() {
    let folder = folder("stereo.bag");
    folder
        .run(&["digest", "stereo.bag"])
        .ends(1)
        .says("--stream /rig/left/events or /rig/right/events");
    folder.run(&["convert", "stereo.bag", "rig.evz"]).ends(0);
    for topic in ["/rig/left/events", "/rig/right/events"] {
        let of = |file| digest(&folder, &[file, "--stream", topic]);
        assert_eq!(of("stereo.bag"), of("rig.evz"));
    }
}

/// The bytes are those of both together, in a folder too; an .evz tells which are whose.
#[test]
fn the_size_of_a_file_is_that_of_no_one_of_its_streams() {
    let folder = folder("stereo.bag");
    let json = |args: &[&str]| -> serde_json::Value {
        let run = folder.run(&[args, &["--json"]].concat()).ends(0);
        serde_json::from_str(run.text()).unwrap()
    };
    let figures = ["bytes", "bits_per_event"];
    for index in [false, true] {
        if index {
            folder.run(&["index", "stereo.bag"]).ends(0);
        }
        let alone = json(&["info", "stereo.bag"]);
        let among = json(&["info", "."]);
        assert_eq!(among.as_array().map(Vec::len), Some(2));
        for (k, name) in ["/rig/left/events", "/rig/right/events"].iter().enumerate() {
            assert_eq!(among[k]["name"], **name);
            for figure in figures {
                assert!(among[k][figure].is_null(), "{figure}: {among}");
                assert_eq!(among[k][figure], alone["streams"][k][figure]);
            }
        }
        let table = folder.run(&["info", "."]).ends(0);
        for line in table.text().lines().skip(1) {
            let cells: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(
                cells[cells.len() - 4..cells.len() - 2],
                ["-", "-"],
                "{line}"
            );
        }
    }
    fs::create_dir(folder.path("rigs")).unwrap();
    let convert = ["convert", "stereo.bag", "rigs/rig.evz"];
    folder.run(&convert).ends(0);
    let (alone, among) = (json(&["info", "rigs/rig.evz"]), json(&["info", "rigs"]));
    let len = folder.read("rigs/rig.evz").len() as u64;
    for k in 0..2 {
        let bytes = among[k]["bytes"].as_u64().unwrap();
        assert!(bytes > 0 && bytes < len / 2, "{bytes} of {len}");
        for figure in figures {
            assert_eq!(among[k][figure], alone["streams"][k][figure]);
        }
    }
}

/// The right camera has its own samples, and not those of the left one under their name; an index beside the file changes
/// nothing of it.
#[test]
fn an_event_stream_that_is_told_comes_with_what_is_beside_it() {
    let folder = folder("stereo.bag");
    folder.run(&["convert", "stereo.bag", "rig.evz"]).ends(0);
    let info = folder.run(&["info", "rig.evz"]).ends(0);
    let (left, right) = info.text().split_once("\n/rig/right/events: ").unwrap();
    assert!(
        left.contains("imu: 2 rows") && !left.contains("3 rows"),
        "{left}"
    );
    assert!(right.contains("imu_/rig/right/events: 3 rows"), "{right}");
    let right = ["--stream", "/rig/right/events"];
    let of_rig = "imu_/rig/right/events";
    let rows = |file, stream: &str| {
        let cat = folder.run(&["cat", file, "--stream", stream]).ends(0);
        cat.text().lines().count() - 1
    };
    for (from, imu) in [
        ("stereo.bag", "imu"),
        ("rig.evz", of_rig),
        ("stereo.bag", "imu"),
    ] {
        let convert = |to| folder.run(&[&["convert", from, to, "--force"], &right[..]].concat());
        let whole = convert("right.evz").ends(0);
        let whole = whole.says(&format!("beside the events: {imu}, 3 rows"));
        let beside = whole.err.matches("beside the events").count();
        assert_eq!(beside, 1, "{}", whole.err);
        assert_eq!(rows("right.evz", imu), 3);
        convert("right.npz")
            .ends(3)
            .says("lost: 1 side stream that");
        // The same names, whatever stands beside the file.
        let info = folder.run(&[&["info", "stereo.bag"], &right[..]].concat());
        let info = info.ends(0);
        assert!(
            info.text().contains("beside    imu: 3 rows"),
            "{}",
            info.text()
        );
        assert_eq!(rows("stereo.bag", "imu"), 2);
        assert_eq!(rows("stereo.bag", "imu_rig_right_imu"), 3);
        if from == "rig.evz" {
            folder.run(&["index", "stereo.bag"]).ends(0);
        }
    }
    // Frames may be at the times of another camera, and not have what it saw.
    let render = |from, option, side| {
        let args = [
            "render", from, "-o", "f.npy", "--force", option, side, "--window", "1ms",
        ];
        folder.run(&[&args, &right[..]].concat())
    };
    render("rig.evz", "--at", "stream:imu")
        .ends(0)
        .says("2 frames");
    render("stereo.bag", "--at", "stream:imu_rig_left_imu")
        .ends(2)
        .says("it has imu");
    render("stereo.bag", "--at", "stream:imu")
        .ends(0)
        .says("3 frames");
}

/// Samples of no camera come with each, under one name, and are not mixed with its own, whatever stands beside the file;
/// nor are they lost where further recordings are put beside it.
#[test]
fn what_belongs_to_no_event_stream_comes_with_each() {
    let folder = folder("box.bag");
    folder.write("more.txt", b"0.000001 1 1 1\n0.000002 2 2 0\n");
    folder.run(&["convert", "box.bag", "box.evz"]).ends(0);
    let more = ["convert", "more.txt", "box.bag", "more.evz"];
    folder.run(&more).ends(0);
    let rows = |file, stream: &str| {
        let cat = folder.run(&["cat", file, "--stream", stream]).ends(0);
        cat.text().lines().count() - 1
    };
    for index in [false, true] {
        if index {
            folder.run(&["index", "box.bag"]).ends(0);
        }
        for (camera, beside) in [
            ("/left/events", &[("imu", 4)][..]),
            ("/right/events", &[("imu", 3), ("imu_imu", 4)]),
        ] {
            let one = [
                "convert", "box.bag", "one.evz", "--force", "--stream", camera,
            ];
            let run = folder.run(&one).ends(0);
            assert_eq!(run.err.matches("beside the events").count(), beside.len());
            for (name, n) in beside {
                assert_eq!(rows("one.evz", name), *n, "{camera}, {index}");
            }
        }
        // Another clock moves rows of a bag, and may not be taken for that of the events.
        let at = [
            "render",
            "box.bag",
            "-o",
            "f.npy",
            "--stream",
            "/left/events",
            "--at",
        ];
        let other = [&at[..], &["stream:imu_right_imu", "--window", "1ms"]].concat();
        folder.run(&other).ends(2).says("no side stream");
    }
    for (file, camera, n) in [
        ("box.evz", "/left/events", 4),
        ("box.evz", "/right/events", 7),
        ("more.evz", "box./left/events", 4),
        ("more.evz", "box./right/events", 7),
        ("more.evz", "more", 4),
    ] {
        let one = ["convert", file, "one.evz", "--force", "--stream", camera];
        let run = folder.run(&one).ends(0);
        let beside = run.err.lines().filter_map(|line| {
            let (_, rows) = line.strip_prefix("beside the events: ")?.split_once(", ")?;
            rows.trim_end_matches(" rows").parse::<u64>().ok()
        });
        assert_eq!(beside.sum::<u64>(), n, "{file} {camera}: {}", run.err);
    }
}

#[test]
fn packings_and_containers_hold_the_same() {
    let first = digest(&folder("dvs.bag"), &["dvs.bag"]);
    for name in ["dvs_lz4.bag", "dvs_zstd.mcap", "dvs.db3", "dvs.db3.zstd"] {
        assert_eq!(digest(&folder(name), &[name]), first, "{name}");
    }
}

#[test]
fn exit_code_is_3_for_a_bag_that_is_cut() {
    let folder = folder("dvs.bag");
    let whole = folder.read("dvs.bag");
    folder.write("cut.bag", &whole[..12_000]);
    let said = "lost: 1 chunk that the file ends in";
    folder.run(&["digest", "cut.bag"]).ends(3).says(said);
    let imu = ["cat", "dvs.bag", "--stream", "imu"];
    let rows = folder.run(&imu).ends(0);
    assert!(
        rows.text().starts_with("t,orientation_x,"),
        "{}",
        rows.text()
    );
}

/// Rows of a side stream are written as they are: what shapes events, or frames of these, is refused.
#[test]
fn options_of_events_are_refused_where_a_side_stream_is_asked_for() {
    let folder = folder("dvs.bag");
    let text: [&[&str]; 3] = [
        &["--separator", "semicolon"],
        &["--header", "none"],
        &["--polarity-style", "-1/1"],
    ];
    let shapes: [&[&str]; 3] = [
        &["--columns", "xytp"],
        &["--time-unit", "ms"],
        &["--decimals", "2"],
    ];
    let order: [&[&str]; 2] = [&["--on-unsorted", "stop"], &["--on-unsorted", "sort"]];
    let refused = |verb: &[&str], told: &[&str]| {
        let run = folder.run(&[verb, told].concat()).ends(2);
        let (option, err) = (told[0], &run.err);
        let ways = [format!("{option}: "), format!("leave out {option}\n")];
        assert!(ways.iter().any(|way| err.contains(way)), "{option}: {err}");
    };
    for told in text.into_iter().chain(shapes) {
        refused(&["cat", "dvs.bag", "--stream", "imu"], told);
    }
    for told in text.into_iter().chain(shapes).chain(order) {
        refused(&["convert", "dvs.bag", "imu.csv", "--stream", "imu"], told);
    }
    let pictures: [&[&str]; 10] = [
        &["--time"],
        &["--scale-bar"],
        &["--theme", "light"],
        &["--dilate"],
        &["--mode", "voxel"],
        &["--bins", "5"],
        &["--device", "cuda"],
        &["--memory"],
        &["--window", "10ms"],
        &["--follow"],
    ];
    for told in pictures {
        let frames = [
            "render",
            "dvs.bag",
            "-o",
            "f_%05d.png",
            "--stream",
            "frames",
        ];
        refused(&frames, told);
    }
    assert_eq!(folder.names(), ["dvs.bag"]);
}
