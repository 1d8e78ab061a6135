//! Folders of recordings: what becomes of each, and of a run that is ended.

mod cli_common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cli_common::{Folder, text};

/// A tree of recordings in text, of sizes that differ.
fn with_tree(n: usize) -> Folder {
    let folder = Folder::new();
    for i in 0..n {
        let name = format!("in/{}/{i}.txt", ["a", "b/c", "b"][i % 3]);
        fs::create_dir_all(folder.path(&name).parent().unwrap()).unwrap();
        folder.write(&name, text(100 + i * 400).as_bytes());
    }
    folder
}

/// Every file below a folder, hidden ones too.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(root).unwrap().display().to_string();
                    files.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    files
}

#[test]
fn the_tree_is_mirrored_and_each_file_is_what_it_is_alone() {
    let folder = with_tree(7);
    folder
        .run(&["convert", "in", "out"])
        .ends(0)
        .says("7 recordings converted");
    for (name, bytes) in tree(&folder.path("out")) {
        let Some(name) = name.strip_suffix(".evz") else {
            assert_eq!(name, "evz-convert.jsonl");
            continue;
        };
        let source = format!("in/{name}.txt");
        folder
            .run(&["convert", &source, "alone.evz", "--force"])
            .ends(0);
        assert!(
            fs::read(folder.path("alone.evz")).unwrap() == bytes,
            "{name}"
        );
    }
    assert_eq!(tree(&folder.path("out")).len(), 8);
}

#[test]
fn what_is_done_is_left_alone_unless_something_changed() {
    let folder = with_tree(4);
    let run = |args: &[&str]| folder.run(&[&["convert", "in", "out"], args].concat());
    run(&[])
        .ends(0)
        .says("4 recordings converted, 0 as they were");
    run(&[])
        .ends(0)
        .says("0 recordings converted, 4 as they were");
    run(&["--dry-run"]).ends(0).says("in/a/0.txt: is done");
    // A source that changed, an output that is gone, one that was cut.
    folder.write("in/a/0.txt", text(50).as_bytes());
    fs::remove_file(folder.path("out/b/c/1.evz")).unwrap();
    folder.write("out/b/2.evz", b"short");
    run(&[])
        .ends(0)
        .says("3 recordings converted, 1 as they were");
    // Other options make other files.
    run(&["--profile", "fast"])
        .ends(0)
        .says("4 recordings converted");
    run(&["--profile", "fast", "--force"])
        .ends(0)
        .says("4 recordings converted");
    // A file that nobody knows of is not replaced.
    fs::remove_file(folder.path("out/evz-convert.jsonl")).unwrap();
    run(&[])
        .ends(3)
        .says("out/a/0.evz: exists, and is not made of this; pass --force");
}

/// A loss alone ends with 3 too, where nothing failed.
#[test]
fn what_one_file_lost_is_said_and_ends_with_3() {
    let folder = with_tree(2);
    let text = text(100);
    folder.write("in/a/cut.txt", &text.as_bytes()[..text.len() - 6]);
    let run = folder.run(&["convert", "in", "out"]).ends(3);
    let run = run.says("3 recordings converted, 0 as they were, 0 failed, 1 with losses");
    let lost: Vec<&str> = run
        .err
        .lines()
        .filter(|line| line.contains("lost: "))
        .collect();
    let [lost] = lost[..] else {
        panic!("{}", run.err);
    };
    assert!(
        lost.contains("1 last line") && lost.ends_with("in 1 file such as in/a/cut.txt"),
        "{lost}"
    );
    // What was done before lost it as well.
    let run = folder.run(&["convert", "in", "out"]).ends(3);
    run.says("3 as they were, 0 failed, 1 with losses")
        .says("in/a/cut.txt");
}

/// What one file asks for does not change how the others are read, and what is done stays.
#[test]
fn an_answer_is_for_those_that_ask() {
    let folder = Folder::new();
    fs::create_dir(folder.path("in")).unwrap();
    // The same 100 events: in seconds, in microseconds that nothing names, and with other polarities.
    let rows = |line: &dyn Fn(i64, i64, i64) -> String| -> String {
        (0..100).map(|i| line(i * 11, i * 37 % 64, i % 2)).collect()
    };
    let seconds = rows(&|t, x, p| format!("0.{t:06} {x} {x} {p}\n"));
    folder.write("in/seconds.txt", seconds.as_bytes());
    let plain = rows(&|t, x, p| format!("{t} {x} {x} {p}\n"));
    folder.write("in/plain.txt", plain.as_bytes());
    let others = rows(&|t, x, p| format!("0.{t:06} {x} {x} {}\n", 2 + 2 * p));
    folder.write("in/others.txt", others.as_bytes());
    let run = |args: &[&str]| folder.run(&[&["convert", "in", "out"], args].concat());
    run(&[])
        .ends(3)
        .says("1 recording converted, 0 as they were, 2 failed");
    let made = fs::metadata(folder.path("out/seconds.evz")).unwrap();
    let told = ["--time-unit", "us", "--polarity-map", "4=on,2=off"];
    run(&told)
        .ends(0)
        .says("2 recordings converted, 1 as they were, 0 failed");
    let after = fs::metadata(folder.path("out/seconds.evz")).unwrap();
    assert_eq!(made.modified().unwrap(), after.modified().unwrap());
    let expected = rows(&|t, x, p| format!("{t} {x} {x} {p}\n"));
    for name in ["seconds", "plain", "others"] {
        let cat = folder.run(&["cat", &format!("out/{name}.evz")]).ends(0);
        assert_eq!(cat.out, expected.as_bytes(), "{name}");
    }
    // The same for the other verbs that take many.
    folder
        .run(&[&["pack", "in", "pack.evz"], &told[..]].concat())
        .ends(0)
        .says("300 events");
    let info = folder.run(&[&["info", "in"], &told[..]].concat()).ends(0);
    let info = info.text().to_owned();
    assert_eq!(info.matches("1.089 ms").count(), 3, "{info}");
    let digests = folder.run(&[&["digest", "in"], &told[..]].concat()).ends(0);
    let of = |line: &str| line.split(' ').next().map(str::to_owned);
    let digests = digests.text().to_owned();
    let digests: Vec<_> = digests.lines().map(of).collect();
    assert_eq!(digests.len(), 3);
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    // Where nobody asked, that is said.
    fs::remove_file(folder.path("in/plain.txt")).unwrap();
    run(&told).ends(0).says("--time-unit changed nothing");
}

/// A name that two share from now on leaves the output of the first under its old name: that is said.
#[test]
fn an_output_under_an_old_name_is_told() {
    let folder = Folder::new();
    fs::create_dir(folder.path("in")).unwrap();
    folder.write("in/a.txt", text(50).as_bytes());
    let run = || folder.run(&["convert", "in", "out"]);
    run().ends(0);
    folder.write("in/a.csv", text(60).as_bytes());
    let both = run().ends(0).says("2 recordings converted");
    both.says(
        "1 file of earlier runs, by other options or under other names, stay in out, such as a.evz",
    );
    fs::remove_file(folder.path("out/a.evz")).unwrap();
    let clean = run().ends(0).says("0 recordings converted, 2 as they were");
    assert_eq!(clean.err.lines().count(), 1, "{}", clean.err);
}

/// A file that is no recording, and never will be, fails no run.
#[test]
fn what_is_left_out_fails_nothing() {
    let folder = with_tree(3);
    folder.write("in/a/calib.txt", b"fx fy cx cy\n1 2 3 4\n");
    folder
        .run(&["convert", "in", "out"])
        .ends(3)
        .says("1 failed");
    let without = ["convert", "in", "out", "--exclude", "calib.*"];
    let run = folder
        .run(&without)
        .ends(0)
        .says("as told: 1 recording left out");
    run.says("0 recordings converted, 3 as they were, 0 failed");
    let pack = [
        "pack",
        "in",
        "pack.evz",
        "--exclude",
        "a/*",
        "--exclude",
        "b/**",
    ];
    folder.run(&pack).ends(2).says("pack.evz: not written");
    let none = ["convert", "in", "out", "--exclude", "*.dat"];
    folder
        .run(&none)
        .ends(3)
        .says("note: --exclude *.dat matches no recording");
    // A folder is no file, and a file that is not there is what is wrong first.
    folder
        .run(&["convert", "in", "set.evz"])
        .ends(2)
        .says("evz pack");
    folder
        .run(&["convert", "nosuch", "x"])
        .ends(1)
        .says("nosuch: cannot open");
    let one = ["convert", "in/a/0.txt", "one.evz", "--exclude", "*.dat"];
    folder.run(&one).ends(2).says("--exclude");
}

/// Each doubt once, though a file has several and the files not the same ones.
#[test]
fn several_doubts_are_asked_once_each() {
    let folder = Folder::new();
    fs::create_dir(folder.path("in")).unwrap();
    let text = |p: fn(i32) -> i32| -> String {
        (0..100)
            .map(|i| format!("{} {} 3 {}\n", i * 10, i * 37 % 64, p(i)))
            .collect()
    };
    folder.write("in/a.txt", text(|i| 1 + i % 2).as_bytes());
    folder.write("in/b.txt", text(|i| 1 + i % 2).as_bytes());
    folder.write("in/c.txt", text(|i| i % 2).as_bytes());
    let convert = ["convert", "in", "out"];
    let run = folder.run(&convert).ends(3).says("3 failed");
    for (option, others) in [("--time-unit", "2 others"), ("--polarity-map", "1 other")] {
        let asked: Vec<&str> = run.err.lines().filter(|l| l.contains(option)).collect();
        assert_eq!(asked.len(), 1, "{}", run.err);
        assert!(
            asked[0].ends_with(&format!("(and {others} like it)")),
            "{asked:?}"
        );
        assert_eq!(asked[0].matches("; pass ").count(), 1, "{asked:?}");
    }
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let folder = with_tree(3);
    folder.write("in/a/bad.txt", b"5.000001 1 2 1\nno event\n");
    folder.write("in/b/notes.md", b"# notes");
    // Times of which nobody knows the unit, twice.
    for name in ["in/u.npy", "in/v.npy"] {
        folder.write(name, &npy_of_times());
    }
    let run = folder.run(&["convert", "in", "out", "--report", "report.json"]);
    let run = run.ends(3).says("3 recordings converted").says("3 failed");
    let run = run.says("passed over: 1 file").says("in/a/bad.txt: line 2");
    // Asked once for both.
    assert_eq!(run.err.matches("--time-unit").count(), 1, "{}", run.err);
    assert!(run.err.contains("(and 1 other like it)"), "{}", run.err);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path("report.json")).unwrap()).unwrap();
    let rows = report.as_array().unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let digest = row["digest"].as_str().unwrap();
        match row["outcome"].as_str().unwrap() {
            "failed" => assert!(!row["error"].as_str().unwrap().is_empty()),
            _ => {
                let source = row["source"].as_str().unwrap();
                let alone = folder.run(&["digest", source]).ends(0);
                assert_eq!(alone.text().split(' ').next().unwrap(), digest);
            }
        }
    }
    // The option that settles it settles it for all.
    let run = folder.run(&[
        "convert",
        "in",
        "out",
        "--time-unit",
        "us",
        "--on-bad-line",
        "skip",
    ]);
    assert!(!run.err.contains("failed: in/u"), "{}", run.err);
}

/// An N x 4 array of numbers whose first column may be of any unit.
fn npy_of_times() -> Vec<u8> {
    let mut header = "{'descr': '<i8', 'fortran_order': False, 'shape': (4, 4), }".to_owned();
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    for row in [
        [1_000, 5, 6, 1],
        [2_500, 300, 9, 0],
        [9_000, 7, 200, 1],
        [12_345, 3, 4, 0],
    ] {
        bytes.extend(row.iter().flat_map(|value: &i64| value.to_le_bytes()));
    }
    bytes
}

#[test]
fn patterns_lists_and_names_that_meet() {
    let folder = with_tree(6);
    fs::copy(folder.path("in/a/0.txt"), folder.path("in/a/0.csv")).unwrap();
    folder
        .run(&["convert", "in/**/*.txt", "p"])
        .ends(0)
        .says("6 recordings");
    assert!(folder.path("p/b/c/1.evz").exists());
    folder
        .run(&["convert", "in/a/0.txt", "in/a/3.txt", "q/"])
        .ends(0)
        .says("2 recordings");
    assert!(folder.path("q/3.evz").exists());
    folder.write("list", b"in/b\nin/a/0.txt\n\n");
    folder
        .run(&["convert", "--files-from", "list", "r"])
        .ends(0)
        .says("5 recordings");
    folder.run(&["convert", "in/a", "s"]).ends(0);
    assert!(folder.path("s/0.txt.evz").exists() && folder.path("s/0.csv.evz").exists());
    folder
        .run(&["convert", "in/*.raw", "t"])
        .ends(2)
        .says("matches no file");
    folder
        .run(&["convert", "in", "list"])
        .ends(2)
        .says("is a file");
    folder
        .run(&["convert", "in/a/0.txt", "x.evz", "--dry-run"])
        .ends(2)
        .says("--dry-run");
}

#[test]
fn all_of_a_folder_at_once() {
    let folder = with_tree(3);
    folder.run(&["convert", "in", "out"]).ends(0);
    let one = folder.run(&["digest", "out/a/0.evz"]).ends(0);
    let all = folder.run(&["digest", "out"]).ends(0);
    assert!(all.text().contains(one.text()) && all.text().lines().count() == 3);
    folder
        .run(&["verify", "out"])
        .ends(0)
        .says("out/b/c/1.evz: whole");
    let info = folder.run(&["info", "out"]).ends(0);
    assert_eq!(info.text().lines().count(), 4, "{}", info.text());
    folder.write("out/a/0.evz", b"EVZ but not one");
    folder
        .run(&["verify", "out"])
        .ends(3)
        .says("out/b/c/1.evz: whole");
    folder
        .run(&["info", "out"])
        .ends(3)
        .says("failed: out/a/0.evz");
}

/// What is of another source is not replaced, what cannot be read does not stop the others, and what
/// was touched is made again.
#[test]
fn nothing_is_taken_for_what_it_is_not() {
    let folder = with_tree(3);
    fs::create_dir_all(folder.path("tue/a")).unwrap();
    folder.write("tue/a/0.txt", text(900).as_bytes());
    folder.run(&["convert", "in", "out"]).ends(0);
    let before = folder.read("out/a/0.evz");
    let run = folder.run(&["convert", "tue", "out"]).ends(3);
    run.says("out/a/0.evz: exists, and is not made of this; pass --force");
    assert!(folder.read("out/a/0.evz") == before);
    // As much, and as long, but not it.
    std::thread::sleep(Duration::from_millis(20));
    folder.write("out/a/0.evz", &vec![7; before.len()]);
    let run = folder.run(&["convert", "in", "out"]).ends(0);
    run.says("1 recording converted, 2 as they were");
    assert!(folder.read("out/a/0.evz") == before);
    // Outputs of other options stay, and are named.
    fs::remove_file(folder.path("in/a/0.txt")).unwrap();
    let run = folder
        .run(&["convert", "in", "out", "--profile", "fast"])
        .ends(0);
    run.says("1 file of earlier runs, by other options or under other names, stay in out, such as a/0.evz");
    // What is not there, and the folder itself.
    folder.write("list", b"in/b/2.txt\nin/b/none.txt\n");
    let run = folder
        .run(&["convert", "--files-from", "list", "l"])
        .ends(3);
    run.says("1 recording converted")
        .says("in/b/none.txt: cannot open");
    folder
        .run(&["convert", "in", "in"])
        .ends(2)
        .says("into itself");
    folder
        .run(&["convert", "in", "-"])
        .ends(2)
        .says("is no folder");
    // What a filter left out is said, once.
    let run = folder
        .run(&["convert", "in", "f", "--decimate", "2"])
        .ends(0);
    run.says("by keeping one of 2 of each pixel");
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_back() {
    let folder = with_tree(3);
    std::os::unix::fs::symlink("nowhere", folder.path("in/dead.txt")).unwrap();
    std::os::unix::fs::symlink(".", folder.path("in/back")).unwrap();
    let run = folder.run(&["convert", "in", "out"]).ends(3);
    run.says("3 recordings converted")
        .says("in/dead.txt: cannot read")
        .says("1 failed");
    let run = folder.run(&["convert", "in/**/*.txt", "p"]).ends(3);
    run.says("3 recordings converted");
    assert_eq!(
        folder.run(&["digest", "in"]).ends(3).text().lines().count(),
        3
    );
}

/// A run that is killed at any moment and started again leaves what one in one go does.
#[test]
fn a_run_that_is_killed_goes_on() {
    let folder = with_tree(24);
    folder.run(&["convert", "in", "whole"]).ends(0);
    let expected = tree(&folder.path("whole"));
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20 {
        let _ = fs::remove_dir_all(folder.path("out"));
        let mut ended = 0;
        loop {
            let mut run = Command::new(env!("CARGO_BIN_EXE_evz"))
                .args(["convert", "in", "out"])
                .current_dir(folder.path(""))
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            std::thread::sleep(Duration::from_micros(500 + (seed >> 33) % 40_000));
            let _ = run.kill();
            if run.wait().unwrap().success() {
                break;
            }
            ended += 1;
            if ended == 3 {
                folder.run(&["convert", "in", "out"]).ends(0);
                break;
            }
        }
        let found = tree(&folder.path("out"));
        assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
        assert!(found == expected);
    }
}
