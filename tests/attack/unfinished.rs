//! An .evz file that a run did not finish: it gives the first events of the recording, and `recover` saves them.

use crate::scene::{EVENTS, Scene, recording};

/// What is wrong with one that `record` was making, or that `meta` was editing, which has all events.
pub(crate) fn misread(scene: &Scene, verb: &[&str], bytes: &[u8]) -> Option<String> {
    let read = scene.of_file(bytes, &["cat", "left.evz"]);
    let lines = read.text().lines().count();
    let recording = recording();
    let first = recording.lines().take(lines).map(in_microseconds);
    let is_said = match read.code {
        Some(0) => lines == EVENTS || read.err.contains("without its index"),
        Some(3) => read.err.contains("lost: "),
        _ => false,
    };
    if !is_said || !first.eq(read.text().lines()) || verb[0] == "meta" && lines < EVENTS {
        let code = read.code;
        return Some(format!(
            "what was left is read with {code:?}, {lines} lines: {}",
            read.err
        ));
    }
    let saved = scene.recovered(bytes);
    (saved.out != read.out).then(|| format!("recover does not save what is read: {}", saved.err))
}

/// As `cat` prints a line of text.
fn in_microseconds(line: &str) -> String {
    line.replacen('.', "", 1)
}
