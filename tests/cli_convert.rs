//! What a conversion keeps, and what it says that it keeps.

#[path = "cli_common/mod.rs"]
mod common;

use evz::{
    CreateOptions, Event, EventBatch, Metadata, SideColumn, SideRows, SideValues, StreamInfo,
    TimeBase,
};

use common::{Folder, text};
use serde_json::Value;

fn metadata(folder: &Folder, name: &str) -> Value {
    let run = folder.run(&["info", name, "--json"]).ends(0);
    let facts: Value = serde_json::from_str(run.text()).expect("it is JSON");
    facts["metadata"].clone()
}

/// Regular text without a newline at its end, and the file made of it.
fn without_final_newline() -> Folder {
    let folder = Folder::new();
    folder.write("events.txt", text(100).trim_end().as_bytes());
    folder
        .run(&["convert", "events.txt"])
        .ends(0)
        .says("it gives the same bytes");
    folder
}

#[test]
fn a_part_does_not_claim_to_be_the_text_it_came_from() {
    let folder = without_final_newline();
    assert_eq!(metadata(&folder, "events.evz")["text.regular"], true);
    assert_eq!(metadata(&folder, "events.evz")["text.final_newline"], false);
    let selections: [&[&str]; 5] = [
        &["--to", "50us"],
        &["--events", "..50"],
        &["--roi", "0,0,100,100"],
        &["--polarity", "on"],
        &["--on-unsorted", "sort"],
    ];
    for selection in selections {
        for source in ["events.txt", "events.evz"] {
            let part = [&["convert", source, "part.evz", "--force"], selection].concat();
            let run = folder.run(&part).ends(0);
            assert!(!run.err.contains("same"), "{}", run.err);
            let of_part = metadata(&folder, "part.evz");
            assert_eq!(of_part["text.regular"], false, "{part:?}");
            assert_eq!(of_part["text.final_newline"], true, "{part:?}");
            assert_eq!(of_part["text.first_irregular_line"], Value::Null);
            assert_eq!(of_part["source.file"], "events.txt");
            let part = [&["convert", source, "part.txt", "--force"], selection].concat();
            folder.run(&part).ends(0);
            assert!(folder.read("part.txt").ends_with(b"\n"), "{part:?}");
        }
    }
}

#[test]
fn a_copy_is_still_the_text_it_came_from() {
    let folder = without_final_newline();
    folder.run(&["convert", "events.evz", "copy.evz"]).ends(0);
    folder.run(&["convert", "copy.evz", "back.txt"]).ends(0);
    assert_eq!(folder.read("back.txt"), folder.read("events.txt"));
    assert_eq!(metadata(&folder, "copy.evz")["text.regular"], true);
    folder.write("odd.txt", b"0.000001 1 1 1\n0.000002  2 2 1\n");
    folder.run(&["convert", "odd.txt"]).ends(0).says("line 2");
    folder.run(&["convert", "odd.evz", "oddcopy.evz"]).ends(0);
    let of_copy = metadata(&folder, "oddcopy.evz");
    assert_eq!(of_copy["text.first_irregular_line"], 2);
}

#[test]
fn what_lost_lines_claims_neither_events_nor_bytes() {
    let folder = Folder::new();
    folder.write(
        "bad.txt",
        (text(50) + "no event\n" + &text(50)).trim_end().as_bytes(),
    );
    let run = folder
        .run(&["convert", "bad.txt", "--on-bad-line", "skip"])
        .ends(0)
        .says("other bytes: what was lost is missing");
    assert!(!run.err.contains("same events"), "{}", run.err);
    let of_file = metadata(&folder, "bad.evz");
    assert_eq!(of_file["text.regular"], false);
    assert_eq!(of_file["text.first_irregular_line"], Value::Null);
    folder.run(&["convert", "bad.evz", "back.txt"]).ends(0);
    assert_eq!(folder.read("back.txt"), (text(50) + &text(50)).into_bytes());
}

/// Text that is written without options is read without options.
#[test]
fn what_never_was_text_becomes_text_that_reads_itself() {
    let folder = Folder::new();
    let size = ["--size", "64x48", "--events", "5k"];
    let digest = |name: &str| folder.run(&["digest", name]).ends(0).text()[..64].to_owned();
    for name in ["a.evz", "a.txt", "a.csv", "a.tsv.gz"] {
        folder.run(&[&["synth", name][..], &size].concat()).ends(0);
        assert_eq!(digest(name), digest("a.evz"), "{name}");
    }
    folder.run(&["convert", "a.evz", "b.txt"]).ends(0);
    assert_eq!(folder.read("b.txt"), folder.read("a.txt"));
    folder
        .run(&["info", "b.txt"])
        .ends(0)
        .says("read as: t x y p, seconds (6 decimals)");
    let args = ["convert", "a.evz", "us.txt", "--time-unit", "us"];
    folder.run(&args).ends(0);
    assert_eq!(
        folder.read("us.txt"),
        folder.run(&["cat", "a.evz"]).ends(0).out
    );
}

#[test]
fn a_window_is_judged_by_itself() {
    let folder = Folder::new();
    folder.write(
        "back.txt",
        b"8 8\n0.000003 1 1 1\n0.000005 2 2 0\n0.000001 9 3 1\n0.000004 3 3 1\n",
    );
    folder.run(&["convert", "back.txt"]).ends(0);
    let part = |selection: &[&str]| {
        let args = ["convert", "back.evz", "part.evz", "--force"];
        folder.run(&[&args, selection].concat()).ends(0)
    };
    part(&[])
        .says("times run backwards once, in event 2; the order is kept")
        .says("beyond the sensor of 8x8: x reaches 9");
    let run = part(&["--events", "..2"]);
    assert!(!run.err.contains("note: "), "{}", run.err);
    let run = part(&["--on-unsorted", "sort"]).says("the output is in order of time");
    assert!(!run.err.contains("the order is kept"), "{}", run.err);
}

/// Side streams come along, cut to the time of the events, and are counted where there is no place.
#[test]
fn side_streams_come_along_in_the_time_of_the_events() {
    let folder = Folder::new();
    let info = StreamInfo::new(TimeBase::MICROSECONDS);
    let path = folder.path("side.evz");
    let mut sink = evz::create(&path, &info, &CreateOptions::new(), false).unwrap();
    let events: EventBatch = (0..1_000)
        .map(|t| Event {
            t,
            x: 1,
            y: 2,
            p: 1,
        })
        .collect();
    sink.write_batch(events.as_slice()).unwrap();
    let rows = SideRows {
        stream: "triggers".to_owned(),
        of: None,
        t: vec![0, 10, 500, 999, 2_000],
        columns: vec![SideColumn::new("id", SideValues::U8(vec![1, 2, 3, 4, 5]))],
    };
    assert!(sink.write_side(rows).unwrap());
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());

    let ids = |args: &[&str]| {
        let convert = [&["convert", "side.evz", "copy.evz", "--force"], args].concat();
        let run = folder.run(&convert).ends(0);
        assert!(!run.err.contains("side streams"), "{}", run.err);
        let said = run
            .err
            .lines()
            .find_map(|line| line.strip_prefix("beside the events: "));
        let said = said.map(str::to_owned);
        let cat = folder
            .run(&["cat", "copy.evz", "--stream", "triggers"])
            .ends(0);
        let lines = cat.text().lines().skip(1);
        let ids: Vec<String> = lines
            .filter_map(|l| Some(l.split(',').nth(1)?.to_owned()))
            .collect();
        let rows = match ids.len() {
            1 => "triggers, 1 row".to_owned(),
            n => format!("triggers, {n} rows"),
        };
        assert_eq!(said, Some(rows));
        ids.join(" ")
    };
    assert_eq!(ids(&[]), "1 2 3 4 5");
    assert_eq!(ids(&["--from", "10us", "--to", "999us"]), "2 3");
    assert_eq!(ids(&["--polarity", "on"]), "1 2 3 4 5");
    folder
        .run(&["convert", "side.evz", "copy.txt"])
        .ends(3)
        .says("1 side stream that the output has no place for; --stream NAME of convert writes one")
        .says("triggers: 5 rows");
    // What was agreed to is no failure, of outputs that could hold them too.
    for name in ["alone.txt", "alone.evz"] {
        let run = folder
            .run(&["convert", "side.evz", name, "--events-only"])
            .ends(0);
        run.says("as told: 1 side stream").says("triggers: 5 rows");
        let info = folder.run(&["info", name]).ends(0);
        assert!(!info.text().contains("beside"), "{}", info.text());
    }
    let all = folder.run(&["cat", "side.evz"]).ends(0);
    assert_eq!(folder.run(&["cat", "alone.evz"]).ends(0).text(), all.text());
    let both = [
        "convert",
        "side.evz",
        "x.csv",
        "--events-only",
        "--stream",
        "triggers",
    ];
    folder.run(&both).ends(2).says("leave out --stream");
}

#[test]
fn a_part_of_an_evz_keeps_its_profile_unless_another_is_told() {
    let folder = Folder::new();
    let size = ["--size", "64x48", "--events", "200k", "--profile", "fast"];
    folder
        .run(&[&["synth", "a.evz"][..], &size].concat())
        .ends(0);
    let fact = |name: &str, fact: &str| {
        let run = folder.run(&["info", name, "--json"]).ends(0);
        serde_json::from_str::<Value>(run.text()).unwrap()[fact].clone()
    };
    for (name, selection) in [
        ("all.evz", &[][..]),
        ("part.evz", &["--events", "70k..190k"]),
    ] {
        let convert = |name: &str, more: &[&str]| {
            let args = ["convert", "a.evz", name, "--force"];
            folder.run(&[&args, selection, more].concat()).ends(0);
            (fact(name, "profile"), fact(name, "content"))
        };
        let as_it_is = convert(name, &[]);
        assert_eq!(as_it_is.0, "fast");
        let again = convert("again.evz", &["--profile", "small"]);
        assert_eq!(again.0, "small");
        // What one looks at each event for is not copied, and comes to the same.
        let seen = convert("seen.evz", &["--roi", "0,0,64,48"]);
        assert_eq!(seen.1, as_it_is.1);
        // The checksums are those of the events, whatever the codec.
        assert_eq!(again.1, as_it_is.1);
        let digest = |name: &str| folder.run(&["digest", name]).ends(0).text()[..64].to_owned();
        assert_eq!(digest(name), digest("again.evz"));
        folder.run(&["verify", name]).ends(0);
    }
    assert_eq!(fact("all.evz", "content"), fact("a.evz", "content"));
    assert_ne!(fact("part.evz", "content"), fact("a.evz", "content"));
}

#[test]
fn the_output_may_be_told_as_render_is_told_it() {
    let folder = Folder::with_events(100);
    folder.run(&["convert", "events.txt", "last.csv"]).ends(0);
    for order in [
        ["convert", "events.txt", "-o", "told.csv"],
        ["convert", "-o", "told.csv", "events.txt"],
        ["convert", "events.txt", "--output", "told.csv"],
    ] {
        folder.run(&[&order[..], &["--force"]].concat()).ends(0);
        assert_eq!(folder.read("told.csv"), folder.read("last.csv"));
    }
    // Of a folder, and of names out of a list.
    std::fs::create_dir(folder.path("set")).expect("a folder");
    folder.write("set/one.txt", text(10).as_bytes());
    folder.write("list", b"set/one.txt\n");
    folder.run(&["convert", "set", "-o", "out"]).ends(0);
    let listed = ["convert", "--files-from", "list", "-o", "listed/"];
    folder.run(&listed).ends(0);
    for made in ["out/one.evz", "listed/one.evz"] {
        assert!(folder.path(made).exists(), "{made}: {:?}", folder.names());
    }
}

#[test]
fn exit_code_is_two_where_the_output_is_told_twice_or_nothing_is_to_be_read() {
    let folder = Folder::with_events(100);
    let before = folder.names();
    let twice = ["convert", "events.txt", "a.evz", "-o", "b.evz"];
    folder
        .run(&twice)
        .ends(2)
        .says("-o b.evz names the output, and so does a.evz; leave one of them out");
    folder
        .run(&["convert", "-o", "b.evz"])
        .ends(2)
        .says("<INPUT>");
    folder.write("list", b"events.txt\n");
    folder
        .run(&["convert", "--files-from", "list"])
        .ends(2)
        .says("no folder to convert into");
    assert_eq!(folder.names().len(), before.len() + 1);
}
