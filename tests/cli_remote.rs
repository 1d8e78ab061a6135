//! Recordings that are somewhere else: the same events as those of the file, few requests, and errors
//! instead of wrong bytes.

mod cli_common;
mod common;
mod server;

use std::time::Duration;

use cli_common::{Folder, Run};
use evz::{EventBatch, EventSource, Next, OpenOptions, ReadOptions, Selection};
use server::{Faults, Server};

/// A folder with `events.txt` and `events.evz`, and a server of the two.
fn served(n: usize, faults: Faults) -> (Folder, Server) {
    let folder = Folder::with_events(n);
    let files = ["events.txt", "events.evz"].map(|name| (name, folder.read(name)));
    (folder, Server::new(&files, faults))
}

/// A run that a proxy of this machine has no part in.
fn run(folder: &Folder, args: &[&str]) -> Run {
    let mut command = folder.command(args);
    Run::of(
        command
            .env("NO_PROXY", "*")
            .output()
            .expect("the command runs"),
    )
}

/// Digest of a recording: the line without the name.
fn digest(folder: &Folder, name: &str) -> String {
    let run = run(folder, &["digest", name]).ends(0);
    run.text()
        .split_whitespace()
        .next()
        .expect("a digest")
        .to_owned()
}

/// The one line that digesting the recording gives instead.
fn error(faults: Faults) -> String {
    let folder = Folder::new();
    folder.run(&["synth", "a.evz", "--events", "1M"]).ends(0);
    let server = Server::new(&[("a.evz", folder.read("a.evz"))], faults);
    let url = server.url("a.evz");
    let run = run(&folder, &["digest", &url]).ends(1);
    assert!(run.out.is_empty());
    run.err.trim_end().replace(&url, "URL")
}

#[test]
fn remote_events_are_those_of_the_file() {
    let (folder, server) = served(300_000, Faults::default());
    for name in ["events.evz", "events.txt"] {
        let url = server.url(name);
        assert_eq!(digest(&folder, &url), digest(&folder, name));
        let window = |name: &str| {
            let args = ["cat", name, "--from", "100ms", "--to", "100.5ms"];
            run(&folder, &args).ends(0).out
        };
        assert_eq!(window(&url), window(name));
        assert!(!window(name).is_empty());
    }
    let url = server.url("events.evz");
    let whole = run(&folder, &["info", &url, "--json", "--full"]).ends(0);
    let here = run(&folder, &["info", "events.evz", "--json"]).ends(0);
    let survey = |run: &Run| -> serde_json::Value {
        let facts: serde_json::Value = serde_json::from_str(run.text()).unwrap();
        facts["survey"].clone()
    };
    assert_eq!(survey(&whole), survey(&here));
    assert_eq!(survey(&here)["events"], 300_000);
    // Without a word nothing is fetched but the index.
    run(&folder, &["info", &url]).ends(0);
    let far = run(&folder, &["info", &url, "--json"]).ends(0);
    assert!(survey(&far).is_null());
    run(&folder, &["verify", &url]).ends(0).says("whole");
    run(&folder, &["meta", &url]).ends(0);
    run(&folder, &["convert", &server.url("events.txt"), "copy.evz"]).ends(0);
    assert_eq!(digest(&folder, "copy.evz"), digest(&folder, "events.evz"));
    run(&folder, &["join", &url, &url, "twice.evz"]).ends(0);
    run(
        &folder,
        &["render", &url, "-o", "frames.npy", "--fps", "10"],
    )
    .ends(0);
}

#[test]
fn remote_raw_is_read_too() {
    let folder = Folder::with_events(100_000);
    folder
        .run(&["convert", "events.evz", "events.raw", "--size", "320x240"])
        .ends(0);
    let server = Server::new(
        &[("events.raw", folder.read("events.raw"))],
        Faults::default(),
    );
    let url = server.url("events.raw");
    assert_eq!(digest(&folder, &url), digest(&folder, "events.raw"));
}

/// A file that stays where it is, with the index beside it there.
#[test]
fn remote_raw_goes_by_its_index() {
    let folder = Folder::with_events(400_000);
    folder.make_raw("events.raw");
    folder.run(&["index", "events.raw"]).ends(0);
    let files = |raw: Vec<u8>| {
        [
            ("events.raw", raw),
            ("events.raw.evzi", folder.read("events.raw.evzi")),
        ]
    };
    let raw = folder.read("events.raw");
    let server = Server::new(&files(raw.clone()), Faults::default());
    let url = server.url("events.raw");
    let window = |file: &str| {
        let args = ["cat", file, "--from", "200ms", "--to", "200.5ms"];
        run(&folder, &args).ends(0).out
    };
    assert_eq!(window(&url), window("events.raw"));
    // The start and the end of both, and the part.
    let asked = server.asked();
    let bytes: usize = asked.iter().map(ExactSizeIterator::len).sum();
    assert!(
        asked.len() <= 6 && bytes < raw.len() / 2,
        "{asked:?} of {}",
        raw.len()
    );
    assert_eq!(digest(&folder, &url), digest(&folder, "events.raw"));
    // Other bytes of the same length are found out.
    let mut other = raw.clone();
    let middle = other.len() / 2;
    other[middle..middle + 2000].reverse();
    let server = Server::new(&files(other), Faults::default());
    run(&folder, &["digest", &server.url("events.raw")])
        .ends(1)
        .says("it was changed");
    // Another length is another file: it is read without the index, and that is said.
    let server = Server::new(&files(raw[..raw.len() - 200].to_vec()), Faults::default());
    run(&folder, &["info", &server.url("events.raw")]).says("another length now");
}

/// Windows over http, by the index beside each file, are the slices of the whole reading here.
#[test]
fn remote_windows_of_real_recordings_are_those_of_the_file() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let names = [
        "evt3.raw",
        "evt2.raw",
        "gen4.dat",
        "davis346.aedat4",
        "atis.es",
        "dvs.csv",
        "test_events_1.bag",
        "test_events_2_0.mcap",
        "evt2_dsec.h5",
        "evt2_ecf.h5",
        "davis346_mvsec.h5",
        "made.npy",
        "made.parquet",
    ];
    let folder = Folder::new();
    for name in names {
        let options = match name.starts_with("made") {
            true => OpenOptions::new().with_time_unit(evz::TimeUnit::Microseconds),
            false => OpenOptions::new(),
        };
        match name.starts_with("made") {
            true => {
                let (from, to) = (recordings.join("evt2.raw"), folder.path(name));
                let (told, how) = (OpenOptions::new(), evz::CreateOptions::new());
                let _ = evz::convert(from, to, &told, &how, false).unwrap();
            }
            false => drop(std::fs::copy(recordings.join(name), folder.path(name)).unwrap()),
        }
        evz::index(folder.path(name), None, &options, |_, _| {}).unwrap();
        let index = format!("{name}.evzi");
        let files = [(name, folder.read(name)), (&*index, folder.read(&index))];
        let server = Server::new(&files, Faults::default());
        let remote = evz::open_url(&server.url(name), &options).unwrap();
        let remote = remote.shared_index().expect("it goes by the index");
        // All events, read from front to back without the index.
        std::fs::remove_file(folder.path(&index)).unwrap();
        let mut source = evz::open(folder.path(name), &options)
            .unwrap()
            .into_source();
        let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
        while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
            all.extend(batch.as_slice());
        }
        let (first, last) = (all.t[0], all.t[all.len() - 1]);
        for k in 0..12 {
            let from = first + (last - first) / 13 * k;
            let time = from..from + (last - first) / 500 * (1 + k % 3);
            remote
                .read(&Selection::default().with_time(time.clone()), &mut batch)
                .unwrap();
            let expected = all.iter().filter(|e| time.contains(&e.t));
            assert!(batch.iter().eq(expected), "{name} {time:?}");
            let start = all.len() / 13 * k as usize;
            let events = start as u64..start as u64 + 3_000;
            remote
                .read(&Selection::default().with_events(events), &mut batch)
                .unwrap();
            assert!(
                batch.iter().eq(all.iter().skip(start).take(3_000)),
                "{name} {start}"
            );
        }
    }
}

#[test]
fn remote_windows_take_few_requests() {
    let folder = Folder::new();
    let size = ["--size", "640x480", "--events", "8M", "--seed", "1"];
    folder
        .run(&[&["synth", "many.evz"], &size[..]].concat())
        .ends(0);
    let file = folder.read("many.evz");
    let len = file.len();
    let server = Server::new(&[("many.evz", file)], Faults::default());
    let recording = evz::open_url(&server.url("many.evz"), &OpenOptions::new()).unwrap();
    let remote = recording.evz_reader().expect("it is .evz").clone();
    let local = ReadOptions::new().open(folder.path("many.evz")).unwrap();
    assert!(local.summary().span.n_rows > 100 * 65_536);
    let middle = (local.summary().span.t_min + local.summary().span.t_max) / 2;
    let window = Selection::default().with_time(middle..middle + 1_000);
    let (mut found, mut expected) = (EventBatch::default(), EventBatch::default());
    remote.read(&window, &mut found).unwrap();
    // The start, the end with the root and the leaves of the index, and the chunk.
    assert_eq!(server.requests(), 3, "{:?}", server.asked());
    local.read(&window, &mut expected).unwrap();
    assert!(!expected.is_empty());
    assert_eq!(found, expected);
    let bytes: usize = server.asked().iter().map(ExactSizeIterator::len).sum();
    assert!(bytes < 1 << 20 && bytes < len / 4, "{bytes} of {len} bytes");
    // The window again, and what stands beside it, are there.
    remote.read(&window, &mut found).unwrap();
    assert_eq!(server.requests(), 3);
}

#[test]
fn remote_scans_read_ahead() {
    let (folder, server) = served(2_000_000, Faults::default());
    let url = server.url("events.txt");
    assert_eq!(digest(&folder, &url), digest(&folder, "events.txt"));
    let len = folder.read("events.txt").len();
    assert!(len > 30 << 20);
    // Each twice the one before, to 8 MiB, and next to nothing twice.
    let asked = server.asked();
    assert!(asked.len() < 12, "{asked:?}");
    let bytes: usize = asked.iter().map(ExactSizeIterator::len).sum();
    assert!(bytes < len + (1 << 20), "{asked:?}");
}

#[test]
fn exit_code_of_a_file_that_is_missing() {
    let (folder, server) = served(100, Faults::default());
    let url = server.url("none.evz");
    let run = run(&folder, &["info", &url]).ends(1);
    let line = format!("evz: {url}: the server has no such file (404); check the URL\n");
    assert_eq!(run.err, line);
}

#[test]
fn exit_code_of_a_file_that_is_refused() {
    let refused = Faults {
        first: 99,
        status: 403,
        ..Faults::default()
    };
    assert_eq!(
        error(refused),
        "evz: URL: the server refuses it (403); check that the URL is public, or that its signature is still valid"
    );
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let busy = |first| Faults {
        first,
        status: 503,
        ..Faults::default()
    };
    let (folder, server) = served(1_000, busy(3));
    assert_eq!(
        digest(&folder, &server.url("events.evz")),
        digest(&folder, "events.evz")
    );
    assert_eq!(
        error(busy(99)),
        "evz: URL: the server answers 503 Service Unavailable; try again later"
    );
}

#[test]
fn exit_code_of_a_server_that_is_not_there() {
    let folder = Folder::new();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}/a.evz");
    let run = run(&folder, &["info", &url]).ends(1);
    let line =
        format!("evz: {url}: Connection refused (os error 111); check the URL and the network\n");
    assert_eq!(run.err, line);
}

#[test]
fn exit_code_of_answers_that_break_off() {
    // With an ETag, the rest is asked for: three times a third is all of it.
    let cut = |cut_at| Faults {
        cut_at: Some(cut_at),
        ..Faults::default()
    };
    let (folder, server) = served(10_000, cut(12_000));
    assert_eq!(
        digest(&folder, &server.url("events.evz")),
        digest(&folder, "events.evz")
    );
    let said = error(cut(10));
    assert!(
        said.starts_with("evz: URL: the answer broke off after 50 of "),
        "{said}"
    );
}

#[test]
fn exit_code_of_answers_that_are_short() {
    let short = Faults {
        short_ranges: true,
        ..Faults::default()
    };
    let said = error(short);
    assert!(
        said.starts_with("evz: URL: the server answered with another range: asked for 0.."),
        "{said}"
    );
}

#[test]
fn exit_code_of_a_server_without_ranges() {
    let all = Faults {
        ignores_ranges: true,
        ..Faults::default()
    };
    assert_eq!(
        error(all),
        "evz: URL: the server sends all of the file where a range was asked for; copy the file first, or use a server that knows ranges"
    );
}

#[test]
fn exit_code_of_a_file_that_changes() {
    let changes = Faults {
        changes_after: Some(2),
        ..Faults::default()
    };
    let said = error(changes);
    let place = "evz: URL: chunk ";
    assert!(said.starts_with(place), "{said}");
    assert!(
        said.ends_with(": the file changed while it was read: its ETag is another; open it again"),
        "{said}"
    );
    let said = error(Faults {
        ignores_if_match: true,
        ..changes
    });
    let how = ": the file changed while it was read: its ETag was \"first\" and is \"second\"; open it again";
    assert!(said.ends_with(how), "{said}");
    // In the middle of a scan.
    let (folder, server) = served(300_000, changes);
    let run = run(&folder, &["digest", &server.url("events.txt")]).ends(1);
    assert!(run.out.is_empty());
    let run = run.says("the file changed while it was read: its ETag is another; open it again");
    drop(run);
}

#[test]
fn a_server_without_etags_is_read() {
    let none = Faults {
        has_no_tag: true,
        ..Faults::default()
    };
    let (folder, server) = served(100_000, none);
    assert_eq!(
        digest(&folder, &server.url("events.evz")),
        digest(&folder, "events.evz")
    );
}

#[test]
fn a_server_that_is_slow_is_waited_for() {
    let slow = Faults {
        delay: Duration::from_millis(50),
        ..Faults::default()
    };
    let (folder, server) = served(100_000, slow);
    assert_eq!(
        digest(&folder, &server.url("events.evz")),
        digest(&folder, "events.evz")
    );
}

#[test]
fn empty_files_are_what_they_are_here() {
    let folder = Folder::new();
    folder.write("empty.evz", b"");
    let server = Server::new(&[("empty.evz", Vec::new())], Faults::default());
    let url = server.url("empty.evz");
    let here = run(&folder, &["info", "empty.evz"]).ends(1).err;
    assert_eq!(
        run(&folder, &["info", &url])
            .ends(1)
            .err
            .replace(&url, "empty.evz"),
        here
    );
}

#[test]
fn file_urls_are_paths() {
    let folder = Folder::with_events(1_000);
    folder.write("a b.evz", &folder.read("events.evz"));
    let url = format!("file://{}", folder.path("a%20b.evz").display());
    assert_eq!(digest(&folder, &url), digest(&folder, "events.evz"));
}

#[test]
fn exit_code_of_urls_as_outputs() {
    let (folder, server) = served(1_000, Faults::default());
    let out = server.url("out.evz");
    let line = format!("evz: {out}: is a URL, which is read and not written; name a file\n");
    for args in [
        &["convert", "events.evz", &out][..],
        &["synth", &out, "--size", "64x64", "--events", "100"],
        &["join", "events.evz", &out],
        &["recover", "events.evz", &out],
    ] {
        assert_eq!(
            run(&folder, args).ends(2).err.lines().last(),
            line.lines().last()
        );
    }
    run(&folder, &["convert", &server.url("events.txt")])
        .ends(2)
        .says("is a URL, which is read and not written; name the output");
    run(&folder, &["convert", "events.evz", "http://host/folder/"])
        .ends(2)
        .says("is a URL, which is read and not written; name a folder");
    run(&folder, &["info", "ftp://host/a.evz"])
        .ends(2)
        .says("ftp:// is not read; http, https, s3, gs, az and file are");
}
