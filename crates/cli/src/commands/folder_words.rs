//! What is said of many recordings together.

use std::collections::BTreeMap;
use std::path::Path;

use evz::folder::{Done, Found, Job, unasked};
use evz::{Error, Loss, OpenOptions, Question};

use super::folder_report::Ended;
use crate::words::{doubt_of, human, option_name, say};

/// Failures that are said one by one.
const MAX_SAID: usize = 20;

pub(super) fn say_passed_over(found: &Found) {
    if let Some(first) = found.passed_over.first() {
        let n = human::counted(found.passed_over.len() as u64, "file");
        say(format_args!(
            "passed over: {n} whose names stand for no format, such as {}",
            first.display()
        ));
    }
}

/// Says how many recordings were left out by patterns, and which of these matched none.
pub(super) fn say_left_out(patterns: &[String], left_out: &[usize]) {
    let n: usize = left_out.iter().sum();
    if n > 0 {
        let n = human::counted(n as u64, "recording");
        say(format_args!("as told: {n} left out"));
    }
    let none = patterns.iter().zip(left_out).filter(|(_, n)| **n == 0);
    none.for_each(|(pattern, _)| {
        say(format_args!(
            "note: --exclude {pattern} matches no recording that is not left out already"
        ));
    });
}

/// Says what was noticed and lost, once for all recordings of which it is the same; whether something was
/// lost that nobody agreed to lose.
pub(super) fn say_what_was_lost(ended: &Ended) -> bool {
    let mut losses: BTreeMap<(bool, &str), (u64, u64, &Job)> = BTreeMap::new();
    for (job, outcome) in ended {
        for (what, count, agreed) in outcome.iter().flat_map(|done| &done.lost) {
            let (files, all, _) = losses.entry((*agreed, what)).or_insert((0, 0, job));
            (*files, *all) = (*files + 1, *all + count);
        }
    }
    let mut said: BTreeMap<&str, (u64, &Job)> = BTreeMap::new();
    for (job, outcome) in ended {
        // Of what was done before, it was said then.
        let now = outcome.iter().filter(|done| done.took.is_some());
        for line in now.flat_map(|done| &done.said) {
            said.entry(line).or_insert((0, job)).0 += 1;
        }
    }
    for (line, (files, job)) in said.iter().take(MAX_SAID) {
        let files = human::counted(*files, "file");
        say(format_args!(
            "note: {line}; in {files} such as {}",
            job.source.display()
        ));
    }
    if let Some(more) = said.len().checked_sub(MAX_SAID).filter(|n| *n > 0) {
        say(format_args!("note: {more} more; --report FILE lists all"));
    }
    for ((agreed, what), (files, count, job)) in &losses {
        let word = if *agreed { "as told" } else { "lost" };
        let (n, files) = (human::count(*count), human::counted(*files, "file"));
        let what = Loss::what_of(what, *count);
        say(format_args!(
            "{word}: {n} {what}, in {files} such as {}",
            job.source.display()
        ));
    }
    let mut done = ended
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok());
    done.any(Done::has_unasked_losses)
}

/// Says which options of reading changed nothing, as none of the recordings asked for them. Of those that
/// failed that is not known.
pub(super) fn say_unasked(told: &OpenOptions, ended: &Ended) {
    let done = ended.iter().map(|(_, outcome)| outcome.as_ref().ok());
    let Some(done) = done.collect::<Option<Vec<&Done>>>() else {
        return;
    };
    for question in unasked(told, done.iter().map(|done| &*done.asked)) {
        say(format_args!(
            "note: {} changed nothing, as each recording says that itself; to have it otherwise, \
             convert one alone",
            option_name(question)
        ));
    }
}

/// Says why recordings failed: once for each doubt, which one option settles for all of them, and
/// otherwise each; whether there are any.
pub(super) fn say_failures(failures: &[(&Path, &Error)]) -> bool {
    let mut doubts: BTreeMap<&str, Vec<(&Path, &Error)>> = BTreeMap::new();
    let mut others = Vec::new();
    for (source, error) in failures {
        for error in std::iter::once(*error).chain(error.further()) {
            match error.question().filter(|q| *q != Question::Replace) {
                Some(question) => doubts
                    .entry(question.name())
                    .or_default()
                    .push((source, error)),
                None => others.push((source, error)),
            }
        }
    }
    for alike in doubts.values() {
        let (source, error) = alike[0];
        let more = match alike.len() - 1 {
            0 => String::new(),
            n => format!(" (and {} like it)", human::counted(n as u64, "other")),
        };
        say(format_args!("failed: {}{more}", doubt_of(source, error)));
    }
    for (source, error) in others.iter().take(MAX_SAID) {
        say(format_args!("failed: {}", doubt_of(source, error)));
    }
    if let Some(more) = others.len().checked_sub(MAX_SAID).filter(|n| *n > 0) {
        say(format_args!("failed: {more} more; --report FILE lists all"));
    }
    !failures.is_empty()
}
