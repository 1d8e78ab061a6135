//! Several event streams in one file, by the command.

mod cli_common;
mod common;

use std::fmt::Write as _;

use cli_common::Folder;
use serde_json::Value;

/// A folder with two recordings of different sensors and units: `left.txt`, and `right.txt`, which
/// runs backwards now and then.
fn pair() -> Folder {
    let folder = Folder::new();
    let (mut left, mut right) = ("320 240\n".to_owned(), "64 48\n".to_owned());
    for i in 0..5_000 {
        writeln!(
            left,
            "5.{i:06} {} {} {}",
            i * 7 % 320,
            i * 13 % 240,
            i % 3 % 2
        )
        .unwrap();
        let t = i * 1_003 % 5_000_000 - i % 7 * 1_500;
        writeln!(
            right,
            "5.{:09} {} {} {}",
            t.max(0),
            i * 5 % 64,
            i * 11 % 48,
            i % 2
        )
        .unwrap();
    }
    folder.write("left.txt", left.as_bytes());
    folder.write("right.txt", right.as_bytes());
    folder
}

fn digest(folder: &Folder, args: &[&str]) -> String {
    let run = folder.run(&[&["digest"], args].concat()).ends(0);
    run.text().split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn two_recordings_go_into_one_file_and_out_again() {
    let folder = pair();
    folder
        .run(&["convert", "left.txt", "right.txt", "rig.evz"])
        .ends(0)
        .says("left.txt: read as: t x y p, seconds (6 decimals)")
        .says("right.txt: read as: t x y p, seconds (9 decimals)")
        .says("note: right: times run backwards")
        .says("nothing says that the clocks of the streams count from the same moment");
    folder.run(&["verify", "rig.evz"]).ends(0);
    for (name, size) in [("left", "320x240"), ("right", "64x48")] {
        let text = format!("{name}.txt");
        let expected = digest(&folder, &[&text]);
        let stream = ["--stream", name];
        assert_eq!(
            digest(&folder, &[&["rig.evz"], &stream[..]].concat()),
            expected
        );
        for out in ["out.npz", "out.parquet", "out.evz", "out.txt"] {
            let convert = ["convert", "rig.evz", out, "--force"];
            folder.run(&[&convert, &stream[..]].concat()).ends(0);
            assert_eq!(digest(&folder, &[out]), expected, "{name} to {out}");
        }
        assert!(
            folder.read("out.txt") == folder.read(&text),
            "{name} has other bytes"
        );
        let info = folder.run(&["info", "out.evz"]).ends(0);
        assert!(info.text().contains(size), "{}", info.text());
    }
    // All streams, as they are, into another file.
    folder
        .run(&["convert", "rig.evz", "copy.evz", "--profile", "fast"])
        .ends(0);
    for name in ["left", "right"] {
        let of = |file| digest(&folder, &[file, "--stream", name]);
        assert_eq!(of("copy.evz"), of("rig.evz"));
    }
    let ask = "it holds 2 event streams; pass --stream left or right";
    for args in [
        &["convert", "rig.evz", "x.npz"][..],
        &["cat", "rig.evz"],
        &["digest", "rig.evz"],
    ] {
        folder.run(args).ends(1).says(ask);
    }
}

#[test]
fn the_only_stream_with_events_is_named() {
    let folder = pair();
    let both = ["convert", "left.txt", "right.txt", "rig.evz"];
    folder.run(&both).ends(0);
    let left = ["convert", "rig.evz", "half.evz", "--roi", "100,100,200,100"];
    folder.run(&left).ends(0);
    let said = "note: event stream \"left\" is read, the only one of 2 that has events";
    for args in [
        &["cat", "half.evz"][..],
        &["convert", "half.evz", "half.npz"],
    ] {
        let run = folder.run(args).ends(0).says(said);
        assert_eq!(run.err.matches(said).count(), 1, "{}", run.err);
    }
    let told = folder.run(&["cat", "half.evz", "--stream", "left"]).ends(0);
    assert!(!told.err.contains(said), "{}", told.err);
}

#[test]
fn info_tells_of_every_stream() {
    let folder = pair();
    folder
        .run(&["convert", "left.txt", "right.txt", "rig.evz"])
        .ends(0);
    let info = folder.run(&["info", "rig.evz"]).ends(0);
    let lines: Vec<&str> = info.text().lines().collect();
    assert!(
        lines[0].starts_with("rig.evz: evz, 2 event streams, "),
        "{}",
        lines[0]
    );
    for line in ["left: evz, profile small", "right: evz, profile small"] {
        assert!(lines.contains(&line), "{}", info.text());
    }
    let json = folder.run(&["info", "rig.evz", "--json"]).ends(0);
    let json: Value = serde_json::from_str(json.text()).unwrap();
    let facts = |k: usize, key: &str| json["streams"][k][key].clone();
    for (k, name, width, file) in [(0, "left", 320, "left.txt"), (1, "right", 64, "right.txt")] {
        assert_eq!(facts(k, "name"), name);
        assert_eq!(facts(k, "width"), width);
        assert_eq!(facts(k, "events"), 5_000);
        assert_eq!(facts(k, "source"), file);
        let one = folder
            .run(&["info", "rig.evz", "--json", "--stream", name])
            .ends(0);
        let one: Value = serde_json::from_str(one.text()).unwrap();
        assert_eq!(one["t_last_us"], facts(k, "t_last_us"));
    }
}

#[test]
fn what_is_lost_is_told_of_its_stream() {
    let folder = pair();
    let mut right = folder.read("right.txt");
    right.extend(b"no event\n");
    folder.write("right.txt", &right);
    let convert = ["convert", "left.txt", "right.txt", "rig.evz"];
    folder.run(&convert).ends(1).says("right.txt: line 5002");
    assert_eq!(
        folder.names(),
        ["left.txt", "right.txt"],
        "nothing is left behind"
    );
    folder
        .run(&[&convert[..], &["--on-bad-line", "skip"]].concat())
        .ends(0)
        .says("as told: right: 1 line");
    // A part of it makes no claim on the bytes that it came from.
    folder
        .run(&["convert", "rig.evz", "back.txt", "--stream", "left"])
        .ends(0);
    assert!(folder.read("back.txt") == folder.read("left.txt"));
}

#[test]
fn what_cannot_be_told_apart_or_held_is_refused() {
    let folder = pair();
    std::fs::create_dir(folder.path("b")).unwrap();
    std::fs::copy(folder.path("left.txt"), folder.path("b/left.csv")).unwrap();
    folder
        .run(&["convert", "left.txt", "b/left.csv", "rig.evz"])
        .ends(2)
        .says("left.txt and b/left.csv would both give an event stream \"left\"; rename one");
    folder
        .run(&["convert", "left.txt", "right.txt", "rig.npz"])
        .ends(2)
        .says("npz holds one; end its name in .evz");
    folder
        .run(&["convert", "left.txt", "none.txt", "rig.evz"])
        .ends(1)
        .says("none.txt");
    folder
        .run(&[
            "convert",
            "left.txt",
            "right.txt",
            "rig.evz",
            "--encoding",
            "evt3",
        ])
        .ends(2)
        .says("--encoding");
    assert_eq!(folder.names(), ["b", "left.txt", "right.txt"]);
}

/// Of clocks of different kinds a file can tell none.
#[test]
fn the_clock_of_real_recordings_is_kept_or_counted_as_lost() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let truth = std::fs::read_to_string(recordings.join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let folder = Folder::new();
    let path = |name: &str| recordings.join(name).display().to_string();
    let (dat, raw, davis) = (path("gen4.dat"), path("evt2.raw"), path("davis346.aedat4"));
    folder.run(&["convert", &dat, &raw, "rig.evz"]).ends(0);
    folder
        .run(&["convert", &davis, &dat, "mixed.evz"])
        .ends(3)
        .says("lost: 2 clocks of streams, which differ")
        .says("davis346: unix");
    for (file, stream, recording) in [
        ("rig.evz", "gen4", "gen4.dat"),
        ("rig.evz", "evt2", "evt2.raw"),
        ("mixed.evz", "davis346", "davis346.aedat4"),
        ("mixed.evz", "gen4", "gen4.dat"),
    ] {
        let found = digest(&folder, &[file, "--stream", stream]);
        assert_eq!(found, truth[recording]["sha256"], "{recording}");
    }
    let info = folder.run(&["info", "mixed.evz"]).ends(0);
    assert!(info.text().contains("imu: 2,363 rows"), "{}", info.text());
    // Either stream alone, with what is beside it: all is of the second one.
    folder.run(&["convert", &dat, &davis, "beside.evz"]).ends(3);
    for (stream, recording) in [("gen4", "gen4.dat"), ("davis346", "davis346.aedat4")] {
        let one = [
            "convert",
            "beside.evz",
            "one.evz",
            "--force",
            "--stream",
            stream,
        ];
        folder.run(&one).ends(0);
        folder.run(&["verify", "one.evz"]).ends(0);
        assert_eq!(digest(&folder, &["one.evz"]), truth[recording]["sha256"]);
        let info = folder.run(&["info", "one.evz"]).ends(0);
        let has_imu = info.text().contains("imu: 2,363 rows");
        assert_eq!(has_imu, stream == "davis346", "{}", info.text());
        // Where there is a place for samples of one camera, they are of this one.
        let to_aedat = [
            "convert",
            "beside.evz",
            "one.aedat4",
            "--force",
            "--stream",
            stream,
        ];
        folder.run(&to_aedat).ends(0);
        let imu = folder.run(&["info", "one.aedat4", "--full"]).ends(0);
        let has_imu = imu.text().contains("imu: 2,363 rows");
        assert_eq!(has_imu, stream == "davis346", "{}", imu.text());
    }
}

/// jAER marks the right one of two DVS128 in bit 15 of an address, and numbers those of a DAVIS in its
/// four lowest bits.
#[test]
fn cameras_of_one_aedat_become_streams() {
    let folder = Folder::new();
    let header = |chip: &str| format!("#!AER-DAT2.0\r\n# AEChip: {chip}\r\n").into_bytes();
    let mut pair = header("ch.unizh.ini.jaer.chip.stereopsis.DVS128StereoPair");
    let mut four = header("ch.unizh.ini.jaer.chip.multicamera.MultiDAVIS346BCameraChip");
    let mut texts = vec![String::new(); 6];
    for i in 0..3_000u32 {
        // Counted from the right and from the bottom.
        let (x, y, bit, eye) = (i * 7 % 128, i / 9 % 128, i / 2 % 2, i / 5 % 2);
        let address = eye << 15 | y << 8 | x << 1 | bit;
        pair.extend([address.to_be_bytes(), i.to_be_bytes()].concat());
        writeln!(
            texts[eye as usize],
            "{i} {} {} {}",
            127 - x,
            127 - y,
            1 - bit
        )
        .unwrap();
        let (x, y, camera) = (i * 7 % 346, i / 9 % 260, i / 5 % 4);
        let address = y << 22 | x << 12 | bit << 11 | camera;
        four.extend([address.to_be_bytes(), i.to_be_bytes()].concat());
        let text = &mut texts[2 + camera as usize];
        writeln!(text, "{i} {} {} {bit}", 345 - x, 259 - y).unwrap();
    }
    folder.write("pair.aedat", &pair);
    folder.write("four.aedat", &four);
    for (file, names, texts) in [
        ("pair", &["left", "right"][..], &texts[..2]),
        (
            "four",
            &["camera_0", "camera_1", "camera_2", "camera_3"],
            &texts[2..],
        ),
    ] {
        let (from, to) = (format!("{file}.aedat"), format!("{file}.evz"));
        folder.run(&["convert", &from, &to]).ends(0);
        for (name, text) in names.iter().zip(texts) {
            folder.write("one.txt", text.as_bytes());
            let expected = digest(&folder, &["one.txt", "--time-unit", "us"]);
            for recording in [&from, &to] {
                assert_eq!(digest(&folder, &[recording, "--stream", name]), expected);
            }
        }
    }
    let ask = "it has the events of 2 cameras: left, right; pass --stream left or right";
    folder.run(&["cat", "pair.aedat"]).ends(1).says(ask);
}

/// Who takes events alone says so of a side stream, and of a name that there is not.
#[test]
fn a_stream_that_is_none_of_events_is_refused() {
    let folder = pair();
    let left = folder.read("left.txt");
    for name in ["left", "triggers"] {
        let record = ["record", "-", "live.evz", "--stream", name];
        let said = format!("has one event stream; no side stream {name:?}; leave out --stream");
        folder.run_with(&record, &left).ends(2).says(&said);
        let both = [
            "convert",
            "left.txt",
            "right.txt",
            "rig.evz",
            "--stream",
            name,
        ];
        folder.run(&both).ends(2).says(&said);
        let pack = ["pack", "left.txt", "all.evz", "--stream", name];
        folder.run(&pack).ends(2).says(&said);
        let bench = ["bench", "parse", "left.txt", "--stream", name];
        folder.run(&bench).ends(2).says(&said);
    }
    folder
        .run(&["pack", "left.txt", "right.txt", "all.evz"])
        .ends(0);
    // The only one has the number 0; a name is to fit one of several recordings.
    for verb in [["convert", "left.txt"], ["pack", "left.txt"]] {
        let told = ["one.evz", "--stream", "0", "--force"];
        folder.run(&[&verb[..], &told].concat()).ends(0);
    }
    let both = ["convert", "left.txt", "right.txt", "both.evz"];
    folder.run(&both).ends(0);
    let some = [
        "convert", "both.evz", "left.txt", "some.evz", "--stream", "right",
    ];
    folder.run(&some).ends(0);
    assert_eq!(
        digest(&folder, &["some.evz", "--stream", "left"]),
        digest(&folder, &["left.txt"])
    );
    let pack = ["convert", "all.evz", "left.txt", "rig.evz"];
    folder.run(&pack).ends(2).says("all.evz: it is a pack");
    let side = [
        "convert", "all.evz", "left.txt", "rig.evz", "--stream", "samples",
    ];
    folder.run(&side).ends(2).says("samples is a side stream");
    assert!(!folder.names().contains(&"rig.evz".to_owned()));
}

/// No events are given for a side stream that is not there, also where packets may be of one that nothing lists.
#[test]
fn a_side_stream_that_is_not_there_is_refused() {
    let folder = Folder::new();
    let header = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 0: DAVIS240C\r\n#!END-HEADER\r\n";
    folder.write("packets.aedat", header.as_bytes());
    let davis = b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n";
    let event = [5 << 22 | 6 << 12 | 1 << 11, 10_u32].map(u32::to_be_bytes);
    folder.write("addresses.aedat", &[&davis[..], &event.concat()].concat());
    for (file, stream) in [
        ("packets.aedat", "imu_2"),
        ("addresses.aedat", "frames"),
        ("addresses.aedat", "imu_2"),
    ] {
        for verb in [&["cat", file][..], &["convert", file, "out.csv"]] {
            let run = folder.run(&[verb, &["--stream", stream]].concat()).ends(2);
            assert!(run.err.contains("pass --stream "), "{}", run.err);
        }
        let digest = ["digest", file, "--stream", stream];
        folder.run(&digest).ends(2);
    }
    folder
        .run(&["cat", "packets.aedat", "--stream", "imu"])
        .ends(0);
}
