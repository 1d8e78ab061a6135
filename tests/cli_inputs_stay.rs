//! No output of a run takes the place of what the run reads, or of another output of it.

#![cfg(unix)]

mod cli_common;

use std::collections::BTreeMap;
use std::process::Stdio;

use cli_common::{Folder, Run};

const READ: &str = "is the input, which would be gone; name another file";
const WRITTEN: &str = "is another output already, which would be gone; name another file";

/// All files below the folder, and what is in them.
fn files(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for name in folder.names() {
        match folder.path(&name).is_dir() {
            true => {
                for entry in std::fs::read_dir(folder.path(&name)).unwrap() {
                    let path = entry.unwrap().path();
                    let inside = format!("{name}/{}", path.file_name().unwrap().display());
                    files.insert(inside, std::fs::read(path).unwrap());
                }
            }
            false => drop(files.insert(name.clone(), folder.read(&name))),
        }
    }
    files
}

/// Recordings of some formats, under names that outputs may have.
fn folder() -> Folder {
    let folder = Folder::with_events(2_000);
    let text = cli_common::text(2_000);
    let with_commas = text.replace(' ', ",");
    folder.write("events.csv", format!("t,x,y,p\n{with_commas}").as_bytes());
    let convert = |out: &str| folder.run(&["convert", "events.evz", out]).ends(0);
    convert("array.npy");
    for name in ["evz.npy", "evz.csv", "evz.png"] {
        folder.write(name, &folder.read("events.evz"));
    }
    folder.write("list.csv", b"t\n0.0005\n0.001\n");
    folder.write("text.evz", text.as_bytes());
    folder.write("names.csv", b"events.txt\n");
    folder.write("labels.evz", b"file,label\nevents.csv,a\n");
    let head = "{'descr': '<f4', 'fortran_order': False, 'shape': (240, 320, 2), }";
    let mut map = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    map.extend(format!("{head:117}\n").bytes());
    for (y, x) in (0..240).flat_map(|y| (0..320).map(move |x| (y, x))) {
        map.extend([x as f32, y as f32].iter().flat_map(|at| at.to_le_bytes()));
    }
    folder.write("map.npy", &map);
    std::fs::create_dir(folder.path("in")).unwrap();
    for name in ["in/a.csv", "in/b.csv"] {
        folder.write(name, &folder.read("events.csv"));
    }
    std::os::unix::fs::symlink("events.csv", folder.path("link.csv")).unwrap();
    folder
}

#[track_caller]
fn refused(folder: &Folder, line: &str, why: &str) {
    let args: Vec<&str> = line.split(' ').collect();
    refuses(folder, line, why, || folder.run(&args));
}

#[track_caller]
fn refuses(folder: &Folder, line: &str, why: &str, run: impl FnOnce() -> Run) {
    let before = files(folder);
    let run = run();
    assert_eq!(run.code, Some(2), "{line}: {}", run.err);
    run.says(why);
    let after = files(folder);
    for (name, bytes) in &before {
        assert!(after.get(name) == Some(bytes), "{line}: {name} is another");
    }
    let new: Vec<_> = after
        .keys()
        .filter(|name| !before.contains_key(*name))
        .collect();
    // The journal of a folder says of nothing that it is done.
    assert!(
        new.iter().all(|name| name.ends_with(".jsonl")),
        "{line}: {new:?}"
    );
}

#[test]
fn no_output_replaces_what_is_read() {
    let folder = folder();
    for line in [
        "rate events.csv -o events.csv --force",
        "rate link.csv -o events.csv --force",
        "rate events.csv -o link.csv --force",
        "rate evz.npy --input-format evz -o evz.npy --force",
        "rate evz.png --input-format evz -o evz.png --force",
        "rate events.csv -o ./in/../events.csv --force",
        "info evz.npy --input-format evz --pixels evz.npy --force",
        "info evz.png --input-format evz --pixels evz.png --force",
        "convert events.txt events.txt --force",
        "convert events.evz events.evz --force",
        "recover events.evz events.evz --force",
        "record text.evz text.evz --force",
        "join events.evz events.evz --force",
        "pack in labels.evz --labels labels.evz --force",
        "render evz.npy --input-format evz -o evz.npy --frames 2 --force",
        "render evz.png --input-format evz -o evz.png --force",
        "render events.csv -o x.npy --window 1ms --frame-table events.csv --size 320x240 --force",
        "render events.evz -o x.npy --at list.csv --list-unit s --frame-table list.csv --force",
        "render evz.npy --input-format evz -o x.gif --fps 50 --frame-table evz.npy --force",
        "render events.evz -o x.npy --window 1ms --rectify map.npy --frame-table map.npy --force",
        "convert in out/ --report in/a.csv --force",
        "convert in out/ --report in/b.csv --force",
        "convert --files-from names.csv out/ --report names.csv --force",
    ] {
        refused(&folder, line, READ);
    }
}

#[test]
fn no_output_replaces_another_one() {
    let folder = folder();
    for line in [
        "render events.evz -o x.npy --frames 2 --frame-table x.npy",
        "render events.evz -o x.npy --frames 2 --frame-table ./in/../x.npy",
        "render events.evz -o array.npy --frames 2 --frame-table array.npy --force",
    ] {
        refused(&folder, line, WRITTEN);
    }
}

/// What the shell gives as standard input is a file too.
#[test]
fn standard_input_is_not_replaced() {
    let folder = folder();
    for (line, file) in [
        ("rate - -o events.csv --force", "events.csv"),
        ("record - text.evz --force", "text.evz"),
    ] {
        refuses(&folder, line, READ, || {
            let stdin = std::fs::File::open(folder.path(file)).unwrap();
            let mut command = folder.command(&line.split(' ').collect::<Vec<_>>());
            Run::of(command.stdin(Stdio::from(stdin)).output().unwrap())
        });
    }
}

/// What one run has read is only a file to the next.
#[test]
fn other_runs_replace_it() {
    let folder = folder();
    for line in [
        "rate events.csv -o array.npy --force",
        "rate array.npy -o events.csv --force --columns txyp --time-unit ns",
        "convert in out/",
        "convert in out/ --force --report out/r.csv",
        "convert in out/ --force --report out/r.csv",
        "index events.txt",
        "index events.txt",
        "meta events.evz --set a=b",
        "verify events.evz",
    ] {
        let run = folder.run(&line.split(' ').collect::<Vec<_>>());
        if !line.starts_with("rate array") {
            assert_eq!(run.code, Some(0), "{line}: {}", run.err);
        }
    }
}
