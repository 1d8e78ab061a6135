//! Many short recordings in one file, and back.

mod cli_common;
mod common;

use std::fs;

use cli_common::{Folder, text};
use evz::{
    CreateOptions, Event, EventBatch, Metadata, SideColumn, SideRows, SideValues, StreamInfo,
    TimeBase,
};
use evz_file::wire::RecordHeader;

/// `set/a/1.txt`, `set/a/2.txt`, `set/b/3.raw`: 30, 20 and 10 events.
fn set() -> Folder {
    let folder = Folder::with_events(10);
    fs::create_dir_all(folder.path("set/a")).unwrap();
    fs::create_dir_all(folder.path("set/b")).unwrap();
    folder.write("set/a/1.txt", text(30).as_bytes());
    folder.write("set/a/2.txt", text(20).as_bytes());
    folder.make_raw("set/b/3.raw");
    folder
}

fn digest(folder: &Folder, args: &[&str]) -> String {
    let args = [&["digest"], args].concat();
    folder.run(&args).ends(0).text()[..64].to_owned()
}

#[test]
fn a_folder_becomes_a_pack_and_a_folder_again() {
    let folder = set();
    folder
        .run(&["pack", "set", "all.evz"])
        .ends(0)
        .says("all.evz: 3 samples: 60 events");
    let info = folder.run(&["info", "all.evz"]).ends(0);
    assert!(
        info.text()
            .contains("3 recordings of 2 classes (a: 2, b: 1), the first is a/1.txt"),
        "{}",
        info.text()
    );
    folder
        .run(&["unpack", "all.evz", "out"])
        .ends(0)
        .says("out: 3 samples unpacked, 0 failed");
    for (name, unpacked) in [
        ("a/1.txt", "a/1.evz"),
        ("a/2.txt", "a/2.evz"),
        ("b/3.raw", "b/3.evz"),
    ] {
        let of_source = digest(&folder, &[&format!("set/{name}")]);
        assert_eq!(of_source, digest(&folder, &[&format!("out/{unpacked}")]));
        assert_eq!(of_source, digest(&folder, &["all.evz", "--sample", name]));
    }
    // Text comes back byte for byte.
    let one = [
        "unpack",
        "all.evz",
        "text",
        "--sample",
        "1",
        "--output-format",
        "text",
    ];
    folder.run(&one).ends(0);
    assert_eq!(folder.read("text/a/2.txt"), text(20).into_bytes());
    assert!(!folder.path("text/a/1.txt").exists());
    let last = folder.run(&["cat", "all.evz", "--sample", "2", "--events", "8..10"]);
    assert_eq!(last.ends(0).text().lines().count(), 2);
    folder.run(&["verify", "all.evz"]).ends(0);
    folder
        .run(&["pack", "set", "all.evz"])
        .ends(2)
        .says("--force");
    // A pack that stands in the folder is not packed.
    for _ in 0..2 {
        let pack = ["pack", "set", "set/all.evz", "--force"];
        folder.run(&pack).ends(0).says("3 samples: 60 events");
    }
    folder
        .run(&["pack", "all.evz", "b.evz"])
        .ends(2)
        .says("is a pack itself");
}

#[test]
fn a_pack_is_packed_anew_and_not_joined() {
    let folder = set();
    folder.run(&["pack", "set", "all.evz"]).ends(0);
    for files in [["all.evz", "events.evz"], ["events.evz", "all.evz"]] {
        let join = folder.run(&[&["join"][..], &files, &["both.evz"]].concat());
        join.ends(1)
            .says("evz: all.evz: it is a pack")
            .says("unpack it, and pack what comes of it with the other recordings");
        assert!(!folder.path("both.evz").exists());
    }
    folder.run(&["unpack", "all.evz", "out"]).ends(0);
    folder
        .run(&["pack", "out", "events.evz", "both.evz"])
        .ends(0)
        .says("4 samples: 70 events");
    folder.run(&["verify", "both.evz"]).ends(0);
}

#[test]
fn labels_come_from_a_table() {
    let folder = set();
    folder.write(
        "labels.csv",
        b"file,label\na/1.txt,\"one, two\"\nb/3.raw,x\n",
    );
    let pack = ["pack", "set", "all.evz", "--labels", "labels.csv"];
    folder.run(&pack).ends(0);
    let info = folder.run(&["info", "all.evz", "--json"]).ends(0);
    let info: serde_json::Value = serde_json::from_str(info.text()).unwrap();
    let classes = serde_json::json!({"a": 1, "one, two": 1, "x": 1});
    assert_eq!(info["samples"]["classes"], classes);
    let table = ["convert", "all.evz", "table.csv", "--stream", "samples"];
    folder.run(&table).ends(3);
    let table = String::from_utf8(folder.read("table.csv")).unwrap();
    assert!(table.contains(",a/1.txt,\"one, two\",30,"), "{table}");
    let again = [&pack[..], &["--force"]].concat();
    folder.write("labels.csv", b"file,label\n./a/1.txt,x\na/9.txt,y\n");
    folder
        .run(&again)
        .ends(0)
        .says("note: labels.csv: 1 row of no recording, such as a/9.txt")
        .says("note: labels.csv: no row for 2 recordings, such as a/2.txt");
    let info = folder.run(&["info", "all.evz", "--json"]).ends(0);
    let info: serde_json::Value = serde_json::from_str(info.text()).unwrap();
    assert_eq!(info["samples"]["classes"]["x"], 1);
    folder.write("labels.csv", b"file,label\na/1.txt,x\n./a/1.txt,y\n");
    folder
        .run(&again)
        .ends(2)
        .says("a/1.txt has two labels, \"x\" and \"y\"");
    folder.write("labels.csv", b"name,class\n");
    folder
        .run(&again)
        .ends(2)
        .says("has the columns name, class");
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let folder = set();
    folder.write("set/b/4.raw", b"% no such thing\n");
    folder.write("set/b/5.csv", b"1,2\n");
    folder.write("set/b/readme.md", b"");
    folder
        .run(&["pack", "set", "all.evz"])
        .ends(3)
        .says("passed over: 1 file")
        .says("set/b/4.raw")
        .says("set/b/5.csv")
        .says("3 samples");
    folder.write("bad/1.raw".trim_start_matches("bad/"), b"% no\n");
    folder
        .run(&["pack", "1.raw", "none.evz"])
        .ends(2)
        .says("no recording could be read");
    assert!(!folder.path("none.evz").exists());
}

#[test]
fn what_is_asked_for_has_to_be_there() {
    let folder = set();
    folder.run(&["pack", "set", "all.evz"]).ends(0);
    let no_such = |sample: &str, says: &str| {
        folder
            .run(&["cat", "all.evz", "--sample", sample])
            .ends(2)
            .says(says);
    };
    no_such("3", "there is no sample 3; there are 3, from 0 on");
    no_such(
        "a/1",
        "no sample is called \"a/1\"; the first is \"a/1.txt\"",
    );
    for args in [
        &["cat", "events.evz", "--sample", "0"][..],
        &["unpack", "events.evz", "out"],
    ] {
        folder
            .run(args)
            .ends(2)
            .says("is no pack, and has no samples");
    }
    folder
        .run(&["cat", "events.txt", "--sample", "0"])
        .ends(2)
        .says("no pack");
    // A part of a pack says so where a sample is not whole.
    let cut = ["convert", "all.evz", "cut.evz", "--events", "10..45"];
    folder.run(&cut).ends(0);
    folder
        .run(&["digest", "cut.evz", "--sample", "0"])
        .ends(1)
        .says("sample 0 has 20 of its 30 events: it was cut or filtered");
}

/// Writes a recording with triggers.
fn with_triggers(folder: &Folder, name: &str) {
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let options = CreateOptions::new();
    let mut sink = evz::create(folder.path(name), &info, &options, false).unwrap();
    let (x, y, p) = (1, 2, 1);
    let events: EventBatch = (0..1_000).map(|t| Event { t, x, y, p }).collect();
    sink.write_batch(events.as_slice()).unwrap();
    let id = SideColumn::new("id", SideValues::U8(vec![1, 2, 3]));
    let mut rows = SideRows::new("triggers", vec![id]);
    rows.t = vec![10, 500, 900];
    assert!(sink.write_side(rows).unwrap());
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());
}

/// Damages the first batch of this side stream.
fn damage_batch(folder: &Folder, name: &str, stream: &str) {
    let layout = folder.run(&["info", name, "--layout"]).ends(0);
    let layout: serde_json::Value = serde_json::from_str(layout.text()).unwrap();
    let records = layout["records"].as_array().unwrap();
    let declared = |record: &&serde_json::Value| record["body"]["side_stream"]["name"] == stream;
    let id = &records.iter().find(declared).unwrap()["body"]["side_stream"]["id"];
    let batch = |record: &&serde_json::Value| record["body"]["side_batch"]["id"] == *id;
    let batch = records.iter().find(batch).unwrap();
    let number = |value: &serde_json::Value| value.as_u64().unwrap() as usize;
    let body = number(&batch["offset"]) + RecordHeader::ENCODED_SIZE;
    let mut bytes = folder.read(name);
    bytes[body + number(&batch["header"]["body_len"]) - 1] ^= 0xff;
    folder.write(name, &bytes);
}

/// Rows beside a sample that are damaged are a loss, and its events are all there, as of a file of its own.
#[test]
fn damaged_rows_leave_the_events_of_their_sample() {
    let folder = Folder::new();
    fs::create_dir(folder.path("set")).unwrap();
    for name in ["set/a.evz", "set/b.evz"] {
        with_triggers(&folder, name);
    }
    folder.run(&["pack", "set", "pack.evz"]).ends(0);
    damage_batch(&folder, "pack.evz", "triggers");
    let events = digest(&folder, &["set/a.evz"]);
    let run = |args: &str| {
        let args: Vec<&str> = args.split(' ').collect();
        folder.run(&args)
    };
    // Who takes the events alone does not read the rows.
    for args in [
        "digest pack.evz --sample a.evz",
        "rate pack.evz --sample a.evz",
        "convert pack.evz alone.evz --sample a.evz --events-only",
    ] {
        run(args).ends(0);
    }
    for args in [
        "convert pack.evz a.evz --sample a.evz",
        "info pack.evz --sample a.evz",
        "unpack pack.evz out",
    ] {
        run(args).ends(3).says("cannot be read");
    }
    for made in ["alone.evz", "a.evz", "out/a.evz", "out/b.evz"] {
        assert_eq!(digest(&folder, &[made]), events, "{made}");
    }
    assert_eq!(digest(&folder, &["pack.evz", "--sample", "a.evz"]), events);
}

/// Recordings of every kind in one pack come out of it as they went in, with what is beside their events.
#[test]
fn real_recordings_are_what_they_were() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let folder = Folder::new();
    let truth = fs::read_to_string(recordings.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let names = [
        "davis346.aedat4",
        "ncars.dat",
        "evt2.raw",
        "davis346_seconds.txt",
        "atis.es",
    ];
    fs::create_dir(folder.path("set")).unwrap();
    for name in names {
        fs::copy(recordings.join(name), folder.path(&format!("set/{name}"))).unwrap();
    }
    folder
        .run(&["pack", "set", "all.evz", "--profile", "fast"])
        .ends(0);
    for name in names {
        let of_sample = digest(&folder, &["all.evz", "--sample", name]);
        assert_eq!(of_sample, truth[name]["sha256"], "{name}");
    }
    let sample = ["unpack", "all.evz", "out", "--sample", "davis346.aedat4"];
    folder.run(&sample).ends(0);
    for stream in ["imu", "triggers"] {
        let table = |from: &str, to: &str| {
            folder
                .run(&["convert", from, to, "--stream", stream])
                .ends(0);
            folder.read(to)
        };
        let of_source = table("set/davis346.aedat4", &format!("{stream}_a.csv"));
        let of_sample = table("out/davis346.evz", &format!("{stream}_b.csv"));
        assert!(of_source.len() > 1000, "{stream}");
        assert_eq!(of_source, of_sample, "{stream}");
    }
    folder.run(&["verify", "all.evz"]).ends(0);
}
