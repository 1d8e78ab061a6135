//! Every verb over a file whose record of activity is damaged: the events are all there.

#[path = "cli_common/mod.rs"]
mod common;

use std::ops::Range;

use common::Folder;
use evz_core::Input;
use evz_file::layout;
use evz_file::wire::Kind;

const SAID: &str = "lost: 1 record of activity that is damaged, whose events were counted instead";

/// What a verb does with such a file.
enum Does {
    /// It has no use for the record.
    Not,
    /// It does without, and says so.
    Without,
    /// It makes a file, which is whole, without.
    Whole(&'static str),
    /// It says that the file is damaged, for that is what was asked.
    Fails,
}

/// Where the records of a kind stand in a whole file.
fn records(folder: &Folder, name: &str, kind: Kind) -> Vec<Range<usize>> {
    let layout = layout(Input::open(folder.path(name)).unwrap()).unwrap();
    let records = layout.records.iter();
    let of_kind = records.filter(|r| r.header.kind == kind as u16);
    let range = |at: usize, body_len: u64| at..at + 32 + body_len as usize;
    of_kind
        .map(|r| range(r.offset as usize, r.header.body_len))
        .collect()
}

/// Damages the record of activity of a file: in its body, in its header, or all of it.
fn damage(folder: &Folder, name: &str, how: usize) {
    let record = records(folder, name, Kind::Activity);
    let record = record[0].clone();
    let mut bytes = folder.read(name);
    match how {
        0 => bytes[record.start + 40] ^= 1,
        1 => bytes[record.start + 1] ^= 1,
        _ => bytes[record].fill(0),
    }
    folder.write(name, &bytes);
}

/// Damages the columns of a chunk.
fn damage_chunk(folder: &Folder, name: &str, chunk: Range<usize>) {
    let mut bytes = folder.read(name);
    bytes[chunk.start + chunk.len() / 4..chunk.end].fill(0);
    folder.write(name, &bytes);
}

#[test]
fn all_verbs_do_without_it() {
    let verbs: [(&str, Does); 30] = [
        ("info a.evz", Does::Without),
        ("info a.evz --json", Does::Without),
        ("info a.evz --full", Does::Without),
        ("info a.evz --follow", Does::Without),
        ("info .", Does::Without),
        // It shows that very record.
        ("info a.evz --layout", Does::Fails),
        ("verify a.evz", Does::Fails),
        ("join a.evz a.evz out.evz", Does::Whole("out.evz")),
        ("join b.evz a.evz out.evz --force", Does::Whole("out.evz")),
        ("convert a.evz out.evz --force", Does::Whole("out.evz")),
        (
            "convert a.evz out.evz --force --from 20ms --to 180ms",
            Does::Whole("out.evz"),
        ),
        (
            "convert a.evz out.evz --force --events 10..199990",
            Does::Whole("out.evz"),
        ),
        ("convert a.evz out.evz --force --profile fast", Does::Not),
        ("convert a.evz out.evz --force --polarity on", Does::Not),
        ("convert a.evz out.txt --force", Does::Not),
        ("convert a.evz out.parquet --force", Does::Not),
        ("cat a.evz --from 1ms --to 2ms", Does::Not),
        ("digest a.evz", Does::Not),
        ("rate a.evz --csv", Does::Not),
        ("rate a.evz -o rate.png --force", Does::Not),
        ("render a.evz -o frames.npy --fps 20 --force", Does::Not),
        ("render a.evz -o one.png --around 5ms --force", Does::Not),
        ("bench decode a.evz", Does::Not),
        ("bench query a.evz", Does::Not),
        ("meta a.evz", Does::Not),
        ("pack a.evz b.evz packed.evz --force", Does::Not),
        ("unpack p.evz unpacked --force", Does::Not),
        ("cat p.evz --sample 0", Does::Not),
        // It goes over all records.
        ("recover a.evz saved.evz --force", Does::Whole("saved.evz")),
        ("meta a.evz --set place=here", Does::Not),
    ];
    for how in 0..3 {
        let folder = Folder::with_events(200_000);
        folder.run(&["convert", "events.evz", "a.evz"]).ends(0);
        folder.run(&["convert", "events.evz", "b.evz"]).ends(0);
        folder.run(&["pack", "a.evz", "b.evz", "p.evz"]).ends(0);
        let content = folder.run(&["info", "a.evz", "--json"]).ends(0);
        damage(&folder, "a.evz", how);
        damage(&folder, "p.evz", how);
        for (line, does) in &verbs {
            let args: Vec<&str> = line.split(' ').collect();
            let run = folder.run(&args);
            let told = format!("{line}: {}", run.err);
            match does {
                Does::Not => assert_eq!(run.code, Some(0), "{told}"),
                Does::Without => {
                    assert_eq!(run.code, Some(3), "{told}");
                    assert!(run.err.contains(" of activity that "), "{told}");
                }
                Does::Whole(out) => {
                    assert_eq!(run.code, Some(3), "{told}");
                    let verified = folder.run(&["verify", out]);
                    assert_eq!(verified.code, Some(0), "{line}: {}", verified.err);
                    folder.run(&["info", out]).ends(0);
                }
                Does::Fails => assert_eq!(run.code, Some(1), "{told}"),
            }
            if line.ends_with("--json") {
                assert_eq!(run.text(), content.text());
            }
        }
    }
}

#[test]
fn it_is_said_once_and_where() {
    let folder = Folder::with_events(200_000);
    damage(&folder, "events.evz", 0);
    for line in [
        "info events.evz",
        "join events.evz out.evz",
        "convert events.evz b.evz",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let run = folder.run(&args).ends(3).says(SAID);
        assert_eq!(
            run.err.matches("activity at byte").count(),
            1,
            "{}",
            run.err
        );
        run.says("events.evz: activity at byte ")
            .says("recovery saves what is whole");
    }
    // What goes back to the same text still does.
    folder.run(&["convert", "b.evz", "back.txt"]).ends(0);
    assert_eq!(folder.read("back.txt"), folder.read("events.txt"));
}

#[test]
fn an_index_beside_a_file_is_made_anew() {
    let folder = Folder::with_events(200_000);
    folder.make_raw("events.raw");
    folder.run(&["index", "events.raw"]).ends(0);
    let before = folder.run(&["info", "events.raw", "--json"]).ends(0);
    damage(&folder, "events.raw.evzi", 0);
    let run = folder
        .run(&["info", "events.raw", "--json"])
        .ends(3)
        .says(SAID);
    assert_eq!(run.text(), before.text());
    run.says("make the index beside it anew");
    folder.run(&["index", "events.raw"]).ends(0);
    folder.run(&["info", "events.raw"]).ends(0);
}

const UNCOUNTED: &str =
    "lost: 1 chunk that is damaged, whose events count as spread evenly over their time";

#[test]
fn a_chunk_that_is_damaged_too_costs_no_other_chunk() {
    let folder = Folder::with_events(200_000);
    let chunk = records(&folder, "events.evz", Kind::Chunk)[1].clone();
    damage(&folder, "events.evz", 0);
    damage_chunk(&folder, "events.evz", chunk);
    for part in [["--from", "140ms"], ["--events", "140000..200000"]] {
        let convert = ["convert", "events.evz", "out.evz", "--force"];
        let run = folder.run(&[&convert[..], &part].concat());
        let run = run.ends(3).says(SAID);
        assert!(!run.err.contains("chunk 1 "), "{}", run.err);
        folder.run(&["verify", "out.evz"]).ends(0);
    }
    let info = folder.run(&["info", "events.evz"]).ends(3);
    let info = info.says(SAID).says(UNCOUNTED);
    let info = info.says("events.evz: chunk 1 at byte ");
    assert!(info.text().contains("200,000"), "{}", info.text());
    // Who needs the chunk says where it is, and names the file once.
    for verb in ["convert", "join"] {
        let run = folder.run(&[verb, "events.evz", "whole.evz"]).ends(1);
        let run = run.says("evz: events.evz: chunk 1 at byte ");
        assert_eq!(run.err.matches("events.evz").count(), 1, "{}", run.err);
    }
}

#[test]
fn a_damaged_chunk_that_is_alone_is_shown() {
    let folder = Folder::with_events(1_000);
    let chunk = records(&folder, "events.evz", Kind::Chunk)[0].clone();
    damage_chunk(&folder, "events.evz", chunk);
    let info = folder.run(&["info", "events.evz"]).ends(3).says(UNCOUNTED);
    assert!(info.text().contains("1,000"), "{}", info.text());
}
