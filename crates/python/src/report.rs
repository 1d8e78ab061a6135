//! What there was to say of a recording, for `evz/report.py`.

use evz::{Loss, LossKind, Report};
use pyo3::prelude::*;

/// What was inferred, what was noticed, and what was lost: in words, how many, examples, and whether that
/// was agreed to.
pub(crate) type Words = (Vec<String>, Vec<String>, Vec<Lost>);

type Lost = (String, u64, Vec<String>, bool);

pub(crate) fn words(report: &Report) -> Words {
    let losses = report.losses.iter();
    (
        report.inferred.clone(),
        report.notes.iter().map(ToString::to_string).collect(),
        losses
            .map(|l| (l.what.clone(), l.count, l.examples.clone(), l.agreed))
            .collect(),
    )
}

/// A loss in words: `1 line that is no event`, `3 lines that are no event`.
#[pyfunction]
pub(crate) fn loss_in_words(what: &str, count: u64) -> String {
    Loss::new(LossKind::Other, what, count).to_string()
}
