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
