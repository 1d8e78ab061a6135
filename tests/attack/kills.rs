//! The process is killed at a call: an output is whole or not there, and the verb, run again, does its work.

use std::path::Path;

use crate::cli_common::Run;
use crate::effort::{Tally, some};
use crate::layer::{Fault, How, Layer, Which};
use crate::scene::{EVENTS, Left, Scene, Usual, recording};
use crate::verbs::VERBS;

#[test]
fn a_killed_run_leaves_no_half_of_a_file() {
    let Some(layer) = Layer::new() else {
        return;
    };
    let scene = Scene::new();
    let mut tally = Tally::new("kills");
    for (verb_number, verb) in VERBS.iter().enumerate() {
        let usual = Usual::of(&scene, &layer, verb);
        for how in [How::Kill, How::Torn] {
            for number in some(usual.calls(Which::Write), verb_number) {
                let fault = Fault {
                    how,
                    which: Which::Write,
                    number,
                };
                let (left, again, read) = scene.killed(&layer, verb, fault, &usual.left);
                let found = wrong(&usual.left, &left, &again, &read);
                tally.add(
                    found.map(|what| format!("{verb:?}, {fault:?}: {what}\n{}", again.run.err)),
                );
            }
        }
    }
    tally.end();
}

/// What is wrong with what a killed run left and with the run after it, where something is.
fn wrong(usual: &Left, left: &Left, again: &Left, read: &[Run]) -> Option<String> {
    if left.run.code.is_some() {
        return Some(format!("was not killed, {:?}", left.run.code));
    }
    if !left.gone.is_empty() {
        return Some(format!("{:?} is gone", left.gone));
    }
    let half = left
        .new
        .iter()
        .find(|(path, bytes)| usual.new.get(*path) != Some(bytes) && !is_unfinished(path));
    if let Some((path, bytes)) = half {
        return Some(format!(
            "left {} with {} bytes",
            path.display(),
            bytes.len()
        ));
    }
    if let Some(wrong) = read.iter().find_map(misread) {
        return Some(wrong);
    }
    // An output that is there was whole, and a verb that does not replace it says so.
    let is_there = again.run.err.contains("exists");
    // What was being written by one that was killed is for `recover`.
    let is_cut = again.run.code == Some(1) && again.run.err.contains("evz recover");
    if is_there || is_cut {
        return None;
    }
    let other = usual
        .new
        .iter()
        .find(|(path, bytes)| again.new.get(*path) != Some(bytes) && !is_edited(path));
    match (again.run.code == usual.run.code, other) {
        (false, _) => Some(format!("run again, it ends with {:?}", again.run.code)),
        (true, Some((path, _))) => Some(format!("run again, it makes another {}", path.display())),
        (true, None) => None,
    }
}

/// An .evz file that is not whole gives the first events of the recording, with a word of what is lacking; one that was
/// edited has all of them.
fn misread(read: &Run) -> Option<String> {
    let recording = recording();
    let lines = read.text().lines().count();
    let is_first = recording
        .lines()
        .take(lines)
        .map(in_microseconds)
        .eq(read.text().lines());
    match read.code {
        Some(3) if is_first => None,
        Some(0) if is_first && (lines == EVENTS || read.err.contains("without its index")) => None,
        Some(1) if read.err.contains("evz recover") => None,
        code => Some(format!("what was left is read with {code:?}: {}", read.err)),
    }
}

/// As `cat` prints a line of text.
fn in_microseconds(line: &str) -> String {
    line.replacen('.', "", 1)
}

/// Files that nobody takes for an output, one that is edited where it is, and a recording that is still being made.
fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".partial") || name == "live.evz" || is_edited(path)
}

/// A file that `meta` adds to, and what the conversion of a folder goes on from, a line a recording.
fn is_edited(path: &Path) -> bool {
    path == Path::new("events.evz") || path.ends_with("evz-convert.jsonl")
}
