//! Files that stay as they are, with an index beside them, as the command takes them.

mod cli_common;

use std::fs;

use cli_common::{Folder, text};

/// `events.raw`, of as many events, one a microsecond, and its index.
fn indexed(n: usize) -> Folder {
    let folder = Folder::with_events(n);
    folder.make_raw("events.raw");
    folder
        .run(&["index", "events.raw"])
        .ends(0)
        .says(&format!("events.raw.evzi: the index of {n} events"));
    folder
}

#[test]
fn every_verb_goes_by_the_index() {
    let folder = indexed(900);
    let both = |args: &[&str]| {
        let with = folder.run(args).ends(0);
        let index = folder.path("events.raw.evzi");
        let aside = folder.path("aside");
        fs::rename(&index, &aside).unwrap();
        let without = folder.run(args).ends(0);
        fs::rename(aside, index).unwrap();
        // How many events there are when, an index knows less finely.
        let known = |text: &str| text.split("  rate").next().unwrap().to_owned();
        assert_eq!(known(with.text()), known(without.text()), "{args:?}");
        with
    };
    both(&["cat", "events.raw", "--events", "300..310"]);
    both(&["cat", "events.raw", "--from", "100us", "--to", "120us"]);
    both(&["digest", "events.raw"]);
    let page = both(&["info", "events.raw"]);
    assert!(
        page.text().contains("900 (") && page.text().contains("raw"),
        "{}",
        page.text()
    );
    for out in ["a.evz", "a.npy"] {
        folder.run(&["convert", "events.raw", out]).ends(0);
    }
    let of_raw = folder.run(&["digest", "events.raw"]);
    let of_evz = folder.run(&["digest", "a.evz"]);
    assert_eq!(of_raw.text()[..64], of_evz.text()[..64]);
    folder
        .run(&[
            "bench",
            "query",
            "events.raw",
            "--window-us",
            "10",
            "--starts-us",
            "100",
        ])
        .ends(0);
    let frames = ["render", "events.raw", "-o", "b.npy", "--count", "300"];
    folder.run(&frames).ends(0);
}

#[test]
fn an_index_is_no_recording() {
    let folder = indexed(300);
    for args in [
        &["cat", "events.raw.evzi"][..],
        &["convert", "events.raw.evzi", "b.evz"],
        &["join", "events.raw.evzi", "events.raw.evzi", "b.evz"],
        &["digest", "events.raw.evzi"],
    ] {
        folder.run(args).ends(1).says("open that file");
        assert!(!folder.path("b.evz").exists(), "{args:?}");
    }
    let verified = folder.run(&["verify", "events.raw.evzi"]);
    assert_ne!(verified.code, Some(0));
    // Nor among those of a folder.
    fs::create_dir(folder.path("in")).unwrap();
    for name in ["events.raw", "events.raw.evzi"] {
        fs::rename(folder.path(name), folder.path(&format!("in/{name}"))).unwrap();
    }
    folder
        .run(&["convert", "in", "out"])
        .ends(0)
        .says("1 recording converted");
    folder.run(&["index", "in"]).ends(0);
}

#[test]
fn what_is_stale_is_said_and_what_has_none_too() {
    let folder = indexed(300);
    let mut raw = fs::read(folder.path("events.raw")).unwrap();
    raw.truncate(raw.len() - 4);
    folder.write("events.raw", &raw);
    let cat = ["cat", "events.raw", "--events", "0..3"];
    folder.run(&cat).ends(0);
    folder
        .run(&["digest", "events.raw"])
        .ends(0)
        .says("another length now");
    folder
        .run(&["index", "events.evz"])
        .ends(1)
        .says("is an .evz, which has its index");
    folder.write("events.txt.gz", b"\x1f\x8b");
    folder.run(&["index", "missing.raw"]).ends(1);
    folder.write("lines.txt", text(9).as_bytes());
    let with_options = ["index", "lines.txt", "--size", "320x240"];
    folder.run(&with_options).ends(0);
    folder
        .run(&["digest", "lines.txt"])
        .ends(0)
        .says("other options of reading");
    folder
        .run(&["digest", "lines.txt", "--size", "320x240"])
        .ends(0);
}

#[test]
fn an_index_in_memory_gives_what_one_beside_the_file_gives() {
    let folder = indexed(950);
    let window = ["cat", "events.raw", "--from", "100us", "--to", "120us"];
    let beside = folder.run(&window).ends(0);
    fs::remove_file(folder.path("events.raw.evzi")).unwrap();
    let before = folder.names();
    let memory = [&window[..], &["--index", "memory"]].concat();
    let memory = folder.run(&memory).ends(0);
    assert_eq!(beside.text(), memory.text());
    assert!(beside.text().lines().count() > 10);
    let info = ["info", "events.raw", "--index", "memory", "--json"];
    let info: serde_json::Value = serde_json::from_str(folder.run(&info).ends(0).text()).unwrap();
    assert_eq!(info["events"], 950);
    // That of an .evz is its own.
    folder
        .run(&["info", "events.evz", "--index", "memory"])
        .ends(0);
    folder
        .run(&["convert", "events.evz", "events.arrow"])
        .ends(0);
    let none = ["cat", "events.arrow", "--index", "memory"];
    folder.run(&none).ends(1).says("no index is made of arrow");
    let raw = folder.read("events.raw");
    folder
        .run_with(&["cat", "-", "--index", "memory"], &raw)
        .ends(1)
        .says("is packed, or a pipe");
    folder.run(&["convert", "events.arrow", "b.evz"]).ends(0);
    assert!(!folder.names().iter().any(|name| name.ends_with("evzi")));
    assert!(before.len() < folder.names().len());
}

/// Files in a folder that this user may not write have their index among what is kept of the user's.
#[cfg(target_os = "linux")]
#[test]
fn an_index_stands_in_the_cache_where_the_folder_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let folder = indexed(900);
    fs::remove_file(folder.path("events.raw.evzi")).unwrap();
    fs::create_dir(folder.path("data")).unwrap();
    fs::create_dir(folder.path("cache")).unwrap();
    fs::rename(folder.path("events.raw"), folder.path("data/events.raw")).unwrap();
    let allow = |name: &str, mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(folder.path(name), mode).unwrap();
    };
    allow("data", 0o555);
    allow("cache", 0o777);
    allow("", 0o755);
    let is_root = fs::metadata("/proc/self").unwrap();
    let is_root = std::os::unix::fs::MetadataExt::uid(&is_root) == 0;
    let run = |args: &[&str]| {
        let mut command = folder.command(args);
        command.env("XDG_CACHE_HOME", folder.path("cache"));
        if is_root {
            // Who may write everywhere is nobody here.
            command.uid(65_534);
        }
        cli_common::Run::of(command.output().unwrap())
    };
    let window = ["cat", "data/events.raw", "--events", "300..310"];
    let without = run(&window).ends(0);
    // One that is stale stands beside it, and stays there.
    allow("data", 0o755);
    folder.write("data/events.raw.evzi", b"old");
    allow("data/events.raw.evzi", 0o444);
    allow("data", 0o555);
    run(&window).ends(0).says("is not used: it cannot be read");
    run(&["index", "data/events.raw"])
        .ends(0)
        .says("cache/evz/events.raw-");
    let with = run(&window).ends(0);
    assert_eq!(without.text(), with.text());
    assert!(!with.err.contains("is not used"), "{}", with.err);
    // It is used: a copy of other bytes there is no index any more.
    let index = fs::read_dir(folder.path("cache/evz"))
        .unwrap()
        .next()
        .unwrap();
    let index = index.unwrap().path();
    let cut = fs::read(&index).unwrap()[..100].to_vec();
    fs::write(index, cut).unwrap();
    run(&window).ends(0).says("is not used: it cannot be read");
    allow("data", 0o755);
}
