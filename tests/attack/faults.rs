//! One call fails: the verb gives what it gives otherwise, or an error that says where, and leaves no half of a file.

use std::path::Path;

use crate::effort::Tally;
use crate::layer::{Fault, How, Layer, Which};
use crate::scene::{Left, MOVIE, Scene, Usual};
use crate::unfinished::misread;
use crate::verbs::VERBS;

const FAULTS: [(How, Which); 8] = [
    (How::Short, Which::Read),
    (How::Interrupted, Which::Read),
    (How::InputOutput, Which::Read),
    (How::Short, Which::Write),
    (How::Interrupted, Which::Write),
    (How::InputOutput, Which::Write),
    (How::NoSpace, Which::Write),
    (How::Cut, Which::Map),
];

#[test]
fn a_call_that_fails_is_an_error_and_no_half_of_a_file() {
    let Some(layer) = Layer::new() else {
        return;
    };
    let scene = Scene::new();
    let mut tally = Tally::new("calls that fail");
    let (mut maps, mut finishing) = (0, 0);
    for (verb_number, verb) in VERBS.iter().enumerate() {
        let usual = Usual::of(&scene, &layer, verb);
        let again = scene.run(&layer, verb, None);
        assert!(
            again.new == usual.left.new,
            "{verb:?} writes something else each time"
        );
        // What was measured is another number each time.
        let prints_the_same = again.run.out == usual.left.run.out;
        assert!(prints_the_same || verb[0] == "bench", "{verb:?}");
        for (how, which) in FAULTS {
            for number in usual.tried(how, which, verb_number) {
                let fault = Fault { how, which, number };
                let mut left = scene.run(&layer, verb, Some(fault));
                if !prints_the_same && left.run.code == usual.left.run.code {
                    left.run.out.clone_from(&usual.left.run.out);
                }
                maps += usize::from(which == Which::Map);
                finishing += usize::from(has_not_finished(&left, fault));
                tally.add(
                    wrong(&scene, verb, &usual.left, &left, fault)
                        .map(|what| format!("{verb:?}, {fault:?}: {what}\n{}", left.run.err)),
                );
            }
        }
    }
    tally.end(1_000);
    assert!(maps >= 20, "{maps} maps were cut");
    assert!(finishing >= 60, "{finishing} outputs were not finished");
}

/// Whether an output did not come to the disk or did not get its name.
fn has_not_finished(left: &Left, fault: Fault) -> bool {
    let fails = matches!(fault.how, How::InputOutput | How::NoSpace);
    let calls = left.calls.as_ref();
    fails && calls.is_some_and(|calls| calls.finishes(fault))
}

/// What is wrong with a run, where something is.
fn wrong(scene: &Scene, verb: &[&str], usual: &Left, left: &Left, fault: Fault) -> Option<String> {
    let (code, err, how) = (left.run.code, &left.run.err, fault.how);
    let mut new = left.new.clone();
    // The input that was cut is no work of the verb.
    let is_kept = |path: &Path| usual.new.contains_key(path) && verb[0] != "meta";
    new.retain(|path, _| how != How::Cut || !left.changed.contains(path) || is_kept(path));
    if !left.gone.is_empty() {
        return Some(format!("{:?} is gone", left.gone));
    }
    if code == usual.run.code {
        if new != usual.new || left.run.out != usual.run.out {
            return Some(format!("done, with another result: {:?}", names(left)));
        }
        return has_not_finished(left, fault)
            .then(|| "done, though its output is not on the disk or has no name".to_owned());
    }
    // Of several recordings the others are done. What is cut is damaged, and the rest of it is given; a call that
    // fails is no damage.
    let has_rest = code == Some(3) && how == How::Cut && err.contains("lost: ");
    let has_others = code == Some(3) && err.contains("failed: ");
    let goes_on = matches!(how, How::Short | How::Interrupted);
    if goes_on || code != Some(1) && !has_rest && !has_others {
        return Some(format!("ended with {code:?}"));
    }
    if let Some(path) = new
        .keys()
        .find(|path| path.extension().is_some_and(|e| e == "partial"))
    {
        return Some(format!("left {}", path.display()));
    }
    // A file that is edited is as it was.
    if verb[0] == "meta" && !new.is_empty() {
        return Some(format!("changed {:?}", names(left)));
    }
    if has_rest {
        return None;
    }
    // What did not come to the disk does not stay, but where it replaces what is gone, or is what came by then: a
    // recording that was being made, and the lines for what was done.
    let stays = ["index", "record"].contains(&verb[0])
        || verb.contains(&"--force")
        || err.contains("evz-convert.jsonl: ");
    let is_there = !usual.new.is_empty() && new.len() >= usual.new.len();
    if has_not_finished(left, fault) && is_there && !stays {
        return Some(format!(
            "failed, and its output is there: {:?}",
            names(left)
        ));
    }
    // What is there is what would be there otherwise: files of a folder that were finished before, and one that was
    // to be replaced.
    for (path, bytes) in &new {
        let found = match path.to_str().unwrap() {
            _ if usual.new.get(path) == Some(bytes) => None,
            "live.evz" if verb[0] == "record" => misread(scene, verb, bytes),
            // What it got.
            MOVIE if verb[0] == "play" => None,
            // A line for what was done.
            "out/evz-convert.jsonl" => None,
            // It lacks what failed.
            "packed.evz" if has_others => not_whole(scene, bytes),
            _ => Some("a half of a file".to_owned()),
        };
        if let Some(found) = found {
            let (path, n) = (path.display(), bytes.len());
            return Some(format!("left {path} with {n} bytes: {found}"));
        }
    }
    if !usual.run.out.starts_with(&left.run.out) {
        return Some("printed something else before it failed".to_owned());
    }
    let word = if has_others { "failed: " } else { "evz: " };
    let errors: Vec<&str> = err.lines().filter(|line| line.starts_with(word)).collect();
    if !has_others && errors.len() != 1 {
        return Some(format!("said {} errors", errors.len()));
    }
    let is_placed = |error: &&str| says_where(scene, verb, usual, error);
    (!errors.iter().all(is_placed)).then(|| "does not say where".to_owned())
}

fn not_whole(scene: &Scene, bytes: &[u8]) -> Option<String> {
    let verified = scene.of_file(bytes, &["verify", "left.evz"]);
    (verified.code != Some(0)).then_some(verified.err)
}

/// Whether an error names a file or folder of the verb, or a stream.
fn says_where(scene: &Scene, verb: &[&str], usual: &Left, error: &str) -> bool {
    let is_made = |name: &str| usual.new.keys().any(|path| path.starts_with(name));
    let told = verb[1..].iter().copied();
    let told = told.filter(|name| scene.has(name) || is_made(name));
    let made = usual.new.keys().map(|path| path.to_str().unwrap());
    // `out` is in "Input/output error".
    let is_named = |name: &str| {
        error.match_indices(name).any(|(at, _)| {
            let (before, behind) = (&error[..at], &error[at + name.len()..]);
            before.ends_with([' ', '/']) && behind.starts_with([':', '/', ' ', ',', ';'])
        })
    };
    let others = ["standard output", "standard input", "a temporary file"];
    told.chain(made).chain(others).any(is_named)
}

fn names(left: &Left) -> Vec<String> {
    let named = |(path, bytes): (&std::path::PathBuf, &Vec<u8>)| {
        format!("{} ({} bytes)", path.display(), bytes.len())
    };
    left.new.iter().map(named).collect()
}
