//! One call fails: the verb gives what it gives otherwise, or an error that says where, and leaves no half of a file.

use std::path::{Path, PathBuf};

use crate::effort::{Tally, some};
use crate::layer::{Fault, How, Layer, Which};
use crate::scene::{Left, MOVIE, Scene, Usual};
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
            for number in some(usual.calls(which), verb_number) {
                let fault = Fault { how, which, number };
                let mut left = scene.run(&layer, verb, Some(fault));
                if !prints_the_same && left.run.code == usual.left.run.code {
                    left.run.out.clone_from(&usual.left.run.out);
                }
                tally.add(
                    wrong(&usual.left, &left, how)
                        .map(|what| format!("{verb:?}, {fault:?}: {what}\n{}", left.run.err)),
                );
            }
        }
    }
    tally.end();
}

/// What is wrong with a run, where something is.
fn wrong(usual: &Left, left: &Left, how: How) -> Option<String> {
    let (code, err) = (left.run.code, &left.run.err);
    let mut new = left.new.clone();
    // The inputs themselves.
    new.retain(|path, _| how != How::Cut || !is_input(path));
    let goes_on = matches!(how, How::Short | How::Interrupted);
    if !left.gone.is_empty() {
        return Some(format!("{:?} is gone", left.gone));
    }
    if code == usual.run.code {
        return (new != usual.new || left.run.out != usual.run.out)
            .then(|| format!("done, with another result: {:?}", names(left)));
    }
    // Of several recordings the others are done, and of one that is damaged the rest.
    let is_said = code == Some(3) && (err.contains("failed: ") || err.contains("lost: "));
    if goes_on || code != Some(1) && !is_said {
        return Some(format!("ended with {code:?}"));
    }
    if let Some(path) = new
        .keys()
        .find(|path| path.extension().is_some_and(|e| e == "partial"))
    {
        return Some(format!("left {}", path.display()));
    }
    // A file that is edited is as it was; one that is replaced may be the new one, whole.
    let is_edited = |path: &&PathBuf| is_input(path) && new.contains_key(*path);
    let changed = left.changed.iter().find(is_edited);
    if let Some(path) = changed.filter(|_| !is_said) {
        return Some(format!("changed {}", path.display()));
    }
    // A pack lacks what failed, and of what is damaged the rest is written.
    if is_said && (err.contains("lost: ") || new.contains_key(Path::new("packed.evz"))) {
        return None;
    }
    // What is there is what would be there otherwise: files of a folder that were finished before.
    let half = new
        .iter()
        .find(|(path, bytes)| usual.new.get(*path) != Some(bytes) && !may_stay(path));
    if let Some((path, bytes)) = half {
        return Some(format!(
            "left {} with {} bytes",
            path.display(),
            bytes.len()
        ));
    }
    if !usual.run.out.starts_with(&left.run.out) {
        return Some("printed something else before it failed".to_owned());
    }
    if is_said {
        return None;
    }
    let errors: Vec<&str> = err
        .lines()
        .filter(|line| line.starts_with("evz: "))
        .collect();
    let [error] = errors[..] else {
        return Some(format!("said {} errors", errors.len()));
    };
    let places = [
        "standard output",
        "standard input",
        "temporary",
        "events.",
        "more.evz",
        "pack.evz",
        "backwards.txt",
        "set",
        "out",
    ];
    let is_placed = places.iter().any(|place| error.contains(place))
        || usual
            .new
            .keys()
            .any(|path| error.contains(&*path.to_string_lossy()));
    (!is_placed).then(|| "does not say where".to_owned())
}

/// A file that is read, and by `meta` edited.
fn is_input(path: &Path) -> bool {
    let inputs = [
        "events.",
        "more.evz",
        "pack.evz",
        "backwards.txt",
        "damaged.evz",
        "set/",
    ];
    inputs
        .iter()
        .any(|input| path.to_string_lossy().starts_with(input))
}

/// A recording that was being made is what came by then, a log has a line for what was done, and a player has shown
/// what it got.
fn may_stay(path: &Path) -> bool {
    ["live.evz", MOVIE]
        .iter()
        .any(|name| path == Path::new(name))
        || path.ends_with("evz-convert.jsonl")
}

fn names(left: &Left) -> Vec<String> {
    let named = |(path, bytes): (&std::path::PathBuf, &Vec<u8>)| {
        format!("{} ({} bytes)", path.display(), bytes.len())
    };
    left.new.iter().map(named).collect()
}
