//! The process is killed at a call: an output is whole or not there, and the verb, run again, does its work.

use std::path::Path;

use crate::effort::Tally;
use crate::layer::{Fault, How, Layer, Which};
use crate::scene::{Left, Scene, Usual};
use crate::unfinished::misread;
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
            for number in usual.tried(how, Which::Write, verb_number) {
                let fault = Fault {
                    how,
                    which: Which::Write,
                    number,
                };
                let (left, again) = scene.killed(&layer, verb, fault);
                let found = wrong(&scene, verb, &usual.left, &left, &again);
                tally.add(
                    found.map(|what| format!("{verb:?}, {fault:?}: {what}\n{}", again.run.err)),
                );
            }
        }
    }
    tally.end(300);
}

/// What is wrong with what a killed run left and with the run after it, where something is.
fn wrong(scene: &Scene, verb: &[&str], usual: &Left, left: &Left, again: &Left) -> Option<String> {
    if left.run.code.is_some() {
        return Some(format!("was not killed, {:?}", left.run.code));
    }
    if !left.gone.is_empty() {
        return Some(format!("{:?} is gone", left.gone));
    }
    for (path, bytes) in &left.new {
        let found = match usual.new.get(path) == Some(bytes) || is_no_output(path) {
            true => None,
            false if is_recording(verb, path) => misread(scene, verb, bytes),
            false => Some("a half of a file".to_owned()),
        };
        if let Some(found) = found {
            let (path, n) = (path.display(), bytes.len());
            return Some(format!("left {path} with {n} bytes: {found}"));
        }
    }
    // An output that is there is whole, and a verb that does not replace it says so; what was being edited may be for
    // `recover`, which saves all of it.
    let (code, err) = (again.run.code, &again.run.err);
    let is_there = matches!(code, Some(2 | 3)) && err.contains(": exists; pass --force");
    let is_cut = verb[0] == "meta" && code == Some(1) && err.contains("evz recover");
    if code != usual.run.code && !is_there && !is_cut {
        return Some(format!("run again, it ends with {code:?}"));
    }
    let found = usual.new.keys().find_map(|path| {
        let made = again.new.get(path);
        match made == usual.new.get(path) || is_no_output(path) {
            true => None,
            // What was done once may be done again.
            false if is_recording(verb, path) => match made {
                Some(bytes) => misread(scene, verb, bytes),
                None => Some("it is not there".to_owned()),
            },
            false => Some("it is another one".to_owned()),
        }
    });
    found.map(|found| format!("run again: {found}"))
}

/// A file that nobody takes for an output, and what the conversion of a folder goes on from, a line a recording.
fn is_no_output(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".partial") || path == Path::new("out/evz-convert.jsonl")
}

/// A recording that is there while it is made or edited.
fn is_recording(verb: &[&str], path: &Path) -> bool {
    let made = match verb[0] {
        "record" => "live.evz",
        "meta" => "events.evz",
        _ => return false,
    };
    path == Path::new(made)
}
