//! Recordings that are still being made: written while they come, read while they are written.
#![cfg(unix)]

#[path = "cli_common/mod.rs"]
mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Folder, Run, text};

/// Nothing takes so long; a machine that does other things as well may take more than it should.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks until something is so.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "it never came: {what}");
        sleep(Duration::from_millis(20));
    }
}

/// `record` at work, and what is written into it.
struct Recording {
    child: Child,
    stdin: Option<ChildStdin>,
}

fn record(folder: &Folder, args: &[&str]) -> Recording {
    let mut child = folder
        .command_for_signals(&[&["record", "-", "live.evz"], args].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take();
    Recording { child, stdin }
}

impl Recording {
    fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// Ends what it is sent.
    fn end(mut self) -> Run {
        drop(self.stdin.take());
        self.exit()
    }

    fn exit(self) -> Run {
        Run::of(self.child.wait_with_output().unwrap())
    }

    fn signal(&self, signal: &str) {
        signal_to(&self.child, signal);
    }
}

fn signal_to(child: &Child, signal: &str) {
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// What a verb that follows has given so far.
struct Following {
    child: Child,
    given: Arc<Mutex<Vec<u8>>>,
    reading: std::thread::JoinHandle<()>,
}

fn follow(folder: &Folder, args: &[&str]) -> Following {
    until("the file", || folder.path("live.evz").exists());
    let mut child = folder
        .command_for_signals(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let given = Arc::new(Mutex::new(Vec::new()));
    let into = given.clone();
    let reading = std::thread::spawn(move || {
        let mut some = [0; 1 << 16];
        while let Ok(n @ 1..) = out.read(&mut some) {
            into.lock().unwrap().extend(&some[..n]);
        }
    });
    Following {
        child,
        given,
        reading,
    }
}

impl Following {
    fn lines(&self) -> usize {
        let given = self.given.lock().unwrap();
        given.iter().filter(|b| **b == b'\n').count()
    }

    /// What it gave, once it has ended.
    fn ended(self) -> Run {
        let mut run = Run::of(self.child.wait_with_output().unwrap());
        self.reading.join().unwrap();
        run.out = self.given.lock().unwrap().clone();
        run
    }
}

fn digest(folder: &Folder, name: &str) -> String {
    let run = folder.run(&["digest", name]);
    assert!(matches!(run.code, Some(0 | 3)), "{}", run.err);
    run.text()[..64].to_owned()
}

fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS names no folder of recordings");
    }
    folder
}

/// Sends a recording in parts, and sees that what was sent is seen before anything follows it. Each part
/// has some whole events, wherever it is cut.
fn parts_are_seen(bytes: &[u8], extension: &str, parts: &[usize], args: &[&str]) {
    let folder = Folder::new();
    let name = format!("sent.{extension}");
    folder.write(&name, bytes);
    let convert = ["convert", &name, "whole.evz"];
    let run = folder.run(&[&convert, args].concat());
    assert!(matches!(run.code, Some(0 | 3)), "{}", run.err);
    let mut recording = record(&folder, args);
    let (mut sent, mut seen) = (0, 0);
    let mut following = None;
    for to in parts.iter().copied().chain([bytes.len()]) {
        recording.send(&bytes[sent..to]);
        sent = to;
        let following =
            following.get_or_insert_with(|| follow(&folder, &["cat", "live.evz", "--follow"]));
        until(&format!("events before byte {to} of {name}"), || {
            following.lines() > seen
        });
        // The rest of them.
        sleep(Duration::from_millis(300));
        seen = following.lines();
    }
    let run = recording.end();
    assert!(matches!(run.code, Some(0 | 3)), "{}", run.err);
    assert_eq!(
        run.code,
        folder.run(&[&convert, args, &["--force"]].concat()).code
    );
    let followed = following.unwrap().ended().ends(0);
    assert_eq!(digest(&folder, "live.evz"), digest(&folder, "whole.evz"));
    let cat = folder.run(&["cat", "live.evz"]).ends(0);
    assert!(followed.text().trim_end() == cat.text().trim_end());
    let info = folder.run(&["info", "live.evz"]).ends(0);
    assert!(!info.err.contains("ends without its index"), "{}", info.err);
    folder.run(&["verify", "live.evz"]).ends(0);
}

/// The header of a RAW recording and its words.
fn raw(n: u32) -> Vec<u8> {
    let mut bytes = b"% evt 2.0\n% format EVT2;height=480;width=640\n% end\n".to_vec();
    bytes.extend((8u32 << 28 | 1).to_le_bytes());
    for i in 0..n {
        let (x, y) = (i % 640, i / 640 % 480);
        bytes.extend(((i & 1) << 28 | ((i / 8) & 0x3f) << 22 | x << 11 | y).to_le_bytes());
        if i % 512 == 511 {
            bytes.extend((8u32 << 28 | (2 + i / 512)).to_le_bytes());
        }
    }
    bytes
}

#[test]
fn stdin_pipe_of_text_is_seen_line_by_line() {
    let text = text(1_000);
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    // Within a line, too.
    parts_are_seen(
        text.as_bytes(),
        "txt",
        &[lines[3], lines[4], lines[10] + 3, lines[500]],
        &[],
    );
}

#[test]
fn stdin_pipe_of_raw_is_seen_word_by_word() {
    let raw = raw(100_000);
    parts_are_seen(&raw, "raw", &[200, 204, 333, 70_001, 300_000], &[]);
}

#[test]
fn stdin_pipe_of_real_recordings_is_seen_in_parts() {
    let Some(recordings) = recordings() else {
        return;
    };
    let read = |name: &str| std::fs::read(recordings.join(name)).unwrap();
    for (name, extension) in [
        ("evt3.raw", "raw"),
        ("evt2.raw", "raw"),
        ("gen4.dat", "dat"),
    ] {
        let bytes = read(name);
        let parts = [5_000, 9_001, 400_003, 1_000_000];
        parts_are_seen(&bytes[..1_500_000], extension, &parts, &[]);
    }
    // Packets are seen once they are whole.
    let tonic = read("tonic_sample.aedat4");
    parts_are_seen(&tonic, "aedat4", &[100_000, 261_031, 300_000, 500_001], &[]);
    let davis = read("davis346.aedat4");
    parts_are_seen(&davis, "aedat4", &[1_000_000, 2_000_000, 3_000_001], &[]);
    let text = read("davis346_seconds.txt");
    parts_are_seen(&text, "txt", &[1_000, 1_300, 500_000, 500_100], &[]);
    let faery = read("dvs.csv");
    parts_are_seen(
        &faery[..2_000_003],
        "csv",
        &[1_000, 500_000],
        &["--on-bad-line", "skip"],
    );
}

#[test]
fn events_that_come_one_by_one_are_seen_one_by_one() {
    let folder = Folder::new();
    let text = text(40);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut recording = record(&folder, &[]);
    recording.send(lines[..4].concat().as_bytes());
    let following = follow(&folder, &["cat", "live.evz", "--follow"]);
    for (i, line) in lines.iter().enumerate().skip(4).take(12) {
        recording.send(line.as_bytes());
        until("an event", || following.lines() > i);
    }
    recording.end().ends(0).says("it kept up");
    assert_eq!(following.ended().ends(0).text().lines().count(), 16);
}

#[test]
fn a_killed_writer_leaves_what_it_wrote() {
    let folder = Folder::new();
    let text = text(5_000);
    let half = text.match_indices('\n').nth(2_999).unwrap().0 + 1;
    let mut recording = record(&folder, &[]);
    recording.send(&text.as_bytes()[..half]);
    let following = follow(&folder, &["cat", "live.evz", "--follow"]);
    until("the first half", || following.lines() == 3_000);
    recording.send(&text.as_bytes()[half..half + 10]);
    recording.signal("-KILL");
    let _ = recording.exit();
    // Who follows it is not left waiting.
    let followed = following.ended();
    assert!(matches!(followed.code, Some(0 | 3)), "{}", followed.err);
    let followed = followed.says("ends without its index");
    assert_eq!(followed.text().lines().count(), 3_000);
    let cat = folder
        .run(&["cat", "live.evz"])
        .says("ends without its index");
    assert_eq!(cat.text().lines().count(), 3_000);
    folder.run(&["recover", "live.evz", "saved.evz"]);
    let saved = folder.run(&["cat", "saved.evz"]).ends(0);
    assert_eq!(saved.text().lines().count(), 3_000);
}

#[test]
fn signals_finish_the_file() {
    for signal in ["-INT", "-TERM"] {
        let folder = Folder::new();
        let mut recording = record(&folder, &[]);
        recording.send(text(2_000).as_bytes());
        let following = follow(&folder, &["cat", "live.evz", "--follow"]);
        until("the events", || following.lines() == 2_000);
        // It waits for more.
        recording.signal(signal);
        let pipe = recording.stdin.take();
        recording.exit().ends(0).says("2,000 events");
        drop(pipe);
        following.ended().ends(0);
        let info = folder.run(&["info", "live.evz"]).ends(0);
        assert!(!info.err.contains("without its index"), "{}", info.err);
    }
}

#[test]
fn exit_code_of_followers_that_are_ended() {
    let folder = Folder::new();
    let mut recording = record(&folder, &[]);
    recording.send(text(100).as_bytes());
    let cat = follow(&folder, &["cat", "live.evz", "--follow"]);
    until("the events", || cat.lines() == 100);
    signal_to(&cat.child, "-INT");
    cat.ended().ends(0);
    // Nobody reads it any more, and nothing comes to be written.
    let mut child = folder
        .command(&["cat", "live.evz", "--follow"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    until("its end", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    recording.end().ends(0);
}

#[test]
fn info_follows_a_file_to_its_end() {
    let folder = Folder::new();
    let mut recording = record(&folder, &[]);
    let text = text(3_000);
    recording.send(&text.as_bytes()[..text.len() / 2]);
    let page = follow(&folder, &["info", "live.evz", "--follow"]);
    let json = follow(&folder, &["info", "live.evz", "--follow", "--json"]);
    until("a line", || page.lines() > 0 && json.lines() > 0);
    recording.send(&text.as_bytes()[text.len() / 2..]);
    until("another line", || page.lines() > 1 && json.lines() > 1);
    recording.end().ends(0);
    let page = page.ended().ends(0);
    let now = folder.run(&["info", "live.evz"]).ends(0);
    assert!(page.text().ends_with(now.text()), "{}", page.text());
    let json = json.ended().ends(0);
    let last: serde_json::Value =
        serde_json::from_str(json.text().lines().last().unwrap()).unwrap();
    assert_eq!(last["events"], 3_000);
}

#[test]
fn frames_of_a_file_that_grows_are_those_of_the_whole() {
    let windows: [&[&str]; 3] = [
        &["--window", "100us", "--stride", "100us"],
        &["--count", "700"],
        &["--window", "250us", "--stride", "100us", "--from", "300us"],
    ];
    for windows in windows {
        let folder = Folder::new();
        let raw = raw(100_000);
        let mut recording = record(&folder, &[]);
        recording.send(&raw[..50_000]);
        let y4m = ["-o", "-", "--output-format", "y4m"];
        let args = [&["render", "live.evz", "--follow"][..], &y4m, windows].concat();
        let following = follow(&folder, &args);
        // Windows that are complete are there while the next one is not.
        until("frames", || {
            following.given.lock().unwrap().len() > 640 * 480
        });
        recording.send(&raw[50_000..]);
        recording.end().ends(0);
        let followed = following.ended().ends(0);
        let args = [&["render", "live.evz"][..], &y4m, windows].concat();
        assert!(followed.out == folder.run(&args).ends(0).out, "{windows:?}");
    }
}

#[test]
fn a_named_pipe_is_recorded() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let child = folder
        .command(&["record", "pipe", "live.evz", "--profile", "small"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::fs::write(&pipe, text(500)).unwrap();
    Run::of(child.wait_with_output().unwrap())
        .ends(0)
        .says("500 events");
    let info = folder.run(&["info", "live.evz"]).ends(0);
    assert!(info.text().contains("profile small"), "{}", info.text());
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = Folder::with_events(100);
    let evz = folder.read("events.evz");
    let refused = |args: &[&str], input: &[u8], why: &str| {
        folder.run_with(args, input).ends(2).says(why);
    };
    let text = text(100);
    refused(
        &["record", "-", "events.evz"],
        text.as_bytes(),
        "pass --force",
    );
    refused(
        &["record", "-", "a.txt"],
        text.as_bytes(),
        "end its name in .evz",
    );
    refused(&["record", ".", "a.evz"], b"", "is a folder");
    refused(
        &["record", "-", "a.evz", "--encoding", "evt2"],
        text.as_bytes(),
        "leave it out",
    );
    refused(
        &["cat", "events.txt", "--follow"],
        b"",
        "only an .evz file is followed",
    );
    refused(
        &["info", "events.txt", "--follow"],
        b"",
        "only an .evz file is followed",
    );
    folder
        .run_with(&["record", "-", "a.evz"], &evz)
        .ends(1)
        .says("save it as a file");
    folder
        .run_with(&["record", "-", "a.evz"], b"")
        .ends(1)
        .says("it is empty");
    assert!(!Path::new(&folder.path("a.evz")).exists());
    folder
        .run_with(&["record", "-", "events.evz", "--force"], text.as_bytes())
        .ends(0);
    assert_eq!(digest(&folder, "events.evz"), digest(&folder, "events.txt"));
    // A file that is finished is given, and that is all.
    let all = folder.run(&["cat", "events.evz", "--follow"]).ends(0);
    assert_eq!(all.text().lines().count(), 100);
}

#[test]
fn a_file_that_is_replaced_or_shortened_is_an_error_for_who_follows_it() {
    for shorten in [true, false] {
        let folder = Folder::new();
        let mut recording = record(&folder, &[]);
        recording.send(text(1_000).as_bytes());
        let cat = follow(&folder, &["cat", "live.evz", "--follow"]);
        until("the events", || cat.lines() == 1_000);
        let path = folder.path("live.evz");
        let why = match shorten {
            true => {
                let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
                file.set_len(100).unwrap();
                "it was shortened while it was read"
            }
            false => {
                folder.write("other.evz", b"something else");
                std::fs::rename(folder.path("other.evz"), &path).unwrap();
                "it was removed, or replaced by another file, while it was read"
            }
        };
        cat.ended().ends(1).says(why);
        recording.end().ends(0);
    }
}

#[test]
fn what_is_not_clear_yet_is_waited_for_and_said() {
    let folder = Folder::new();
    let mut recording = record(&folder, &[]);
    let mut said = BufReader::new(recording.child.stderr.take().unwrap()).lines();
    // Nothing says what the columns are.
    recording.send(b"1 2 3 1\n");
    let line = said.next().unwrap().unwrap();
    assert!(line.starts_with("waiting for more"), "{line}");
    let signalled = recording.stdin.take();
    recording.signal("-INT");
    assert_eq!(recording.child.wait().unwrap().code(), Some(1));
    drop(signalled);
}
