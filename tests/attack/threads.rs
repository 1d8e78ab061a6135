//! Threads that are not started: a verb does its work on those that it has, or says that it takes one more.

use crate::effort::Tally;
use crate::layer::{Fault, How, Layer, Which};
use crate::scene::{Left, Scene, Usual};
use crate::verbs::VERBS;

/// What waits for somebody else while it works, which takes a thread, and what it is about.
const WAITING: [(&[&str], &str); 5] = [
    (&["record", "-", "live.evz"], "standard input"),
    (&["cat", "events.evz", "--follow"], "standard output"),
    (&["info", "events.evz", "--follow"], "standard output"),
    (
        &[
            "render",
            "events.evz",
            "-o",
            "-",
            "--output-format",
            "y4m",
            "--fps",
            "200",
            "--follow",
        ],
        "standard output",
    ),
    (
        &["digest", "http://127.0.0.1:1/a.evz"],
        "http://127.0.0.1:1/a.evz",
    ),
];

/// No thread from this one on.
fn from(number: usize) -> Option<Fault> {
    Some(Fault {
        how: How::NoThread,
        which: Which::Thread,
        number,
    })
}

/// Without the right to start threads every verb gives what it gives otherwise.
#[test]
fn one_thread_is_enough() {
    let Some(layer) = Layer::new() else {
        return;
    };
    let scene = Scene::new();
    let mut tally = Tally::new("threads that are not started");
    let mut denied = 0;
    let waits = |verb: &&&[&str]| WAITING.iter().any(|(waiting, _)| waiting == *verb);
    for verb in VERBS.iter().filter(|verb| !waits(verb)) {
        let usual = Usual::of(&scene, &layer, verb);
        // Of several, some may have been started.
        for number in [0, 2] {
            if number > 0 && number >= usual.calls.count(Which::Thread) {
                continue;
            }
            let left = scene.run(&layer, verb, from(number));
            let calls = left.calls.as_ref();
            let asked = calls.map_or(0, |calls| calls.count(Which::Thread));
            denied += asked.saturating_sub(number);
            let found = wrong(verb, &usual.left, &left);
            tally.add(found.map(|what| {
                format!(
                    "{verb:?}, no thread from {number} on: {what}\n{}",
                    left.run.err
                )
            }));
        }
    }
    assert!(denied > VERBS.len(), "{denied} threads were denied");
    tally.end(VERBS.len());
}

/// What is wrong with a run, where something is.
fn wrong(verb: &[&str], usual: &Left, left: &Left) -> Option<String> {
    if left.run.code != usual.run.code {
        return Some(format!("ended with {:?}", left.run.code));
    }
    // What was measured is another number each time.
    if verb[0] != "bench" && left.run.out != usual.run.out {
        return Some("printed something else".to_owned());
    }
    (left.new != usual.new || !left.gone.is_empty()).then(|| "left something else".to_owned())
}

/// Nobody looks at the memory of what is measured then; the rest is measured.
#[test]
fn a_matrix_is_measured_without_a_thread() {
    let Some(layer) = Layer::new() else {
        return;
    };
    let matrix = ["bench", "--matrix", "--up-to", "1000"];
    let run = Scene::new().run(&layer, &matrix, from(0)).run.ends(0);
    assert_eq!(run.text().lines().count(), 2 + 4, "{}", run.text());
}

#[test]
fn what_takes_a_thread_says_so() {
    let Some(layer) = Layer::new() else {
        return;
    };
    let scene = Scene::new();
    for (verb, place) in WAITING {
        let left = scene.run(&layer, verb, from(0));
        let said = format!("evz: {place}: cannot start a thread: ");
        left.run.ends(1).says(&said).says("ulimit -u");
        assert!(left.new.is_empty(), "{verb:?}: {:?}", left.new.keys());
    }
    // What another one is for is about what it writes to, which is as it was.
    for verb in [WAITING[0].0, &["record", "-", "events.evz", "--force"]] {
        let goes = (1..8).find(|number| {
            let left = scene.run(&layer, verb, from(*number));
            if left.run.code == Some(0) {
                return true;
            }
            let run = left.run.ends(1).says(": cannot start a thread: ");
            let places = ["standard input", verb[2]];
            assert!(
                places.iter().any(|place| run.err.contains(place)),
                "{}",
                run.err
            );
            assert!(left.new.is_empty(), "{verb:?}: {:?}", left.new.keys());
            false
        });
        // One thread alone takes what is sent and hands it on.
        assert!(goes.is_some_and(|threads| threads > 1), "{goes:?}");
    }
}
