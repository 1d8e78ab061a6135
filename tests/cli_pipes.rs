//! Standard input and output in place of files.

#[path = "cli_common/mod.rs"]
mod common;

use std::io::Read;
use std::process::Stdio;

use common::{Folder, text};

#[test]
fn stdin_pipe_of_text_becomes_a_file() {
    let folder = Folder::with_events(1_000);
    folder
        .run_with(&["convert", "-", "piped.evz"], text(1_000).as_bytes())
        .ends(0);
    let digest = |name: &str| folder.run(&["digest", name]).ends(0).text()[..64].to_owned();
    assert_eq!(digest("piped.evz"), digest("events.evz"));
}

#[test]
fn stdin_pipe_of_evz_is_read_by_every_verb() {
    let folder = Folder::with_events(1_000);
    let file = folder.read("events.evz");
    let piped = |args: &[&str]| folder.run_with(args, &file).ends(0);
    assert_eq!(
        piped(&["cat", "-"]).out,
        folder.run(&["cat", "events.evz"]).out
    );
    assert!(
        piped(&["info", "-"])
            .text()
            .starts_with("standard input: evz")
    );
    piped(&["verify", "-"]).says("1,000 events");
    piped(&["convert", "-", "copy.txt"]);
    assert_eq!(folder.read("copy.txt"), text(1_000).into_bytes());
    assert!(piped(&["digest", "-"]).text().ends_with("  -\n"));
}

#[test]
fn stdout_pipe_carries_a_file() {
    let folder = Folder::with_events(1_000);
    let run = folder.run(&["convert", "events.txt", "-"]).ends(0);
    assert!(run.out.starts_with(b"\x89EVZ"));
    folder.write("piped.evz", &run.out);
    folder.run(&["verify", "piped.evz"]).ends(0);
    let run = folder
        .run(&["convert", "events.evz", "-", "--output-format", "text"])
        .ends(0);
    assert_eq!(run.text(), text(1_000));
}

#[test]
fn stdout_pipe_that_closes_ends_quietly() {
    let folder = Folder::with_events(200_000);
    for args in [&["cat", "events.evz"][..], &["convert", "events.txt", "-"]] {
        let mut child = folder
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut first = [0; 16];
        child
            .stdout
            .take()
            .expect("it is piped")
            .read_exact(&mut first)
            .expect("some output");
        let output = child.wait_with_output().expect("the command ends");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("evz: ") && !err.contains("panic"), "{err}");
    }
}

#[test]
fn stdin_pipe_that_is_empty_is_an_error() {
    let folder = Folder::new();
    folder.run(&["info", "-"]).ends(1).says("standard input");
    folder.run(&["verify", "-"]).ends(1);
}

/// What is no regular file can be read once: nothing of it may be lost by looking at it first.
#[cfg(unix)]
#[test]
fn stdin_pipe_with_a_name_is_read_by_every_verb() {
    let folder = Folder::with_events(1_000);
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path("fifo"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    for source in ["events.txt", "events.evz"] {
        let bytes = folder.read(source);
        let through_fifo = |args: &[&str]| {
            let (path, bytes) = (folder.path("fifo"), bytes.clone());
            let feeding = std::thread::spawn(move || std::fs::write(path, bytes));
            let run = folder.run(args).ends(0);
            feeding
                .join()
                .expect("feeding does not panic")
                .expect("the pipe takes all");
            run
        };
        let expected = folder.run(&["cat", source]).ends(0).out;
        assert_eq!(through_fifo(&["cat", "fifo"]).out, expected, "{source}");
        let digest = through_fifo(&["digest", "fifo"]);
        let expected = folder.run(&["digest", source]).ends(0);
        assert_eq!(digest.text()[..64], expected.text()[..64], "{source}");
        through_fifo(&["info", "fifo"]);
        through_fifo(&["convert", "fifo", "copy.txt", "--force"]);
        assert_eq!(folder.read("copy.txt"), text(1_000).into_bytes());
        if source == "events.evz" {
            through_fifo(&["verify", "fifo"]).says("fifo: whole: 1,000 events");
            through_fifo(&["info", "fifo", "--layout"]);
            through_fifo(&["recover", "fifo", "saved.evz"]);
        }
    }
    folder
        .run(&["convert", "fifo"])
        .ends(2)
        .says("name the output");
    // Nobody writes; it must not wait for bytes that it could not read twice.
    let mut hold = std::fs::File::options();
    let _hold = hold.read(true).write(true).open(folder.path("fifo"));
    folder
        .run(&["bench", "parse", "fifo"])
        .ends(2)
        .says("only once");
}

#[cfg(unix)]
#[test]
fn stdin_pipe_has_a_path_too() {
    let folder = Folder::with_events(1_000);
    for source in ["events.txt", "events.evz"] {
        let run = folder
            .run_with(&["cat", "/dev/stdin"], &folder.read(source))
            .ends(0);
        assert_eq!(run.out, folder.run(&["cat", source]).out, "{source}");
    }
    let cut = &folder.read("events.evz")[..200];
    folder
        .run_with(&["verify", "-"], cut)
        .ends(1)
        .says("standard input: ");
}

/// Copies of pipes and the columns of a digest wait in files without a name.
#[cfg(target_os = "linux")]
#[test]
fn stdin_pipe_leaves_no_file_behind_a_kill() {
    let folder = Folder::with_events(1_000);
    std::fs::create_dir(folder.path("tmp")).expect("a folder in ours");
    for (verb, source) in [
        ("digest", "events.txt"),
        ("cat", "events.evz"),
        ("verify", "events.evz"),
    ] {
        let bytes = folder.read(source);
        let mut child = folder
            .command(&[verb, "-"])
            .env("TMPDIR", folder.path("tmp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        // Its input stays open, so it waits for more.
        let mut stdin = child.stdin.take().expect("it is piped");
        std::io::Write::write_all(&mut stdin, &bytes).expect("the pipe takes all");
        std::thread::sleep(std::time::Duration::from_millis(300));
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let left = std::fs::read_dir(folder.path("tmp")).expect("a folder");
        assert_eq!(left.count(), 0, "{verb} of {source}");
    }
}
