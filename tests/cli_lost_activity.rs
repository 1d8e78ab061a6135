//! Every verb over a file whose record of activity is damaged: the events are all there.

#[path = "cli_common/mod.rs"]
mod common;

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

/// Damages the record of activity of a file: in its body, in its header, or all of it.
fn damage(folder: &Folder, name: &str, how: usize) {
    let mut bytes = folder.read(name);
    let records = layout(Input::open(folder.path(name)).unwrap())
        .unwrap()
        .records;
    let record = records
        .iter()
        .find(|r| r.header.kind == Kind::Activity as u16);
    let record = record.expect("it has several chunks");
    let at = record.offset as usize;
    let len = 32 + record.header.body_len as usize;
    match how {
        0 => bytes[at + 40] ^= 1,
        1 => bytes[at + 1] ^= 1,
        _ => bytes[at..at + len].fill(0),
    }
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
